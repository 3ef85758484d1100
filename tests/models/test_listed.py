"""Inferred movies among the answers: what a model says of them, and what a release refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import IntegrityError, Model, load
from tests.models import tiny

LIFTS = np.array([-0.25, 0.5], dtype=np.float32)
INFERRED = 4


def listing(*rows: int) -> np.ndarray:
    return np.isin(np.arange(len(tiny.FILMS)), rows)


def mixed(**changes: Any) -> Model:
    return replace(tiny.model(), listed=listing(INFERRED), lifts=LIFTS, **changes)


def test_listed_movies_are_answers_to_similar_alone() -> None:
    learned = tiny.model().learned.tolist()
    assert tiny.model().answers("similar").tolist() == learned
    assert mixed().answers("next").tolist() == learned
    assert mixed().answers("similar").tolist() == [True] * 6
    fresh = mixed().answers("similar")
    fresh[:] = False
    assert mixed().answers("similar").all()


@pytest.mark.parametrize(
    ("sources", "lift"),
    [
        ([(0, 1.0)], -0.25),
        ([(INFERRED, 1.0)], 0.5),
        ([(0, 0.5), (INFERRED, 0.5)], -0.25),
        ([], -0.25),
    ],
)
def test_what_is_added_depends_on_what_is_asked_from(sources: list[tuple[int, float]], lift: float) -> None:
    added = mixed().added("similar", sources)
    assert added is not None
    assert added.tolist() == [0, 0, 0, 0, lift, 0]


def test_lifts_come_on_top_of_priors() -> None:
    priors = np.arange(12, dtype=np.float32).reshape(2, 6)
    added = mixed(priors=priors).added("similar", [(0, 1.0)])
    assert added is not None
    assert added.tolist() == [0, 1, 2, 3, 3.75, 5]


def test_a_release_keeps_them(tmp_path: Path) -> None:
    tiny.write(tmp_path, models={"item2vec": mixed()})
    model = load(tmp_path).models["item2vec"]
    assert model.listed is not None
    assert model.lifts is not None
    assert (model.listed.tolist(), model.lifts.tolist()) == (listing(INFERRED).tolist(), LIFTS.tolist())


def test_releases_without_them_answer_with_learned_movies(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    model = load(tmp_path).models["item2vec"]
    assert (model.listed, model.lifts) == (None, None)
    assert model.added("similar", [(0, 1.0)]) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"listed": listing(0)}, r"listed\.npy: expected inferred movies only, found learned ones"),
        ({"listed": listing(INFERRED).astype(np.int8)}, r"listed\.npy: expected \('bool', \(6,\)\)"),
        ({"lifts": np.zeros(3, np.float32)}, r"lifts\.npy: expected \('float32', \(2,\)\)"),
        ({"lifts": np.array([0, np.nan], np.float32)}, r"lifts\.npy: expected finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        tiny.write(tmp_path, models={"item2vec": replace(mixed(), **changes)})


def test_one_without_the_other_is_refused(tmp_path: Path) -> None:
    tiny.write(tmp_path, models={"item2vec": mixed()})
    (tmp_path / "item2vec/lifts.npy").unlink()
    tiny.forge(tmp_path, lambda manifest: manifest["files"].pop("item2vec/lifts.npy"))
    with pytest.raises(IntegrityError, match=r"expected a file item2vec/lifts\.npy, found none"):
        load(tmp_path)
