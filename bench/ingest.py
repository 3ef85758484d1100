"""From a file of ratings to sequences of likes: how fast, in how much memory, and is it the same?"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.data import Ratings, ratings, ratings_csv
from bench.rounds import Quality, Stopwatch, contender, take_turns
from bench.tables import Table
from training.publish import prepare

MIN_RATING = 3.5
PLAIN = "pandas, as people write it"


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """1M rows; `full`: 25M too."""
    for n in (1_000_000, 25_000_000) if full else (1_000_000,):
        tell(f"{n:,} ratings")
        yield _table(n, rounds, tell)


def _table(n: int, rounds: int, tell: Callable[[str], None]) -> Table:
    path, truth = ratings_csv(n), Truth(ratings(n).liked())

    def ours(watch: Stopwatch, _: int) -> Quality:
        with watch:
            prepared = prepare(path, None, None, MIN_RATING)
        watch.work = n / 1e6
        numbers = np.array([int(movie_id) for movie_id in prepared.catalogue.ids])
        return truth.quality(numbers[prepared.sequences.rows], np.diff(prepared.sequences.offsets))

    def pandas(**options: Any) -> Callable[[Stopwatch, int], Quality]:
        def body(watch: Stopwatch, _: int) -> Quality:
            with watch:
                sequences = plain_pandas(path, **options)
            watch.work = n / 1e6
            tokens = np.fromiter(map(int, chain.from_iterable(sequences)), dtype=np.int64)
            return truth.quality(tokens, np.array([len(one) for one in sequences]))

        return body

    def bytes_alone(watch: Stopwatch, _: int) -> Quality:
        with watch:
            path.read_bytes()
        watch.work = n / 1e6
        return {}

    contenders = [
        contender("Kindred", ours),
        contender(PLAIN, pandas()),
        contender('the same, engine="pyarrow"', pandas(engine="pyarrow")),
        contender("the file's bytes alone", bytes_alone),
    ]
    title = f"A CSV of {n:,} ratings to sequences of likes"
    samples = take_turns(contenders, rounds, tell)
    return Table(f"ingest-{n}", title, "million rows per CPU second", "cpu", samples, {PLAIN: 3.0})


def plain_pandas(path: Path, **options: Any) -> list[list[str]]:
    """The few lines of most tutorials; texts, for Word2Vec wants texts."""
    frame = pd.read_csv(path, **options)
    frame = frame[frame["rating"] >= MIN_RATING].sort_values(["userId", "timestamp"])
    frame["movieId"] = frame["movieId"].astype(str)
    sequences: list[list[str]] = frame.groupby("userId")["movieId"].apply(list).tolist()
    return sequences


class Truth:
    """The likes the generator made, to hold sequences against."""

    def __init__(self, likes: Ratings) -> None:
        """Sort the likes once by user and movie, once as sequences."""
        users = np.unique(likes.users, return_inverse=True)[1]
        self._lengths = np.bincount(users)
        self._width = int(likes.movies.max()) + 1
        self._keys = users * self._width + likes.movies  # ascending, as the file is
        self._times = likes.times
        # equal times by id as text (docs/decisions/0004)
        self._in_order = self._keys[np.lexsort((likes.movies.astype(str), likes.times, users))]

    def quality(self, movies: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Quality:
        """Shares of viewers: with the same likes in order of time; and with equal times in order too."""
        if len(lengths) != len(self._lengths) or (lengths != self._lengths).any():
            return {"same likes, in time": 0.0, "ties in order": 0.0}
        users = np.repeat(np.arange(len(lengths)), lengths)
        keys = users * self._width + movies
        found = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        times = self._times[found]
        late = np.append(False, (times[1:] < times[:-1]) & (users[1:] == users[:-1]))
        wrong = late | (self._keys[found] != keys) | (np.sort(keys) != self._keys)
        return {
            "same likes, in time": _share_without(users, wrong),
            "ties in order": _share_without(users, keys != self._in_order),
        }


def _share_without(users: npt.NDArray[np.int64], wrong: npt.NDArray[np.bool_]) -> float:
    return float((np.bincount(users, wrong) == 0).mean())
