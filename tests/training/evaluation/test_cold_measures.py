"""What is measured of films made cold, with trainings stood in for: what they see, and numbers worked out by loops."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from models import Catalogue, Model
from tests.small import sequences_of
from tests.training.evaluation.asking import fixed
from training.evaluation import cold as module
from training.evaluation.baselines import same_genres
from training.evaluation.cold import Questions, choose_hidden, evaluate_cold, hits, without
from training.evaluation.metrics import estimate
from training.evaluation.protocols import leave_last_one
from training.evaluation.scorers import History, model_scorer
from training.here import Here
from training.progress import Steps
from training.readers import Columns
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings

MOVIES, VIEWERS = 60, 80
ROW_OF = np.arange(MOVIES, dtype=np.int32)
SETTINGS = {"item2vec": Settings(seed=7)}


def ratings() -> Columns:
    random = np.random.default_rng(23)
    movies = np.concatenate([random.permutation(MOVIES)[:12] for _ in range(VIEWERS)]).astype(np.int32)
    users = np.repeat(np.arange(VIEWERS, dtype=np.int32), 12)
    ids = [f"{row:02}" for row in range(MOVIES)]
    return Columns([str(user) for user in range(VIEWERS)], ids, users, movies, None, np.tile(np.arange(12.0), VIEWERS))


def catalogue() -> Catalogue:
    """With the likes of all ratings, those held out and those of hidden films among them."""
    ids = tuple(f"{row:02}" for row in range(MOVIES))
    likes = np.bincount(ratings().movies, minlength=MOVIES).astype(np.int32)
    genres = tuple((("Drama",), ("Drama", "War"), ("Noir",))[row % 3] for row in range(MOVIES))
    return Catalogue(ids, ids, np.full(MOVIES, 1999, np.int16), genres, likes)


def model_of(number: int, likes: np.ndarray) -> Model:
    """Random vectors; unliked movies are inferred and listed."""
    random, none = np.random.default_rng(number), np.empty((MOVIES, 0), dtype=np.int32)
    vectors = random.normal(size=(MOVIES, 5)).astype(np.float32)
    learned = likes > 0
    return Model(vectors, learned, none, none.astype(np.float32), listed=~learned, lifts=np.zeros(2, np.float32))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[tuple[Sequences, Catalogue, Settings]]]:
    """The answer, and what each training was handed."""
    handed: list[tuple[Sequences, Catalogue, Settings]] = []

    def train(
        engine: Here, films: Catalogue, settings: Mapping[str, Settings], *_: Any, stored: bool
    ) -> tuple[dict[str, Model], dict[str, Any]]:
        handed.append((engine.sequences, films, settings["item2vec"]))
        return {"item2vec": model_of(len(handed), films.likes)}, {"item2vec": {"inferred": {"ridge": 1.0}}}

    monkeypatch.setattr(module, "train_models", train)
    # more hidden films than places in a list
    monkeypatch.setattr(module, "HIDDEN_SHARE", 0.3)
    return evaluate_cold(ratings(), ROW_OF, catalogue(), SETTINGS, workers=1, steps=Steps()), handed


def expected() -> tuple[Sequences, np.ndarray, Sequences, Questions]:
    split = leave_last_one(ratings(), ROW_OF, 3.5)
    sequences = build_sequences(liked(split.train, 3.5), ROW_OF)
    hidden = choose_hidden(sequences, MOVIES)
    return sequences, hidden, *without(sequences, hidden)


def test_the_second_training_knows_nothing_of_hidden_films_and_neither_of_what_is_asked(
    measured: tuple[dict[str, Any], list[tuple[Sequences, Catalogue, Settings]]],
) -> None:
    sequences, hidden, kept, _ = expected()
    assert [one.rows.tolist() for one, _, _ in measured[1]] == [sequences.rows.tolist(), kept.rows.tolist()]
    for one, films, settings in measured[1]:
        assert films.likes.tolist() == np.bincount(one.rows, minlength=MOVIES).tolist()
        assert settings.epochs == module.MOST_EPOCHS
    assert hidden.any()
    assert not measured[1][1][1].likes[hidden].any()


def top(model: Model, movie: int, allowed: np.ndarray, count: int) -> list[int]:
    scores = model_scorer(model, "similar")(fixed_history(movie))[0]
    return sorted((row for row in np.flatnonzero(allowed).tolist() if row != movie), key=lambda row: -scores[row])[
        :count
    ]


def fixed_history(movie: int) -> History:
    return History((np.ones(1, np.float32), np.array([movie]), np.array([0, 1])), shape=(1, MOVIES))


def test_every_number_is_that_of_going_through_films_and_questions(
    measured: tuple[dict[str, Any], list[tuple[Sequences, Catalogue, Settings]]],
) -> None:
    found = measured[0]
    _, hidden, _, cold = expected()
    real, model = (model_of(number, films.likes) for number, (_, films, _) in enumerate(measured[1], 1))
    both = np.asarray(model.learned & real.learned)
    shared = [len(set(top(real, film, both, 20)) & set(top(model, film, both, 20))) / 20
              for film in np.flatnonzero(hidden).tolist()]  # fmt: skip
    twice = [len(set(top(real, film, both, 20)) & set(top(model, film, both, 20))) / 20
             for film in np.flatnonzero(both).tolist()]  # fmt: skip
    asked = list(zip(cold.asked.tolist(), cold.answers.tolist(), strict=True))
    among = [answer in top(model, query, hidden, 10) for query, answer in asked]
    everywhere = [answer in top(model, query, np.ones(MOVIES, bool), 10) for query, answer in asked]
    inferred = next(row for row in found["rows"] if row["name"] == "inferred")
    retrained = next(row for row in found["rows"] if row["name"] == "retrained")
    for row, name, values, who in (
        (inferred, "overlap@20", shared, np.arange(len(shared))),
        (inferred, "hr@10_cold", among, cold.viewers),
        (inferred, "hr@10_all", everywhere, cold.viewers),
        (retrained, "overlap@20", twice, np.arange(len(twice))),
    ):
        wanted = estimate(np.array(values, dtype=float), who)
        assert (row[name], row[f"{name}_se"]) == (round(wanted.mean, 6), round(wanted.se, 6)), name
    assert found["questions"] == len(asked)
    assert found["hidden"] == hidden.sum() == 18
    # the baseline knows as little of the likes of hidden films
    scorer, (baseline,) = same_genres(measured[1][1][1]), (row for row in found["rows"] if row["name"] == "same genres")
    for name, films in (("hr@10_cold", hidden), ("hr@10_all", None)):
        wanted = estimate(hits(scorer, cold, MOVIES, films), cold.viewers)
        assert (baseline[name], baseline[f"{name}_se"]) == (round(wanted.mean, 6), round(wanted.se, 6)), name
    # what those pay who ask from learned films for learned ones
    split = leave_last_one(ratings(), ROW_OF, 3.5)
    warm = [(query, answer) for query, answer in zip(split.queries.tolist(), split.answers.tolist(), strict=True)
            if model.learned[query] and model.learned[answer]]  # fmt: skip
    (price,) = found["warm"]
    assert price["questions"] == len(warm) < len(split.targets)
    everything, learned = np.ones(MOVIES, bool), np.asarray(model.learned)
    assert price["hr@10"] == round(float(np.mean([b in top(model, a, everything, 10) for a, b in warm])), 6)
    assert price["hr@10_learned_only"] == round(float(np.mean([b in top(model, a, learned, 10) for a, b in warm])), 6)
    assert price["hr@10"] < price["hr@10_learned_only"]


def test_questions_of_many_blocks_are_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    scorer = fixed(random.random((30, 30)))
    asked = Questions(random.integers(0, 30, 50), random.integers(0, 30, 50), np.arange(50))
    whole = hits(scorer, asked, 30).tolist()
    monkeypatch.setattr(module, "BLOCK", 7)
    assert hits(scorer, asked, 30).tolist() == whole
    assert 0.1 < np.mean(whole) < 0.9


def test_an_answer_without_a_score_is_not_found() -> None:
    table = np.zeros((30, 30))
    table[0, 5:] = -np.inf
    asked = Questions(np.array([0, 0]), np.array([7, 3]), np.arange(2))

    def score(histories: History) -> np.ndarray:
        return table[histories.indices].astype(np.float32)

    assert hits(score, asked, 30).tolist() == [0, 1]


def test_too_many_questions_are_a_sample_in_order_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = np.arange(8) == 0
    lists = sequences_of([[viewer % 7 + 1, 0] for viewer in range(40)])
    whole = without(lists, hidden)[1]
    assert whole.viewers.tolist() == list(range(40))
    monkeypatch.setattr(module, "MOST_QUESTIONS", 12)
    drawn = [without(lists, hidden)[1].viewers.tolist() for _ in range(2)]
    assert drawn[0] == drawn[1] == sorted(set(drawn[0]))
    assert len(drawn[0]) == 12
    # from all of them, not the first
    assert max(drawn[0]) > 20


def test_lists_that_end_early_are_compared_over_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a dozen learned films both lists of twenty hold all others: they are the same."""
    few = np.arange(MOVIES) < 12
    numbers = iter(range(2))

    def train(_: Sequences, films: Catalogue, *__: Any, stored: bool) -> tuple[dict[str, Model], dict[str, Any]]:
        return {"item2vec": model_of(next(numbers), films.likes * few)}, {}

    monkeypatch.setattr(module, "train_models", train)
    found = evaluate_cold(ratings(), ROW_OF, catalogue(), SETTINGS, workers=1, steps=Steps())
    retrained = next(row for row in found["rows"] if row["name"] == "retrained")
    assert retrained["overlap@20"] == 1


def test_where_no_question_is_between_learned_films_there_is_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(_: Sequences, films: Catalogue, *__: Any, stored: bool) -> tuple[dict[str, Model], dict[str, Any]]:
        return {"item2vec": model_of(1, films.likes * (np.arange(MOVIES) < 1))}, {}

    monkeypatch.setattr(module, "train_models", train)
    (price,) = evaluate_cold(ratings(), ROW_OF, catalogue(), SETTINGS, workers=1, steps=Steps())["warm"]
    assert price == {"model": "item2vec", "questions": 0}
