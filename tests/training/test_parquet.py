"""Parquet files: columns of any type mean what the same text would."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

from training import fast
from training.errors import DataError
from training.fast import read_fast
from training.formats import ratings_format
from training.ratings import ReadReport, read_ratings

SHOP = {"user": "u", "item": "i", "time": "t"}
RATED = {**SHOP, "rating": "r"}
TIMES = pd.to_datetime(["1970-01-02", "1970-01-01 00:00:00.500"], format="ISO8601")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.parquet"


def read(path: Path, columns: Mapping[str, str] = SHOP) -> tuple[dict[str, list[Any]], ReadReport]:
    ratings, report = read_ratings(path, columns)
    return {
        "u": [ratings.user_ids[code] for code in ratings.users],
        "i": [ratings.movie_ids[code] for code in ratings.movies],
        "t": ratings.times.tolist(),
        "r": [] if ratings.ratings is None else ratings.ratings.tolist(),
    }, report


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("i", ["007", "1.0"], ["007", "1.0"]),
        ("i", [7, 2**62 + 1], ["7", "4611686018427387905"]),
        ("i", pd.array([7, 8], dtype="Int64"), ["7", "8"]),
        ("i", pd.Categorical(["b", "a"]), ["b", "a"]),
        ("i", [b"b", b"a"], ["b", "a"]),
        ("i", [" b", "a\n"], ["b", "a"]),
        ("t", [4.5, 0.0], [4.5, 0.0]),
        ("t", TIMES, [86400.0, 0.5]),
        ("t", TIMES.tz_localize("Etc/GMT+1"), [90000.0, 3600.5]),
        ("t", ["1970-01-02", "5"], [86400.0, 5.0]),
        ("t", [date(1970, 1, 2), date(1970, 1, 3)], [86400.0, 172800.0]),
    ],
)
@pytest.mark.parametrize("reader", ["fast", "exact"])
def test_columns_of_any_type_mean_the_same_to_both_readers(
    path: Path, column: str, values: Any, expected: list[Any], reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reader == "exact":
        monkeypatch.setattr(fast, "read_fast", lambda *_: None)
    pd.DataFrame({"u": ["x", "y"], "i": ["1", "2"], "t": [1, 2], column: values}).to_parquet(path)
    columns, report = read(path)
    assert columns[column] == expected
    assert report.kept == report.rows == 2


@pytest.mark.parametrize("ids", [["a", "b"], [1, 2], pd.array([1, 2], dtype="Int64")])
def test_plain_columns_are_read_fast(path: Path, ids: Any) -> None:
    pd.DataFrame({"u": ids, "i": ids, "t": TIMES, "r": [4, 5]}).to_parquet(path)
    assert read_fast(path, ratings_format(path, RATED)) is not None


def test_movielens_names_are_known(path: Path) -> None:
    pd.DataFrame({"timestamp": [5], "movieId": [7], "userId": [1], "rating": [3.5]}).to_parquet(path)
    ratings, _ = read_ratings(path)
    assert ratings.ratings is not None
    assert (ratings.user_ids, ratings.movie_ids, ratings.ratings.tolist()) == (["1"], ["7"], [3.5])


def test_nulls_are_counted_and_integers_beside_them_stay_integers(path: Path) -> None:
    table = {
        "u": ["a", None, "c", "d", "e", "f"],
        "i": pyarrow.array([1, 2, None, 4, 2**60 + 1, 6]),
        "r": pyarrow.array([5.0, 4.0, 3.0, None, 2.0, 1.0]),
        "t": pyarrow.array([1, 2, 3, 4, 5, None], pyarrow.timestamp("s")),
    }
    pyarrow.parquet.write_table(pyarrow.table(table), path)
    columns, report = read(path, RATED)
    assert columns == {"u": ["a", "e"], "i": ["1", "1152921504606846977"], "t": [1.0, 5.0], "r": [5.0, 2.0]}
    assert {reason: (first.count, first.line) for reason, first in report.rejects.by_reason.items()} == {
        "empty user id": (1, 2),
        "empty movie id": (1, 3),
        "rating is not a number": (1, 4),
        "time is not readable": (1, 6),
    }


@pytest.mark.parametrize("values", [["4", "1_0", "x"], [4.0, float("nan"), float("inf")]])
def test_ratings_that_are_no_numbers_are_rejected(path: Path, values: list[Any]) -> None:
    pd.DataFrame({"u": ["x"] * 3, "i": ["1", "2", "3"], "t": [1, 2, 3], "r": values}).to_parquet(path)
    columns, report = read(path, RATED)
    assert columns["r"] == [4.0]
    assert report.rejects.by_reason["rating is not a number"].count == 2


def test_true_is_no_rating(path: Path) -> None:
    pd.DataFrame({"u": ["x"], "i": ["1"], "t": [1], "r": [True]}).to_parquet(path)
    with pytest.raises(DataError, match=r"none of 1 rows can be used; .* is not a number, first at line 1: 'True'"):
        read(path, RATED)


@pytest.mark.parametrize(("name", "columns"), [("Quantity", SHOP), ("Pieces", {**SHOP, "quantity": "Pieces"})])
def test_goods_taken_back_are_no_likes(path: Path, name: str, columns: Mapping[str, str]) -> None:
    pd.DataFrame({"u": ["x"] * 3, "i": ["1", "2", "3"], "t": [1, 2, 3], name: [1, 0, -2]}).to_parquet(path)
    found, report = read(path, columns)
    assert found["i"] == ["1"]
    assert (report.returns, report.kept) == (2, 1)


def test_a_missing_column_is_named_beside_those_found(path: Path) -> None:
    pd.DataFrame({"u": ["x"], "i": ["1"]}).to_parquet(path)
    with pytest.raises(DataError, match=r"log\.parquet: expected columns t, found u, i$"):
        read(path)


def test_a_column_that_is_there_twice_is_one_line_of_error(path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table([["x"], ["1"], [1], [2]], names=["u", "i", "t", "t"]), path)
    with pytest.raises(DataError, match=r"log\.parquet: expected a Parquet file: [^\n]*\bt\b[^\n]*\Z"):
        read(path)


@pytest.mark.parametrize("more", [{}, {"Quantity": 1}], ids=["fast", "exact"])
def test_damage_is_one_line_of_error_wherever_it_is(path: Path, more: dict[str, int]) -> None:
    pd.DataFrame({"u": range(5000), "i": range(5000), "t": range(5000)}).assign(**more).to_parquet(path)
    whole = path.read_bytes()
    for damaged in (whole[:2000] + bytes(4000) + whole[6000:], whole[:-100], b"PAR1", b"PAR1" + bytes(100) + b"PAR1"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"log\.parquet: (expected a|cannot be read after row 0).+\Z"):
            read(path)


def test_a_table_without_rows_is_refused(path: Path) -> None:
    pd.DataFrame({"u": ["x"], "i": ["1"], "t": [1]})[:0].to_parquet(path)
    with pytest.raises(DataError, match=r"log\.parquet: no rows after the header"):
        read(path)
