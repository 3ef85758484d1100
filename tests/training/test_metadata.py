"""Columns of a movie that nobody has seen: each by hand."""

import numpy as np
import pytest

from models.catalogue import NO_YEAR, Catalogue
from training.metadata import LEAST_MOVIES, YEARS_APART, has, metadata


def catalogue_of(titles: list[str], years: list[int], genres: list[tuple[str, ...]]) -> Catalogue:
    ids = tuple(f"{row:03}" for row in range(len(titles)))
    likes = np.zeros(len(ids), np.int32)
    return Catalogue(ids, tuple(titles), np.array(years, np.int16), tuple(genres), likes)


def test_one_for_all_then_genres_then_time() -> None:
    catalogue = catalogue_of(["-"] * 4, [1989, 1990, 1991, NO_YEAR], [("Drama", "Crime"), ("Drama",), (), ()])
    found = metadata(catalogue, np.ones(4, dtype=bool)).toarray()
    # 1989 is a knot (663 * 3), the next are 1992 and, behind the last, none
    third = 1 / YEARS_APART
    expected = [[1, 1, 1, 1, 0], [1, 1, 0, 2 * third, third], [1, 0, 0, third, 2 * third], [1, 0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected)


def test_the_parts_of_a_year_are_one_together() -> None:
    years = list(range(1902, 2019))
    found = metadata(catalogue_of(["-"] * len(years), years, [()] * len(years)), np.ones(len(years), dtype=bool))
    np.testing.assert_allclose(found.toarray()[:, 1:].sum(axis=1), 1)
    assert np.diff(found.indptr).max() <= 3


def test_words_count_where_enough_learned_movies_have_them() -> None:
    titles = ["Star Wars"] * LEAST_MOVIES + ["STAR trek: a Début"] * LEAST_MOVIES + ["Trek star star"]
    learned = np.arange(len(titles)) < LEAST_MOVIES * 2 - 1
    catalogue = catalogue_of(titles, [NO_YEAR] * len(titles), [()] * len(titles))
    # star 9, wars 5; trek and début are in 4 learned titles only, "a" is no word
    assert metadata(catalogue, learned).toarray().tolist() == (
        [[1, 1, 1]] * LEAST_MOVIES + [[1, 1, 0]] * LEAST_MOVIES + [[1, 1, 0]]
    )


def test_the_most_frequent_names_are_kept_equal_ones_by_text() -> None:
    names = [("b", "a"), ("b", "a", "c"), ("c",), ("c", "d")]
    everyone = np.ones(4, dtype=bool)
    assert has(names, everyone, least=1, most=2).toarray().tolist() == [[0, 1], [1, 1], [1, 0], [1, 0]]
    assert has(names, everyone, least=2).shape == (4, 3)


@pytest.mark.parametrize("years", [[NO_YEAR, NO_YEAR], [9999, 1]])
def test_years_unknown_or_absurd_are_cheap(years: list[int]) -> None:
    found = metadata(catalogue_of(["-", "-"], years, [(), ()]), np.ones(2, dtype=bool))
    assert found.shape[1] <= 5
