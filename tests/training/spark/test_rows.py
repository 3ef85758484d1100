"""Which files are read, and what is said of those that cannot be."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from tests.training.spark.test_ratings import HEADER, SHOP, rows_on_spark
from training.errors import DataError, SettingsError
from training.spark.ratings import read_ratings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# said by PySpark at its first use of Arrow

Write = Callable[..., Path]


def test_files_of_a_folder_are_one_table(spark: "SparkSession", tmp_path: Path) -> None:
    folder = tmp_path / "ratings"
    (folder / "year=2020").mkdir(parents=True)
    (folder / "a.csv").write_text(HEADER + "1,2,3.5,4\n1,3,3.5,4\n")
    (folder / "year=2020" / "b.csv").write_text(HEADER + "1,2,4.5,5\nx,2\n")
    (folder / "c.csv.gz").write_bytes(gzip.compress((HEADER + "2,2,4.5,5").encode()))
    read = read_ratings(spark, str(folder), None, str(tmp_path / "work"))
    assert sorted(rows_on_spark(read)) == [("1", "2", 4.5, 5.0), ("1", "3", 3.5, 4.0), ("2", "2", 4.5, 5.0)]
    assert (read.report.rows, read.report.duplicates, read.report.rejects.total()) == (5, 1, 1)
    (folder / "d.csv").write_text("movieId,userId,rating,timestamp\n1,2,3.5,4\n")
    with pytest.raises(DataError, match=r"ratings: cannot be read: .*CSV header does not conform"):
        read_ratings(spark, str(folder), None, str(tmp_path / "work"))
    (folder / "e.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"expected files of one layout, found \w\.csv(\.gz)? and e.parquet"):
        read_ratings(spark, str(folder), None, str(tmp_path / "work"))


BAD: dict[str, tuple[str | bytes, dict[str, str] | None, str]] = {
    "no rows": (HEADER, None, "no rows after the header$"),
    "nothing usable": (HEADER + "1,2,x,4\n", None, "none of 1 rows can be used; most of them: rating is not a number"),
    "returns only": (
        "u,m,t,Quantity\n1,2,3,-1",
        {"user": "u", "item": "m", "time": "t"},
        "expected likes, found 1 rows, all of them returns$",
    ),
    "empty": ("", None, "the file is empty$"),
    "binary": ("PK\0\0", None, "expected lines of text, found a binary file$"),
    "no column": ("userId,rating,timestamp\n1,2,3", None, "expected columns movieId, found userId, rating, timestamp$"),
    "latin-1": (
        HEADER.encode() + b"1,\xe9,3,4\n",
        None,
        "expected utf-8 text, found bytes that are none in '1,\ufffd,3,4'$",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_told(spark: "SparkSession", write: Write, tmp_path: Path, name: str) -> None:
    text, columns, message = BAD[name]
    with pytest.raises(DataError, match=f"ratings.csv: {message}"):
        read_ratings(spark, str(write(text)), columns, str(tmp_path / "work"))


def test_an_address_that_leads_nowhere_is_told(spark: "SparkSession", write: Write, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv: no such file$"):
        read_ratings(spark, str(tmp_path / "none.csv"), None, str(tmp_path))
    with pytest.raises(DataError, match=r"nowhere: no such file$"):
        read_ratings(spark, str(tmp_path / "nowhere"), None, str(tmp_path))
    with pytest.raises(DataError, match=r"expected a name ending in .csv, .parquet, .dat, .data"):
        read_ratings(spark, str(write("x", "ratings.txt")), None, str(tmp_path))
    with pytest.raises(SettingsError, match=r"--columns is for CSV and Parquet files, found ratings.dat"):
        read_ratings(spark, str(write("1::2::3::4", "ratings.dat")), SHOP, str(tmp_path))


def test_bytes_that_are_no_text_are_told_whatever_the_layout(
    spark: "SparkSession", write: Write, tmp_path: Path
) -> None:
    path = write(b"1\t2\t3\t4\n1\t\xe9\t3\t4\n", "u.data")
    with pytest.raises(
        DataError, match=r"u.data: expected utf-8 text, found bytes that are none in '1\\t\ufffd\\t3\\t4'$"
    ):
        read_ratings(spark, str(path), None, str(tmp_path / "work"))
