"""The fast reader of ratings: pandas with set dtypes, for files without faults.

A text file is read in pieces, ids as integers. Where the bytes do not prove that each integer is its text (`007` is
not `7`), ids are read as text from the start. What pandas would pass over in silence is counted (`watched.py`).
"""

import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow
import pyarrow.parquet

from training.errors import DataError
from training.formats import Format
from training.readers import MAX_RATING, Check, Columns, first_line, quantity_column
from training.records import missing_columns, open_bytes, read_header, records, some_of
from training.watched import Watched

PIECE = 1 << 19  # rows
_SMALL = 1 << 24
_LONGEST_HEADER = 1 << 16


class _NotCleanError(Exception):
    """Something in the file needs a closer look."""


def read_fast(path: Path, layout: Format) -> Columns | None:
    """All rows with pandas, or None where any row needs a closer look.

    Memory: 20 bytes for each row, and 50 MB for the piece at hand.

    Raises:
        DataError: the file cannot be read at all, or a needed column is missing.
    """
    if not layout.separator:
        frame = _parquet(path, layout)
        return None if frame is None else _or_none([frame], layout.columns)
    names = read_header(path, layout)
    ours = [name for name in layout.columns.values() if name in names]
    if set(names) != set(ours) or len(names) != len(ours) or quantity_column(layout, names):
        return None  # pandas does not tell a short line from an empty field in columns that are not ours
    _, first = next(records(path, layout), (0, []))
    if Check(layout, names).fault(first) or first[0].startswith("\ufeff"):
        return None  # pandas takes the first line's width for all lines
    whole = _or_none(_pieces(path, layout, names, as_text=False), layout.columns)
    return whole if whole is not None else _or_none(_pieces(path, layout, names, as_text=True), layout.columns)


def _or_none(pieces: Iterable[pd.DataFrame], columns: Mapping[str, str]) -> Columns | None:
    try:
        with warnings.catch_warnings(action="error"):
            return _joined(pieces, columns)
    except (ArithmeticError, EOFError, NotImplementedError, OSError, TypeError, ValueError, Warning, zlib.error):
        return None
    except (pyarrow.ArrowException, _NotCleanError):
        return None


def _joined(pieces: Iterable[pd.DataFrame], columns: Mapping[str, str]) -> Columns:
    users, movies = _Codes(), _Codes()
    ratings, times = np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float64)
    for piece in pieces:
        if any(piece[name].isna().any() for name in columns.values() if name in piece):
            raise _NotCleanError
        if columns.get("rating") in piece:
            _append(ratings, _numbers(piece[columns["rating"]], -MAX_RATING, MAX_RATING))
        _append(times, _numbers(piece[columns["time"]], 0.0, np.finfo(np.float64).max))
        users.add(piece[columns["user"]])
        movies.add(piece[columns["item"]])
    has_ratings = len(ratings) == len(times)
    return Columns(users.ids(), movies.ids(), users.codes, movies.codes, ratings if has_ratings else None, times)


class _Codes:
    """Ids, piece by piece, as codes in order of first appearance. Small integers are looked up in a table."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._table = np.empty(0, dtype=np.int32)  # the same for small integers; -1 where there is none
        self.codes = np.empty(0, dtype=np.int32)

    def add(self, column: "pd.Series[Any]") -> None:
        """Integers stay what they are until `ids` is asked for: there are fewer ids than rows."""
        known = self._known
        if column.dtype == np.int64 and column.min() >= 0 and column.max() < _SMALL:
            _append(self.codes, self._look_up(column.to_numpy()))
            return
        local, found = pd.factorize(column if column.dtype == np.int64 else column.astype("str"))
        table = np.array([known.setdefault(one, len(known)) for one in found.tolist()], dtype=np.int32)
        _append(self.codes, table[local])

    def _look_up(self, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        more = int(values.max()) + 1 - len(self._table)
        if more > 0:
            self._table = np.append(self._table, np.full(more, -1, dtype=np.int32))
        known, table = self._known, self._table
        for one in pd.unique(values[table[values] < 0]).tolist():
            table[one] = known.setdefault(one, len(known))
        codes: npt.NDArray[np.int32] = table[values]
        return codes

    def ids(self) -> list[str]:
        """The texts, all of them without spaces around and on one line."""
        texts = [str(one) for one in self._known]
        # a line break in an id may be a quote that was never closed
        if any(not text or text != text.strip() or not text.isprintable() for text in texts):
            raise _NotCleanError
        return texts


def _numbers(column: "pd.Series[Any]", lowest: float, highest: float) -> npt.NDArray[np.float64]:
    if column.dtype.kind not in "iuf":
        raise _NotCleanError
    numbers = column.to_numpy(dtype=np.float64)
    if len(numbers) and not lowest <= numbers.min() <= numbers.max() <= highest:
        raise _NotCleanError
    return numbers


def _append(column: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
    """Grow in place: where arrays are large the system moves pages, not bytes, and nothing is there twice."""
    before = len(column)
    column.resize(before + len(values), refcheck=False)
    column[before:] = values


def _pieces(path: Path, layout: Format, names: list[str], *, as_text: bool) -> Iterator[pd.DataFrame]:
    """Half a million rows at a time, until the bytes show that there is something to look at."""
    # what must be an integer would be read from "5.", "5e0" and True too; what may be anything shows what it is
    ids = [layout.columns[key] for key in ("user", "item")]
    texts = ids if as_text else []
    integers = [name for key, name in layout.columns.items() if name in names and key != "rating" and name not in texts]
    # the separator "::" becomes ":" with an empty column between, so that the fast C parser reads it
    gaps = [f"gap {name}" for name in names][:-1] if layout.separator == "::" else []
    spread = [part for pair in zip(names, [*gaps, ""], strict=True) for part in pair][:-1] if gaps else names
    expected = 0
    with open_bytes(path) as file:
        if layout.header is None:
            _skip_header(file.readline(_LONGEST_HEADER))
        watched = Watched(file, layout.separator)
        pieces = pd.read_csv(
            watched,
            sep=layout.separator[0],
            names=spread,
            header=None,
            dtype=dict.fromkeys([*gaps, *texts], "str"),
            encoding=layout.encoding if layout.header else "utf-8",
            keep_default_na=False,
            na_values=[""],
            index_col=False,
            quoting=0 if layout.separator == "," else 3,
            chunksize=PIECE,
        )
        for piece in pieces:
            expected += (len(spread) - 1) * len(piece)
            expected += sum(int(piece[name].str.count(layout.separator[0]).sum()) for name in texts)  # in quotes
            if not (as_text or watched.plain) or any(piece[name].dtype != np.int64 for name in integers):
                raise _NotCleanError
            if not piece[gaps].isna().all(axis=None):
                raise _NotCleanError
            yield piece
    # no field is empty, so that no line is too short: as many separators as expected means that none is too long
    if watched.separators != expected:
        raise _NotCleanError


def _skip_header(line: bytes) -> None:
    if b"\r" in line.rstrip(b"\r\n") or not line.endswith(b"\n"):
        raise _NotCleanError  # lines that end otherwise


def _parquet(path: Path, layout: Format) -> pd.DataFrame | None:
    try:
        there = pyarrow.parquet.read_schema(path).names
        if missing := missing_columns(layout, there):
            raise DataError(f"{path}: expected columns {', '.join(missing)}, found {some_of(there)}")
        wanted = [name for name in layout.columns.values() if name in there]
        if quantity_column(layout, there):
            return None
        frame = pd.read_parquet(path, columns=wanted)
        time = layout.columns["time"]
        if pd.api.types.is_datetime64_any_dtype(frame[time]):
            frame[time] = (pd.to_datetime(frame[time], utc=True) - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    except DataError:
        raise
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path}: expected a Parquet file: {first_line(error)}") from error
    except Exception:  # a value that pandas has no form for: the other reader tells which row
        return None
    return frame
