"""Spark finds the very neighbours that one machine finds."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from models.model import Links, Model
from training import neighbours as here
from training.spark.neighbours import with_nearest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MOVIES = 1_300  # three blocks, the last one short


def model() -> Model:
    random = np.random.default_rng(5)
    vectors, output = random.normal(size=(2, MOVIES, 6)).astype(np.float32)
    learned = random.random(MOVIES) < 0.9
    degrees = random.integers(0, 4, MOVIES)
    indptr = np.append(0, np.cumsum(degrees)).astype(np.int64)
    indices = np.concatenate([np.sort(random.choice(MOVIES, size, replace=False)) for size in degrees])
    return Model(
        vectors=vectors,
        learned=learned,
        neighbour_rows=np.empty((MOVIES, 0), np.int32),
        neighbour_scores=np.empty((MOVIES, 0), np.float32),
        output=output * learned[:, None],
        priors=random.normal(size=(2, MOVIES)).astype(np.float32),
        links=Links(indptr, indices.astype(np.int32), random.normal(size=(2, len(indices))).astype(np.float32)),
        listed=~learned & (random.random(MOVIES) < 0.5),
        lifts=np.array([0.25, -0.5], np.float32),
    )


@pytest.mark.parametrize("plain", [False, True], ids=["blend", "one vector"])
def test_the_same_neighbours_as_on_one_machine(spark: "SparkSession", plain: bool) -> None:
    asked = replace(model(), output=None, priors=None, links=None, listed=None, lifts=None) if plain else model()
    told: list[int] = []
    found, expected = with_nearest(spark, asked, told.append, k=20), here.with_nearest(asked, 20)
    assert sum(told) == MOVIES * (1 if plain else 2)
    for name in ("neighbour_rows", "neighbour_scores", "next_rows", "next_scores"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one is None) == (other is None) == (plain and name.startswith("next"))
        assert one is None or np.array_equal(one, other), name
    assert found.vectors is asked.vectors


def test_few_movies_have_few_neighbours(spark: "SparkSession") -> None:
    whole = model()
    few = replace(whole, vectors=whole.vectors[:3], learned=np.ones(3, np.bool_), output=None, priors=None, links=None,
                  listed=None, lifts=None, neighbour_rows=whole.neighbour_rows[:3],
                  neighbour_scores=whole.neighbour_scores[:3])  # fmt: skip
    assert with_nearest(spark, few).neighbour_rows.shape == (3, 2)
    lonely = replace(few, vectors=few.vectors[:1], learned=few.learned[:1], neighbour_rows=few.neighbour_rows[:1],
                     neighbour_scores=few.neighbour_scores[:1])  # fmt: skip
    assert with_nearest(spark, lonely).neighbour_rows.shape == (1, 0)


@pytest.mark.parametrize("asked", [slice(0, 600), slice(512, 1_300), slice(1_299, 2_000), slice(1_400, 1_500)])
def test_a_stretch_of_movies_has_the_neighbours_of_the_whole(asked: slice) -> None:
    whole = here.nearest(model(), "next", 10)
    part = here.nearest(model(), "next", 10, asked=asked)
    assert [array.tolist() for array in part] == [array[asked].tolist() for array in whole]
