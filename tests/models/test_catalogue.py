"""The films of a release: columns that belong together, and their JSON."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Catalogue, IntegrityError
from tests.models.tiny import catalogue

GENRES = st.sampled_from(["Action", "Comedy", "comédie", "Sci-Fi", "(none)"])
FILM = st.tuples(st.text(), st.integers(0, 9999), st.lists(GENRES, unique=True), st.integers(0, 2**31 - 1))


@settings(deadline=None)
@given(films=st.dictionaries(st.text(min_size=1), FILM))
def test_a_catalogue_is_read_as_it_was_written(films: dict[str, tuple[str, int, list[str], int]]) -> None:
    ids = sorted(films)
    made = Catalogue(
        ids=tuple(ids),
        titles=tuple(films[name][0] for name in ids),
        years=np.array([films[name][1] for name in ids], dtype=np.int16),
        genres=tuple(tuple(films[name][2]) for name in ids),
        likes=np.array([films[name][3] for name in ids], dtype=np.int32),
    )
    read = Catalogue.from_json(json.loads(json.dumps(made.to_json())))
    assert (read.ids, read.titles, read.genres) == (made.ids, made.titles, made.genres)
    assert (read.years.dtype, read.likes.dtype) == (np.int16, np.int32)
    assert read.years.tolist() == made.years.tolist()
    assert read.likes.tolist() == made.likes.tolist()
    assert len(read) == len(films)
    assert [read.row_of[name] for name in ids] == list(range(len(ids)))


def test_the_json_is_columns_with_genres_as_positions() -> None:
    assert catalogue().to_json() == {
        "ids": ["1", "2571", "592", "593", "85123A", "ü 7"],
        "titles": ["Toy Story", "Matrix, The", "Batman", "Silence of the Lambs, The", "85123A", "Amélie"],
        "years": [1995, 1999, 1989, 1991, 0, 2001],
        "likes": [215, 278, 189, 279, 0, 120],
        "genreNames": ["Action", "Adventure", "Comedy", "Crime", "Horror", "Sci-Fi"],
        "genres": [[1, 2], [0, 5], [0, 3], [3, 4], [], [2]],
    }


@pytest.mark.parametrize("genre", ["Crime", "crime", "CRIME"])
def test_a_genre_is_found_in_upper_or_lower_case(genre: str) -> None:
    films = catalogue()
    mask = films.with_genre(genre)
    assert [name for name, has in zip(films.ids, mask, strict=True) if has] == ["592", "593"]
    assert films.with_genre("cRIME") is mask


@pytest.mark.parametrize("genre", ["Crim", "", "Western"])
def test_a_genre_nobody_has_is_no_movies_and_is_not_kept(genre: str) -> None:
    films = catalogue()
    assert films.with_genre(genre).tolist() == [False] * 6
    assert films._masks == {}


@pytest.mark.parametrize("column", ["titles", "years", "genres", "likes"])
def test_columns_of_another_length_are_refused(column: str) -> None:
    with pytest.raises(IntegrityError, match=rf"^catalogue: expected 6 {column}, found 5$"):
        replace(catalogue(), **{column: getattr(catalogue(), column)[:5]})


@pytest.mark.parametrize(
    "ids",
    [
        ("1", "592", "2571", "593", "85123A", "ü 7"),
        ("1", "592", "592", "593", "85123A", "ü 7"),
        ("", "2571", "592", "593", "85123A", "ü 7"),
        ("1", "2571", "592", "593", "ü 7", "85123A"),
    ],
)
def test_ids_that_are_unsorted_repeated_or_empty_are_refused(ids: tuple[str, ...]) -> None:
    with pytest.raises(IntegrityError, match="ids must be unique, not empty and sorted"):
        replace(catalogue(), ids=ids)


@pytest.mark.parametrize("column", ["ids", "titles", "years", "likes", "genreNames", "genres"])
@pytest.mark.parametrize("value", ["absent", None, 5, [None] * 6, [[]] * 7, [{"a": 1}] * 6, [float("nan")] * 6])
def test_a_column_that_is_missing_or_no_column_is_refused(column: str, value: Any) -> None:
    columns = {**catalogue().to_json(), column: value}
    if value == "absent":
        del columns[column]
    with pytest.raises(IntegrityError, match=r"^catalogue"):
        Catalogue.from_json(columns)


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("years", 1995.5, "1995.5"),
        ("years", "1995", "'1995'"),
        ("years", True, "True"),
        ("years", 40_000, "40000"),
        ("likes", [7], r"\[7\]"),
        ("likes", 2**31, str(2**31)),
        ("likes", 10**30, ""),
        ("ids", 1, "1"),
        ("titles", None, "None"),
        ("genres", [-1], "positions in genreNames"),
        ("genres", [True], "positions in genreNames"),
        ("genres", [6], "index out of range"),
        ("genres", [0.0], "float"),
        ("genreNames", 3, "3"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(column: str, value: Any, named: str) -> None:
    columns = catalogue().to_json()
    columns[column][0] = value
    with pytest.raises(IntegrityError, match=rf"^catalogue\.json: not a catalogue: .*{named}"):
        Catalogue.from_json(columns)


@pytest.mark.parametrize("content", [[], "text", None, 5])
def test_json_that_is_no_object_is_no_catalogue(content: Any) -> None:
    with pytest.raises(IntegrityError, match=r"^catalogue\.json: not a catalogue"):
        Catalogue.from_json(content)


def test_tags_are_kept_and_a_catalogue_without_any_is_written_as_before() -> None:
    plain = Catalogue(("a", "b"), ("A", "B"), np.zeros(2, np.int16), ((), ()), np.zeros(2, np.int32))
    tagged = replace(plain, tags=(("dark", "gotham"), ()))
    assert "tags" not in plain.to_json()
    assert tagged.to_json()["tagNames"] == ["dark", "gotham"]
    assert Catalogue.from_json(tagged.to_json()).tags == tagged.tags
    assert Catalogue.from_json(plain.to_json()).tags == ()


def test_tags_must_be_those_of_all_movies() -> None:
    with pytest.raises(IntegrityError, match="expected 2 tags, found 1"):
        Catalogue(("a", "b"), ("A", "B"), np.zeros(2, np.int16), ((), ()), np.zeros(2, np.int32), tags=((),))
