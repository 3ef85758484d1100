"""Movies nobody watched: the formula, the label, the ridge, and the places they end up in."""

from dataclasses import replace

import numpy as np
import pytest

from models import Model
from models.catalogue import NO_YEAR, Catalogue
from training.coldstart import RIDGES, TRUST, USUAL_RIDGE, Sums, infer, learned_only, with_inferred
from training.metadata import Features, metadata
from training.neighbours import nearest
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


def catalogue_of(films: tuple[tuple[str, int, tuple[str, ...]], ...], likes: list[int] | None = None) -> Catalogue:
    ids, years, genres = zip(*films, strict=True)
    return Catalogue(ids, ids, np.array(years, np.int16), genres, np.array(likes or [0] * len(ids), np.int32))


def vectors_of(rows: tuple[int, ...], count: int, dimension: int = 4) -> tuple[np.ndarray, np.ndarray]:
    learned = np.isin(np.arange(count), rows)
    return np.random.default_rng(2).normal(size=(count, dimension)).astype(np.float32) * learned[:, None], learned


def test_inferred_vectors_are_the_ridge_regression_on_metadata_weighted_by_trust() -> None:
    vectors, learned = vectors_of(LEARNED, len(FILMS))
    likes = [1, 9, 100, 0, 30, 0, 0, 0]
    catalogue = catalogue_of(FILMS, likes)
    completed, _, fit = infer(vectors, learned, catalogue)
    features = metadata(catalogue, learned).toarray()
    known, width = list(LEARNED), features.shape[1]
    directions = vectors[known] / np.linalg.norm(vectors[known], axis=1, keepdims=True)
    trust = np.array([(like + 1) / (like + 1 + TRUST) for like in likes])[known, None]
    # least squares of the augmented system: min |D^.5 (XW - Y)|^2 + ridge |W|^2
    left = np.vstack([np.sqrt(trust) * features[known], np.sqrt(USUAL_RIDGE) * np.eye(width)])
    right = np.vstack([np.sqrt(trust) * directions, np.zeros((width, directions.shape[1]))])
    expected = features @ np.linalg.lstsq(left, right, rcond=None)[0]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(completed[~learned], expected[~learned], atol=1e-6)
    assert (fit.inferred, fit.ridge, fit.cosine) == (3, USUAL_RIDGE, None)
    assert completed.dtype == np.float32


def test_learned_vectors_stay_bit_by_bit() -> None:
    for rows in (LEARNED, tuple(range(len(FILMS)))):
        vectors, learned = vectors_of(rows, len(FILMS))
        completed, _, fit = infer(vectors, learned, catalogue_of(FILMS))
        assert completed[learned].tobytes() == vectors[learned].tobytes()
        assert fit.inferred == len(FILMS) - len(rows)


def test_the_length_of_a_learned_vector_does_not_weigh() -> None:
    vectors, learned = vectors_of(LEARNED, len(FILMS))
    scale = np.array([[1], [100], [0.01], [3], [7], [1], [1], [1]], dtype=np.float32)
    plain = infer(vectors, learned, catalogue_of(FILMS))[0]
    stretched = infer(vectors * scale, learned, catalogue_of(FILMS))[0]
    np.testing.assert_allclose(stretched[~learned], plain[~learned], atol=1e-6)


def test_only_movies_of_which_something_is_known_may_be_answers() -> None:
    vectors, learned = vectors_of(LEARNED, len(FILMS))
    _, listed, _ = infer(vectors, learned, catalogue_of(FILMS))
    assert listed.tolist() == [False] * 5 + [True, True, False]  # of "h" neither year nor genres


def test_without_any_metadata_a_cold_movie_gets_the_direction_of_all() -> None:
    vectors, learned = vectors_of((0, 2), 4)
    completed, listed, _ = infer(vectors, learned, catalogue_of(tuple((name, NO_YEAR, ()) for name in "abcd")))
    directions = vectors[[0, 2]] / np.linalg.norm(vectors[[0, 2]], axis=1, keepdims=True)
    middle = directions.sum(axis=0) / np.linalg.norm(directions.sum(axis=0))
    np.testing.assert_allclose(completed[[1, 3]], [middle, middle], atol=1e-6)
    assert not listed.any()


def world(kind: str, groups: int = 4, each: int = 12, cold: int = 2) -> tuple[Model, Catalogue]:
    """Genre, year, a word or a tag decides everything; the last `cold` of each group are not learned."""
    random = np.random.default_rng(3)
    count = groups * (each + cold)
    group = np.arange(count) % groups
    catalogue = Catalogue(
        tuple(f"{row:03}" for row in range(count)),
        tuple(f"The {'ABCD'[one]}word Film" if kind == "word" else "Film" for one in group),
        np.array([1960 + 10 * one if kind == "year" else 1990 for one in group], np.int16),
        tuple((f"genre {one}",) if kind == "genre" else ("Drama",) for one in group),
        np.array([20] * (groups * each) + [0] * (groups * cold), np.int32),
        tags=tuple((f"tag {one}",) if kind == "tag" else () for one in group) if kind == "tag" else (),
    )
    centres = np.linalg.qr(random.normal(size=(8, 8)))[0][:groups]
    vectors = (centres[group] + 0.1 * random.normal(size=(count, 8))).astype(np.float32)
    rows = np.arange(groups * each, dtype=np.int32)
    return learned_only(Embedding(rows, vectors[: len(rows)], None), catalogue), catalogue


@pytest.mark.parametrize("kind", ["genre", "year", "word", "tag"])
def test_a_cold_movie_is_closest_to_those_of_its_kind(kind: str) -> None:
    model, catalogue = world(kind)
    made, fit = with_inferred(model, catalogue)
    rows, _ = nearest(replace(made, listed=None, lifts=None), k=12)
    for cold in np.flatnonzero(~made.learned):
        assert set(rows[cold] % 4) == {cold % 4}
    assert fit.cosine is not None
    assert fit.cosine > 0.9


def test_the_ridge_is_the_best_on_movies_it_was_not_fitted_on() -> None:
    random = np.random.default_rng(8)
    features = Features(random.normal(size=(60, 30)))
    units = random.normal(size=(60, 5))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    trust = random.random(60)
    sums = Sums(features, units, trust)
    found = {}
    for ridge in RIDGES:
        total = 0.0
        for part in sums.parts:
            rest = np.setdiff1d(np.arange(60), part)
            x, d = features.toarray()[rest], np.diag(trust[rest])
            guess = features.toarray()[part] @ np.linalg.solve(x.T @ d @ x + ridge * np.eye(30), x.T @ d @ units[rest])
            guess /= np.linalg.norm(guess, axis=1, keepdims=True)
            total += float((trust[part] * (guess * units[part]).sum(axis=1)).sum())
        found[ridge] = total / trust.sum()
    best = max(found, key=lambda ridge: found[ridge])
    assert sums.best_ridge() == (best, pytest.approx(found[best], abs=2e-6))
    assert len(set(found.values())) == len(RIDGES)


def test_likes_teach_what_noise_of_the_unliked_hides() -> None:
    """A genre has one true direction; its many films with one like point anywhere."""
    films = tuple((f"{row:03}", 1990, ("Western",)) for row in range(41))
    likes = [500] * 4 + [0] * 37
    vectors = np.random.default_rng(5).normal(size=(41, 6)).astype(np.float32)
    vectors[:4] = [1, 0, 0, 0, 0, 0]
    learned = np.arange(41) < 40
    trusted = infer(vectors, learned, catalogue_of(films, likes))[0][40]
    alike = infer(vectors, learned, catalogue_of(films, [500] * 40 + [0]))[0][40]
    assert trusted[0] > alike[0] + 0.1
