"""The fast reader takes what is clean, and reads it as the exact one does."""

import csv
import io
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fast import read_fast
from training.formats import ratings_format
from training.readers import Columns, number, read_exactly, seconds
from training.records import Rejects

NAMES = ("userId", "movieId", "rating", "timestamp")
HEADER = ",".join(NAMES) + "\n"
SHOP = {"user": "u", "item": "i", "time": "t"}
Write = Callable[..., Path]
Row = tuple[str, str, float | None, float]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all generated examples."""
    return tmp_path_factory.mktemp("readers")


def rows_of(columns: Columns | None) -> list[Row] | None:
    if columns is None:
        return None
    stars = [None] * len(columns.users) if columns.ratings is None else columns.ratings.tolist()
    users, movies = (
        [ids[code] for code in codes]
        for ids, codes in ((columns.user_ids, columns.users), (columns.movie_ids, columns.movies))
    )
    return list(zip(users, movies, stars, columns.times.tolist(), strict=True))


def fast(path: Path, columns: Mapping[str, str] | None = None) -> list[Row] | None:
    return rows_of(read_fast(path, ratings_format(path, columns)))


def exact(path: Path, columns: Mapping[str, str] | None = None) -> tuple[list[Row], dict[str, Any], int]:
    rejects = Rejects()
    read, returns = read_exactly(path, ratings_format(path, columns), rejects)
    return rows_of(read) or [], rejects.to_json(), returns


printable = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)
ids = st.one_of(st.integers(0, 10**25).map(str), st.sampled_from(["007", "7", "1.0", "NA", "null", "a b"]), printable)
stars = st.sampled_from([0.5, 1.0, 3.3, 3.5, 5.0, -1.0, 1e6])
ratings = st.tuples(ids, ids, stars, st.integers(0, 2**40))


@given(st.lists(ratings, min_size=1), st.permutations(NAMES), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_both_readers_read_a_clean_csv_as_it_was_written(
    folder: Path, rows: list[Row], order: list[str], end: str, bom: bool
) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, order, lineterminator=end)
    writer.writeheader()
    writer.writerows(dict(zip(NAMES, row, strict=True)) for row in rows)
    path = folder / "ratings.csv"
    path.write_bytes(("\ufeff" * bom + text.getvalue()).encode())
    expected = [(user, movie, float(np.float32(stars)), time) for user, movie, stars, time in rows]
    assert fast(path) == expected
    assert exact(path) == (expected, {}, 0)


@pytest.mark.parametrize(("name", "separator"), [("ratings.dat", "::"), ("u.data", "\t")])
@given(rows=st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), min_size=1))
def test_both_readers_read_the_older_formats(
    folder: Path, name: str, separator: str, rows: list[tuple[int, ...]]
) -> None:
    path = folder / name
    path.write_text("".join(separator.join(map(str, row)) + "\n" for row in rows))
    expected = [(str(row[0]), str(row[1]), float(row[2]), float(row[3])) for row in rows]
    assert fast(path) == expected
    assert exact(path) == (expected, {}, 0)


words = ["x", "NA", "null", "True", "nan", "inf", "", " ", "é", "a b", "2020-01-01"]
quoted = ['"', '""', '"1"', '"1,2"', '"a\nb"', '"a"b', 'a"b']
numerals = ["1", "007", " 1", "2 ", "1\t", "3.5", ".5", "5.", "+4", "-1", "-0", "1e5", "1e300", "9" * 20, "0x1", "1_0"]
tokens = st.sampled_from([*words, *quoted, *numerals])
clean = st.sampled_from(["1", "2", '"1"', "+4", "007"])
wide = st.lists(tokens, min_size=3, max_size=5).map(",".join)
narrow = st.tuples(st.one_of(clean, tokens), clean, st.one_of(clean, st.sampled_from(numerals)), clean).map(",".join)


@given(st.lists(st.one_of(narrow, wide, st.sampled_from(["", "  ", "1,1,True,True"])), min_size=1, max_size=4))
def test_what_the_fast_reader_does_not_hand_over_is_clean(folder: Path, rows: list[str]) -> None:
    path = folder / "ratings.csv"
    path.write_text(HEADER + "\n".join(rows))
    quick = fast(path)
    if quick is not None:
        assert exact(path) == (quick, {}, 0)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    "line",
    [
        *("1,2,3", "1,2,3,4,5", "1,2,3,", "1,2,x,4", "1,2,True,4", "1,2,nan,4", "1,2,inf,4", "1,2,1e39,4", "1, ,3,4"),
        *("1,2,3,-4", "1,2,3,4.5", "1,2,3,True", "1,2,3,1e300", "1,2,3,2020-01-01", ",2,3,4", "1,2 ,3,4"),
        *('1,"2\n2",3,4', '1,"2,3,4'),
    ],
)
@pytest.mark.parametrize("at", ["first", "last"])
def test_a_row_that_needs_a_closer_look_is_handed_over_without_a_word(
    write: Write, line: str, at: str, capsys: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    clean = [f"{user},2,3,4" for user in range(9)]
    path = write(HEADER + "\n".join([line, *clean] if at == "first" else [*clean, line]))
    assert fast(path) is None
    assert not recwarn.list
    assert capsys.readouterr() == ("", "")


def test_a_column_more_than_expected_is_left_to_the_exact_reader(write: Write) -> None:
    path = write("u,i,t,country\n1,2,3,\n")
    assert fast(path, SHOP) is None
    assert exact(path, SHOP) == ([("1", "2", None, 3.0)], {}, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3.5", 3.5), (" 3.5 ", 3.5), ("-1", -1.0), ("1e3", 1000.0), ("1_000", None), ("", None), ("x", None)],
)
def test_numbers_are_what_people_write(text: str, value: float | None) -> None:
    assert math.isnan(number(text)) if value is None else number(text) == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", 0.0),
        ("964982703", 964982703.0),
        ("964982703.25", 964982703.25),
        (" 5 ", 5.0),
        ("1e300", 1e300),
        ("-1", -1.0),
        ("1970-01-02", 86400.0),
        ("1970-01-01 00:01", 60.0),
        ("1970-01-01T00:00:01.5", 1.5),
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T02:00:00+02:00", 0.0),
        ("1969-12-31T23:00:00-05:00", 4 * 3600.0),
        ("1969-12-31", -86400.0),
        ("0001-01-01", -62135596800.0),
        ("9999-12-31", 253402214400.0),
    ],
)
def test_times_are_seconds_or_dates_in_utc(text: str, moment: float) -> None:
    assert seconds(text) == moment


@pytest.mark.parametrize("text", ["", "nan", "yesterday", "12/1/2010 8:26", "2020-02-30", "1_000", "2020-01-01 25:00"])
def test_a_time_that_is_none_is_not_guessed(text: str) -> None:
    assert math.isnan(seconds(text))


zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.one_of(st.none(), zones)))
def test_any_iso_date_is_its_moment(moment: datetime) -> None:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    assert seconds(moment.isoformat()) == seconds(moment.isoformat(" ")) == aware.timestamp()
