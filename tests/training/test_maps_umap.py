"""Maps by UMAP, where it is installed: neighbours stay together, and the seed decides."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Registry
from tests.small import sample_ratings, train_arguments
from training.maps import MIN_DIST, NEIGHBOURS, pca, umap

# found, not imported: that it is imported without a warning is seen here too
if find_spec("umap") is None:
    pytest.skip("UMAP is not installed: pip install 'kindred[map]'", allow_module_level=True)

Say = Callable[..., Any]
GROUPS, EACH, DIM = 12, 20, 16


def groups() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors around as many directions as there are groups, more than two axes can tell apart; some are inferred."""
    random = np.random.default_rng(592)
    group = np.arange(GROUPS * EACH) % GROUPS
    centres = np.linalg.qr(random.normal(size=(DIM, DIM)))[0][:GROUPS]
    vectors = centres[group] + 0.05 * random.normal(size=(len(group), DIM))
    lengths = random.uniform(0.5, 3, size=(len(group), 1))
    return (lengths * vectors).astype(np.float32), random.random(len(group)) < 0.8, group


def at_home(points: np.ndarray, group: np.ndarray, asked: np.ndarray) -> float:
    """Share of the ten nearest in the map that are of the same group."""
    away = np.linalg.norm(points[asked, None] - points[None], axis=2)
    near = np.argsort(away, axis=1)[:, 1:11]
    return float((group[near] == group[asked, None]).mean())


def test_neighbours_stay_together_where_two_axes_cannot_keep_them() -> None:
    vectors, learned, group = groups()
    found, plain = umap(vectors, learned, 592), pca(vectors, learned)
    for asked in (learned, ~learned):
        assert at_home(found, group, asked) > 0.95
        assert at_home(plain, group, asked) < 0.8
    assert found[learned].mean(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_the_seed_decides_and_nothing_else() -> None:
    vectors, learned, _ = groups()
    state = np.random.get_state()[1].tolist()  # type: ignore[index] # noqa: NPY002 - what a library may have touched
    found = umap(vectors, learned, 592)
    assert umap(vectors, learned, 592).tobytes() == found.tobytes()
    assert not np.allclose(umap(vectors, learned, 593), found)
    assert np.random.get_state()[1].tolist() == state  # type: ignore[index] # noqa: NPY002


@pytest.mark.parametrize("learned", [0, 1, 2, NEIGHBOURS])
def test_too_few_for_neighbourhoods_are_drawn_by_pca(learned: int) -> None:
    vectors, _, _ = groups()
    few = np.arange(len(vectors)) < learned
    assert umap(vectors, few, 592).tobytes() == pca(vectors, few).tobytes()


def test_movies_on_a_line_or_on_one_point_are_drawn_by_pca() -> None:
    line = np.outer(np.ones(40), np.eye(DIM)[0])
    line[::2] = np.eye(DIM)[1]
    for vectors in (line.astype(np.float32), np.ones((40, DIM), dtype=np.float32)):
        every = np.ones(40, dtype=np.bool_)
        assert umap(vectors, every, 592).tobytes() == pca(vectors, every).tobytes()


@pytest.mark.parametrize("learned", [NEIGHBOURS + 1, 30, 60])
def test_opposite_and_empty_vectors_have_a_place(learned: int) -> None:
    vectors, _, _ = groups()
    vectors = np.vstack([vectors[:30], -vectors[:30], np.zeros((2, DIM), dtype=np.float32)])
    found = umap(vectors, np.arange(len(vectors)) < learned, 592)
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 100


def test_train_and_update_by_umap(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, ratings = tmp_path / "store", sample_ratings(tmp_path)
    asked = ("--map", "umap", "--seed", "7", "--no-evaluate", "--deterministic", "--method", "deepwalk")
    assert say(*train_arguments(ratings, store, *asked)).code == 0
    before = Registry(store).load()
    said = {
        "method": "umap",
        "seed": 7,
        "neighbours": NEIGHBOURS,
        "min_dist": MIN_DIST,
        "version": version("umap-learn"),
    }
    assert before.manifest.data["map"] == said
    model = before.models["deepwalk"]
    assert model.map is not None
    assert model.map == pytest.approx(umap(model.vectors, model.learned, 7), abs=1e-6)
    movies = tmp_path / "new.csv"
    movies.write_text("movieId,title,genres\n0aa,New (2020),Drama\n", encoding="utf-8")
    assert say("update", "--movies", movies, "--models", store).code == 0
    after = Registry(store).load()
    assert after.manifest.data["map"] == said
    rows = np.array([after.catalogue.row_of[movie_id] for movie_id in before.catalogue.ids])
    now = after.models["deepwalk"].map
    assert now is not None
    assert now[rows][model.learned] == pytest.approx(model.map[model.learned], abs=1e-4)
    # without the library an update stops before it begins
    monkeypatch.setitem(sys.modules, "umap", None)
    refused = say("update", "--movies", movies, "--models", store)
    assert (refused.code, refused.err) == (1, "kindred: umap is not installed: pip install 'kindred[map]'\n")
