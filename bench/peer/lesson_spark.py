"""The lesson's two embeddings as the lesson makes them, in PySpark: lesson_spark.py RATINGS.csv OUT.npz LEAST K=V ..

Item2vec over likes and DeepWalk over walks, both by MLlib. Pairs are counted on the driver, where the transition
matrix and the walks are dictionaries and lists. Says on stderr when a step is done; OUT.npz gets the ids and vectors
of both.
"""

import os
import random
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from pyspark.ml.feature import Word2Vec
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType, StringType

SIZE, WINDOW, ITERATIONS = 10, 5, 10
WALKS, LENGTH = 20_000, 10
SEED = 592
os.environ["PYSPARK_PYTHON"] = sys.executable

# movie -> what may follow, and how likely
Matrix = dict[str, dict[str, float]]
Vectors = dict[str, list[float]]


def main(ratings: str, out: str, least: str, *conf: str) -> None:
    """Learn both, write both."""
    builder = SparkSession.builder
    for setting in conf:
        builder = builder.config(*setting.split("=", 1))
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    say("start")
    sequences = liked(spark, ratings, float(least)).cache()
    sequences.count()
    say("sequences")
    item2vec = learn(sequences)
    say("item2vec")
    matrix, starts = transitions(sequences.flatMap(lambda movies: list(pairwise(movies))).countByValue())
    say("matrix")
    walks = random_walks(matrix, starts, random.Random(SEED))
    say("walks")
    deepwalk = learn(spark.sparkContext.parallelize(walks))
    say("deepwalk")
    arrays = {}
    for name, vectors in (("item2vec", item2vec), ("deepwalk", deepwalk)):
        arrays |= {f"{name}.ids": np.array(list(vectors)), name: np.array(list(vectors.values()), np.float32)}
    np.savez(out, **arrays)
    spark.stop()


def say(step: str) -> None:
    """As a step of ours does."""
    print(f"{step}: done", file=sys.stderr, flush=True)


def in_time(seen: list[Row]) -> list[str]:
    """Movie ids, the earliest first."""
    return [row.movieId for row in sorted(seen, key=lambda row: row.timestamp)]


def liked(spark: SparkSession, ratings: str, least: float) -> Any:
    """RDD of lists of movie ids, one a viewer."""
    likes = spark.read.csv(ratings, header=True).where(f.col("rating") >= least)
    seen = likes.groupBy("userId").agg(f.collect_list(f.struct("movieId", "timestamp")).alias("seen"))
    movies = seen.select(f.udf(in_time, ArrayType(StringType()))("seen").alias("movies"))
    return movies.rdd.map(lambda row: row.movies)


def learn(texts: Any) -> Vectors:
    """Skip-gram by hierarchical softmax, in one partition, as MLlib does unless told otherwise."""
    learner = Word2Vec(vectorSize=SIZE, windowSize=WINDOW, maxIter=ITERATIONS, seed=SEED, inputCol="words")
    learned = learner.fit(texts.map(lambda movies: (movies,)).toDF("words array<string>")).getVectors()
    return {row.word: row.vector.toArray().tolist() for row in learned.collect()}


def transitions(pairs: Mapping[tuple[str, str], int]) -> tuple[Matrix, dict[str, float]]:
    """Counts of pairs -> what follows each movie with what probability, and where walks start with what probability."""
    leaving: dict[str, int] = {}
    for (movie, _), count in pairs.items():
        leaving[movie] = leaving.get(movie, 0) + count
    matrix: Matrix = {movie: {} for movie in leaving}
    for (movie, following), count in pairs.items():
        matrix[movie][following] = count / leaving[movie]
    total = sum(leaving.values())
    return matrix, {movie: count / total for movie, count in leaving.items()}


def random_walks(matrix: Matrix, starts: Mapping[str, float], rng: random.Random) -> list[list[str]]:
    """WALKS walks over LENGTH movies at the most."""
    return [walk(matrix, starts, rng) for _ in range(WALKS)]


def walk(matrix: Matrix, starts: Mapping[str, float], rng: random.Random) -> list[str]:
    """One walk; it ends early where nothing ever followed."""
    movies = [drawn(starts, rng)]
    while len(movies) < LENGTH and movies[-1] in matrix:
        movies.append(drawn(matrix[movies[-1]], rng))
    return movies


def drawn(likely: Mapping[str, float], rng: random.Random) -> str:
    """One of them, by adding up until a random number is passed."""
    left = rng.random()
    for movie, probability in likely.items():
        left -= probability
        if left <= 0:
            return movie
    return movie  # probabilities add up to a little less than 1


if __name__ == "__main__":
    main(*sys.argv[1:])
