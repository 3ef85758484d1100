"""Spark keeps the rows that one machine keeps, and turns away the same ones for the same reasons."""

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow
import pyarrow.parquet
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.small import sample_ratings
from tests.training.spark.both import plan
from training import ratings as one_machine
from training.errors import RejectsError
from training.readers import Columns
from training.spark import ratings as on_spark
from training.spark.ratings import Ratings, read_ratings
from training.spark.rows import read_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# said by PySpark at its first use of Arrow

HEADER = "userId,movieId,rating,timestamp\n"
SHOP = {"user": "CustomerID", "item": "StockCode", "time": "InvoiceDate"}
STARS = {"user": "u", "item": "m", "time": "t", "rating": "r"}
Write = Callable[..., Path]
Row = tuple[str, str, float | None, float]

MESSY = """\ufeffuserId,movieId,rating,timestamp
7,10,4.0,100
007,10,4.0,100
7,10,5.0,90
7,11,3,2010-12-01 08:26:00
7,11,4.5,2010-12-01T09:26:00+01:00
3,"a, b",4,50
3," a, b ",2,51
3,"say ""so\""",4,52
 3 ,12,5e-1,53
 3 ,12 ,4,54
"3","12",4,55
é,٣,٣,٣
9,12,.5,54
9,13,1e39,54
9,13,-2,54.25
9,13,1_0,54
9,,4,4
,12,4,4
\xa0,12,4,4
9,14,good,4
9,14,,4
9,14,nan,4
9,14,inf,4
9,14,4,soon
9,14,4,
9,14,4,-1
9,14,4,1969-12-31
9,14,4
9,14,4,4,5
9,14,"4,4
9,14,4,"5
a"b,c\\,4,5
x\x01y,1,4,5

   \t
userId,movieId,rating,timestamp
12345678901234567890123,3000000000000000000000000000000000000001,3.5,9007199254740993
last,14,3.3,7"""


def rows_of(read: Columns) -> list[Row]:
    stars = [None] * len(read.users) if read.ratings is None else read.ratings.tolist()
    users, movies = (
        [ids[code] for code in codes] for ids, codes in ((read.user_ids, read.users), (read.movie_ids, read.movies))
    )
    return list(zip(users, movies, stars, read.times.tolist(), strict=True))


def rows_on_spark(read: Ratings) -> list[Row]:
    return [
        (row["user"], row["movie"], row.asDict().get("rating"), row["time"])
        for row in read.frame.orderBy("viewer").collect()
    ]


def without_lines(report: one_machine.ReadReport) -> dict[str, Any]:
    told = report.to_json()
    return told | {"rejected": {reason: one | {"line": 0} for reason, one in told["rejected"].items()}}


def same_as_one_machine(spark: "SparkSession", path: Path, columns: Mapping[str, str] | None = None) -> Ratings:
    """The same rows, users in the same order, the same counts, reasons and first values."""
    expected, report = one_machine.read_ratings(path, columns)
    read = read_ratings(spark, str(path), columns, str(path.parent / "work"))
    found, wanted = rows_on_spark(read), rows_of(expected)
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
    assert list(dict.fromkeys(row[0] for row in found)) == list(dict.fromkeys(row[0] for row in wanted))
    assert without_lines(read.report) == without_lines(report)
    assert list(read.report.rejects.by_reason) == list(report.rejects.by_reason)
    assert read.report.guests == report.guests
    assert (read.first_time, read.last_time) == (expected.times.min(), expected.times.max())
    return read


def test_a_messy_file_is_read_as_on_one_machine(spark: "SparkSession", write: Write) -> None:
    read = same_as_one_machine(spark, write(MESSY))
    told = read.report.to_json()
    assert (told["read"], told["duplicates"], len(told["rejected"])) == (36, 5, 6)
    with pytest.raises(RejectsError, match=r"17 of 36 rows rejected, more than 1%"):
        read.report.check_limit()


SHOP_LOG = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,85123A,LANTERN,6.0,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
2,85123A,"LANTERN, RED",6,2010-12-01 08:28:00,2.55,17850.0,United Kingdom
3,85123A,,-6,2010-12-01 09:00:00,2.55,17850.0,France
4,71053,LANTERN,0,1291193400,3.39,17850.0,France
5,71053,LANTERN,3,1291193400,3.39,,France
6,71053,LANTERN,x,1291193400,3.39,13047,France
7,,LANTERN,3,1291193400,3.39,13047,France
8,71053,LANTERN,3,1/2/2010,3.39,13047,France
9,71053,"LANTERN,3,1291193400,3.39,13047,France"""
FILES: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "clean": ("ratings.csv", HEADER + "2,1,5.0,3\r\n1,1,4.5,2\r\n1,2,4,1\r\n2,1,4.5,4\r\n2,3,4,4\r\n", None),
    "turned": ("r.csv", "timestamp,rating, movieId ,userId\n4,3.5,2,1\n", None),
    "unrated": ("likes.csv", "movieId,timestamp,userId\n5,4,a\n4,4,a\n5,3,a\n5,1,b\n5,1\n", None),
    "dat": ("ratings.dat", '\ufeff1::5::4::9\n2::5::"4"::9\n 2 ::5::4::9\n  \n\t\n1::5::4\n1:5:4:9\n3::5::-1::8', None),
    "tabs": ("u.data", "196\t242\t3\t881250949\r\n186\t302\t3\t891717742\r\n\t\t\t\n22\t377\t1\t878887116\n", None),
    "shop": ("log.csv", SHOP_LOG, SHOP),
    "quantity": ("log.csv", "u,m,t,n\n1,2,3,0.0\n1,2,3,1\n1,2,3,0.5\n", {**STARS, "quantity": "n"} | {"rating": "n"}),
}


@pytest.mark.parametrize("name", FILES)
def test_any_layout_is_read_as_on_one_machine(spark: "SparkSession", write: Write, name: str) -> None:
    file, text, columns = FILES[name]
    same_as_one_machine(spark, write(text, file), columns)


def test_a_packed_file_is_read_as_on_one_machine(spark: "SparkSession", write: Write) -> None:
    same_as_one_machine(spark, write(gzip.compress(MESSY.encode()), "ratings.csv.gz"))


MOMENTS = [datetime(2020, 1, 1, 0, 0, 1, 500_000), datetime(1969, 12, 31), None, datetime(2031, 5, 4, 3, 2, 1, 1)]
ZONED = [datetime(2020, 1, 1, 0, 0, 1, 500_000, UTC), datetime(1980, 12, 31, tzinfo=UTC)]
NUMBERS = [1.0, 2, float("nan"), 1e300]
TABLES: dict[str, dict[str, Any]] = {
    "plain": {"u": [3, 1, 3, 3], "m": ["a", "b", "a", " c"], "t": [4, 4, 5, 2**60 + 1], "r": [0.5, 3.3, 4.0, 5.0]},
    "holes": {"u": [3, None, 3, 3], "m": ["a", "b", "", None], "t": [4.5, 4.0, 5.0, 6.0], "r": [1, 2, 3, 4]},
    "numbers": {"u": [1.0, 2.5, 1.0, 1.0], "m": [True, False, True, True], "t": [-1.0, 4, 5, 6], "r": NUMBERS},
    "odd": {
        "u": [1] * 5,
        "m": list("abcde"),
        "t": [-1, float("inf"), float("nan"), 2, 0.5],
        "r": [1, 2, 3, 1e300, 4.5],
    },
    "times": {"u": [1, 2, 3, 4], "m": ["x", "y", "x", "x"], "t": MOMENTS, "r": ["5", "4", "3", "x"]},
    "bytes": {"u": [1, 2], "m": [b"x", b"\xff"], "t": MOMENTS[::3], "r": ["5", "4"]},
    "zones": {"u": [1, 2], "m": ["a", "b"], "t": ZONED, "r": [3.5, 4.5]},
    "returns": {"u": [1, 1, 1, None], "m": ["a", "b", "c", "d"], "t": [1, 2, 3, 4], "Quantity": [1.5, 0.0, None, -1.0]},
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_on_one_machine(spark: "SparkSession", tmp_path: Path, name: str) -> None:
    path = tmp_path / "ratings.parquet"
    columns = {key: value for key, value in STARS.items() if value in TABLES[name]}
    pyarrow.parquet.write_table(pyarrow.table(TABLES[name]), path)
    same_as_one_machine(spark, path, columns)


def test_a_quoted_field_of_two_lines_is_two_rows(spark: "SparkSession", write: Write, tmp_path: Path) -> None:
    columns = {"user": "u", "item": "m", "time": "t"}
    read = read_ratings(
        spark, str(write('u,m,t,said\n1,2,3,"so\nlong"\n2,2,3,"a\nb\n')), columns, str(tmp_path / "work")
    )
    assert sorted(rows_on_spark(read)) == [("1", "2", None, 3.0), ("2", "2", None, 3.0)]
    rejected = {"count": 2, "line": 0, "value": 'long"'}
    assert read.report.to_json()["rejected"] == {"wrong column count (expected 4)": rejected}


def test_the_fingerprint_is_of_the_rows_and_not_of_their_order(spark: "SparkSession", write: Write) -> None:
    rows = ["1,2,3,4", "1,3,5,4", "2,2,4.5,5"]
    one, other, changed = (
        same_as_one_machine(spark, write(HEADER + "\n".join(lines)))
        for lines in (rows, [rows[2], rows[1], rows[0], "1,2,3,1"], [*rows[:2], "2,2,4.5,6"])
    )
    assert one.fingerprint == other.fingerprint != changed.fingerprint
    assert len(one.fingerprint) == 16
    assert int(one.fingerprint, 16)


def test_nothing_is_broadcast_and_no_plain_row_is_seen_by_python(spark: "SparkSession", write: Write) -> None:
    source = read_rows(spark, str(write(HEADER + "1,2,3,4\n")), None)
    assert "MapInArrow" not in plan(source.rows)
    latest = plan(on_spark._latest(source.rows))
    assert "Broadcast" not in latest
    assert latest.count("Exchange hashpartitioning") == 1


def test_the_sample_is_read_as_on_one_machine(spark: "SparkSession", tmp_path: Path) -> None:
    same_as_one_machine(spark, sample_ratings(tmp_path))


def test_a_shops_log_is_read_as_on_one_machine(
    spark: "SparkSession", shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    path, lines = tmp_path / "log.csv.gz", 15_000
    with gzip.open(shared_data("online-retail") / "onlineretail.csv.gz", "rt", encoding="utf-8") as whole:
        path.write_bytes(gzip.compress("".join(islice(whole, lines + 1)).encode()))
    read = same_as_one_machine(spark, path, SHOP)
    assert read.report.rows == lines
    assert min(read.report.returns, read.report.duplicates, read.report.rejects.total()) > 100
