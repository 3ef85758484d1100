"""Which file is read how."""

from pathlib import Path

import pytest

from training.errors import DataError, SettingsError
from training.formats import ML100K_GENRES, movies_format, parse_columns, ratings_format

SHOP = {"user": "CustomerID", "item": "StockCode", "time": "InvoiceDate"}


@pytest.mark.parametrize(
    ("name", "separator"),
    [
        ("ratings.csv", ","),
        ("RATINGS.CSV", ","),
        ("ratings.csv.gz", ","),
        ("ratings.CSV.GZ", ","),
        ("ratings.parquet", ""),
        ("ratings.dat", "::"),
        ("u.data", "\t"),
        ("u.data.gz", "\t"),
        ("my.data.csv", ","),
    ],
)
def test_the_name_tells_how_ratings_are_separated(name: str, separator: str) -> None:
    assert ratings_format(Path(name)).separator == separator


@pytest.mark.parametrize(
    ("name", "separator", "encoding"),
    [
        ("movies.csv", ",", "utf-8-sig"),
        ("movies.csv.gz", ",", "utf-8-sig"),
        ("movies.dat", "::", "latin-1"),
        ("u.item", "|", "latin-1"),
    ],
)
def test_the_name_tells_how_movies_are_separated_and_encoded(name: str, separator: str, encoding: str) -> None:
    layout = movies_format(Path(name))
    assert (layout.separator, layout.encoding) == (separator, encoding)


@pytest.mark.parametrize("name", ["ratings.txt", "ratings", "csv", "ratings.csv.bz2", "ratings.gz", "u.item"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(DataError, match=rf"\.csv, \.parquet, \.dat, \.data .* found {name}$"):
        ratings_format(Path("somewhere") / name)


def test_ratings_are_no_movies() -> None:
    with pytest.raises(DataError, match=r"expected a name ending in \.csv, \.dat, \.item .* found u\.data"):
        movies_format(Path("u.data"))


def test_ml_100k_marks_nineteen_genres_in_twenty_four_columns() -> None:
    header = movies_format(Path("u.item")).header
    assert len(ML100K_GENRES) == 19
    assert header is not None
    assert len(header) == 24
    assert header[5:] == ML100K_GENRES


def test_named_columns_take_the_place_of_movielens_columns() -> None:
    layout = ratings_format(Path("shop.csv"), SHOP)
    assert layout.columns == SHOP
    assert not layout.optional
    assert layout.guests
    assert not ratings_format(Path("ratings.csv")).guests


@pytest.mark.parametrize("name", ["ratings.dat", "u.data"])
def test_columns_cannot_be_named_where_the_file_has_no_names(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"--columns is for CSV and Parquet files, found {name}"):
        ratings_format(Path(name), SHOP)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("user=u,item=i,time=t", {"user": "u", "item": "i", "time": "t"}),
        (" time = t , item=i,user=the user ", {"time": "t", "item": "i", "user": "the user"}),
        ("user=u,item=i,time=t,rating=r", {"user": "u", "item": "i", "time": "t", "rating": "r"}),
        ("user=u,item=i,time=t,quantity=q", {"user": "u", "item": "i", "time": "t", "quantity": "q"}),
        ("user=a=b,item=i,time=t", {"user": "a=b", "item": "i", "time": "t"}),
    ],
)
def test_columns_are_named_by_key(text: str, columns: dict[str, str]) -> None:
    assert parse_columns(text) == columns


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("user=u,item=i", "missing time"),
        ("time=t", "missing user, item"),
        ("user=u,item=i,time=t,stars=s", "found 'stars=s'"),
        ("user=u,user=v,item=i,time=t", "found 'user=v'"),
        ("user=u,item=,time=t", "found 'item='"),
        ("user=u,item,time=t", "found 'item'"),
        ("user=u,item=i,time=t,", "found ''"),
        ("", "found ''"),
    ],
)
def test_columns_that_cannot_be_meant_are_refused(text: str, found: str) -> None:
    with pytest.raises(SettingsError, match=rf"^--columns: expected .*{found}$"):
        parse_columns(text)
