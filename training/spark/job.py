"""`spark-submit training/spark/job.py RATINGS ...`: `kindred train --engine spark`, on the session submitted to."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and publish.

    Args:
        arguments: those of `kindred train`, with or without `--engine spark`.

    Returns:
        0 ok, 1 failed, 3 quality gate refused; 2, usage, ends the program.
    """
    from models.__main__ import add_json_option
    from models.errors import KindredError
    from training import train_verb
    from training.errors import GateError

    parser = argparse.ArgumentParser(prog="job.py", description=__doc__)
    train = train_verb.register(parser.add_subparsers())
    add_json_option(train)
    train.set_defaults(engine="spark")
    options = parser.parse_args(["train", *(sys.argv[1:] if arguments is None else arguments)])
    try:
        code: int = options.run(options)
    except KindredError as error:
        print(f"kindred: {error}", file=sys.stderr)
        return 3 if isinstance(error, GateError) else 1
    return code


if __name__ == "__main__":
    # this folder's modules are not to be found by their short names, but the project's by their own
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.exit(main())
