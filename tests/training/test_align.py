"""Rotations with a known answer: turned copies come back, scores do not change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Catalogue, Model, Release
from models.scores import unit_rows
from tests.small import sequences_of
from tests.training.test_gate import manifest
from training.align import align, comparable, onto_last, residuals, rotation, say
from training.blend import blend
from training.here import Here
from training.live import Live, beside, live_release
from training.neighbours import nearest, with_nearest
from training.progress import Steps

N, DIM = 30, 6
RNG = np.random.default_rng(592)


def turn(dim: int = DIM, seed: int = 1) -> np.ndarray:
    orthogonal, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))
    return np.asarray(orthogonal)


def model(seed: int, n: int = N, dim: int = DIM, learned: int = N) -> Model:
    random = np.random.default_rng(seed)
    vectors, output = (random.normal(size=(n, dim)).astype(np.float32) for _ in range(2))
    none = np.empty((n, 0), dtype=np.int32)
    return Model(vectors, np.arange(n) < learned, none, none.astype(np.float32), output)


def turned(one: Model, by: np.ndarray) -> Model:
    assert one.output is not None
    return replace(one, vectors=(one.vectors @ by).astype(np.float32), output=(one.output @ by).astype(np.float32))


def catalogue(ids: list[str]) -> Catalogue:
    n = len(ids)
    return Catalogue(tuple(ids), tuple(ids), np.zeros(n, np.int16), ((),) * n, np.ones(n, np.int32))


IDS = [f"{row:02}" for row in range(N)]


def live(models: dict[str, Model], ids: list[str] = IDS, now: list[str] = IDS) -> Live:
    made = beside(Release(replace(manifest(), id="the live one"), catalogue(ids), models), catalogue(now))
    assert made is not None
    return made


def test_a_rotation_is_recovered() -> None:
    points, by = RNG.normal(size=(N, DIM)), turn()
    assert rotation(points @ by, points) == pytest.approx(by.T, abs=1e-12)
    assert rotation(points, points) == pytest.approx(np.eye(DIM), abs=1e-12)


def test_no_other_rotation_comes_closer() -> None:
    new, old = RNG.normal(size=(N, DIM)), RNG.normal(size=(N, DIM))
    found = rotation(new, old)
    assert found @ found.T == pytest.approx(np.eye(DIM), abs=1e-12)
    best = np.linalg.norm(new @ found - old)
    assert all(np.linalg.norm(new @ turn(seed=seed) - old) > best for seed in range(200))


def test_a_turned_copy_comes_back_with_its_output_and_inferred_vectors() -> None:
    old = model(1, learned=25)
    back = align("item2vec", turned(old, turn()), live({"item2vec": old}))
    assert back.vectors == pytest.approx(old.vectors, abs=1e-6)
    assert back.output == pytest.approx(old.output, abs=1e-6)
    assert (back.vectors.dtype, back.output.dtype if back.output is not None else None) == (np.float32, np.float32)


def test_a_copy_twice_as_long_comes_back_as_long_as_it_was() -> None:
    old = model(1)
    new = turned(old, 2 * turn())
    back = align("item2vec", new, live({"item2vec": old}))
    assert back.vectors == pytest.approx(2 * old.vectors, abs=1e-5)


def test_what_stands_last_is_turned_onto_what_stood_last() -> None:
    old = model(1, dim=10)
    about = unit_rows(old.vectors[:, -4:])
    live_one, everybody = live({"blend": replace(old, vectors=old.vectors / 3)}), np.ones(N, dtype=bool)
    by = turn(4)
    turned_back = onto_last("blend", (about @ by).astype(np.float32), everybody, live_one)
    target = live_one.release.models["blend"].vectors[:, -4:]
    others = [np.linalg.norm(about @ turn(4, seed=seed) - target) for seed in range(100)]
    assert np.linalg.norm(turned_back - target) <= min(others)
    assert turned_back @ turned_back.T == pytest.approx(about @ about.T, abs=1e-5)
    # nothing to turn onto: as it came
    few = np.arange(N) < 3
    assert onto_last("blend", about, few, live_one) is about
    assert onto_last("item2vec", about, everybody, live_one) is about
    assert onto_last("blend", unit_rows(old.vectors), everybody, live_one).shape == (N, 10)


def test_movies_are_matched_by_id_and_only_learned_ones_count() -> None:
    """One movie has gone, another came; what was inferred in either release says nothing about the axes."""
    old = model(1, learned=25)
    ids = ["/", *IDS[:10], *IDS[11:]]
    rows = [10, *range(10), *range(11, N)]
    vectors = np.array(old.vectors[rows] @ turn(), dtype=np.float32)
    vectors[[0, *range(25, N)]] = 7.0
    new = replace(turned(old, turn()), vectors=vectors, learned=np.arange(N) < 28)
    back = align("item2vec", new, live({"item2vec": old}, now=ids))
    assert back.vectors[1:25] == pytest.approx(old.vectors[rows[1:25]], abs=1e-6)


def test_scores_are_those_of_before() -> None:
    new = with_nearest(model(2))
    back = with_nearest(align("item2vec", new, live({"item2vec": model(1)})))
    assert not np.allclose(back.vectors, new.vectors)
    assert back.output is not None
    assert new.output is not None
    assert unit_rows(back.vectors) @ unit_rows(back.vectors).T == pytest.approx(
        unit_rows(new.vectors) @ unit_rows(new.vectors).T, abs=1e-6
    )
    assert back.vectors @ back.output.T == pytest.approx(new.vectors @ new.output.T, abs=1e-5)
    assert np.array_equal(back.neighbour_rows, new.neighbour_rows)
    assert np.array_equal(back.next_rows, new.next_rows)
    rows, scores = nearest(back)
    assert np.array_equal(back.neighbour_scores, scores)
    assert np.array_equal(back.neighbour_rows, rows)


def test_a_blend_of_turned_parts_has_the_scores_of_the_parts_as_they_came() -> None:
    sequences = sequences_of([RNG.permutation(N)[:8].tolist() for _ in range(40)])
    films, names = catalogue(IDS), ("item2vec", "deepwalk")
    new = {name: model(seed) for seed, name in enumerate(names)}
    before = live({name: model(seed + 5) for seed, name in enumerate(names)})
    plain = with_nearest(blend(new, Here(sequences, len(films)), films))
    moved = with_nearest(
        blend({name: align(name, one, before) for name, one in new.items()}, Here(sequences, len(films)), films)
    )
    assert np.array_equal(moved.neighbour_rows, plain.neighbour_rows)
    assert moved.neighbour_scores == pytest.approx(plain.neighbour_scores, abs=2e-6)
    assert moved.next_scores == pytest.approx(plain.next_scores, abs=1e-4)
    # block by block: the first part's axes are where the live one's are
    back = align("item2vec", new["item2vec"], before)
    assert moved.vectors[:, :DIM] * np.sqrt(2) == pytest.approx(unit_rows(back.vectors), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "new", "now"),
    [
        ("deepwalk", model(2), IDS),
        ("item2vec", model(2, dim=DIM + 1), IDS),
        ("item2vec", model(2), [*IDS[: DIM - 1], *(f"x{row}" for row in range(10, 10 + N - DIM + 1))]),
        ("item2vec", model(2, learned=DIM - 1), IDS),
    ],
    ids=["no such model", "other dimension", "too few shared", "too few learned"],
)
def test_what_cannot_be_compared_stays_as_it_is(name: str, new: Model, now: list[str]) -> None:
    beside_it = live({"item2vec": model(1)}, now=now)
    assert not comparable(name, new, beside_it)
    assert align(name, new, beside_it) is new
    assert residuals({name: new}, beside_it) is None


def test_the_residual_is_the_relative_distance_of_unit_vectors() -> None:
    old = model(1)
    quarter = np.eye(DIM)
    quarter[:2, :2] = [[0, 1], [-1, 0]]
    units = unit_rows(old.vectors).astype(np.float64)
    expected = np.linalg.norm(units @ quarter - units) / np.sqrt(N)
    found = residuals({"item2vec": turned(old, 3 * quarter), "deepwalk": old}, live({"item2vec": old}))
    assert found == {
        "release": "the live one",
        "models": {"item2vec": {"movies": N, "residual": pytest.approx(expected, abs=1e-6)}},
    }
    assert say(found) == (
        f"on the axes of the live one; residual (0 the same, 1.41 unrelated): item2vec {expected:.3f}"
    )
    same: Any = residuals({"item2vec": old}, live({"item2vec": old}))
    assert same["models"]["item2vec"]["residual"] == 0


def test_a_live_release_that_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from models import Registry
    from tests.models.tiny import flip, publish

    registry = Registry(tmp_path)
    assert live_release(registry, Steps()) is None
    assert capsys.readouterr().err == ""
    version = publish(registry)
    registry.promote(version)
    found = live_release(registry, Steps())
    assert found is not None
    assert found.id == version
    flip(tmp_path / "versions" / version / "item2vec" / "vectors.npy")
    assert live_release(registry, Steps()) is None
    assert capsys.readouterr().err.startswith("live release not used: item2vec/vectors.npy: expected sha256 ")
