"""tags.csv: what is read, what is turned away and named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training.errors import DataError
from training.tags import LEAST_MOVIES, read_tags, shared

HEAD = "userId,movieId,tag,timestamp\n"


def test_the_tags_of_each_movie_most_often_given_first(write: Callable[..., Path]) -> None:
    lines = ["1,592,dark,1", "2,592,Gotham,1", '3,592," GOTHAM",2', "1,593,zeta,1", "1,593,alpha,1", '4,592,"a,  B",1']
    tags, rejects = read_tags(write(HEAD + "\n".join(lines), "tags.csv"))
    assert tags == {"592": ("gotham", "a, b", "dark"), "593": ("alpha", "zeta")}
    assert rejects.total() == 0


def test_faulty_rows_are_counted_with_the_first_of_each(write: Callable[..., Path]) -> None:
    lines = ["1,592,dark,1", "1,592,dark", "2,,fun,3", "2,593, ,3", "2,594,,3"]
    tags, rejects = read_tags(write(HEAD + "\n".join(lines), "tags.csv"))
    assert tags == {"592": ("dark",)}
    assert rejects.to_json() == {
        "wrong column count (expected 4)": {"count": 1, "line": 3, "value": "1,592,dark"},
        "empty movie id": {"count": 1, "line": 4, "value": "2,,fun,3"},
        "empty tag": {"count": 2, "line": 5, "value": "2,593, ,3"},
    }


def test_ml_10m_has_no_header(write: Callable[..., Path]) -> None:
    assert read_tags(write("15::4973::excellent!::1215184630\n", "tags.dat"))[0] == {"4973": ("excellent!",)}


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("userId,movieId\n1,2\n", "tags.csv", "expected columns tag, found userId, movieId"),
        (HEAD + "1,2,,3\n", "tags.csv", "expected tags, found none in 1 rows"),
        (HEAD, "tags.csv", "expected tags, found none in 0 rows"),
        ("x", "tags.txt", r"expected a name ending in \.csv, \.dat"),
        ("", "tags.csv", "the file is empty"),
    ],
)
def test_files_that_cannot_be_used(write: Callable[..., Path], content: str, name: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_tags(write(content, name))


def test_tags_of_few_movies_say_nothing_about_others() -> None:
    tags = {str(row): ("common", "rare") if row else ("common",) for row in range(LEAST_MOVIES)}
    assert shared(tags) == {str(row): ("common",) for row in range(LEAST_MOVIES)}
