"""How many rows a file of lines holds, counted letter by letter: written from the rules of CSV, without a line of ours.

A quoted field may hold line ends, where it is closed and the record has as many fields as the header. Otherwise each
line is a record. A line with nothing on it but spaces is no row.
"""

import re
from collections.abc import Iterator

from tests.reliability.mutate import Kind

# longer fields Python's csv does not read: such a record is looked at line by line, and parted at every comma
LONGEST = 131_072


def rows_of(kind: Kind, content: bytes) -> tuple[int, list[list[str]]]:
    """How many fields a row should have, and the fields of every row.

    Raises:
        UnicodeDecodeError: it is no text.
    """
    lines = _lines(kind, content)
    if kind.separator != ",":
        width = {"ratings": 4, "movies": 24 if kind.separator == "|" else 3, "tags": 4}[kind.role]
        bare = [line.rstrip("\r\n") for line in lines]
        return width, [line.split(kind.separator) for line in bare if line.strip(" ")]
    width = len(_record(lines[:1])[0]) if lines else 0
    return width, list(_records(lines[1:], width))


def header_of(kind: Kind, content: bytes) -> list[str]:
    """Names of the columns of a CSV file."""
    return [name.strip() for name in _record(_lines(kind, content)[:1])[0]]


def _lines(kind: Kind, content: bytes) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", content.decode(kind.encoding))


def _records(lines: list[str], width: int) -> Iterator[list[str]]:
    at = 0
    while at < len(lines):
        fields, length, closed = _record(lines[at:])
        if length > 1 and not (closed and len(fields) == width):
            fields, length = _record(lines[at : at + 1])[0], 1
        if max(map(len, fields)) > LONGEST:
            fields = lines[at].rstrip("\r\n").split(",")
        if len(fields) > 1 or fields[0].strip():
            yield fields
        at += length


def _record(lines: list[str]) -> tuple[list[str], int, bool]:
    """The fields of the first record, how many lines it takes, and whether its quotes are closed where fields end."""
    fields, field, closed = [], "", True
    state, length = "begin", 0
    for line in lines:
        length += 1
        for letter in line:
            if state == "quoted":
                if letter == '"':
                    state = "quote"
                else:
                    field += letter
            elif letter == '"' and state in ("begin", "quote"):
                field += '"' if state == "quote" else ""
                state = "quoted"
            elif letter == ",":
                fields.append(field)
                field, state = "", "begin"
            elif letter not in "\r\n":
                closed &= state != "quote"
                field, state = field + letter, "plain"
        if state != "quoted":
            break
    fields.append(field)
    return fields, length, closed and state != "quoted" and all(len(one) <= LONGEST for one in fields)
