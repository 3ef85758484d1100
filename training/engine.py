"""What a recipe asks for the steps that grow with the data: one machine answers (training/here.py), or Spark."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import Evidence, Model, Viewers
from training.cooccurrence import Nearby
from training.corpus import Corpus
from training.evaluation.protocols import Split
from training.evaluation.scorers import Scorer
from training.progress import Steps
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import Embedding, train_on


@dataclass(frozen=True)
class Texts:
    """What skip-gram reads: sequences of movies, a bounded chunk at a time.

    Attributes:
        what: they are, in words.
        n_tokens: movies in all of them, at the most.
        chunks: begins anew each time it is called.
    """

    what: str
    n_tokens: int
    chunks: Callable[[], Iterator[Sequences]]


class Engine(ABC):
    """The likes of all viewers, and where what is made of them is made.

    Attributes:
        n_likes: of all viewers.
        likes: int64 (n_movies,), of each movie.
    """

    n_likes: int
    likes: npt.NDArray[np.int64]

    @abstractmethod
    def histories(self) -> Texts:
        """One sequence for each viewer, in order of first appearance."""

    @abstractmethod
    def walks(self, settings: Settings, p: float, q: float, workers: int) -> Texts:
        """Random walks on the transition graph, in order of their numbers; `training.walks`.

        Args:
            settings: with walks set.
            p: return parameter.
            q: in-out parameter; both 1: first order.
            workers: threads, where the engine has any to choose; affects only speed, never the result.
        """

    @abstractmethod
    def with_nearest(self, model: Model, tell: Callable[[int], None]) -> Model:
        """The same model with its neighbours stored; `training.neighbours`."""

    @abstractmethod
    def nearby(self, window: int, most: int) -> Nearby:
        """The movies that were liked near each other; `training.cooccurrence`."""

    @abstractmethod
    def evidence(self) -> Evidence:
        """Who was liked together and one after the other; `training.cooccurrence`."""

    @abstractmethod
    def viewers(self) -> Viewers:
        """Who liked what: personal data."""

    @abstractmethod
    def hold_out(self, protocol: str, min_rating: float, most: int) -> "tuple[Split, Engine]":
        """Questions, a sample of `most` at the most, and the likes that may be learned from; `evaluation.protocols`.

        Raises:
            DataError: nothing can be held out.
        """

    @abstractmethod
    def baselines(self) -> Iterator[tuple[str, Scorer | str]]:
        """What every embedding has to beat, or why one is left out; `evaluation.baselines`."""

    def embed(
        self, name: str, texts: Texts, settings: Settings, workers: int, steps: Steps, start: Embedding | None
    ) -> Embedding:
        """Learn a vector for each movie: Gensim, from a file that is written as the texts come.

        Args:
            name: of the model.
            texts: to learn from.
            settings: with epochs set.
            workers: threads; 1 makes the result the same bit by bit.
            steps: told of each step.
            start: what an earlier training learned.
        """
        with Corpus(len(self.likes), texts.n_tokens) as corpus:
            with steps.step(f"{name}: {texts.what}"):
                for chunk in texts.chunks():
                    corpus.add(chunk)
            with steps.step(f"{name}: skip-gram", total=settings.epochs) as advance:
                return train_on(corpus, settings, workers=workers, on_epoch=advance, start=start)
