"""`python -m sample OUT_DIR`: write the films and the simulated ratings."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sample.films import MOVIES_CSV
from sample.generate import SEED, VIEWERS, simulate, write_ratings


def main(arguments: Sequence[str] | None = None) -> None:
    """Write OUT_DIR/movies.csv and OUT_DIR/ratings.csv, each whole or not at all.

    Args:
        arguments: the command line after the program's name; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m sample", description="Write simulated ratings of real films.")
    parser.add_argument("out_dir", metavar="OUT_DIR", type=Path, help="folder of both files, made if missing")
    parser.add_argument("--viewers", type=_at_least(1), default=VIEWERS, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=_at_least(0), default=SEED, metavar="N", help="default: %(default)s")
    options = parser.parse_args(arguments)
    ratings = simulate(options.viewers, options.seed)
    path = options.out_dir / "ratings.csv"
    try:
        _write_whole(path.with_name("movies.csv"), lambda part: shutil.copyfile(MOVIES_CSV, part))
        _write_whole(path, lambda part: write_ratings(part, ratings))
    except OSError as error:
        parser.exit(1, f"cannot write to {options.out_dir}: {error.strerror}\n")
    print(f"{len(ratings)} simulated ratings of {options.viewers} simulated viewers: {path}", file=sys.stderr)


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write under a temporary name, then rename: a reader never finds half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _at_least(lowest: int) -> Callable[[str], int]:
    """An argparse type: a whole number not below `lowest`."""

    def number(text: str) -> int:
        value = int(text)
        if value < lowest:
            raise argparse.ArgumentTypeError(f"expected {lowest} or more, found {value}")
        return value

    return number


if __name__ == "__main__":
    main()
