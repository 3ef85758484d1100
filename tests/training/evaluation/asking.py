"""Questions, scorers and tables made by hand."""

import numpy as np

from tests.small import sequences_of
from training.evaluation.protocols import Split
from training.evaluation.run import Evaluation
from training.evaluation.scorers import Scorer
from training.readers import Columns

EMPTY = Columns([], [], np.empty(0, np.int32), np.empty(0, np.int32), None, np.empty(0))
ROW = {f"{name}{end}": 0.5 for name in ("hr@10", "hr@20", "ndcg@10", "mrr") for end in ("", "_se")}
LISTS = dict.fromkeys(("coverage", "gini", "hubness", "popularity", "genre_agreement"), 0.25)


def split_of(liked: list[list[int]]) -> Split:
    """Every like but the first of each viewer is asked for."""
    sequences = sequences_of(liked)
    first = sequences.offsets[:-1]
    targets = np.setdiff1d(np.arange(len(sequences.rows)), first)
    viewers = np.searchsorted(sequences.offsets, targets, side="right") - 1
    return Split("test", EMPTY, sequences, targets, viewers, len(targets))


def fixed(table: np.ndarray) -> Scorer:
    """Scores (n_movies, n_movies) that are looked up: row asked from, column that answers."""
    return lambda block: np.asarray(block @ table, dtype=np.float32)


def row(name: str, kind: str, relation: str | None, hits: float) -> dict[str, object]:
    """A row of the table, of task A."""
    return {**ROW, **LISTS, "name": name, "kind": kind, "relation": relation, "task": "A", "hr@10": hits}


def evaluation(*rows: dict[str, object]) -> Evaluation:
    return Evaluation("leave-last-one", 10, 20, 5, [592], list(rows), {"ease": "skipped: <too large>"})
