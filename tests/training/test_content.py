"""What movies are about: by hand where there are few columns, by a brute-force oracle where there are many."""

import math

import numpy as np
import pytest

from models.catalogue import NO_YEAR, Catalogue
from models.scores import unit_rows
from training.content import content
from training.metadata import metadata


def catalogue_of(genres: list[tuple[str, ...]], years: list[int] | None = None) -> Catalogue:
    ids = tuple(f"{row:03}" for row in range(len(genres)))
    seen = np.array(years or [NO_YEAR] * len(ids), np.int16)
    return Catalogue(ids, ids, seen, tuple(genres), np.zeros(len(ids), np.int32))


def test_rare_genres_count_more() -> None:
    catalogue = catalogue_of([("Drama", "Noir"), ("Drama",), ("Noir",), ("Drama",), ("War",)])
    found = content(catalogue, np.ones(5, dtype=bool))
    assert found is not None
    drama, noir = math.log(5 / 3), math.log(5 / 2)
    length = math.hypot(drama, noir)
    assert found @ found[0] == pytest.approx([1, drama / length, noir / length, drama / length, 0], abs=1e-6)


def test_only_learned_movies_say_what_is_rare_and_which_directions_there_are() -> None:
    genres: list[tuple[str, ...]] = [("A",), ("A", "B"), ("C",), ("C", "A"), ("B",)]
    learned = np.array([True, True, True, True, False])
    alone = content(catalogue_of(genres), learned)
    more = content(catalogue_of([*genres, ("A", "B", "C", "D"), ("D",)]), np.append(learned, [False, False]))
    assert alone is not None
    assert more is not None
    np.testing.assert_allclose(more[:5], alone, atol=1e-6)
    # a genre that no learned movie has says nothing: the movie gets the direction of all learned ones
    np.testing.assert_allclose(more[6], unit_rows(alone[:4].mean(axis=0, keepdims=True))[0], atol=1e-6)


def test_few_directions_are_the_best_there_are() -> None:
    random = np.random.default_rng(5)
    names = [f"genre {number}" for number in range(12)]
    genres = [tuple(sorted(random.choice(names, size=3, replace=False))) for _ in range(60)]
    catalogue, learned = catalogue_of(genres, random.integers(1950, 2020, 60).tolist()), np.ones(60, dtype=bool)
    whole, few = content(catalogue, learned, most=1_000), content(catalogue, learned, most=4)
    assert whole is not None
    assert few is not None
    columns = metadata(catalogue, learned).toarray()
    weighted = columns * np.log(60 / np.maximum(1, (columns != 0).sum(axis=0)))
    weighted /= np.linalg.norm(weighted, axis=1, keepdims=True)
    np.testing.assert_allclose(whole @ whole.T, weighted @ weighted.T, atol=1e-5)
    left, strengths, _ = np.linalg.svd(weighted, full_matrices=False)
    best = left[:, :4] * strengths[:4]
    best /= np.linalg.norm(best, axis=1, keepdims=True)
    np.testing.assert_allclose(few @ few.T, best @ best.T, atol=1e-5)
    assert few.shape == (60, 4)
    assert few.dtype == np.float32


def test_where_metadata_tell_no_two_movies_apart_there_is_none() -> None:
    everybody = np.ones(3, dtype=bool)
    assert content(catalogue_of([(), (), ()]), everybody) is None
    assert content(catalogue_of([("A",)] * 3, [1999] * 3), everybody) is None
    assert content(catalogue_of([("A",), ("B",), ("C",)]), np.zeros(3, dtype=bool)) is None
    # what only others differ in
    assert content(catalogue_of([("A",)] * 3, [1999, 1999, 2010]), np.array([True, True, False])) is None
