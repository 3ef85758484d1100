"""What Gensim learns from data with a known answer, and what it must be handed for that."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec

from models.scores import unit_rows
from tests.small import sequences_of
from training import skipgram
from training.errors import DataError
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import Embedding, train_skipgram

SIDE = 10
# the number in each id is another movie's row: mixing up the two would show
IDS = tuple(str(2 * SIDE - 1 - row) for row in range(2 * SIDE))
SMALL = Settings(vector_size=8, epochs=5, seed=592)
WITH_LOSS = {"hs": (True, 0), "negative": (False, 5), "both": (True, 5)}


@pytest.fixture(scope="module")
def checkerboard() -> Sequences:
    """Two groups of viewers: one likes only movies of even rows, the other only those of odd rows."""
    random = np.random.default_rng(1)
    sides = [2 * np.arange(SIDE) + side for side in (0, 1)]
    return sequences_of([random.permutation(sides[viewer % 2]).tolist() for viewer in range(300)])


def assert_neighbours_stay_inside(vectors: np.ndarray) -> None:
    units = unit_rows(vectors)
    scores = units @ units.T
    np.fill_diagonal(scores, -np.inf)
    nearest = np.argsort(-scores, axis=1)[:, : SIDE - 1]
    assert np.array_equal(nearest % 2, np.repeat(np.arange(2 * SIDE) % 2, SIDE - 1).reshape(nearest.shape))


@pytest.mark.parametrize(("hs", "negative"), WITH_LOSS.values(), ids=WITH_LOSS.keys())
def test_neighbours_stay_inside_their_community(checkerboard: Sequences, hs: bool, negative: int) -> None:
    learned = train_skipgram(checkerboard, IDS, replace(SMALL, hs=hs, negative=negative))
    assert learned.rows.tolist() == list(range(2 * SIDE))
    assert (learned.vectors.shape, learned.vectors.dtype) == ((2 * SIDE, 8), np.float32)
    assert_neighbours_stay_inside(learned.vectors)
    if negative:
        assert learned.output is not None
        assert (learned.output.shape, learned.output.dtype) == ((2 * SIDE, 8), np.float32)
    else:
        assert learned.output is None


def test_output_vectors_stand_in_the_order_of_the_rows(checkerboard: Sequences) -> None:
    learned = train_skipgram(checkerboard, IDS, replace(SMALL, hs=False, negative=5))
    assert learned.output is not None
    scores = learned.vectors @ learned.output.T
    same = np.arange(2 * SIDE)[:, None] % 2 == np.arange(2 * SIDE) % 2
    assert scores[same & ~np.eye(2 * SIDE, dtype=bool)].min() > scores[~same].max()


def test_what_comes_after_position_10_000_of_one_history_is_trained() -> None:
    late = 50
    rows = np.arange(10_400) % late
    rows[10_100::10] = late
    history = sequences_of([rows.tolist()])
    ids = tuple(map(str, range(late + 1)))
    settings = replace(SMALL, epochs=1, hs=False, negative=5)
    options: dict[str, Any] = {"vector_size": 8, "sg": 1, "hs": 0, "negative": 5, "seed": 592, "workers": 1}
    options |= {"min_count": 1, "sample": 0, "epochs": 1, "ns_exponent": settings.ns_exponent}
    unsplit = [[ids[row] for row in rows]]
    untrained = Word2Vec(**options)
    untrained.build_vocab(unsplit)
    plain = Word2Vec(unsplit, **options)
    assert np.array_equal(plain.wv[ids[late]], untrained.wv[ids[late]])
    learned = train_skipgram(history, ids, settings)
    assert not np.array_equal(learned.vectors[late], untrained.wv[ids[late]])
    assert learned.rows[late] == late


@pytest.mark.parametrize(("hs", "negative"), WITH_LOSS.values(), ids=WITH_LOSS.keys())
def test_vectors_are_those_of_gensim_alone_bit_by_bit(tmp_path: Path, hs: bool, negative: int) -> None:
    lists = [[*range(row), *[row] * (1 + 2 * row)] for row in range(2 * SIDE)]  # no two movies are as frequent
    chosen = replace(SMALL, hs=hs, negative=negative)
    path = tmp_path / "plain.txt"
    path.write_text("\n".join(" ".join(IDS[row] for row in one) for one in lists), "ascii")
    plain = Word2Vec(corpus_file=str(path), **skipgram._options(chosen, 1))
    learned = train_skipgram(sequences_of(lists), IDS, chosen)
    assert len(set(np.bincount([row for one in lists for row in one]))) == 2 * SIDE
    assert np.array_equal(learned.vectors, plain.wv[list(IDS)])
    if learned.output is not None:
        assert np.array_equal(learned.output, plain.syn1neg[[plain.wv.key_to_index[key] for key in IDS]])


@pytest.mark.parametrize("workers", [1, 2])
def test_the_learning_rate_falls_from_the_first_block_of_a_thread_to_its_last(workers: int) -> None:
    random = np.random.default_rng(4)
    others = [random.integers(2, 2 * SIDE, size=100).tolist() for _ in range(2_000)]
    start = Embedding(np.arange(2 * SIDE, dtype=np.int32), *random.normal(size=(2, 2 * SIDE, 8)).astype(np.float32))
    chosen = replace(SMALL, epochs=1, hs=False, negative=5, learning_rate=0.05)

    def moved(lists: list[list[int]]) -> float:
        learned = train_skipgram(sequences_of(lists), IDS, chosen, workers=workers, start=start)
        return float(np.linalg.norm(learned.vectors[:2] - start.vectors[:2]))

    early, late = moved([[0, 1] * 10, *others]), moved([*others, [0, 1] * 10])
    assert 0 < late < 0.4 * early


def test_a_movie_in_too_few_places_is_not_learned() -> None:
    sequences = sequences_of([[5, 3, 5, 3, 9], [3, 9, 5], [7, 9]])
    learned = train_skipgram(sequences, IDS, replace(SMALL, min_count=3, epochs=1))
    assert learned.rows.tolist() == [3, 5, 9]
    assert len(learned.vectors) == 3


def test_a_min_count_nobody_reaches_is_an_error() -> None:
    with pytest.raises(DataError, match=r"no movie is in 3 places \(min_count\), the most found is 2"):
        train_skipgram(sequences_of([[0, 1], [1, 2]]), IDS, replace(SMALL, min_count=3))


def test_epochs_must_be_chosen_before() -> None:
    with pytest.raises(ValueError, match=r"epochs: .*found None; call settings\.scaled first"):
        train_skipgram(sequences_of([[0, 1]]), IDS, replace(SMALL, epochs=None))


def test_each_epoch_is_told() -> None:
    told: list[int] = []
    train_skipgram(sequences_of([[0, 1]]), IDS, replace(SMALL, epochs=4), on_epoch=lambda: told.append(1))
    assert len(told) == 4


@pytest.mark.parametrize(("hs", "negative"), WITH_LOSS.values(), ids=WITH_LOSS.keys())
def test_one_worker_gives_the_same_bits_twice(checkerboard: Sequences, hs: bool, negative: int) -> None:
    def bits(seed: int) -> list[bytes]:
        learned: Embedding = train_skipgram(checkerboard, IDS, replace(SMALL, hs=hs, negative=negative, seed=seed))
        return [learned.vectors.tobytes(), b"" if learned.output is None else learned.output.tobytes()]

    assert bits(1) == bits(1)
    assert bits(1)[0] != bits(2)[0]
