"""A small sample of simulated viewers, and settings that train it in a moment."""

from itertools import accumulate
from pathlib import Path

import numpy as np

from sample.films import MOVIES_CSV
from sample.generate import simulate, write_ratings
from training.sequences import Sequences

MOVIES = MOVIES_CSV
TINY = ("--vector-size", "8", "--epochs", "2", "--walks", "500", "--walk-length", "10")


def sample_ratings(folder: Path, viewers: int = 150) -> Path:
    path = folder / "ratings.csv"
    write_ratings(path, simulate(viewers))
    return path


def train_arguments(ratings: Path, models: Path, *more: str) -> list[str]:
    return ["train", str(ratings), "--movies", str(MOVIES), "--models", str(models), *TINY, *more]


def sequences_of(lists: list[list[int]]) -> Sequences:
    rows = np.array([row for one in lists for row in one], dtype=np.int32)
    return Sequences(rows, np.array([0, *accumulate(map(len, lists))], dtype=np.int64))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, to see whether anything changed."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
