"""Films made cold: what is hidden, what is asked, and a world in which the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from models import Model
from models.catalogue import Catalogue
from tests.small import MOVIES, sample_ratings, sequences_of
from training.coldstart import learned_only, with_inferred
from training.errors import DataError
from training.evaluation.baselines import same_genres
from training.evaluation.cold import (
    LEAST_LIKES,
    Questions,
    choose_hidden,
    evaluate_cold,
    hits,
    without,
)
from training.evaluation.protocols import leave_last_one
from training.evaluation.ranking import histories
from training.evaluation.scorers import History, model_scorer
from training.here import Here
from training.prepare import Prepared, prepare
from training.progress import Steps
from training.sequences import build_sequences, liked
from training.settings import Settings
from training.skipgram import train_skipgram


def catalogue_of(genres: list[tuple[str, ...]], likes: list[int]) -> Catalogue:
    ids = tuple(f"{row:03}" for row in range(len(genres)))
    return Catalogue(ids, ids, np.full(len(ids), 1990, np.int16), tuple(genres), np.array(likes, np.int32))


def test_hidden_films_are_a_tenth_of_those_with_enough_likes_and_always_the_same() -> None:
    liked_often = [list(range(40))] * LEAST_LIKES
    sequences = sequences_of([*liked_often, [40, 41, 42]])
    hidden = choose_hidden(sequences, 50)
    assert hidden.sum() == 4
    assert not hidden[40:].any()
    assert choose_hidden(sequences, 50).tolist() == hidden.tolist()
    with pytest.raises(DataError, match="expected at least 10 movies with 5 likes, found 0"):
        choose_hidden(sequences_of([[1, 2, 3]]), 5)


def test_hidden_likes_are_gone_and_asked_from_the_like_before() -> None:
    hidden = np.isin(np.arange(8), [0, 1])
    rest, asked = without(sequences_of([[2, 0, 1, 3], [0, 4], [1], [5, 6], [0, 7, 1]]), hidden)
    assert [rest[index].tolist() for index in range(len(rest))] == [[2, 3], [4], [5, 6], [7]]
    # a hidden like with nothing kept before it is no question
    found = zip(asked.asked.tolist(), asked.answers.tolist(), asked.viewers.tolist(), strict=True)
    assert list(found) == [(2, 0, 0), (2, 1, 0), (7, 1, 4)]


def test_the_baseline_is_shared_genres_then_likes() -> None:
    catalogue = catalogue_of([("A", "B"), ("A", "B"), ("A",), ("A", "B"), (), ("C",)], [0, 5, 90, 9, 1000, 7])
    asked = History((np.ones(1, np.float32), np.array([0]), np.array([0, 1])), shape=(1, 6))
    scores = same_genres(catalogue)(asked)[0]
    assert np.argsort(-scores).tolist()[:4] == [3, 1, 0, 2]
    assert scores[2] == pytest.approx(0.5, abs=1e-3)
    assert max(scores[4], scores[5]) < 0.01


def test_equal_scores_stand_in_random_order() -> None:
    def flat(histories: History) -> np.ndarray:
        return np.zeros(histories.shape, dtype=np.float32)

    asked = Questions(np.array([0]), np.array([30]), np.array([0]))
    assert hits(flat, asked, 41).tolist() == [10 / 40]
    assert hits(flat, asked, 41, np.arange(41) >= 21).tolist() == [10 / 20]
    assert hits(flat, asked, 41, np.arange(41) < 20).tolist() == [0.0]


def viewers_of_genres(groups: int = 6, films: int = 20, viewers: int = 240) -> tuple[list[list[int]], Catalogue]:
    """Everybody likes films of one genre, in an order of their own."""
    random = np.random.default_rng(1)
    lists = [(random.permutation(films)[:8] * groups + viewer % groups).tolist() for viewer in range(viewers)]
    genres = [(f"genre {row % groups}",) for row in range(films * groups)]
    return lists, catalogue_of(genres, np.bincount(np.concatenate(lists), minlength=films * groups).tolist())


def test_where_genre_decides_everything_inferred_films_are_found() -> None:
    lists, catalogue = viewers_of_genres()
    sequences = sequences_of(lists)
    hidden = choose_hidden(sequences, len(catalogue))
    rest, asked = without(sequences, hidden)
    settings = Settings(vector_size=16, epochs=10)
    embedding = train_skipgram(rest, catalogue.ids, settings)
    made, _ = with_inferred(learned_only(embedding, catalogue), catalogue)
    scores = model_scorer(made, "similar")
    in_genre = hidden[None, :] & (np.arange(len(catalogue)) % 6 == asked.asked[:, None] % 6)
    one_by_one = Questions(asked.asked, asked.answers, asked.viewers)
    assert hits(scores, one_by_one, len(catalogue), hidden).mean() > 0.95
    assert in_genre.sum(axis=1).max() <= 10


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared[Here]:
    return prepare(sample_ratings(tmp_path_factory.mktemp("data"), 400), MOVIES, None, 3.5)


SETTINGS = {"item2vec": Settings(vector_size=16, epochs=10)}


def test_inferred_films_beat_the_most_liked_of_their_genres(prepared: Prepared[Here]) -> None:
    found = evaluate_cold(
        prepared.engine.ratings, prepared.engine.row_of, prepared.catalogue, SETTINGS, workers=1, steps=Steps()
    )
    inferred, retrained, baseline = found["rows"]
    assert [(row["name"], row["model"]) for row in found["rows"]] == [
        ("inferred", "item2vec"), ("retrained", "item2vec"), ("same genres", None),
    ]  # fmt: skip
    assert retrained["overlap@20"] > inferred["overlap@20"] > baseline["overlap@20"]
    assert inferred["hr@10_cold"] > baseline["hr@10_cold"]
    assert 0 < inferred["hr@10_all"] < inferred["hr@10_cold"]
    assert all(0 < row["overlap@20_se"] < 0.1 for row in found["rows"])
    assert found["hidden"] == choose_hidden_of(prepared)
    assert found["questions"] > 200


def choose_hidden_of(prepared: Prepared[Here]) -> int:
    split = leave_last_one(prepared.engine.ratings, prepared.engine.row_of, 3.5)
    counts = np.bincount(build_sequences(liked(split.train, 3.5), prepared.engine.row_of).rows)
    return int((counts >= LEAST_LIKES).sum() / 10)


@pytest.fixture(scope="module")
def half_cold(prepared: Prepared[Here]) -> Model:
    """The sample with half of its films made cold: far more inferred films than there would be."""
    split = leave_last_one(prepared.engine.ratings, prepared.engine.row_of, 3.5)
    sequences = build_sequences(liked(split.train, 3.5), prepared.engine.row_of)
    rest, _ = without(sequences, np.random.default_rng(2).random(len(prepared.catalogue)) < 0.5)
    likes = np.bincount(rest.rows, minlength=len(prepared.catalogue)).astype(np.int32)
    embedding = train_skipgram(rest, prepared.catalogue.ids, SETTINGS["item2vec"])
    catalogue = replace(prepared.catalogue, likes=likes)
    return with_inferred(learned_only(embedding, catalogue), catalogue)[0]


def test_those_who_ask_for_learned_films_lose_nothing(prepared: Prepared[Here], half_cold: Model) -> None:
    split = leave_last_one(prepared.engine.ratings, prepared.engine.row_of, 3.5)
    both = half_cold.learned[split.queries] & half_cold.learned[split.answers]
    asked = Questions(split.queries[both].astype(np.int64), split.answers[both].astype(np.int64), split.viewers[both])
    count = len(prepared.catalogue)
    mixed = hits(model_scorer(half_cold, "similar"), asked, count).mean()
    plain = hits(model_scorer(replace(half_cold, listed=None, lifts=None), "similar"), asked, count).mean()
    crowded = replace(half_cold, lifts=np.zeros(2, np.float32))
    assert len(asked.asked) > 60
    assert mixed == pytest.approx(plain, abs=0.01)
    assert hits(model_scorer(crowded, "similar"), asked, count).mean() < plain


def test_a_history_is_answered_by_learned_films(prepared: Prepared[Here], half_cold: Model) -> None:
    split = leave_last_one(prepared.engine.ratings, prepared.engine.row_of, 3.5)
    _, block = next(histories(split, "B", len(prepared.catalogue)))
    scores = model_scorer(half_cold, "similar")(block)
    long = np.diff(block.indptr) > 1
    assert half_cold.listed is not None
    assert np.isneginf(scores[long][:, half_cold.listed]).all()
    assert np.isfinite(scores[:, half_cold.learned]).all()
