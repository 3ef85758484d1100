"""Movies nobody watched: the formula, the label and the places they end up in."""

import numpy as np
import pytest

from models.catalogue import NO_YEAR, Catalogue
from training.coldstart import RIDGE, complete, metadata
from training.skipgram import Embedding

FILMS = (
    ("a", 1994, ("Crime", "Drama")),
    ("b", 1995, ("Crime",)),
    ("c", 2001, ("Animation", "Children")),
    ("d", 2003, ("Animation",)),
    ("e", NO_YEAR, ("Drama",)),
    ("f", 1999, ("Animation", "Crime")),
    ("g", 2009, ()),
    ("h", NO_YEAR, ()),
)
LEARNED = (0, 1, 2, 3, 4)


def catalogue_of(films: tuple[tuple[str, int, tuple[str, ...]], ...]) -> Catalogue:
    ids, years, genres = zip(*films, strict=True)
    return Catalogue(ids, ids, np.array(years, np.int16), genres, np.zeros(len(ids), np.int32))


def embedding_of(rows: tuple[int, ...], dimension: int = 4) -> Embedding:
    vectors = np.random.default_rng(2).normal(size=(len(rows), dimension)).astype(np.float32)
    return Embedding(np.array(rows, np.int32), vectors, None)


def test_metadata_is_a_column_of_ones_then_genres_then_decades() -> None:
    expected = [
        [1, *(genre in genres for genre in ("Animation", "Children", "Crime", "Drama"))]
        + [year // 10 == decade for decade in (199, 200)]
        for _, year, genres in FILMS
    ]
    assert metadata(catalogue_of(FILMS)).tolist() == np.array(expected, dtype=float).tolist()


def test_inferred_vectors_are_the_ridge_regression_on_metadata() -> None:
    embedding = embedding_of(LEARNED)
    vectors, learned = complete(embedding, catalogue_of(FILMS))
    features = metadata(catalogue_of(FILMS))
    width = features.shape[1]
    directions = embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True)
    # least squares of the augmented system: min |XW - Y|^2 + ridge |W|^2
    left = np.vstack([features[list(LEARNED)], np.sqrt(RIDGE) * np.eye(width)])
    right = np.vstack([directions, np.zeros((width, directions.shape[1]))])
    expected = features @ np.linalg.lstsq(left, right, rcond=None)[0]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    cold = [row for row in range(len(FILMS)) if row not in LEARNED]
    np.testing.assert_allclose(vectors[cold], expected[cold], atol=1e-6)
    assert learned.tolist() == [row in LEARNED for row in range(len(FILMS))]
    assert (vectors.dtype, learned.dtype) == (np.float32, np.bool_)


def test_learned_vectors_stay_bit_by_bit() -> None:
    for rows in (LEARNED, tuple(range(len(FILMS)))):
        embedding = embedding_of(rows)
        vectors, learned = complete(embedding, catalogue_of(FILMS))
        assert vectors[list(rows)].tobytes() == embedding.vectors.tobytes()
        assert learned.sum() == len(rows)


def test_the_length_of_a_learned_vector_does_not_weigh() -> None:
    embedding = embedding_of(LEARNED)
    scale = np.array([[1], [100], [0.01], [3], [7]], dtype=np.float32)
    stretched = Embedding(embedding.rows, embedding.vectors * scale, None)
    plain = complete(embedding, catalogue_of(FILMS))[0]
    np.testing.assert_allclose(complete(stretched, catalogue_of(FILMS))[0][5:], plain[5:], atol=1e-6)


@pytest.mark.parametrize("kind", ["genre", "decade"])
def test_a_cold_movie_is_closest_to_those_of_its_kind(kind: str) -> None:
    random = np.random.default_rng(3)
    groups, each = 4, 12
    films = []
    for index in range(groups * (each + 1)):
        group = index % groups
        year = 1960 + 10 * group if kind == "decade" else 1990
        films.append((f"{index:03}", year, (f"genre {group}",) if kind == "genre" else ("Drama",)))
    centres = np.linalg.qr(random.normal(size=(8, 8)))[0][:groups]
    rows = np.arange(groups * each)
    warm = (centres[rows % groups] + 0.1 * random.normal(size=(len(rows), 8))).astype(np.float32)
    vectors, learned = complete(Embedding(rows.astype(np.int32), warm, None), catalogue_of(tuple(films)))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for cold in np.flatnonzero(~learned):
        nearest = np.argsort(-(units[rows] @ units[cold]))[:each]
        assert set(nearest % groups) == {cold % groups}


def test_without_any_metadata_a_cold_movie_gets_the_direction_of_all() -> None:
    embedding = embedding_of((0, 2))
    vectors, learned = complete(embedding, catalogue_of(tuple((name, NO_YEAR, ()) for name in "abcd")))
    directions = embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True)
    middle = directions.sum(axis=0) / np.linalg.norm(directions.sum(axis=0))
    np.testing.assert_allclose(vectors[[1, 3]], [middle, middle], atol=1e-6)
    assert learned.tolist() == [True, False, True, False]
