"""Lines of a text file as records with their line numbers; nothing is skipped, not even by an open quote."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from training.errors import DataError
from training.formats import Format

_MOST_SHOWN = 200


@dataclass
class Rejected:
    """Rows turned away for one reason: how many, and the first of them."""

    count: int = 0
    line: int = 0
    value: str = ""

    def first(self) -> str:
        """The first row, for a message; a line of 0 is one that nobody knows."""
        return f"first at line {self.line}: {self.value!r}" if self.line else f"first: {self.value!r}"


@dataclass
class Rejects:
    """All rows turned away, by reason, in the order the reasons were met."""

    by_reason: dict[str, Rejected] = field(default_factory=dict)

    def add(self, reason: str, line: int, value: object, count: int = 1) -> None:
        """Count `count` rows, the first of them at `line` with `value`."""
        first = self.by_reason.setdefault(reason, Rejected(0, line, str(value)[:80]))
        first.count += count

    def total(self) -> int:
        """Rows turned away for any reason."""
        return sum(rejected.count for rejected in self.by_reason.values())

    def to_json(self) -> dict[str, dict[str, Any]]:
        """`{reason: {"count", "line", "value"}}`."""
        return {reason: vars(rejected) for reason, rejected in self.by_reason.items()}


def open_text(path: Path, encoding: str) -> IO[str]:
    """Open a plain or gzipped text file, after a look at whether it is one.

    Raises:
        DataError: missing, a directory, empty or binary.
    """
    check_file(path)
    try:
        with open_bytes(path) as head:
            start = head.read(8192)
        if not start or b"\0" in start:
            raise DataError(f"{path}: expected lines of text, found {'a binary file' if start else 'an empty file'}")
        return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def check_file(path: Path) -> None:
    """Raise DataError unless `path` is a file that is not empty."""
    if path.is_dir():
        raise DataError(f"{path}: expected a file, found a directory")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")


def rows_of_movies(
    path: Path, layout: Format, names: list[str], movie: int, rejects: Rejects
) -> Iterator[tuple[int, str, list[str]]]:
    """Line, movie id and fields of each row; those of a wrong column count or without an id are turned away.

    Args:
        path: to read.
        layout: of its lines.
        names: of its columns.
        movie: the column of the id.
        rejects: told of rows turned away.
    """
    for line, fields in records(path, layout):
        if len(fields) != len(names):
            rejects.add(f"wrong column count (expected {len(names)})", line, layout.separator.join(fields))
        elif not (movie_id := fields[movie].strip()):
            rejects.add("empty movie id", line, layout.separator.join(fields))
        else:
            yield line, movie_id, fields


def read_header(path: Path, layout: Format) -> list[str]:
    """Names of the columns: of the header line, or as the format has them.

    Raises:
        DataError: not readable, or a needed column is missing.
    """
    if layout.header is not None:
        open_text(path, layout.encoding).close()
        return list(layout.header)
    with open_text(path, layout.encoding) as file:
        first = next(_guarded(path, file), "")
        names: list[str] = next(_guarded(path, csv.reader([first], delimiter=layout.separator)), [])
    names = [name.strip() for name in names]
    if missing := missing_columns(layout, names):
        raise DataError(f"{path}: expected columns {', '.join(missing)}, found {some_of(names)}")
    return names


def some_of(names: list[str]) -> str:
    """The names of columns for a message, as many as a line has room for."""
    text = ", ".join(names) or "none"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def missing_columns(layout: Format, names: list[str]) -> list[str]:
    """The columns that the format needs and `names` does not have."""
    needed = (name for key, name in layout.columns.items() if key not in layout.optional)
    return [name for name in needed if name not in names]


def records(path: Path, layout: Format) -> Iterator[tuple[int, list[str]]]:
    """Each record of a text file after its header: its first line's number, its fields.

    A quoted field may span lines. Where a quote is never closed, the record's first line stands as a record of
    its own, so that the lines after it are read as they are.

    Raises:
        DataError: not readable, or not in the format's encoding; names the line.
    """
    with open_text(path, layout.encoding) as file:
        lines = _Lines(_guarded(path, file))
        if layout.header is None:
            lines.take()
        width = len(read_header(path, layout))
        if layout.separator == ",":
            yield from _csv_records(lines, width)
            return
        while (line := lines.take()) is not None:
            text = line.rstrip("\r\n")
            if text.strip(" "):
                yield lines.number, text.split(layout.separator)


class _Lines:
    """Physical lines with their numbers, which can be handed back."""

    def __init__(self, source: Iterator[str]) -> None:
        self.source = source
        self.waiting: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def take(self) -> str | None:
        line = self.waiting.popleft() if self.waiting else next(self.source, None)
        if line is not None:
            self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        self.waiting.extendleft(reversed(lines))
        self.number -= len(lines)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.take()
        if line is None:
            raise StopIteration
        self.taken.append(line)
        return line


def _csv_records(lines: _Lines, width: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    while True:
        lines.taken.clear()
        first = lines.number + 1
        try:
            fields = next(reader, None)
        except csv.Error:
            fields = None
        if not lines.taken:
            return
        if fields is None or (len(lines.taken) > 1 and not (len(fields) == width and _closed(lines.taken))):
            lines.give_back(lines.taken[1:])
            fields = _by_itself(lines.taken[0].rstrip("\r\n"))
            reader = csv.reader(lines)
        if len(fields) > 1 or "".join(fields).strip():
            yield first, fields


def _by_itself(line: str) -> list[str]:
    try:
        return next(csv.reader([line]))
    except csv.Error:  # a field longer than the module allows
        return line.split(",")


def _closed(record: list[str]) -> bool:
    """Whether every quoted field of the record is closed, and right before a comma or the end."""
    try:
        next(csv.reader(record, strict=True))
    except csv.Error:
        return False
    return True


def _guarded(path: Path, source: Iterator[Any]) -> Iterator[Any]:
    """The same items; what goes wrong while reading them becomes one clear DataError."""
    number = 0
    try:
        for item in source:
            number += 1
            yield item
    except UnicodeDecodeError as error:
        line = number + 1 + error.object.count(b"\n", 0, error.start)
        raise DataError(
            f"{path}: expected {error.encoding} text, found byte 0x{error.object[error.start]:02x} at line {line}"
        ) from error
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise DataError(f"{path}: cannot be read after line {number}: {error}") from error


def open_bytes(path: Path) -> BinaryIO:
    """Open a file as bytes, unpacked where it is gzipped."""
    opened = gzip.open if path.suffix.lower() == ".gz" else Path.open
    return cast(BinaryIO, opened(path, "rb"))
