"""What is kept of a ratings file, and what becomes of every other row."""

import csv
import gzip
import io
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import DataError, RejectsError
from training.ratings import ReadReport, read_ratings
from training.readers import Columns

HEADER = "userId,movieId,rating,timestamp\n"
SHOP = {"user": "CustomerID", "item": "StockCode", "time": "InvoiceDate"}
SHOP_HEADER = "StockCode,Quantity,InvoiceDate,CustomerID\n"
Write = Callable[..., Path]
Kept = dict[tuple[str, str], tuple[float | None, float]]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file, written anew for each generated example."""
    return tmp_path_factory.mktemp("ratings") / "ratings.csv"


def kept(ratings: Columns) -> Kept:
    stars = [None] * len(ratings.users) if ratings.ratings is None else ratings.ratings.tolist()
    pairs = [(ratings.user_ids[u], ratings.movie_ids[m]) for u, m in zip(ratings.users, ratings.movies, strict=True)]
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, zip(stars, ratings.times.tolist(), strict=True), strict=True))


def counts(report: ReadReport) -> dict[str, int]:
    return {reason: first.count for reason, first in report.rejects.by_reason.items()}


def test_every_reason_is_counted_with_its_first_line_and_value(write: Write) -> None:
    faulty = ["1,2,3", "1,2,3,4,5", "1,,4,4", " ,2,4,4", "1,2,good,4", "1,2,,4", "1,2,NaN,4", "1,2,inf,4"]
    faulty += ["1,2,4,soon", "1,2,4,nan", "1,2,4,", "1,2,4,-1", "1,2,4,1969-12-31"]
    ratings, report = read_ratings(write(HEADER + "1,2,4,4\n" + "\n".join(faulty)))
    assert kept(ratings) == {("1", "2"): (4.0, 4.0)}
    assert report.to_json() == {
        "read": 14,
        "kept": 1,
        "duplicates": 0,
        "returns": 0,
        "rejected": {
            "wrong column count (expected 4)": {"count": 2, "line": 3, "value": "1,2,3"},
            "empty movie id": {"count": 1, "line": 5, "value": "1,,4,4"},
            "empty user id": {"count": 1, "line": 6, "value": " ,2,4,4"},
            "rating is not a number": {"count": 4, "line": 7, "value": "good"},
            "time is not readable": {"count": 3, "line": 11, "value": "soon"},
            "negative time": {"count": 2, "line": 14, "value": "-1"},
        },
    }


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def judge(row: list[str], width: int) -> str | None:
    """The rules as the documentation tells them, in plain Python."""
    if len(row) != width:
        return f"wrong column count (expected {width})"
    user, item, rating, time = row[:4]
    if not item.strip():
        return "empty movie id"
    if not user.strip():
        return "empty user id"
    if not math.isfinite(number(rating)):
        return "rating is not a number"
    if not math.isfinite(number(time)):
        return "time is not readable"
    return "negative time" if number(time) < 0 else None


def expected(text: str, width: int) -> tuple[Kept, Counter[str]]:
    """The rows to be kept and how many of each other kind, by dictionaries."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row][1:]
    latest: dict[tuple[str, str], tuple[float, float]] = {}
    others: Counter[str] = Counter()
    for row in rows:
        fault = judge(row, width)
        if fault:
            others[fault] += 1
        elif width == 5 and number(row[4]) <= 0:
            others["return"] += 1
        else:
            pair, value = (row[0].strip(), row[1].strip()), (number(row[3]), number(row[2]))
            others["duplicate"] += pair in latest
            latest[pair] = max(latest.get(pair, value), value)
    return {pair: (stars, time) for pair, (time, stars) in latest.items()}, +others


ids = st.sampled_from(["1", "2", "01", " 1", "a b", "Ä", '"x, y"', "", " "])
stars = st.sampled_from(["1", "3.5", "5.0", " 4 ", "nan", "-inf", "", "x"])
times = st.sampled_from(["0", "7", "8", "8.5", "1e3", "1e300", "-1", "nan", "", "then"])
pieces = st.sampled_from(["1", "0", "-2.0"])
rows_of_four = st.tuples(ids, ids, stars, times).map(",".join)
rows_of_five = st.tuples(ids, ids, stars, times, pieces).map(",".join)
odd_rows = st.sampled_from(["", "1", "1,2,3", "1,2,3,4,5,6"])


@pytest.mark.parametrize(("width", "rows"), [(4, rows_of_four), (5, rows_of_five)], ids=["ratings", "shop"])
@given(data=st.data(), end=st.sampled_from(["\n", "\r\n"]))
def test_every_row_is_kept_or_counted_once(
    file: Path, width: int, rows: st.SearchStrategy[str], data: st.DataObject, end: str
) -> None:
    lines = data.draw(st.lists(st.one_of(rows, rows, rows, odd_rows), max_size=12))
    columns = {"user": "u", "item": "i", "rating": "r", "time": "t"}
    names, last = ("u,i,r,t,Quantity", "9,9,5,9,1") if width == 5 else ("u,i,r,t", "9,9,5,9")
    text = end.join([names, *lines, last])
    file.write_bytes(text.encode())
    ratings, report = read_ratings(file, columns)
    films, others = expected(text, width)
    assert kept(ratings) == films
    found = {**counts(report), "return": report.returns, "duplicate": report.duplicates}
    assert +Counter(found) == others
    assert report.rows == len(films) + sum(others.values())
    assert report.kept == len(films)


@pytest.mark.parametrize(
    ("rows", "wins"),
    [
        (["1,2,5,100", "1,2,1,200"], (1.0, 200.0)),
        (["1,2,1,200", "1,2,5,100"], (1.0, 200.0)),
        (["1,2,5,9", "1,2,1,10"], (1.0, 10.0)),
        (["1,2,3,100", "1,2,4.5,100", "1,2,2,100"], (4.5, 100.0)),
        (["1,2,3,100", " 1, 2,4,100"], (4.0, 100.0)),
    ],
)
def test_of_duplicates_the_latest_wins_and_then_the_higher_rating(
    write: Write, rows: list[str], wins: tuple[float, float]
) -> None:
    ratings, report = read_ratings(write(HEADER + "\n".join([*rows, "1,3,5,1", "2,2,5,1"])))
    assert kept(ratings)["1", "2"] == wins
    assert (report.duplicates, report.kept) == (len(rows) - 1, 3)


def test_ids_are_text(write: Write) -> None:
    ids = ["7", "007", "7.0", "1e3", "1000", "NA", "null", "None", "nan", "True", "9" * 30, "85123A", "a b", "ü"]
    ratings, report = read_ratings(write(HEADER + "".join(f"{one},{one},4,5\n" for one in ids)))
    assert ratings.user_ids == ratings.movie_ids == ids
    assert report.kept == len(ids)


def test_spaces_around_an_id_are_no_part_of_it(write: Write) -> None:
    ratings, report = read_ratings(write(HEADER + "1,2,4,5\n 1 ,\t2,5,6\n1,2\u00a0,3,1\n"))
    assert kept(ratings) == {("1", "2"): (5.0, 6.0)}
    assert report.duplicates == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings.csv", HEADER + '1,10,4.5,964982703\n"2",20,3,1\n'),
        ("ratings.csv", "\ufeff" + HEADER.replace("\n", "\r\n") + "1,10,4.5,964982703\r\n2,20,3,1"),
        ("ratings.csv", "timestamp, rating ,movieId,userId\n964982703,4.5,10,1\n1,3,20,2\n"),
        ("ratings.csv", "userId,movieId,rating,timestamp,tag\n1,10,4.5,964982703,\n2,20,3,1,fun\n"),
        ("ratings.csv.gz", gzip.compress((HEADER + "1,10,4.5,964982703\n2,20,3,1\n").encode(), mtime=0)),
        ("ratings.dat", "1::10::4.5::964982703\n2::20::3::1\n"),
        ("u.data", "1\t10\t4.5\t964982703\n2\t20\t3\t1\n"),
    ],
)
def test_every_layout_says_the_same(write: Write, name: str, content: str | bytes) -> None:
    ratings, report = read_ratings(write(content, name))
    assert kept(ratings) == {("1", "10"): (4.5, 964982703.0), ("2", "20"): (3.0, 1.0)}
    assert report.rows == report.kept == 2
    assert (ratings.users.dtype, ratings.movies.dtype, ratings.times.dtype) == (np.int32, np.int32, np.float64)


def test_without_ratings_everything_is_a_like(write: Write) -> None:
    ratings, _ = read_ratings(write("userId,movieId,timestamp\n1,2,3\n"))
    assert ratings.ratings is None
    ratings, _ = read_ratings(write("who,what,when,stars\n1,2,2020-01-01T00:00:00Z,1\n"), {
        "user": "who", "item": "what", "time": "when"
    })  # fmt: skip
    assert ratings.ratings is None
    assert ratings.times.tolist() == [1577836800.0]


@pytest.mark.parametrize(("bad", "rows", "refused"), [(1, 100, False), (2, 199, True), (1, 99, True), (7, 700, False)])
def test_more_than_one_row_in_a_hundred_is_too_many(write: Write, bad: int, rows: int, refused: bool) -> None:
    good = [f"{row},2,4,5\n" for row in range(rows - bad)]
    _, report = read_ratings(write(HEADER + "".join(good) + "x,y,z,0\n" * bad))
    assert (report.rows, counts(report)) == (rows, {"rating is not a number": bad})
    if not refused:
        report.check_limit()
        return
    with pytest.raises(RejectsError) as caught:
        report.check_limit()
    assert str(caught.value) == (
        f"{report.path}: {bad} of {rows} rows rejected, more than 1%; most of them: rating is not a number, "
        f"first at line {rows - bad + 2}: 'z' (--allow-rejects goes on without them)"
    )


def test_guests_of_a_shop_are_rejected_but_do_not_count_towards_the_limit(write: Write) -> None:
    guests = "85123A,1,2011-01-01,\n" * 60
    customers = "".join(f"85123A,1,2011-01-01,{row}\n" for row in range(40))
    _, report = read_ratings(write(SHOP_HEADER + guests + customers), SHOP)
    report.check_limit()
    assert (report.kept, counts(report)) == (40, {"empty user id": 60})
    _, report = read_ratings(write(SHOP_HEADER + guests + customers + "A,1,soon,1\nB,1,2011-01-01\n" * 2), SHOP)
    with pytest.raises(RejectsError, match=r"4 of 104 rows rejected.*most of them: time is not readable.*: 'soon'"):
        report.check_limit()


def test_without_columns_named_nobody_is_a_guest(write: Write) -> None:
    _, report = read_ratings(write(HEADER + "1,2,3,4\n,2,3,4\n"))
    with pytest.raises(RejectsError, match=r"1 of 2 rows rejected.*empty user id, first at line 3: ',2,3,4'"):
        report.check_limit()


@pytest.mark.parametrize("name", ["Quantity", "pieces"])
def test_goods_taken_back_are_counted_and_are_no_likes(write: Write, name: str) -> None:
    columns = SHOP if name == "Quantity" else {**SHOP, "quantity": name}
    rows = ["A,6.0,2011-01-01,1", "B,-6,2011-01-01,1", "C,0,2011-01-01,1", "A,-1,2011-01-02,1", "D,-1,2011-01-01,"]
    ratings, report = read_ratings(write(SHOP_HEADER.replace("Quantity", name) + "\n".join(rows)), columns)
    assert list(kept(ratings)) == [("1", "A")]
    assert (report.rows, report.kept, report.returns, counts(report)) == (5, 1, 3, {"empty user id": 1})


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        (HEADER, None, "no rows after the header"),
        (HEADER + "\n\n", None, "no rows after the header"),
        (HEADER + "1,2,x,4\n1,2\n1,2,y,4\n", None, r"none of 3 rows can be used; most of .* first at line 2: 'x'"),
        (SHOP_HEADER + "A,1,2011-01-01,\n", SHOP, "none of 1 rows can be used; most of them: empty user id, first at"),
        (SHOP_HEADER + "A,-1,2011-01-01,1\n", SHOP, "expected likes, found 1 rows, all of them returns"),
    ],
)
def test_a_file_without_a_usable_row_is_refused(
    write: Write, text: str, columns: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(DataError, match=rf"ratings\.csv: {message}"):
        read_ratings(write(text), columns)
