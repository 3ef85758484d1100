"""What `evaluate` hands to training and what it makes of the answers; the training itself is stood in for."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from models import Catalogue, Model
from tests.training.evaluation.asking import evaluation, row
from training.evaluation import run as module
from training.evaluation.judge import asked_lists, with_likes_of
from training.evaluation.metrics import overlap
from training.evaluation.protocols import PROTOCOLS
from training.evaluation.ranking import top_lists
from training.evaluation.run import Evaluation, best_model, evaluate
from training.evaluation.scorers import model_scorer
from training.here import Here
from training.progress import Steps
from training.readers import Columns
from training.sequences import Sequences, build_sequences, liked
from training.settings import Settings

MOVIES, VIEWERS = 24, 40
ROW_OF = np.arange(MOVIES, dtype=np.int32)[::-1].copy()


def ratings() -> Columns:
    """Each viewer rates a dozen movies, one a day; half of the ratings are likes, some of them at the border."""
    random = np.random.default_rng(17)
    movies = np.concatenate([random.permutation(MOVIES)[:12] for _ in range(VIEWERS)]).astype(np.int32)
    stars = random.choice(np.array([1.0, 3.0, 3.5, 5.0], np.float32), size=len(movies))
    days = np.tile(np.arange(12.0), VIEWERS) + np.repeat(random.integers(0, 30, VIEWERS), 12)
    users = np.repeat(np.arange(VIEWERS, dtype=np.int32), 12)
    return Columns([f"u{user}" for user in range(VIEWERS)], [str(row) for row in range(MOVIES)], users, movies, stars,
                   days)  # fmt: skip


def engine() -> Here:
    return Here(build_sequences(liked(ratings(), 3.5), ROW_OF), MOVIES, ratings(), ROW_OF)


def catalogue() -> Catalogue:
    """With the likes of all ratings, those held out among them."""
    ids = tuple(f"{number:02}" for number in range(MOVIES))
    rows = ROW_OF[liked(ratings(), 3.5).movies]
    likes = np.bincount(rows, minlength=MOVIES).astype(np.int32)
    return Catalogue(ids, ids, np.full(MOVIES, 1999, np.int16), (("Drama",),) * MOVIES, likes)


def model_of(name: str, seed: int) -> Model:
    random, none = np.random.default_rng([seed, len(name)]), np.empty((MOVIES, 0), dtype=np.int32)
    vectors, output = random.normal(size=(2, MOVIES, 5)).astype(np.float32)
    return Model(vectors, np.ones(MOVIES, dtype=np.bool_), none, none.astype(np.float32), output)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sequences, Catalogue, list[int]]]:
    """What each training was handed; its models are random by seed."""
    handed = []

    def train(
        engine: Here, films: Catalogue, settings: Mapping[str, Settings], *_: Any, stored: bool
    ) -> tuple[dict[str, Model], dict[str, Any]]:
        assert not stored
        handed.append((engine.sequences, films, [one.seed for one in settings.values()]))
        return {name: model_of(name, one.seed) for name, one in settings.items()}, {}

    monkeypatch.setattr(module, "train_models", train)
    return handed


SETTINGS = {"item2vec": Settings(seed=7), "deepwalk": Settings(seed=7)}


def judged(protocol: str = "leave-last-one", seeds: int = 1) -> Evaluation:
    return evaluate(engine(), catalogue(), SETTINGS, workers=1, steps=Steps(), protocol=protocol, seeds=seeds)


def rows_of(found: Evaluation, **wanted: str | None) -> list[dict[str, Any]]:
    return [one for one in found.rows if all(one[key] == value for key, value in wanted.items())]


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_training_sees_nothing_that_is_asked_for(
    protocol: str, trained: list[tuple[Sequences, Catalogue, list[int]]]
) -> None:
    found = judged(protocol)
    split = PROTOCOLS[protocol](ratings(), ROW_OF, 3.5)
    expected = build_sequences(liked(split.train, 3.5), ROW_OF)
    ((sequences, films, _),) = trained
    assert sequences.rows.tolist() == expected.rows.tolist()
    assert sequences.offsets.tolist() == expected.offsets.tolist()
    assert films.likes.tolist() == np.bincount(expected.rows, minlength=MOVIES).tolist()
    assert films.likes.sum() < catalogue().likes.sum()
    assert (found.protocol, found.questions, found.questions_in_all) == (protocol, split.asked, split.asked)
    assert found.viewers == len(set(split.viewers.tolist()))
    assert found.to_json()["rows"] == found.rows


def test_popularity_counts_only_the_likes_that_training_saw(trained: list[Any]) -> None:
    found = judged("time-split")
    (popular,) = rows_of(found, name="popularity", task="A")
    films = trained[0][1]
    ranked = np.argsort(-films.likes, kind="stable")
    # its lists hold the ten most liked, or nine of them and the eleventh
    percentile = np.empty(MOVIES)
    percentile[np.argsort(films.likes, kind="stable")] = np.linspace(0, 1, MOVIES)
    lists = [[movie for movie in ranked if movie != one][:10] for one in asked_lists(films)]
    assert popular["popularity"] == round(float(percentile[np.array(lists)].mean()), 6)


def test_questions_are_a_sample_where_there_are_too_many(trained: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_QUESTIONS", 9)
    found = judged("time-split")
    assert (found.questions, {one["questions"] for one in found.rows}) == (9, {9})
    assert found.questions_in_all > 40
    assert found.viewers <= 9


def test_rows_are_of_the_first_seed_and_stability_is_over_all(trained: list[Any]) -> None:
    found = judged(seeds=3)
    assert found.seeds == [7, 8, 9]
    assert [seeds for _, _, seeds in trained] == [[7, 7], [8, 8], [9, 9]]
    films = with_likes_of(catalogue(), trained[0][1].likes)
    alone = judged()
    assert len(found.rows) == len(alone.rows)
    for name in SETTINGS:
        for relation in ("similar", "next"):
            lists = []
            for seed in found.seeds:
                scorer = model_scorer(model_of(name, seed), relation)
                lists.append(top_lists(scorer, asked_lists(films), MOVIES))
            (one,) = rows_of(found, name=name, relation=relation, task="A")
            expected = np.mean([overlap(left, right) for left, right in combinations(lists, 2)])
            assert one["stability"] == round(float(expected), 6) < 1
            assert one["hr@10_seeds"][0] == one["hr@10"]
            assert len(one["hr@10_seeds"]) == 3
            (same,) = rows_of(alone, name=name, relation=relation, task="A")
            assert one["hr@10"] == same["hr@10"]
            assert "stability" not in same
            assert rows_of(found, name=name, relation=relation, task="B") == rows_of(
                alone, name=name, relation=relation, task="B"
            )
    assert not any("stability" in one for one in rows_of(found, kind="baseline"))
    assert "stability" in rows_of(judged(seeds=2), name="item2vec", relation="next", task="A")[0]


def test_a_baseline_that_is_left_out_is_named(trained: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.evaluation.baselines.EASE_MOST", 5)
    found = judged()
    assert list(found.skipped) == ["ease"]
    assert not rows_of(found, name="ease")


def test_the_default_model_is_judged_by_lists_from_one_film() -> None:
    good, bad = row("item2vec", "model", "similar", 0.4), row("blend", "model", "similar", 0.3)
    from_histories = [{**good, "task": "B", "hr@10": 0.1}, {**bad, "task": "B", "hr@10": 0.9}]
    assert best_model(evaluation(good, bad, *from_histories)) == "item2vec"
