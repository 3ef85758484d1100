"""Maps with a known answer: worked out by hand, by another way, and with nothing on them."""

import hashlib
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Model, Registry
from models.scores import unit_rows
from tests.small import sample_ratings, train_arguments
from tests.training.test_align import DIM, N, model, turn
from training import maps
from training.errors import SettingsError
from training.maps import BY_PCA, Drawing, pca, with_maps
from training.progress import Steps

Say = Callable[..., Any]
ROOT = Path(__file__).parents[2]
ALL = np.ones(N, dtype=np.bool_)


def random_units(n: int = N, dim: int = DIM, seed: int = 1) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)) * np.linspace(2, 1, dim))


def mapped(one: Model, **others: Any) -> np.ndarray:
    found = with_maps({"item2vec": one}, **{"drawing": BY_PCA, "live": None, "steps": Steps()} | others)["item2vec"].map
    assert found is not None
    return found


def test_directions_beside_one_direction_worked_out_by_hand() -> None:
    # on the unit circle to both sides of e2, and one that points elsewhere: it differs most along e1, least along e2
    angles = np.array([-0.9, -0.3, 0.3, 0.9])
    vectors = np.stack([np.sin(angles), np.cos(angles), 0 * angles], axis=1) * [[1], [5], [0.25], [2]]
    vectors = np.vstack([vectors, [0, 0, 3]]).astype(np.float32)
    middle = (np.cos(0.9) + np.cos(0.3)) / 2
    expected = np.stack([np.sin(angles), np.cos(angles) - middle], axis=1)
    found = pca(vectors, np.array([True] * 4 + [False]))
    assert found[:4] == pytest.approx(expected, abs=1e-7)
    assert found[4] == pytest.approx([0, -middle], abs=1e-7)


@pytest.mark.parametrize("block", [1, 7, 16_384])
def test_the_axes_are_those_of_a_singular_value_decomposition(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(maps, "_BLOCK", block)
    vectors, learned = random_units(), np.arange(N) % 3 > 0
    known = vectors[learned].astype(np.float64)
    _, _, directions = np.linalg.svd(known - known.mean(axis=0))
    axes = [one * np.sign(one[np.abs(one).argmax()]) for one in directions[:2]]
    expected = (vectors - known.mean(axis=0)) @ np.transpose(axes)
    assert pca(3 * vectors, learned) == pytest.approx(expected, abs=1e-6)


def test_a_larger_spread_comes_first_and_no_other_axes_have_more() -> None:
    vectors = random_units()
    found = pca(vectors, ALL)
    assert found.mean(axis=0) == pytest.approx([0, 0], abs=1e-7)
    assert found[:, 0] @ found[:, 1] == pytest.approx(0, abs=1e-6)
    assert (found[:, 0] ** 2).sum() > (found[:, 1] ** 2).sum()
    centred = vectors - vectors.mean(axis=0)
    others = [np.linalg.norm(centred @ turn(seed=seed)[:, :2]) for seed in range(200)]
    assert np.linalg.norm(found) > max(others)


def test_turned_vectors_give_the_same_picture_up_to_its_signs() -> None:
    vectors = random_units()
    found, again = pca(vectors, ALL), pca((vectors @ turn()).astype(np.float32), ALL)
    assert np.abs(again) == pytest.approx(np.abs(found), abs=1e-6)


def test_inferred_movies_have_no_say_in_the_axes() -> None:
    one = model(1, learned=20)
    other = replace(one, vectors=np.where(one.learned[:, None], one.vectors, 7 * one.vectors[::-1]))
    assert mapped(one)[:20].tobytes() == mapped(other)[:20].tobytes()
    assert not np.array_equal(mapped(one)[20:], mapped(other)[20:])


def test_the_sign_of_an_axis_does_not_hang_on_the_last_bits() -> None:
    # both parts of the only axis are as large: the first is positive, whichever rounding makes the larger one
    for tiny in (-1e-7, 0.0, 1e-7):
        found = pca(np.array([[1, tiny], [0, 1]], dtype=np.float32), ALL[:2])
        assert found == pytest.approx(np.array([[0.5**0.5, 0], [-(0.5**0.5), 0]]), abs=1e-6)


@pytest.mark.parametrize(("n", "learned", "dim"), [(1, 1, 6), (2, 2, 6), (5, 2, 3), (6, 6, 1), (9, 9, 2), (4, 0, 3)])
def test_few_movies_and_few_dimensions_are_points_too(n: int, learned: int, dim: int) -> None:
    found = mapped(model(5, n, dim, learned))
    assert (found.dtype, found.shape) == (np.float32, (n, 2))
    assert np.isfinite(found).all()
    if learned <= 1:
        assert found.tolist() == [[0, 0]] * n
    elif learned == 2 or dim == 1:
        assert found[:learned, 0].any()
        assert not found[:, 1].any()


@pytest.mark.parametrize("length", [0.0, 1.0, 1e-20, 3e18])
def test_movies_that_are_all_the_same_lie_on_one_point(length: float) -> None:
    same = np.outer(np.linspace(1, 2, N), length * random_units(1)[0]).astype(np.float32)
    one = replace(model(1), vectors=same)
    assert mapped(one).tobytes() == bytes(N * 8)  # not even minus zero


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 8), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-30, 1.0, 1e30]))
def test_a_map_is_finite_whatever_the_vectors(n: int, dim: int, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    vectors = (scale * random.integers(-1, 2, size=(n, dim))).astype(np.float32)
    learned = random.random(n) < 0.5
    found = pca(vectors, learned)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 2
    assert found[learned].mean(axis=0) == pytest.approx([0, 0], abs=1e-6) if learned.any() else not found.any()


def test_points_are_rounded_to_a_millionth() -> None:
    one = model(1)
    found = mapped(one)
    assert found == pytest.approx(pca(one.vectors, one.learned), abs=6e-7)
    assert np.round(found.astype(np.float64) * 1e6) / 1e6 == pytest.approx(found, abs=6e-8)
    # to one zero, whichever side of it the last bits are on
    for tiny in (-1e-8, 1e-8):
        vectors = np.array([[-0.5, 0.8], [tiny, 1], [0.5, 0.8]], dtype=np.float32)
        assert mapped(replace(model(1, 3, 2, 3), vectors=vectors))[1, :1].tobytes() == bytes(4)


def test_memory_is_for_the_points_and_a_block() -> None:
    n, dim = 300_000, 8
    vectors = np.random.default_rng(0).normal(size=(n, dim)).astype(np.float32)
    tracemalloc.start()
    try:
        pca(vectors, np.ones(n, dtype=np.bool_))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * n * dim  # one copy in float64


DIGEST = """
import numpy as np
from tests.training.test_maps import digest
print(digest())
"""


def digest() -> str:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(20_000, 48)).astype(np.float32) * np.linspace(2, 1, 48, dtype=np.float32)
    return hashlib.sha256(mapped(replace(model(1, n=20_000, learned=18_000), vectors=vectors)).tobytes()).hexdigest()


def test_the_number_of_threads_of_a_matrix_product_does_not_show() -> None:
    alone = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=ROOT, env=os.environ | alone, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.returncode) == (digest(), 0), done.stderr


def test_none_is_no_map_and_no_step(capsys: pytest.CaptureFixture[str]) -> None:
    one = model(1)
    assert with_maps({"item2vec": one}, None, None, Steps()) == {"item2vec": one}
    assert capsys.readouterr().err == ""


def test_another_method_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^map: expected one of pca, umap, found 'tsne'$"):
        Drawing("tsne")


def test_without_the_library_nothing_is_read_or_trained(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    said = say(*train_arguments(sample_ratings(tmp_path), tmp_path / "store", "--map", "umap"))
    assert (said.code, said.err) == (1, "kindred: umap is not installed: pip install 'kindred[map]'\n")
    assert not (tmp_path / "store").exists()


def test_train_without_maps_and_an_update_keeps_to_it(say: Say, tmp_path: Path) -> None:
    store, movies = tmp_path / "store", tmp_path / "new.csv"
    more = ("--map", "none", "--no-evaluate", "--method", "deepwalk")
    assert say(*train_arguments(sample_ratings(tmp_path), store, *more)).code == 0
    movies.write_text("movieId,title,genres\n0aa,New (2020),Drama\n", encoding="utf-8")
    assert say("update", "--movies", movies, "--models", store).code == 0
    registry = Registry(store)
    assert len(registry.versions()) == 2
    for release in map(registry.load, registry.versions()):
        assert "map" not in release.manifest.data
        assert release.models["deepwalk"].map is None
        assert not any(file.endswith("map.npy") for file in release.manifest.files)
