"""What is held out: which likes are asked for, from what, and which ratings may be learned from."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from training.errors import DataError
from training.readers import Columns
from training.sequences import Sequences, build_sequences, liked

TIME_SHARE = 0.8
_SEED = 592


@dataclass(frozen=True, eq=False)
class Split:
    """Questions of the form "this viewer liked these; what next?", and the ratings that may be learned from.

    Attributes:
        protocol: its name.
        train: ratings that training may see; none is as late as the viewer's (or the global) cut.
        liked: all likes of each viewer in order of time, those asked for included.
        targets: int64 (n_questions,), position in `liked.rows` of the like that is asked for, ascending.
        viewers: int64 (n_questions,), the sequence it is in.
        asked: how many questions the protocol has; more than n_questions where a sample is taken.
    """

    protocol: str
    train: Columns
    liked: Sequences
    targets: npt.NDArray[np.int64]
    viewers: npt.NDArray[np.int64]
    asked: int

    @property
    def answers(self) -> npt.NDArray[np.int32]:
        """int32 (n_questions,), the row of the movie that was liked next."""
        return self.liked.rows[self.targets]

    @property
    def queries(self) -> npt.NDArray[np.int32]:
        """int32 (n_questions,), the row of the movie liked right before."""
        return self.liked.rows[self.targets - 1]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """int64 (n_questions,): the history of question i is liked.rows[starts[i]:targets[i]]."""
        return self.liked.offsets[self.viewers]

    def sample(self, most: int) -> "Split":
        """The same with at most so many questions, drawn with a fixed seed."""
        if len(self.targets) <= most:
            return self
        kept = np.sort(np.random.default_rng(_SEED).choice(len(self.targets), most, replace=False))
        return replace(self, targets=self.targets[kept], viewers=self.viewers[kept])


def leave_last_one(ratings: Columns, row_of: npt.NDArray[np.int32], min_rating: float) -> Split:
    """Ask for the last like of each viewer who has two; whatever that viewer rated before it trains.

    Args:
        ratings: one row for each (user, movie).
        row_of: int32 (n_movie_codes,), catalogue row of each movie code.
        min_rating: a like from here on.

    Raises:
        DataError: no viewer has two likes.
    """
    order, sequences, ends = _ordered(ratings, row_of, min_rating)
    asked = np.flatnonzero(np.diff(sequences.offsets) >= 2)
    targets = sequences.offsets[asked + 1] - 1
    cut = np.full(len(ratings.user_ids), len(order), dtype=np.int64)
    cut[ratings.users[order][ends[targets]]] = ends[targets]
    kept = np.arange(len(order)) < cut[ratings.users[order]]
    return _split("leave-last-one", ratings, np.sort(order[kept]), sequences, targets, asked)


def time_split(ratings: Columns, row_of: npt.NDArray[np.int32], min_rating: float, share: float = TIME_SHARE) -> Split:
    """Ask for every like after the moment at which `share` of the likes were given, from the like before it.

    Arguments and errors as `leave_last_one`.
    """
    order, sequences, ends = _ordered(ratings, row_of, min_rating)
    times = ratings.times[order][ends]
    cut = np.sort(times)[min(int(share * len(times)), len(times) - 1)]
    late = times >= cut
    late[sequences.offsets[:-1]] = False
    targets = np.flatnonzero(late)
    viewers = np.searchsorted(sequences.offsets, targets, side="right") - 1
    return _split("time-split", ratings, np.flatnonzero(ratings.times < cut), sequences, targets, viewers)


PROTOCOLS: dict[str, Callable[[Columns, npt.NDArray[np.int32], float], Split]] = {
    "leave-last-one": leave_last_one,
    "time-split": time_split,
}


def _ordered(
    ratings: Columns, row_of: npt.NDArray[np.int32], min_rating: float
) -> tuple[npt.NDArray[np.intp], Sequences, npt.NDArray[np.intp]]:
    """Order of all ratings (user, time, row), the likes among them as sequences, and where each like stands."""
    order = np.lexsort((row_of[ratings.movies], ratings.times, ratings.users))
    likes = liked(ratings, min_rating)
    is_like = np.ones(len(order), dtype=np.bool_)
    if ratings.ratings is not None:
        is_like = ratings.ratings[order] >= min_rating
    return order, build_sequences(likes, row_of), np.flatnonzero(is_like)


def _split(
    protocol: str,
    ratings: Columns,
    kept: npt.NDArray[np.intp],
    sequences: Sequences,
    targets: npt.NDArray[np.int64],
    viewers: npt.NDArray[np.int64],
) -> Split:
    if not len(targets):
        raise DataError(f"{protocol}: nothing to ask for: expected a viewer with two likes (the later held out)")
    if not len(kept):
        raise DataError(f"{protocol}: no ratings left to learn from")
    return Split(protocol, ratings.take(kept), sequences, targets, viewers, len(targets))
