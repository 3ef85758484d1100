"""HR@10 beyond popularity's, by hand."""

from typing import Any

import numpy as np
import pytest

from tests.small import sequences_of
from training.evaluation.judge import Judged, compare
from training.evaluation.protocols import Split

HITS = {"blend": [1, 1, 1, 0], "popularity": [1, 0, 0, 0], "markov": [1, 1, 0, 0]}


def judged(name: str, task: str = "A", kind: str = "baseline") -> Judged:
    hits = np.array(HITS[name], float)
    return Judged({"name": name, "kind": kind, "task": task, "hr@10": float(hits.mean())}, hits, None)


def split() -> Split:
    """Four questions to four viewers."""
    train: Any = None
    liked = sequences_of([[0, 1]] * 4)
    return Split("leave-last-one", train, liked, np.array([1, 3, 5, 7]), np.arange(4), 4)


def test_lift_is_what_a_model_hits_beyond_popularity_with_the_error_of_the_paired_difference() -> None:
    model, *baselines = compare([judged("blend", kind="model"), judged("markov"), judged("popularity")], split())
    # differences 0, 1, 1, 0: mean .5, standard error sqrt(4 * .25) / 4
    assert (model["lift@10"], model["lift@10_se"]) == (0.5, pytest.approx(0.25))
    assert all("lift@10" not in row for row in baselines)


def test_lift_is_over_popularity_of_the_same_task_and_missing_without_it() -> None:
    rows = compare([judged("blend", "B", "model"), judged("popularity", "A"), judged("markov", "B")], split())
    assert "lift@10" not in rows[0]
