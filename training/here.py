"""One machine: everything is in memory, and all of its cores are used."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models import Evidence, Model, Viewers
from training.cooccurrence import Nearby, evidence, nearby
from training.engine import Engine, Texts
from training.evaluation.baselines import baselines
from training.evaluation.protocols import PROTOCOLS, Split
from training.evaluation.scorers import Scorer
from training.graph import build_graph
from training.neighbours import with_nearest
from training.readers import NO_RATINGS, Columns
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings
from training.walks import walk_chunks


@dataclass(frozen=True, eq=False)
class Here(Engine):
    """Sequences in memory, and what they were made of where anything is to be held out.

    Attributes:
        sequences: of likes, one for each viewer.
        n_movies: of the catalogue.
        ratings: what the sequences are made of.
        row_of: int32 (n_movie_codes,), catalogue row of each movie code of the ratings.
        user_ids: whose each sequence is.
    """

    sequences: Sequences
    n_movies: int
    ratings: Columns = NO_RATINGS
    row_of: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    user_ids: tuple[str, ...] = ()

    @property
    def n_likes(self) -> int:  # type: ignore[override]  # frozen: it is read, never set
        """Of all viewers."""
        return len(self.sequences.rows)

    @cached_property
    def likes(self) -> npt.NDArray[np.int64]:  # type: ignore[override]
        """int64 (n_movies,), of each movie."""
        return np.bincount(self.sequences.rows, minlength=self.n_movies)

    def histories(self) -> Texts:
        """They are in memory already."""
        return Texts(f"{len(self.sequences):,} histories", self.n_likes, lambda: iter((self.sequences,)))

    def walks(self, settings: Settings, p: float, q: float, workers: int) -> Texts:
        """Made a chunk at a time, with all `workers`; the graph is gone when they are."""
        if settings.walks is None:
            raise ValueError("walks: expected a number, found None; call settings.scaled first")
        n_walks, length = settings.walks, settings.walk_length

        def chunks() -> Iterator[Sequences]:
            graph = build_graph(self.sequences, self.n_movies)
            return walk_chunks(graph, n_walks, length, seed=settings.seed, p=p, q=q, threads=workers)

        return Texts(f"{n_walks:,} walks", n_walks * length, chunks)

    def with_nearest(self, model: Model, tell: Callable[[int], None]) -> Model:
        """By blocked matrix products."""
        return with_nearest(model, tell=tell)

    def nearby(self, window: int, most: int) -> Nearby:
        """By sparse matrices."""
        return nearby(self.sequences, self.n_movies, window, most)

    def evidence(self) -> Evidence:
        """Counted in memory."""
        return evidence(self.sequences, self.n_movies)

    def viewers(self) -> Viewers:
        """As a release keeps them."""
        return Viewers.of(list(self.user_ids), self.sequences.rows, self.sequences.offsets)

    def hold_out(self, protocol: str, min_rating: float, most: int) -> "tuple[Split, Here]":
        """From the ratings."""
        split = PROTOCOLS[protocol](self.ratings, self.row_of, min_rating).sample(most)
        train = build_sequences(liked(split.train, min_rating), self.row_of)
        return split, replace(self, sequences=train, ratings=NO_RATINGS)

    def baselines(self) -> Iterator[tuple[str, Scorer | str]]:
        """All that can be had with this much memory."""
        yield from baselines(self.sequences, self.n_movies)
