"""The compiled search against NumPy alone: thresholds guessed wrong, rooms too small, links, priors and lifts."""

from dataclasses import replace

import numpy as np
import pytest

from models import Links, Model
from models.model import Relation
from models.scores import six_digits
from training import neighbours, select
from training.neighbours import nearest

N, LEARNED = 1_500, 1_100


def rich(seed: int, dim: int = 8) -> Model:
    """Everything a score can be made of."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(N, dim)).astype(np.float32)
    learned = random.permutation(N) < LEARNED
    indices = np.concatenate([random.choice(N, 20, replace=False) for _ in range(N)]).astype(np.int32)
    none = np.empty((N, 0), dtype=np.int32)
    return Model(
        vectors,
        learned,
        none,
        none.astype(np.float32),
        output=(3 * random.normal(size=(N, dim)) * learned[:, None]).astype(np.float32),
        priors=random.normal(scale=0.3, size=(2, N)).astype(np.float32),
        links=Links(20 * np.arange(N + 1), indices, random.normal(size=(2, 20 * N)).astype(np.float32)),
        listed=~learned & (random.random(N) < 0.7),
        lifts=np.array([-0.2, 0.3], dtype=np.float32),
    )


def obvious(model: Model, relation: Relation, row: int, k: int) -> list[tuple[int, np.float32]]:
    """All scores in float64 as `models` gives them, sorted."""
    every = np.arange(len(model.vectors))
    exact = model.scores(relation, model.vectors[row], model.added(relation, ((row, 1.0),)))(every)
    allowed = [one for one in np.flatnonzero(model.answers(relation)).tolist() if one != row]
    scored = sorted((-float(score), one) for one, score in zip(allowed, six_digits(exact[allowed]), strict=True))
    return [(one, np.float32(-score)) for score, one in scored[:k]]


def assert_obvious(model: Model, relation: Relation, k: int, of: range = range(0, N, 37)) -> None:
    rows, scores = nearest(model, relation, k)
    for row in of:
        found = list(zip(rows[row].tolist(), scores[row], strict=True))
        assert found == obvious(model, relation, row, rows.shape[1])


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several blocks, and many tiles, the last of them short."""
    monkeypatch.setattr(neighbours, "BLOCK", 400)
    monkeypatch.setattr(neighbours, "TILE", 170)


@pytest.mark.usefixtures("tiles")
@pytest.mark.parametrize("relation", ["similar", "next"])
@pytest.mark.parametrize("left_out", [(), ("links",), ("priors",), ("listed", "lifts"), ("priors", "links")])
def test_whatever_scores_are_made_of(relation: Relation, left_out: tuple[str, ...]) -> None:
    assert_obvious(replace(rich(1), **dict.fromkeys(left_out)), relation, 20)


@pytest.mark.usefixtures("tiles")
def test_rows_that_find_no_room_are_worked_out_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    model = rich(2)
    vectors = model.vectors.copy()
    vectors[::2] = vectors[0]  # 750 copies, more than there is room for
    bare = replace(model, vectors=vectors, priors=None, links=None, listed=None, lifts=None)
    plainly, asked = neighbours.Search.plainly, []
    monkeypatch.setattr(neighbours.Search, "plainly", lambda self, row, k: asked.append(row) or plainly(self, row, k))
    monkeypatch.setattr(select, "room", lambda _: 64)
    assert_obvious(bare, "similar", 30)
    assert set(range(0, N, 2)) <= set(asked)


@pytest.mark.usefixtures("tiles")
@pytest.mark.parametrize("rank", [1, 3, 10_000])
def test_a_guess_too_high_or_too_low_changes_nothing(monkeypatch: pytest.MonkeyPatch, rank: int) -> None:
    monkeypatch.setattr(select, "guess_rank", lambda *_: rank)
    assert_obvious(rich(3), "similar", 40)


@pytest.mark.usefixtures("tiles")
def test_thresholds_rise_where_room_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "guess_rank", lambda *_: 10_000)
    monkeypatch.setattr(select, "room", lambda k: k + 20)
    assert_obvious(rich(4), "next", 40)


@pytest.mark.parametrize(
    ("value", "error", "sure"),
    [
        (0.87312345, 1e-13, True),
        (-123456.4, 1e-13, True),
        (1234565.0, 1e-13, False),  # in the middle between two published ones
        (0.1234565000001, 1e-11, False),
        (0.0, 0.0, True),
        (0.0, 1e-13, False),  # nothing is left of it, or a little
        (1.5e-9, 1e-13, False),
        (1e-40, 0.0, False),  # beyond the exact powers of ten
    ],
)
def test_rounding_says_when_it_is_not_sure(value: float, error: float, sure: bool) -> None:
    rounded, certain = select._six_digits(value, error)
    assert certain == sure
    if sure:
        assert rounded == six_digits(np.array([value]))[0]


def test_where_rounding_is_not_sure_numpy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    model = rich(5)
    vectors = np.eye(8, dtype=np.float32)[np.arange(N) % 8]  # most products are zero, as exactly as can be
    plainly, asked = neighbours.Search.plainly, []
    monkeypatch.setattr(neighbours.Search, "plainly", lambda self, row, k: asked.append(row) or plainly(self, row, k))
    bare = replace(model, vectors=vectors, priors=None, links=None, learned=np.arange(N) < 160, listed=None, lifts=None)
    assert_obvious(bare, "similar", 40)
    assert set(asked) == set(range(N))


@pytest.mark.parametrize(("threshold", "found"), [(0.5, 2), (0.9, -1), (0.95, -1)])
def test_a_threshold_within_the_tolerance_of_the_last_one_wanted_is_too_high(threshold: float, found: int) -> None:
    values, places = np.array([0.6, 0.9, 1.0], dtype=np.float32), np.array([7, 8, 9], dtype=np.int32)
    assert select._candidates(values, places, np.float32(threshold), 2, 1e-4, np.float32(1)) == found
    assert found < 0 or places[:found].tolist() == [8, 9]
