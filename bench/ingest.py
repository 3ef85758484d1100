"""From a file of ratings to sequences of likes: how fast, in how much memory, and is it the same?"""

import shutil
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.data import BUILD, Ratings, ratings, ratings_csv
from bench.peers import peer_contender
from bench.rounds import Contender, Quality, Stopwatch, contender, take_turns
from bench.tables import Limit, Table
from training.prepare import prepare

MIN_RATING = 3.5
PLAIN = "pandas, as people write it"
SPARK = "Spark on this machine, as courses teach it"
SIZES = (1_000_000, 10_000_000, 25_000_000)


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """1M rows; `full`: 10M and 25M too."""
    for n in SIZES if full else SIZES[:1]:
        tell(f"{n:,} ratings")
        yield _table(n, rounds, tell)


def _table(n: int, rounds: int, tell: Callable[[str], None]) -> Table:
    path, truth = ratings_csv(n), Truth(ratings(n).liked())

    def ours(watch: Stopwatch, _: int) -> Quality:
        with watch:
            prepared = prepare(path, None, None, MIN_RATING)
        watch.work = n / 1e6
        numbers = np.array([int(movie_id) for movie_id in prepared.catalogue.ids])
        return truth.quality(numbers[prepared.engine.sequences.rows], np.diff(prepared.engine.sequences.offsets))

    def pandas(**options: Any) -> Callable[[Stopwatch, int], Quality]:
        def body(watch: Stopwatch, _: int) -> Quality:
            with watch:
                sequences = plain_pandas(path, **options)
            watch.work = n / 1e6
            tokens = np.fromiter(map(int, chain.from_iterable(sequences)), dtype=np.int64)
            return truth.quality(tokens, np.array([len(one) for one in sequences]))

        return body

    def typed(watch: Stopwatch, _: int) -> Quality:
        with watch:
            movies, lengths = typed_pandas(path)
        watch.work = n / 1e6
        return truth.quality(movies.astype(np.int64), lengths)

    def bytes_alone(watch: Stopwatch, _: int) -> Quality:
        with watch:
            path.read_bytes()
        watch.work = n / 1e6
        return {}

    contenders = [
        contender("Kindred", ours),
        contender(PLAIN, pandas()),
        contender('the same, engine="pyarrow"', pandas(engine="pyarrow")),
        contender("pandas with set dtypes, no row checked", typed),
        *_peers(path, truth, tell),
        contender("the file's bytes alone", bytes_alone),
    ]
    title = f"A CSV of {n:,} ratings to sequences of likes"
    samples = take_turns(contenders, rounds, tell)
    wanted = {name: times for name, times in {PLAIN: 3.0, SPARK: 9.0}.items() if name in samples}
    limits = [Limit("Kindred", "MB", 1_600.0)]
    return Table(f"ingest-{n}", title, "million rows per CPU second", "cpu", samples, wanted, limits)


def _peers(path: Path, truth: "Truth", tell: Callable[[str], None]) -> Iterator[Contender]:
    """Those with an environment of their own; they leave their sequences as text, a viewer a line."""
    left = BUILD / "sequences.txt"

    def judge(_: int) -> Quality:
        lines = left.read_text(encoding="ascii").splitlines()
        left.unlink()
        lengths = np.array([line.count(" ") + 1 for line in lines])
        return truth.quality(np.array(" ".join(lines).split(), dtype=np.int64), lengths)

    def arguments(_: int) -> list[str]:
        return [str(path), str(left), str(MIN_RATING)]

    yield peer_contender("polars", "polars", "sequences_polars", arguments, judge)
    if shutil.which("java") is None:
        tell("Spark is left out: no java on the PATH")
        return
    yield peer_contender(SPARK, "spark", "sequences_spark", arguments, judge)


def plain_pandas(path: Path, **options: Any) -> list[list[str]]:
    """The few lines of most tutorials; texts, for Word2Vec wants texts."""
    frame = pd.read_csv(path, **options)
    frame = frame[frame["rating"] >= MIN_RATING].sort_values(["userId", "timestamp"])
    frame["movieId"] = frame["movieId"].astype(str)
    sequences: list[list[str]] = frame.groupby("userId")["movieId"].apply(list).tolist()
    return sequences


def typed_pandas(path: Path) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """As who knows pandas and the file writes it: movies of all sequences, and how long each is."""
    kinds = {"userId": "int32", "movieId": "int32", "rating": "float32", "timestamp": "int64"}
    frame = pd.read_csv(path, dtype=kinds)
    frame = frame[frame["rating"] >= MIN_RATING]
    users = frame["userId"].to_numpy()
    order = np.lexsort((frame["timestamp"].to_numpy(), users))
    return frame["movieId"].to_numpy()[order], np.diff(np.flatnonzero(np.diff(users[order], prepend=-1, append=-1)))


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
