"""The engine of the recipes on Apache Spark: what grows with the data stays in tables; movies are the driver's."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from models import Evidence, Model, Viewers
from training.cooccurrence import Nearby
from training.engine import Engine, Texts
from training.errors import SettingsError
from training.evaluation.baselines import BASELINES, baselines, most_liked
from training.evaluation.protocols import Split
from training.evaluation.scorers import Scorer
from training.progress import Steps
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import Embedding
from training.spark import evidence, graph, mllib, neighbours
from training.spark.held_out import hold_out_last, hold_out_late, sample_questions
from training.spark.likes import sequences
from training.spark.ratings import stored
from training.spark.stream import joined, lists
from training.spark.walks import random_walks

# likes with which the driver still builds all baselines, 4 bytes each and 20 for their matrices
MOST_LIKES = 20_000_000
_PROTOCOLS = {"leave-last-one": hold_out_last, "time-split": hold_out_late}


@dataclass(frozen=True)
class Tables(Texts):
    """Texts that stand in a table.

    Attributes:
        frame: makes it: a column `movies`, array<int>, one row a text.
    """

    frame: Callable[[], DataFrame]


class SparkEngine(Engine):
    """Likes in a table. The driver holds what grows with the number of movies only, and the questions of a sample.

    Attributes:
        placed: of `likes.with_rows`, stored.
    """

    def __init__(
        self, placed: DataFrame, likes: npt.NDArray[np.int64], folder: str, scratch: Path, embedder: str = "gensim"
    ) -> None:
        """Make an engine of stored likes.

        Args:
            placed: of `likes.with_rows`, read from files.
            likes: int64 (n_movies,), of each movie.
            folder: URI where tables are kept; all workers reach it.
            scratch: on the driver's disk, for as long as the engine is used.
            embedder: gensim, on the driver, or mllib.
        """
        self.placed, self.likes, self.n_likes = placed, likes, int(likes.sum())
        self._folder, self._scratch, self._embedder = folder, scratch, embedder

    @cached_property
    def n_viewers(self) -> int:
        """Who have likes."""
        return int(self.placed.where(F.col("place") == 0).count())

    @cached_property
    def transitions(self) -> DataFrame:
        """The table of `graph.transitions`, stored."""
        return stored(graph.transitions(self.placed), f"{self._folder}/transitions")

    def histories(self) -> Texts:
        """By viewer, in order of first appearance."""
        return self._texts(f"{self.n_viewers:,} histories", self.n_likes, "viewer", lambda: sequences(self.placed))

    def walks(self, settings: Settings, p: float, q: float, workers: int) -> Texts:
        """Made by Spark, whose own parallelism `workers` does not change; they stay in the folder, as Parquet."""
        del workers
        n_walks, length, seed = settings.walks, settings.walk_length, settings.seed
        if n_walks is None:
            raise ValueError("walks: expected a number, found None; call settings.scaled first")

        def walk() -> DataFrame:
            leaving = graph.leaving(self.transitions, len(self.likes))
            folder = f"{self._folder}/{n_walks}-of-{length}-p{p:g}-q{q:g}-seed{seed}"
            return random_walks(self.transitions, leaving, n_walks, length, seed=seed, p=p, q=q, folder=folder)

        return self._texts(f"{n_walks:,} walks", n_walks * length, "walk", walk)

    def _texts(self, what: str, n_tokens: int, by: str, frame: Callable[[], DataFrame]) -> Tables:
        def chunks() -> Iterator[Sequences]:
            return lists(frame(), by)

        return Tables(what, n_tokens, chunks, frame)

    def embed(
        self, name: str, texts: Texts, settings: Settings, workers: int, steps: Steps, start: Embedding | None
    ) -> Embedding:
        """By Gensim, from a file that is written as texts come from the workers, or by MLlib where they are.

        Raises:
            SettingsError: MLlib is asked for what it does not do.
        """
        if self._embedder == "gensim" or not isinstance(texts, Tables):
            return super().embed(name, texts, settings, workers, steps, start)
        if start is not None:
            raise SettingsError("--embedder mllib starts from nothing, found --continue")
        with steps.step(f"{name}: {texts.what}"):
            frame = texts.frame()
        with steps.step(f"{name}: skip-gram"):
            return mllib.embed(frame, len(self.likes), settings, workers)

    def with_nearest(self, model: Model, tell: Callable[[int], None]) -> Model:
        """A stretch of movies in each task."""
        return neighbours.with_nearest(self.placed.sparkSession, model, tell)

    def nearby(self, window: int, most: int) -> Nearby:
        """Counted by Spark; `most` partners of each movie come to the driver."""
        return evidence.nearby(self.placed, len(self.likes), window, most)

    def evidence(self) -> Evidence:
        """Counted by Spark; transitions are mapped from the driver's disk, whatever their number."""
        together, floor = evidence.liked_together(self.placed, len(self.likes))
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        return Evidence(self.n_viewers, together, floor, evidence.following(self.transitions, len(self.likes), folder))

    def viewers(self) -> Viewers:
        """All histories, in the driver's memory: as large as they are."""
        histories = sequences(self.placed).persist()
        users = [row.user for row in histories.orderBy("viewer").select("user").toLocalIterator()]
        whole = joined(lists(histories, "viewer"))
        histories.unpersist()
        return Viewers.of(users, whole.rows, whole.offsets)

    def hold_out(self, protocol: str, min_rating: float, most: int) -> "tuple[Split, SparkEngine]":
        """From likes alone, which is all that training reads; `min_rating` has been applied."""
        del min_rating
        held = _PROTOCOLS[protocol](self.placed)
        folder = f"{self._folder}/{protocol}"
        train = stored(held.train, f"{folder}/likes")
        likes = np.zeros(len(self.likes), dtype=np.int64)
        counted = train.groupBy("row").count().toArrow()
        likes[counted["row"].to_numpy()] = counted["count"].to_numpy()
        split = sample_questions(held, self.placed, most)
        return split, SparkEngine(train, likes, folder, self._scratch, self._embedder)

    def baselines(self) -> Iterator[tuple[str, Scorer | str]]:
        """All of them where the driver can build them, else popularity."""
        if self.n_likes <= MOST_LIKES:
            yield from baselines(joined(self.histories().chunks()), len(self.likes))
            return
        for name in BASELINES:
            why = f"skipped: {self.n_likes:,} likes, more than {MOST_LIKES:,} that the driver counts"
            yield name, most_liked(self.likes) if name == "popularity" else why
