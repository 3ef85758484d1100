"""MLlib learns vectors as the recipes need them, and says what it cannot."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from training.errors import DataError, SettingsError
from training.settings import Settings
from training.spark.mllib import embed, settings_for

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = settings_for(Settings(vector_size=8, epochs=6, min_count=5, window=3, learning_rate=0.2))


def texts(spark: "SparkSession", sequences: list[list[int]]) -> "DataFrame":
    return spark.createDataFrame([(one,) for one in sequences], "movies array<int>")


def test_movies_of_one_world_are_nearer_to_each_other(spark: "SparkSession") -> None:
    random = np.random.default_rng(3)
    worlds = [random.permutation(np.arange(10) + 10 * (number % 2)).tolist() for number in range(200)]
    learned = embed(texts(spark, [*worlds, [20, 21]]), 30, SETTINGS, partitions=1)
    # movies 20 and 21 are in one place only, fewer than min_count
    assert learned.rows.tolist() == list(range(20))
    assert (learned.vectors.shape, learned.vectors.dtype, learned.output) == ((20, 8), np.float32, None)
    units = learned.vectors / np.linalg.norm(learned.vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    assert cosines[:10, :10].mean() > 0.5 + cosines[:10, 10:].mean()


def test_what_mllib_cannot_do_is_said() -> None:
    assert settings_for(Settings(negative=5)).negative == 0
    with pytest.raises(SettingsError, match="hierarchical softmax only, found --negative 7"):
        settings_for(Settings(negative=7), asked=True)


def test_more_numbers_than_it_holds(spark: "SparkSession") -> None:
    with pytest.raises(SettingsError, match=r"up to 268,435,456, found 50,000,000 x 8"):
        embed(texts(spark, [[1, 2]]), 50_000_000, SETTINGS, 1)


def test_no_text_to_learn_from(spark: "SparkSession") -> None:
    with pytest.raises(DataError, match="no text to learn from"):
        embed(texts(spark, [[]]), 3, SETTINGS, 1)
