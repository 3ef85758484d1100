"""Going on from a release: what is taken over, what begins anew, and which settings that gives."""

from dataclasses import replace

import numpy as np
import pytest

from models.scores import unit_rows
from tests.small import sequences_of
from tests.training.test_align import IDS, N, live, model
from training.refresh import SHARE, continued, start_of
from training.sequences import Sequences
from training.settings import Settings, choose_settings
from training.skipgram import Embedding, train_skipgram

DIM = 8
# steps so small that nothing moves far
STILL = Settings(vector_size=DIM, epochs=1, learning_rate=1e-6)


@pytest.fixture(scope="module")
def histories() -> Sequences:
    """Of every movie but the last two."""
    random = np.random.default_rng(3)
    return sequences_of([random.permutation(N - 2)[:9].tolist() for _ in range(80)])


def start(rows: list[int]) -> Embedding:
    random = np.random.default_rng(4)
    vectors, output = (random.normal(size=(len(rows), DIM)).astype(np.float32) for _ in range(2))
    return Embedding(np.array(rows, np.int32), vectors, output)


@pytest.mark.parametrize(("hs", "negative"), [(True, 0), (False, 5), (True, 5)])
def test_training_begins_where_it_is_told_to(histories: Sequences, hs: bool, negative: int) -> None:
    """Rows 20 to 27 are new, row 29 is in the start and in no history."""
    begin = start([*range(20), N - 1])
    settings = replace(STILL, hs=hs, negative=negative)
    learned = train_skipgram(histories, tuple(IDS), settings, start=begin)
    anew = train_skipgram(histories, tuple(IDS), settings)
    assert learned.rows.tolist() == list(range(N - 2))
    assert learned.vectors[:20] == pytest.approx(begin.vectors[:20], abs=0.05)
    assert learned.vectors[20:] == pytest.approx(anew.vectors[20:], abs=0.02)
    if negative:
        assert begin.output is not None
        assert learned.output is not None
        assert learned.output[:20] == pytest.approx(begin.output[:20], abs=0.05)
        assert learned.output[20:] == pytest.approx(0, abs=0.05)
    else:
        assert learned.output is None


def test_one_epoch_more_from_what_was_learned_stays_near_it(histories: Sequences) -> None:
    settings = Settings(vector_size=DIM, epochs=20)
    first = train_skipgram(histories, tuple(IDS), settings)
    more = train_skipgram(histories, tuple(IDS), replace(settings, epochs=1), start=first)
    other = train_skipgram(histories, tuple(IDS), replace(settings, seed=7))
    assert closeness(more, first) > 0.95
    assert closeness(other, first) < 0.5


def closeness(one: Embedding, other: Embedding) -> float:
    return float(np.mean(np.sum(unit_rows(one.vectors) * unit_rows(other.vectors), axis=1)))


def test_going_on_gives_the_same_bits_twice_and_tells_each_epoch(histories: Sequences) -> None:
    told: list[int] = []
    settings = Settings(vector_size=DIM, epochs=3)
    made = [
        train_skipgram(histories, tuple(IDS), settings, start=start([1, 2]), on_epoch=lambda: told.append(1))
        for _ in range(2)
    ]
    assert len(told) == 6
    assert made[0].vectors.tobytes() == made[1].vectors.tobytes()


def test_the_start_is_what_was_learned_of_the_movies_that_are_still_there() -> None:
    """The first movie has gone, the last five were only inferred."""
    old = model(1, learned=25)
    found = start_of("item2vec", live({"item2vec": old}, now=[*IDS[1:], "x"]))
    assert found.rows.tolist() == list(range(24))
    assert np.array_equal(found.vectors, old.vectors[1:25])
    assert old.output is not None
    assert found.output is not None
    assert np.array_equal(found.output, old.output[1:25])


def test_the_start_of_a_model_without_output_vectors_has_none() -> None:
    assert start_of("item2vec", live({"item2vec": replace(model(1), output=None)})).output is None


def test_epochs_are_a_part_of_those_from_nothing_unless_asked_for() -> None:
    before = live({name: model(1, dim=64) for name in ("item2vec", "deepwalk")}).release
    settings = choose_settings(["item2vec", "deepwalk"], "default", {})
    manifest = replace(before.manifest, settings={name: one.to_json() for name, one in settings.items()})
    before = replace(before, manifest=manifest)
    found = continued(settings, before, (40_000, N), epochs=None)
    for name, one in found.items():
        whole = settings[name].scaled(40_000, N).epochs
        assert whole is not None
        assert one == replace(settings[name], epochs=max(1, round(SHARE * whole)))
    assert {one.epochs for one in continued(settings, before, (40_000, N), epochs=3).values()} == {3}
