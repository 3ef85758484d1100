"""The estimate of time and memory: what it grows with, and that it is of the size of what was measured."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.small import sequences_of
from training.cooccurrence import likes_matrix
from training.estimate import START_SECONDS, Counts, Estimate, estimate, to_json
from training.settings import PRESETS, Settings

# of the files of bench/data.py; of the largest nobody has counted partners
SMALL = Counts(100_000, 61_813, 3_730, 1_093, 3_726, pairs=5.94e6, partners=3.14e6)
MIDDLE = Counts(300_000, 187_335, 6_463, 3_003, 6_462, pairs=2.12e7, partners=9.2e6)
LARGE = Counts(1_000_000, 618_651, 11_800, 9_127, 11_800, pairs=8.2e7, partners=3.01e7)
LARGEST = Counts(25_000_000, 15_500_000, 59_000, 228_000, 59_000, pairs=2.1e9, partners=9e8)


def of(counts: Counts = SMALL, preset: str = "default", cores: int = 2, **more: Any) -> Estimate:
    return estimate(counts, PRESETS[preset], cores, **more)


def test_counts_of_histories() -> None:
    counts = Counts.of(9, sequences_of([[0, 2, 3], [0]]), 5)
    # each of three movies has three partners, itself among them
    assert counts == Counts(rows=9, likes=4, movies=5, viewers=2, liked=3, pairs=10.0, partners=9.0)


def test_partners_of_a_sample_stand_for_all() -> None:
    rng = np.random.default_rng(0)
    sequences = sequences_of([rng.choice(2_000, 20, replace=False).tolist() for _ in range(500)])
    likes = likes_matrix(sequences, 2_000)
    assert Counts.of(0, sequences, 2_000).partners == pytest.approx((likes.T @ likes).nnz, rel=0.05)


def test_a_name_for_each_stage() -> None:
    assert list(of().steps) == [
        "start and reading", "item2vec", "deepwalk", "node2vec", "evaluation", "neighbours", "evidence",
    ]  # fmt: skip
    assert "evaluation" not in of(measure=False).steps
    assert to_json(of())["seconds"] == round(of().seconds, 1)


@pytest.mark.parametrize(
    "larger",
    [
        {"rows": 10_000_000},
        {"rows": 10_000_000, "likes": 6_000_000, "viewers": 50_000, "pairs": 2e9, "partners": 1e7},
        {"movies": 50_000, "liked": 50_000},
    ],
)
def test_more_data_takes_more(larger: dict[str, float]) -> None:
    more = replace(SMALL, **larger)  # type: ignore[arg-type]
    assert of(more).seconds > of().seconds
    assert of(more).memory_bytes > of().memory_bytes


def test_settings_count() -> None:
    one = {"item2vec": Settings(epochs=5)}
    base = estimate(SMALL, one, 2, measure=False)
    for name, value in (("epochs", 10), ("vector_size", 256), ("window", 10), ("negative", 20)):
        other = {"item2vec": replace(one["item2vec"], **{name: value})}
        assert estimate(SMALL, other, 2, measure=False).steps["item2vec"] > 1.2 * base.steps["item2vec"], name
    assert estimate(SMALL, one, 1, measure=False).steps["item2vec"] == pytest.approx(2 * base.steps["item2vec"])
    assert of(users=True).release_bytes > of().release_bytes
    assert of(measure=False).seconds < of().seconds
    assert of(measure=False).memory_bytes <= of().memory_bytes


def test_walks_are_on_disk_while_they_are_learned_from() -> None:
    few = {"deepwalk": Settings(epochs=1, walks=20_000, walk_length=20)}
    many = {"deepwalk": Settings(epochs=1, walks=2_000_000, walk_length=20)}
    assert estimate(SMALL, few, 1).temporary_bytes == 20_000 * 20 * 5
    assert estimate(SMALL, many, 1).temporary_bytes == 2_000_000 * 20 * 5


# seconds and MB of bench/README.md, stages of training, two cores, not measured on held-out likes
@pytest.mark.parametrize(
    ("counts", "preset", "seconds", "peak_mb"),
    [
        (SMALL, "default", 25.9, 426),
        (MIDDLE, "default", 32.4, 494),
        (LARGE, "default", 68.0, 707),
        (SMALL, "lesson", 6.8, 382),
        (LARGE, "lesson", 25.1, 518),
        (LARGEST, "lesson", 784.8, 2_003),
    ],
)
def test_it_is_near_what_was_measured(counts: Counts, preset: str, seconds: float, peak_mb: float) -> None:
    found = of(counts, preset, measure=False)
    assert seconds / 2 < found.seconds - START_SECONDS < seconds * 2
    assert peak_mb / 1.5 < found.memory_bytes / 1e6 < peak_mb * 1.5
