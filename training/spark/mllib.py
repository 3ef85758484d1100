"""Skip-gram by Spark MLlib: the embedder of the lesson, for corpora that no single machine should go over.

It learns by hierarchical softmax alone, so that there are no context vectors, no `relation=next` and no blend. The
vectors of all movies are on the driver: vocabulary times dimension must stay below 2 ** 31 / 8. Each partition learns
by itself and the results are added after each pass: more partitions are faster and worse.
"""

from dataclasses import replace

import numpy as np
from pyspark.ml.feature import Word2Vec
from pyspark.sql import DataFrame
from pyspark.sql.functions import col, size

from training.errors import DataError, SettingsError
from training.sequences import LONGEST
from training.settings import Settings
from training.skipgram import Embedding

MOST_NUMBERS = 2**31 // 8


def settings_for(settings: Settings, *, asked: bool = False) -> Settings:
    """The same, as far as MLlib can.

    Args:
        settings: of a recipe.
        asked: whether negative sampling was asked for by name.

    Raises:
        SettingsError: asked for what MLlib does not do.
    """
    if asked and settings.negative:
        raise SettingsError(
            f"--embedder mllib learns by hierarchical softmax only, found --negative {settings.negative}"
        )
    return replace(settings, hs=True, negative=0)


def embed(texts: DataFrame, n_movies: int, settings: Settings, partitions: int) -> Embedding:
    """Learn a vector for each movie (Mikolov et al. 2013).

    Args:
        texts: a column `movies`, array<int>, of catalogue rows.
        n_movies: of the catalogue.
        settings: with epochs set; hs without negative.
        partitions: that learn side by side.

    Raises:
        SettingsError: more numbers than MLlib holds.
        DataError: no movie stands in as many places as `min_count` asks for.
    """
    if n_movies * settings.vector_size > MOST_NUMBERS:
        raise SettingsError(
            f"MLlib: expected movies x vector_size up to {MOST_NUMBERS:,}, found {n_movies:,} x {settings.vector_size}"
            " (a smaller --vector-size, or --embedder gensim)"
        )
    words = texts.select(col("movies").cast("array<string>").alias("words"))
    learner = Word2Vec(
        vectorSize=settings.vector_size,
        minCount=settings.min_count,
        numPartitions=partitions,
        stepSize=settings.learning_rate,
        maxIter=settings.epochs or 1,
        seed=settings.seed,
        inputCol="words",
        outputCol="vector",
        windowSize=settings.window,
        maxSentenceLength=LONGEST,
    )
    if words.where(size("words") > 0).isEmpty():
        raise DataError("MLlib: no text to learn from")
    learned = learner.fit(words).getVectors()
    found = [(int(row.word), row.vector.toArray()) for row in learned.toLocalIterator()]
    if not found:
        raise DataError(f"no movie is in {settings.min_count} places (min_count)")
    found.sort(key=lambda pair: pair[0])
    rows = np.array([row for row, _ in found], dtype=np.int32)
    return Embedding(rows, np.stack([vector for _, vector in found]).astype(np.float32), None)
