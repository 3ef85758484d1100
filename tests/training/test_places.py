"""How many places inferred movies take in lists: counted, one list after the other."""

from dataclasses import replace

import numpy as np
import pytest

from models import Links, Model
from models.model import RELATIONS
from training.neighbours import nearest, with_nearest
from training.places import PLACES, SHARE, SHARE_INFERRED, placed


def model_of(learned: int, inferred: int, seed: int = 1) -> tuple[Model, np.ndarray]:
    """Inferred movies lie in the middle of their group, as those of a regression do."""
    random = np.random.default_rng(seed)
    count = learned + inferred
    centres = random.normal(size=(5, 12))
    spread = np.where(np.arange(count) < learned, 0.9, 0.1)[:, None]
    vectors = (centres[np.arange(count) % 5] + spread * random.normal(size=(count, 12))).astype(np.float32)
    known = np.arange(count) < learned
    none = np.empty((count, 0), dtype=np.int32)
    return Model(vectors, known, none, none.astype(np.float32)), ~known


def nobody(model: Model) -> np.ndarray:
    """No likes: all movies are asked for alike."""
    return np.zeros(len(model.vectors), dtype=np.int32)


def shares(model: Model, likes: np.ndarray | None = None) -> tuple[float, float]:
    """Asked from learned movies and from inferred ones, a movie by its likes and one more."""
    rows, _ = nearest(model, k=PLACES)
    taken = (~model.learned[rows]).mean(axis=1)
    often = 1.0 + (nobody(model) if likes is None else likes)
    return tuple(float(np.average(taken[kind], weights=often[kind])) for kind in (model.learned, ~model.learned))  # type: ignore[return-value]


def test_inferred_movies_would_take_many_places_and_take_their_share() -> None:
    model, listed = model_of(300, 300)
    crowded = shares(replace(model, listed=listed, lifts=np.zeros(2, np.float32)))
    assert crowded[0] > 0.3
    found = shares(placed(model, listed, nobody(model)))
    assert 0.8 * SHARE <= found[0] <= 1.05 * SHARE
    assert found[1] == pytest.approx(SHARE_INFERRED, rel=0.05)


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_places_are_counted_as_lists_are_asked_for(share: float) -> None:
    model, listed = model_of(300, 300)
    likes = np.where(np.arange(600) < 15, 500, 0)
    # those asked for often are far from any inferred movie: counted one by one there would be far too many places
    vectors = np.where((likes > 0)[:, None], 3 * np.eye(12)[np.arange(600) % 12], model.vectors).astype(np.float32)
    model = replace(model, vectors=vectors)
    made = placed(model, listed, likes, share)
    assert 0.8 * share <= shares(made, likes)[0] <= 1.05 * share
    alike = placed(model, listed, nobody(model), share)
    assert 0.8 * share <= shares(alike)[0] <= 1.05 * share
    assert shares(made)[0] > 1.3 * share


def test_they_never_take_more_than_their_part_of_the_catalogue() -> None:
    model, listed = model_of(400, 40)
    found = shares(placed(model, listed, nobody(model)))
    assert found[0] <= 1.05 * SHARE
    assert 0.07 <= found[1] <= 1.05 * 40 / 440


def test_priors_and_links_of_learned_movies_are_reckoned_with() -> None:
    model, listed = model_of(300, 300)
    random = np.random.default_rng(3)
    priors = np.stack([0.1 * random.integers(0, 8, 600) * model.learned, np.zeros(600)]).astype(np.float32)
    indices = random.integers(0, 300, 1200).astype(np.int32)
    links = Links(np.arange(601) * 2, indices, np.full((2, 1200), 0.2, np.float32))
    made = placed(replace(model, priors=priors, links=links), listed, nobody(model))
    assert made.lifts is not None
    assert made.lifts[0] > placed(model, listed, nobody(model)).lifts[0]  # type: ignore[index]
    assert 0.8 * SHARE <= shares(made)[0] <= 1.05 * SHARE


def test_next_is_answered_by_learned_movies_alone() -> None:
    model, listed = model_of(50, 50)
    made = with_nearest(placed(replace(model, output=model.vectors * model.learned[:, None]), listed, nobody(model)))
    assert made.relations == RELATIONS
    assert made.next_rows is not None
    assert made.learned[made.next_rows[made.next_rows >= 0]].all()
    assert not made.learned[made.neighbour_rows[made.neighbour_rows >= 0]].all()
    assert made.answers("next").tolist() == made.learned.tolist()


@pytest.mark.parametrize(("learned", "inferred"), [(1, 5), (0, 3), (8, 0)])
def test_with_nothing_to_stand_behind_there_are_no_places(learned: int, inferred: int) -> None:
    model, listed = model_of(learned, inferred)
    made = placed(replace(model, listed=listed, lifts=np.zeros(2, np.float32)), listed, nobody(model))
    assert made.listed is None
    assert made.lifts is None


def test_few_movies_are_placed_too() -> None:
    model, listed = model_of(3, 2)
    made = placed(model, listed, nobody(model))
    assert made.lifts is not None
    assert np.isfinite(made.lifts).all()
    assert not (~model.learned[nearest(made, k=2)[0][:3]]).any()
