"""The fast reader and the exact one say the same of any file; integers are used only where they are their text."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from training import fast
from training.fast import read_fast
from training.formats import ratings_format
from training.readers import Columns, read_exactly
from training.records import Rejects

HEADER = b"userId,movieId,rating,timestamp\n"
NAMES = {".csv": "ratings.csv", ".gz": "ratings.csv.gz", ".dat": "ratings.dat", ".data": "u.data"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all generated examples."""
    return tmp_path_factory.mktemp("fast")


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Any:
    """Two rows at a time, so that there is more than one piece; ids are small below 64."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "PIECE", 2)
        patch.setattr(fast, "_SMALL", 64)
        yield


def said(columns: Columns) -> tuple[Any, ...]:
    stars = None if columns.ratings is None else columns.ratings.tolist()
    codes = (columns.users.tolist(), columns.movies.tolist())
    return (columns.user_ids, columns.movie_ids, *codes, stars, columns.times.tolist())


def both(path: Path) -> tuple[tuple[Any, ...] | None, tuple[Any, ...]]:
    """What the fast reader says, or None; and what the exact one says and turns away."""
    layout, rejects = ratings_format(path), Rejects()
    quick = read_fast(path, layout)
    exact, returns = read_exactly(path, layout, rejects)
    assert returns == 0
    if quick is not None:
        assert [quick.users.dtype, quick.movies.dtype, quick.times.dtype] == [np.int32, np.int32, np.float64]
    return None if quick is None else (said(quick), {}), (said(exact), rejects.to_json())


tame = st.one_of(st.integers(0, 30).map(str), st.integers(0, 2**64).map(str))
signs = ["007", "00", "+7", "-7", "-0", " 7", "7 ", "7\t", "\v7", "7.0", "7.", ".7", "7e0", "1_0", "7/1", "0x7"]
words = ["", " ", "9" * 30, "NA", "True", "inf", "é", "a b", "1:2", "\ufeff7", "7,"]
quoted = ['"7"', '"7,7"', '"7\n7"', '"7\n"7', '"7', '"']
odd = st.sampled_from([*signs, *words, *quoted])
numbers = st.sampled_from(["0", "1", "3.5", "5.0", "0.5", "2", ".5", "4."])
times = st.sampled_from(["0", "964982703", "9007199254740993", "8.0", "8.5", "007", "1e3"])
clean_rows = st.tuples(tame, tame, numbers, times.filter(lambda text: text.isdecimal()))
odd_rows = st.tuples(st.one_of(tame, odd), st.one_of(tame, odd), st.one_of(numbers, odd), st.one_of(times, odd))
lines = st.one_of(clean_rows, clean_rows, clean_rows, odd_rows, st.lists(tame, max_size=6))


@given(
    st.lists(lines, min_size=1, max_size=9),
    st.sampled_from(list(NAMES)),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.booleans(),
    st.booleans(),
)
def test_what_the_fast_reader_says_the_exact_one_says(
    folder: Path, rows: list[list[str]], kind: str, end: str, bom: bool, ended: bool
) -> None:
    separator = {".dat": "::", ".data": "\t"}.get(kind, ",")
    text = end.join(separator.join(row) for row in rows) + end * ended
    assume(text)
    content = b"\xef\xbb\xbf" * bom + (b"" if kind in (".dat", ".data") else HEADER) + text.encode()
    path = folder / NAMES[kind]
    path.write_bytes(gzip.compress(content, 1) if kind == ".gz" else content)
    quick, exact = both(path)
    assert quick is None or quick == exact


@given(st.lists(clean_rows, min_size=1, max_size=9), st.sampled_from(list(NAMES)), st.sampled_from(["\n", "\r\n"]))
def test_a_clean_file_is_read_fast(folder: Path, rows: list[tuple[str, ...]], kind: str, end: str) -> None:
    separator = {".dat": "::", ".data": "\t"}.get(kind, ",")
    content = (b"" if kind in (".dat", ".data") else HEADER) + end.join(map(separator.join, rows)).encode()
    path = folder / NAMES[kind]
    path.write_bytes(gzip.compress(content, 1) if kind == ".gz" else content)
    quick, exact = both(path)
    assert quick == exact


@given(st.lists(st.one_of(st.integers(0, 9), st.integers(60, 70), tame), min_size=1, max_size=9))
def test_ids_of_any_size_are_coded_as_they_first_appear(folder: Path, ids: list[int | str]) -> None:
    path = folder / "ratings.csv"
    path.write_bytes(HEADER + "".join(f"{one},{one},3.5,4\n" for one in ids).encode())
    read = read_fast(path, ratings_format(path))
    assert read is not None
    assert read.user_ids == read.movie_ids == list(dict.fromkeys(map(str, ids)))
    assert [read.user_ids[code] for code in read.users] == list(map(str, ids))


@pytest.mark.parametrize("at", range(7))
@pytest.mark.parametrize("line", ["1,2,3,4,", "1,2,3,4,5", "1,2,3", "1,2,3,4,,", "1,2,,4", ",2,3,4", "a,2,3,4,5"])
def test_a_line_too_long_or_too_short_is_seen_in_every_place(folder: Path, line: str, at: int) -> None:
    rows = [f"{row},2,3,4" for row in range(7)]
    rows[at] = line
    path = folder / "ratings.csv"
    path.write_bytes(HEADER + "\n".join(rows).encode())
    assert read_fast(path, ratings_format(path)) is None


@pytest.mark.parametrize(
    ("ids", "times_read"),
    [
        (["7", "70"], ["int"]),
        (["7", "007"], ["int", "text"]),
        (["7", "7.0"], ["int", "text"]),
        (["7", "a"], ["int", "text"]),
    ],
)
@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
def test_ids_are_read_as_integers_where_they_are_their_text(
    folder: Path, ids: list[str], times_read: list[str], last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, odd = ids
    movies = [plain] * 4 + [odd] if last else [odd] + [plain] * 4
    path = folder / "ratings.csv"
    path.write_bytes(HEADER + "".join(f"1,{movie},3.5,4\n" for movie in movies).encode())
    tried: list[str] = []
    read_csv = pd.read_csv

    def watch(*arguments: Any, **options: Any) -> Any:
        tried.append("text" if "userId" in options["dtype"] else "int")
        return read_csv(*arguments, **options)

    monkeypatch.setattr(fast.pd, "read_csv", watch)
    read = read_fast(path, ratings_format(path))
    assert read is not None
    assert [read.movie_ids[code] for code in read.movies] == movies
    assert tried == times_read


def test_a_column_grows_piece_by_piece(folder: Path) -> None:
    path = folder / "ratings.csv"
    path.write_bytes(HEADER + b"".join(b"%d,%d,3.5,%d\n" % (row // 3, row % 5, row) for row in range(101)))
    quick, exact = both(path)
    assert quick == exact
    assert len(exact[0][5]) == 101
