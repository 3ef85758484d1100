"""Read mutated files of ratings, movies, links and tags: nothing breaks or hangs, and no row is lost without a word.

`python -m tests.reliability.mutated 50000`: so many. Of each that is read, rows in = rows kept + rows reported.
"""

import contextlib
import io
import json
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from ctypes import c_long
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench.processes import in_child
from kindred import main as kindred
from models import KindredError
from tests.reliability.mutate import Kind, mutated
from tests.reliability.oracle import header_of, rows_of
from training.catalogue import read_movies
from training.links import read_links
from training.ratings import read_ratings
from training.tags import read_tags

SECONDS, BATCH, BATCH_SECONDS = 20, 2000, 600.0
# every so many files go through the command line too
SAMPLED = 40


class Slow(BaseException):
    """A file took too long; no reader catches this."""


@dataclass
class Seen:
    """What became of them.

    Attributes:
        read: whose rows were counted.
        refused: as a whole, with one line.
        wrong: anything else, in words.
    """

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Seen") -> None:
        self.read += other.read
        self.refused += other.refused
        self.wrong += other.wrong


def read_many(first: int, count: int, sampled: int = SAMPLED) -> Seen:
    """The files of these numbers, in processes of their own, so that a crash is told of as well."""
    seen, now = Seen(), RawValue(c_long, 0)
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        try:
            seen.add(in_child(lambda numbers=numbers: _batch(numbers, now, sampled), BATCH_SECONDS))  # type: ignore[misc]
        except RuntimeError as error:
            seen.wrong.append(f"file {now.value}: {error}")
    return seen


def _batch(numbers: range, now: Any, sampled: int) -> Seen:
    seen = Seen()
    signal.signal(signal.SIGPROF, _slow)
    with tempfile.TemporaryDirectory() as made, warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in numbers:
            now.value = number
            kind, content, text = mutated(number)
            path = Path(made) / kind.name
            path.write_bytes(content)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: a busy machine is not a hang
            try:
                seen.read[kind.name] += _read(kind, path, text)
                if number % sampled == 0 and kind.role in ("ratings", "movies"):
                    _through_the_command_line(kind, path)
            except KindredError as error:
                seen.refused[kind.name] += 1
                if "\n" in str(error) or len(str(error)) > 2000 or kind.name not in str(error):
                    seen.wrong.append(f"file {number}, {kind.name}: refused with {str(error)!r:.500}")
            except BaseException as error:
                told = "".join(traceback.format_exception(error)[-3:])
                seen.wrong.append(f"file {number}, {kind.name}: {error!r:.500}\n{told}")
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    return seen


def _read(kind: Kind, path: Path, text: bytes | None) -> int:
    """1 where every row of the file is accounted for."""
    if kind.role == "ratings":
        ratings, report = read_ratings(path, kind.columns)
        assert len(ratings.users) == len(ratings.movies) == len(ratings.times) == report.kept
        told = report.kept + report.duplicates + report.returns + report.rejects.total()
        assert told == report.rows == _rows(kind, path, text, report.rows), (
            f"{told} told, {_rows(kind, path, text, -1)} in it"
        )
    elif kind.role in ("movies", "links"):
        films, rejects = read_movies(path) if kind.role == "movies" else read_links(path)
        told = len(films) + rejects.total()
        assert told == _rows(kind, path, text, told), f"{told} told, {_rows(kind, path, text, -1)} in it"
    else:
        tags, rejects = read_tags(path)
        assert text is not None
        width, rows = rows_of(kind, text)
        at = _places(kind, text)
        good = [(row[at[0]].strip(), " ".join(row[at[1]].casefold().split())) for row in rows if len(row) == width]
        good = [one for one in good if all(one)]
        assert len(good) + rejects.total() == len(rows), f"{len(good)} good, {rejects.total()} told, {len(rows)} in it"
        assert {(movie, tag) for movie, many in tags.items() for tag in many} == set(good)
    return 1


def _rows(kind: Kind, path: Path, text: bytes | None, told: int) -> int:
    if text is not None:
        return len(rows_of(kind, text)[1])
    if kind.separator:
        return told  # damaged behind its packing: what is in it nobody else can tell
    try:
        return pq.ParquetFile(path).read().num_rows
    except Exception:  # other columns than those that are read
        return told


def _places(kind: Kind, text: bytes) -> tuple[int, int]:
    if not kind.header:
        return 1, 2
    names = header_of(kind, text)
    return names.index("movieId"), names.index("tag")


def _through_the_command_line(kind: Kind, path: Path) -> None:
    columns = ",".join(f"{key}={name}" for key, name in (kind.columns or {}).items())
    arguments = ["validate", str(path), "--json", *(["--columns", columns] if columns else [])]
    if kind.role == "movies":
        good = path.with_name("good.csv")
        good.write_text("userId,movieId,rating,timestamp\n1,1,5,9\n", encoding="utf-8")
        arguments[1:2] = [str(good), "--movies", str(path)]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kindred(arguments)
    assert code in (0, 1), f"exit code {code}: {err.getvalue()}"
    assert "Traceback" not in err.getvalue(), err.getvalue()
    facts = json.loads(out.getvalue()) if out.getvalue() else None
    assert facts is not None or (code == 1 and err.getvalue().splitlines()[-1].startswith("kindred: ")), err.getvalue()
    if facts is not None:
        rejected = sum(one["count"] for one in facts["rejected"].values())
        assert facts["read"] == facts["kept"] + facts["duplicates"] + facts["returns"] + rejected


def _slow(*_: object) -> None:
    raise Slow(f"took more than {SECONDS} seconds of the processor")


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    seen = read_many(0, count)
    for name in sorted({*seen.read, *seen.refused}):
        print(f"{name}: {seen.read[name]} read, {seen.refused[name]} refused")
    print(f"{count} files: {seen.read.total()} read, {seen.refused.total()} refused, {len(seen.wrong)} wrong")
    print(*seen.wrong[:20], sep="\n", end="\n" if seen.wrong else "")
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
