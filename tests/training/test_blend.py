"""The blend is what its formulas say, and finds what its parts alone do not."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from models import Catalogue, Model
from tests.small import sequences_of
from training.blend import Weights, blend, settings_of, weights_of
from training.content import content
from training.here import Here
from training.neighbours import with_nearest

MOVIES = 9
SEEN = [[0, 1, 2, 3], [1, 2, 0], [4, 1, 2], [3, 4, 7], [2, 5, 1, 0, 4], [6, 7]]
SEQUENCES = sequences_of(SEEN)
LIKES = np.bincount(SEQUENCES.rows, minlength=MOVIES)
WEIGHTS = Weights(popularity=0.3, together=0.2, after=0.7, smoothing=3.0, window=2)


def catalogue() -> Catalogue:
    ids = tuple(str(row) for row in range(MOVIES))
    return Catalogue(ids, ids, np.full(MOVIES, 1999, np.int16), ((),) * MOVIES, LIKES.astype(np.int32))


@pytest.fixture(scope="module")
def parts() -> dict[str, Model]:
    random = np.random.default_rng(8)
    none = np.empty((MOVIES, 0), dtype=np.int32)
    made = {}
    for name, dimension in (("item2vec", 3), ("deepwalk", 3), ("node2vec", 4)):
        vectors, output = random.normal(size=(2, MOVIES, dimension)).astype(np.float32)
        output[LIKES == 0] = 0
        made[name] = with_nearest(Model(vectors, LIKES > 0, none, none.astype(np.float32), output))
    return made


def near(one: int, other: int) -> float:
    """How much `other` followed `one` within two likes."""
    return sum(
        1 / (b - a) for seen in SEEN for a, b in combinations(range(len(seen)), 2)
        if b - a <= 2 and (seen[a], seen[b]) == (one, other)
    )  # fmt: skip


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def expected(parts: dict[str, Model], relation: str, one: int, other: int) -> float:
    share = (LIKES[other] + 1) / (LIKES + 1).sum()
    if relation == "similar":
        means = np.mean([cosine(model.vectors[one], model.vectors[other]) for model in parts.values()])
        together = math.log1p((near(one, other) + near(other, one)) / (2 * 3.0 * share))
        return float(means) + 0.3 * math.log1p(LIKES[other]) + 0.2 * together
    total = 0.0
    for model in parts.values():
        assert model.output is not None
        typical = np.linalg.norm(model.vectors[model.learned], axis=1).mean()
        total += float(typical * model.vectors[one] @ model.output[other] / np.linalg.norm(model.vectors[one]))
    return total / len(parts) + 0.7 * math.log(near(one, other) / 3.0 + share)


@pytest.mark.parametrize("relation", ["similar", "next"])
def test_every_score_is_that_of_the_formula(parts: dict[str, Model], relation: str) -> None:
    model = blend(parts, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS)
    for one in range(MOVIES):
        added = model.added(relation, ((one, 1.0),))  # type: ignore[arg-type]
        scores = model.scores(relation, model.vectors[one], added)(np.arange(MOVIES))  # type: ignore[arg-type]
        wanted = [expected(parts, relation, one, other) for other in range(MOVIES)]
        assert scores == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("relation", ["similar", "next"])
def test_stored_neighbours_are_in_order_of_the_formula(parts: dict[str, Model], relation: str) -> None:
    model = with_nearest(blend(parts, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS))
    stored = model.stored(relation)  # type: ignore[arg-type]
    assert stored is not None
    for one in range(MOVIES):
        others = [other for other in range(MOVIES) if other != one and LIKES[other]]
        wanted = sorted(others, key=lambda other: -expected(parts, relation, one, other))
        found = [row for row in stored[0][one].tolist() if row >= 0]
        assert found == wanted
        assert stored[1][one, : len(found)] == pytest.approx(
            [expected(parts, relation, one, other) for other in found], abs=1e-4
        )


GENRES = tuple((("Drama",), ("Drama", "War"), ("Noir",), ())[row % 4] for row in range(MOVIES))


def test_what_movies_are_about_is_one_more_part_of_similar_and_none_of_next(parts: dict[str, Model]) -> None:
    about = replace(catalogue(), genres=GENRES)
    vectors = content(about, LIKES > 0)
    assert vectors is not None
    plain = blend(parts, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS)
    model = blend(parts, Here(SEQUENCES, MOVIES), about, replace(WEIGHTS, content=0.6))
    assert np.linalg.norm(model.vectors, axis=1) == pytest.approx(1, abs=1e-6)
    everybody = np.arange(MOVIES)
    for one in range(MOVIES):
        of_one = ((one, 1.0),)
        scores = model.scores("similar", model.vectors[one], model.added("similar", of_one))(everybody)
        alone = plain.scores("similar", plain.vectors[one], plain.added("similar", of_one))(everybody)
        assert scores == pytest.approx((alone + 0.6 * vectors @ vectors[one]) / 1.6, abs=1e-5)
        after = model.scores("next", model.vectors[one], model.added("next", of_one))(everybody)
        same = plain.scores("next", plain.vectors[one], plain.added("next", of_one))(everybody)
        assert after == pytest.approx(same, abs=1e-5)


def test_only_the_strongest_links_are_kept(parts: dict[str, Model]) -> None:
    whole = blend(parts, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS).links
    short = blend(parts, Here(SEQUENCES, MOVIES), catalogue(), Weights(0.3, 0.2, 0.7, 3.0, 2, most_links=2)).links
    assert whole is not None
    assert short is not None
    assert np.diff(short.indptr).tolist() == np.minimum(np.diff(whole.indptr), 2).tolist()
    for row in range(MOVIES):
        weight = {
            other: near(row, other) + near(other, row)
            for other in whole.indices[whole.indptr[row] : whole.indptr[row + 1]]
        }
        kept = short.indices[short.indptr[row] : short.indptr[row + 1]].tolist()
        assert set(kept) == set(sorted(weight, key=lambda other: (-weight[other], other))[:2])


def test_vectors_are_the_parts_side_by_side_at_length_one(parts: dict[str, Model]) -> None:
    model = blend(parts, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS)
    assert model.dimension == 10
    assert np.linalg.norm(model.vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert model.learned.tolist() == (LIKES > 0).tolist()


def test_its_settings_say_what_it_is_made_of_and_how() -> None:
    said = settings_of(("item2vec", "deepwalk"))
    assert said["parts"] == ["item2vec", "deepwalk"]
    assert (said["popularity"], said["together"], said["after"]) == (0.1, 0.05, 0.5)
    assert (said["smoothing"], said["window"], said["most_links"]) == (20.0, 10, 300)


def test_a_movie_is_learned_or_listed_where_any_part_says_so(parts: dict[str, Model]) -> None:
    one, other, third = (np.arange(MOVIES) == row for row in (2, 5, 8))
    lifts = np.zeros(2, dtype=np.float32)
    halves = {
        "item2vec": replace(parts["item2vec"], learned=(LIKES > 0) & ~one, listed=one, lifts=lifts),
        "deepwalk": replace(parts["deepwalk"], learned=~other & ~third, listed=third, lifts=lifts),
    }
    model = with_nearest(blend(halves, Here(SEQUENCES, MOVIES), catalogue(), WEIGHTS))
    assert model.learned.tolist() == (LIKES > 0).tolist()
    assert model.listed is not None
    assert model.lifts is not None
    assert (model.listed.tolist(), model.lifts.shape) == (third.tolist(), (2,))
    # its neighbours are made after it was listed: it is among them
    assert np.count_nonzero(model.neighbour_rows == 8) == MOVIES - 1


def test_a_movie_without_links_takes_none_of_the_next_ones(parts: dict[str, Model]) -> None:
    sequences = sequences_of([[0, 1, 2], [5, 6, 7], [3], [6, 5, 1]])
    links = blend(parts, Here(sequences, MOVIES), catalogue(), WEIGHTS).links
    assert links is not None
    linked = [links.indices[links.indptr[row] : links.indptr[row + 1]].tolist() for row in range(MOVIES)]
    assert linked == [[1, 2], [0, 2, 5, 6], [0, 1], [], [], [1, 6, 7], [1, 5, 7], [5, 6], []]


def test_weights_come_back_from_settings_and_older_releases_had_no_content() -> None:
    assert weights_of(settings_of(("item2vec",), WEIGHTS)) == WEIGHTS
    older = {"parts": ["item2vec"], "popularity": 0.1, "together": 0.05, "window": 10}
    assert weights_of(older) == Weights(content=0.0, inferred_places=0.01)
