"""Valid files of every kind, and files made of them by a seeded hand that knows what hurts readers."""

import gzip
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = (
    ",", '"', '""', '"\n', "\n", "\r", "\r\n", "\n\n", "::", ":", "\t", "|", " ", "\x00", "\x1a", "\x0b", "\x1c",
    "\x85", "\xa0", "\u2028", "\ufeff", "é", "٣", "½", "nan", "inf", "-inf", "NULL", "NA", "None", "true", "1e400",
    "1e-400", "-1", "-0", "+5", "1_000", "007", "0x1f", "3,5", "5.", ".5", "9" * 25, "9" * 400, "1" * 5000,
    "2026-01-01", "2026-01-01T00:00Z", "=1+1", "'", "\\", "\\N", "#", "userId", "movieId,title", "Quantity", "\x1b[2J",
    "a" * 140_000,
)  # fmt: skip
TOKENS = (*(text.encode() for text in TEXTS), b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xff\xfe")
USUAL = (1, 1, 1, 2, 2, 3, 6)


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        name: of the file.
        role: ratings, movies, links or tags.
        content: of a valid one, before it is packed.
        columns: as `--columns` gives them.
        separator, encoding, header: how it is laid out; `separator` "" is Parquet.
    """

    name: str
    role: str
    content: bytes
    columns: dict[str, str] | None = None
    separator: str = ","
    encoding: str = "utf-8-sig"
    header: bool = True


def _ratings(separator: str, count: int, *, header: str = "", rating: bool = True) -> bytes:
    chosen = random.Random(count)
    lines = [header] if header else []
    for row in range(count):
        cells = [
            str(chosen.randrange(1, 9)),
            str(chosen.randrange(1, 40)),
            f"{chosen.randrange(1, 11) / 2:g}",
            str(9**9 + row),
        ]
        lines.append(separator.join(cells if rating else [*cells[:2], *cells[3:]]))
    return ("\n".join(lines) + "\n").encode()


_SHOP = b"""Invoice,StockCode,Quantity,When,Customer
1,85123A,6,2010-12-01 08:26:00,17850
1,"POST, PAID",1,2010-12-01 08:26:00,17850
C2,85123A,-1,2010-12-02 09:00:00,17850
3,22633,6,2010-12-03T10:00:00+01:00,
3,"A ""B"" C",2,1291366800,13047
4,"two
lines",1,2010-12-04,13047
"""
_MOVIES = """movieId,title,genres
1,Toy Story (1995),Adventure|Children
11,"American President, The (1995)",Comedy|Drama
29,"City of Lost Children, The (Cité des enfants perdus, La) (1995)",Adventure
31,"Say ""Cheese"" (1971)",(no genres listed)
33,"Two
Lines (1999-)",Drama
40,,
"""
_TAGS = """userId,movieId,tag,timestamp
2,60756,funny,1445714994
2,60756,Highly  quotable,1445714996
7,1,"pixar, of course",1445714992
7,1,FUNNY,1445714999
"""
_ITEM = "1|Toy Story (1995)|01-Jan-1995||http://x|" + "|".join("0001110000000000000") + "\n"
_SHOP_COLUMNS = {"user": "Customer", "item": "StockCode", "time": "When"}
_LIKES_COLUMNS = {"user": "u", "item": "i", "time": "t"}
_HEAD = "userId,movieId,rating,timestamp"

KINDS = (
    Kind("ratings.csv", "ratings", _ratings(",", 25, header=_HEAD)),
    Kind("long-ratings.csv", "ratings", _ratings(",", 700, header=_HEAD)),
    Kind("packed-ratings.csv.gz", "ratings", _ratings(",", 25, header=_HEAD)),
    Kind("ratings.dat", "ratings", _ratings("::", 25), separator="::", header=False),
    Kind("u.data", "ratings", _ratings("\t", 25), separator="\t", header=False),
    Kind("likes.csv", "ratings", _ratings(",", 25, header="u,i,t", rating=False), _LIKES_COLUMNS),
    Kind("shop.csv", "ratings", _SHOP, _SHOP_COLUMNS),
    Kind("ratings.parquet", "ratings", b"", separator=""),
    Kind("movies.csv", "movies", _MOVIES.encode()),
    Kind("movies.dat", "movies", "1::Toy Story (1995)::Comedy\n2::Léon (1994)::Crime|Drama\n".encode("latin-1"),
         separator="::", encoding="latin-1", header=False),
    Kind("u.item", "movies", _ITEM.encode() * 2, separator="|", encoding="latin-1", header=False),
    Kind("links.csv", "links", b"movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497,\n3,0113228,15602\n"),
    Kind("tags.csv", "tags", _TAGS.encode()),
    Kind("tags.dat", "tags", b"2::1::funny::9\n3::1::Odd one::9\n", separator="::", header=False),
)  # fmt: skip


def mutated(number: int) -> tuple[Kind, bytes, bytes | None]:
    """The file of this number: its kind, its bytes, and the text in it where it is known to be whole."""
    chosen = random.Random(number)
    kind = KINDS[number % len(KINDS)]
    if kind.name.endswith(".parquet"):
        return kind, _parquet(chosen), None
    content = kind.content
    for _ in range(chosen.choice(USUAL)):
        content = chosen.choice(CHANGES)(chosen, content)
    if not kind.name.endswith(".gz"):
        return kind, content, content
    packed = gzip.compress(content, mtime=0)
    if chosen.random() < 0.6:
        return kind, packed, content
    return kind, chosen.choice(CHANGES)(chosen, packed), None


def _flip(chosen: random.Random, content: bytes) -> bytes:
    if not content:
        return content
    made = bytearray(content)
    made[chosen.randrange(len(made))] ^= 1 << chosen.randrange(8)
    return bytes(made)


def _insert(chosen: random.Random, content: bytes) -> bytes:
    at = chosen.randrange(len(content) + 1)
    return content[:at] + chosen.choice(TOKENS) + content[at:]


def _cut(chosen: random.Random, content: bytes) -> bytes:
    low, high = sorted(chosen.randrange(len(content) + 1) for _ in range(2))
    return content[:low] + content[min(high, low + 40) :]


def _double(chosen: random.Random, content: bytes) -> bytes:
    low, high = sorted(chosen.randrange(len(content) + 1) for _ in range(2))
    return content[:high] + content[low:high] + content[high:]


def _truncate(chosen: random.Random, content: bytes) -> bytes:
    return content[: chosen.randrange(len(content) + 1)]


def _lines(chosen: random.Random, content: bytes) -> bytes:
    """One line goes, or two change places, or all end otherwise."""
    lines = content.split(b"\n")
    one, other = chosen.randrange(len(lines)), chosen.randrange(len(lines))
    how = chosen.randrange(4)
    if how == 0:
        del lines[one]
    elif how == 1:
        lines[one], lines[other] = lines[other], lines[one]
    elif how == 2:
        lines[one] = b""
    return (b"\r\n" if how == 3 else b"\n").join(lines)


def _cell(chosen: random.Random, content: bytes) -> bytes:
    """What stands between two separators becomes something else."""
    for separator in (b"::", b"\t", b","):
        cells = content.split(separator)
        if len(cells) > 1:
            cells[chosen.randrange(len(cells))] = chosen.choice(TOKENS)
            return separator.join(cells)
    return content


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flip, _flip, _insert, _insert, _insert, _cut, _double, _truncate, _lines, _cell, _cell,
)  # fmt: skip


def _parquet(chosen: random.Random) -> bytes:
    """A table with odd columns, or a good one with damaged bytes."""
    if chosen.random() < 0.5:
        content = _table(*_good(30))
        for _ in range(chosen.choice(USUAL)):
            content = chosen.choice(CHANGES[:-3])(chosen, content)
        return content
    columns = _good(chosen.choice([0, 1, 30]))
    for _ in range(chosen.randrange(1, 4)):
        place = chosen.randrange(4)
        columns[place] = _odd(chosen, len(columns[place]))
    return _table(*columns)


def _good(rows: int) -> list[pa.Array]:
    random_ = np.random.default_rng(rows)
    users, movies = (pa.array(random_.integers(1, 20, rows)) for _ in range(2))
    return [users, movies, pa.array(random_.integers(1, 11, rows) / 2), pa.array(10**9 + np.arange(rows))]


def _odd(chosen: random.Random, rows: int) -> pa.Array:
    made: list[Callable[[], pa.Array]] = [
        lambda: pa.array([None] * rows, pa.int64()),
        lambda: pa.array([chosen.choice(["1", "", None, " 7 ", "x", "٣", "1e400"]) for _ in range(rows)]),
        lambda: pa.array([chosen.choice([b"1", b"\xff", b""]) for _ in range(rows)]),
        lambda: pa.array([chosen.choice([1.0, float("nan"), float("inf"), -1.0, 1e308]) for _ in range(rows)]),
        lambda: pa.array([[1, 2]] * rows),
        lambda: pa.array([{"a": 1}] * rows),
        lambda: pa.array([chosen.choice([True, False]) for _ in range(rows)]),
        lambda: pa.array([chosen.choice([0, 10**18, -1, None]) for _ in range(rows)], pa.timestamp("ns")),
        lambda: pa.array([chosen.choice([0, 2**40]) for _ in range(rows)], pa.timestamp("s", tz="Asia/Tokyo")),
        lambda: pa.array([chosen.choice([0, 2**31 - 1]) for _ in range(rows)], pa.date32()),
        lambda: pa.array([2**63 + row for row in range(rows)], pa.uint64()),
        lambda: pa.array([chosen.choice(["a", "b"]) for _ in range(rows)]).dictionary_encode(),
        lambda: pa.array([Decimal(1)] * rows, pa.decimal128(20, 2)),
        lambda: pa.nulls(rows),
    ]
    return chosen.choice(made)()


def _table(*columns: pa.Array) -> bytes:
    names = _HEAD.split(",")
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(list(columns), names=names), file)
    return file.getvalue()


@cache
def usual(name: str) -> Kind:
    """The kind of files of this name."""
    return next(kind for kind in KINDS if kind.name == name)
