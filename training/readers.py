"""The columns of a ratings file, and its exact reader: row by row, for files that have faults.

Whatever `fast.py` would pass over in silence (short or long lines, empty ids, numbers that are none) sends the file
here, where each row is looked at by itself. Both give the same columns for a file without faults.
"""

import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.parquet

from training.errors import DataError
from training.formats import Format
from training.records import Rejects, read_header, records

NO_USER = "empty user id"
MAX_RATING = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Columns:
    """One row for each rating.

    Attributes:
        user_ids, movie_ids: the texts that the codes stand for, in order of first appearance.
        users, movies: int32 (n,), code of the row's user and movie.
        ratings: float32 (n,), or None where the file has no ratings: everything is a like.
        times: float64 (n,), seconds since 1970 (UTC).
    """

    user_ids: list[str]
    movie_ids: list[str]
    users: npt.NDArray[np.int32]
    movies: npt.NDArray[np.int32]
    ratings: npt.NDArray[np.float32] | None
    times: npt.NDArray[np.float64]

    def take(self, rows: npt.NDArray[Any]) -> "Columns":
        """The same with these rows only."""
        ratings = None if self.ratings is None else self.ratings[rows]
        return Columns(self.user_ids, self.movie_ids, self.users[rows], self.movies[rows], ratings, self.times[rows])


# of those whose ratings are elsewhere
NO_RATINGS = Columns([], [], np.empty(0, np.int32), np.empty(0, np.int32), None, np.empty(0))


def read_exactly(path: Path, layout: Format, rejects: Rejects) -> tuple[Columns, int]:
    """Row by row; counts every faulty row in `rejects`, and returns how many rows were goods taken back."""
    if layout.separator:
        names = read_header(path, layout)
        rows: Iterable[tuple[int, list[str]]] = records(path, layout)
    else:
        names = pyarrow.parquet.read_schema(path).names
        rows = _parquet_rows(path)
    check = Check(layout, names)
    user_codes: dict[str, int] = {}
    movie_codes: dict[str, int] = {}
    users, movies, ratings, times = array("i"), array("i"), array("f"), array("d")
    returns = 0
    for line, fields in rows:
        fault = check.fault(fields)
        if fault is not None:
            rejects.add(fault[0], line, fault[1])
        elif check.returned(fields):
            returns += 1
        else:
            users.append(user_codes.setdefault(fields[check.user].strip(), len(user_codes)))
            movies.append(movie_codes.setdefault(fields[check.item].strip(), len(movie_codes)))
            ratings.append(number(fields[check.rating]) if check.rating is not None else 0.0)
            times.append(seconds(fields[check.time]))
    return Columns(
        list(user_codes),
        list(movie_codes),
        np.array(users, dtype=np.int32),
        np.array(movies, dtype=np.int32),
        np.array(ratings, dtype=np.float32) if check.rating is not None else None,
        np.array(times, dtype=np.float64),
    ), returns


class Check:
    """What a row must be: the positions of its columns, and the reasons to turn it away."""

    def __init__(self, layout: Format, names: list[str]) -> None:
        """Of a file with columns of these names."""
        at = {key: names.index(name) for key, name in layout.columns.items() if name in names}
        self.width, self.separator = len(names), layout.separator or ","
        self.user, self.item, self.time = at["user"], at["item"], at["time"]
        self.rating = at.get("rating")
        quantity = quantity_column(layout, names)
        self.quantity = None if quantity is None else names.index(quantity)

    def fault(self, fields: list[str]) -> tuple[str, str] | None:
        """The reason to turn the row away and the value at fault, or None."""
        if len(fields) != self.width:
            return f"wrong column count (expected {self.width})", self.separator.join(fields)
        if not fields[self.item].strip():
            return "empty movie id", self.separator.join(fields)
        if not fields[self.user].strip():
            return NO_USER, self.separator.join(fields)
        if self.rating is not None and not abs(number(fields[self.rating])) <= MAX_RATING:
            return "rating is not a number", fields[self.rating]
        time = seconds(fields[self.time])
        if not math.isfinite(time):
            return "time is not readable", fields[self.time]
        if time < 0:
            return "negative time", fields[self.time]
        return None

    def returned(self, fields: list[str]) -> bool:
        """Whether the row is about goods taken back."""
        return self.quantity is not None and number(fields[self.quantity]) <= 0


def quantity_column(layout: Format, names: list[str]) -> str | None:
    """The column by which a shop's log tells goods taken back (docs/data.md)."""
    return layout.columns.get("quantity", "Quantity" if layout.guests and "Quantity" in names else None)


def number(text: str) -> float:
    """The number that `text` is, or NaN."""
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def seconds(text: str) -> float:
    """Seconds since 1970: a number as it is, an ISO 8601 date (UTC unless it says otherwise), or NaN."""
    plain = number(text)
    if not math.isnan(plain):
        return plain
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _parquet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    line = 0
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield line, [as_text(value) for value in row]
    except Exception as error:  # whatever a damaged file or a value without a form in Python leads to
        raise DataError(f"{path}: cannot be read after row {line}: {first_line(error)}") from error


def as_text(value: object) -> str:
    """A cell of a Parquet table as it would stand in a text file; "" where there is none."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)


def first_line(error: Exception) -> str:
    """What an error says, without the details below."""
    return str(error).partition("\n")[0]
