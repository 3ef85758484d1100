"""Ratings -> one time-ordered sequence of liked movies per viewer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.errors import DataError
from training.order import by_time, together
from training.readers import Columns

# Gensim drops, without a word, every token of a sequence after its 10,000th (MAX_WORDS_IN_BATCH).
LONGEST = 9_999


@dataclass(frozen=True, eq=False)
class Sequences:
    """Many sequences of movies, one behind the other.

    Attributes:
        rows: int32 (n_tokens,), catalogue rows of all sequences, first sequence first.
        offsets: int64 (n_sequences + 1,), sequence i is rows[offsets[i]:offsets[i + 1]].
    """

    rows: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """How many sequences there are."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> npt.NDArray[np.int32]:
        """One sequence, int32 (its length,)."""
        return self.rows[self.offsets[index] : self.offsets[index + 1]]

    def split(self, longest: int = LONGEST) -> "Sequences":
        """The same tokens with every sequence cut into pieces of at most `longest`; none is lost.

        >>> Sequences(np.arange(5, dtype=np.int32), np.array([0, 5])).split(2).offsets.tolist()
        [0, 2, 4, 5]
        """
        lengths = np.diff(self.offsets)
        if not (lengths > longest).any():
            return self
        pieces = np.maximum(1, -(-lengths // longest))
        first = np.repeat(self.offsets[:-1], pieces)
        nth = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        starts = first + nth * longest
        return Sequences(self.rows, np.append(starts, self.offsets[-1]))


def liked(ratings: Columns, min_rating: float) -> Columns:
    """The rows that count as likes: rating >= min_rating, or all where the file has no ratings.

    Raises:
        DataError: none is left.
    """
    if ratings.ratings is None:
        return ratings
    kept = np.flatnonzero(ratings.ratings >= min_rating)
    if not len(kept):
        best = float(ratings.ratings.max())
        raise DataError(f"no likes left: expected ratings >= {min_rating:g}, the highest found is {best:g}")
    return ratings.take(kept)


def build_sequences(likes: Columns, row_of: npt.NDArray[np.int32]) -> Sequences:
    """Order each viewer's likes by time; the same time by movie id as text (docs/decisions/0004).

    Args:
        likes: liked ratings, one for each (user, movie).
        row_of: int32 (len(likes.movie_ids),), catalogue row of each movie code; rows are in order of ids.

    Returns:
        One sequence for each viewer with likes, in order of the viewers' first appearance in the file.
    """
    users, times, rows = likes.users, likes.times, row_of[likes.movies]
    order = together(users)
    if order is not None:
        users, times, rows = users[order], times[order], rows[order]
    counts = np.bincount(users, minlength=len(likes.user_ids))
    offsets = np.append(0, np.cumsum(counts[counts > 0]))
    return Sequences(by_time(users, times, rows), offsets.astype(np.int64))
