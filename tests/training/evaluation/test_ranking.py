"""Ranks and lists against sorting everything; and model scores against the service's own answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.neighbours import Dials, Filters, Question, page, pooled
from app.space import Space
from models import Catalogue, Model
from models.model import Relation
from models.viewers import HALF_LIFE
from tests.small import sequences_of
from tests.training.evaluation.asking import fixed, split_of
from training.blend import blend
from training.evaluation.ranking import answer_ranks, histories, top_lists
from training.evaluation.scorers import History, model_scorer
from training.here import Here
from training.neighbours import with_nearest


@settings(deadline=None)
@given(data=st.data(), task=st.sampled_from("AB"), halving=st.sampled_from([None, 0.5, 2.0]))
def test_the_rank_of_an_answer_is_its_place_in_the_sorted_list(
    data: st.DataObject, task: str, halving: float | None
) -> None:
    movies = 8
    liked = data.draw(st.lists(st.permutations(range(movies)).map(lambda one: one[:4]), min_size=1, max_size=4))
    table = np.array(data.draw(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=8, max_size=8),
                                        min_size=8, max_size=8)))  # fmt: skip
    split = split_of(liked)
    ranks = answer_ranks(fixed(table), split, task, movies, halving)
    for rank, start, target in zip(ranks, split.starts, split.targets, strict=True):
        history = split.liked.rows[start:target] if task == "B" else split.liked.rows[target - 1 : target]
        # a like counts half as much as one that came `halving` likes later
        ages = np.arange(len(history) - 1, -1, -1)
        weights = np.ones(len(history)) if halving is None else 0.5 ** (ages / halving)
        shares = (weights / weights.sum()).astype(np.float32)
        score = fixed(table)(History((shares, history, [0, len(history)]), shape=(1, movies)))[0]
        order = sorted(set(range(movies)) - set(history.tolist()), key=lambda movie: (-score[movie], movie))
        assert rank == order.index(split.liked.rows[target]) + 1


def test_an_answer_without_a_score_has_no_rank() -> None:
    table = np.full((3, 3), -np.inf)
    assert answer_ranks(fixed(table), split_of([[0, 1]]), "A", 3).tolist() == [np.inf]


def test_recent_likes_weigh_more_where_weights_halve() -> None:
    ((_, block),) = histories(split_of([[0, 1, 2, 3]]), "B", 4, halving=1.0)
    assert block.toarray()[-1].tolist() == pytest.approx([1 / 7, 2 / 7, 4 / 7, 0])
    # weights halve after two likes: 1, sqrt 2, 2
    ((_, block),) = histories(split_of([[0, 1, 2, 3]]), "B", 4, halving=2.0)
    assert block.toarray()[-1].tolist() == pytest.approx(np.array([1, 2**0.5, 2, 0]) / (3 + 2**0.5))
    ((_, block),) = histories(split_of([[0, 1, 2, 3]]), "B", 4)
    assert block.toarray()[-1].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_lists_are_the_best_ties_by_row_and_never_the_movie_itself() -> None:
    table = np.array([[9, 1, 1, 2], [0, 9, -np.inf, 0], [5, 4, 3, 2], [1, 1, 1, 1]], dtype=float)
    finite = lambda block: np.asarray(table, dtype=np.float32)[block.indices]  # noqa: E731
    assert top_lists(finite, np.arange(4), 4, 3).tolist() == [[3, 1, 2], [0, 3, -1], [0, 1, 3], [0, 1, 2]]
    assert top_lists(finite, np.array([0]), 4, 9).tolist() == [[3, 1, 2, -1]]


@pytest.mark.parametrize("block", [1, 2, 3])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    random = np.random.default_rng(3)
    split = split_of([random.permutation(9)[:length].tolist() for length in (4, 2, 5, 3)])
    scorer, asked = fixed(random.random((9, 9))), np.array([3, 8, 0, 5, 2, 7, 1])
    ranks = {task: answer_ranks(scorer, split, task, 9, 1.0).tolist() for task in "AB"}
    lists = top_lists(scorer, asked, 9, 4).tolist()
    monkeypatch.setattr("training.evaluation.ranking.BLOCK", block)
    assert {task: answer_ranks(scorer, split, task, 9, 1.0).tolist() for task in "AB"} == ranks
    assert top_lists(scorer, asked, 9, 4).tolist() == lists
    # ten are looked at, as they are shown
    assert top_lists(fixed(random.random((30, 30))), np.arange(30), 30).shape == (30, 10)


@pytest.fixture(scope="module")
def world() -> tuple[dict[str, Model], Catalogue]:
    random = np.random.default_rng(9)
    movies = 40
    sequences = sequences_of([random.permutation(movies - 5)[:8].tolist() for _ in range(50)])
    likes = np.bincount(sequences.rows, minlength=movies).astype(np.int32)
    ids = tuple(f"{row:03}" for row in range(movies))
    catalogue = Catalogue(ids, ids, np.full(movies, 1999, np.int16), (("Drama",),) * movies, likes)
    none = np.empty((movies, 0), dtype=np.int32)
    parts = {}
    for name in ("item2vec", "deepwalk", "node2vec"):
        vectors, output = random.normal(size=(2, movies, 6)).astype(np.float32)
        output[likes == 0] = 0
        # five movies are inferred, and stand in lists
        listed, lifts = likes == 0, np.array([0.15, -0.2], np.float32)
        model = Model(vectors, likes > 0, none, none.astype(np.float32), output, listed=listed, lifts=lifts)
        parts[name] = with_nearest(model)
    return {**parts, "blend": with_nearest(blend(parts, Here(sequences, len(catalogue)), catalogue))}, catalogue


def test_what_nobody_watched_is_never_next_and_a_model_without_output_vectors_is_not_asked(
    world: tuple[dict[str, Model], Catalogue],
) -> None:
    model = world[0]["item2vec"]
    ((_, block),) = histories(split_of([[0, 1]]), "A", 40)
    assert np.isneginf(model_scorer(model, "next")(block)[0]).tolist() == (~model.learned).tolist()
    with pytest.raises(ValueError, match="expected a model with output vectors"):
        model_scorer(replace(model, output=None), "next")


@pytest.mark.parametrize("relation", ["similar", "next"])
@pytest.mark.parametrize("name", ["item2vec", "blend"])
def test_what_is_judged_is_what_the_service_answers(
    world: tuple[dict[str, Model], Catalogue], name: str, relation: Relation
) -> None:
    models, catalogue = world
    model = models[name]
    space, dials = Space(model), Dials(relation=relation)
    scorer = model_scorer(model, relation)
    lists = top_lists(scorer, np.arange(len(catalogue)), len(catalogue), 10)
    order = np.random.default_rng(1).permutation(len(catalogue))
    ones = np.ones(len(order), dtype=np.float32)
    block_of_all = np.empty((len(order), len(order)))
    block_of_all[order] = scorer(History((ones, order, np.arange(len(order) + 1)), shape=(len(order), len(order))))
    for row in range(len(catalogue)):
        answered = page(space, catalogue, Question.about(model, row), Filters(), dials, 0, 10)
        assert lists[row].tolist() == answered.rows.tolist()
        # alone and among others, each movie has the scores of the service
        assert block_of_all[row, answered.rows] == pytest.approx(answered.scores, abs=1e-4)
    inferred = np.isin(lists, np.flatnonzero(~model.learned)).any(axis=1)
    assert inferred.any() == (relation == "similar")
    liked = [3, 11, 7]
    *_, (_, block) = histories(split_of([[*liked, 0]]), "B", 40, HALF_LIFE)
    block = block[-1:]
    scores = np.array(scorer(block))[0]
    scores[liked] = -np.inf
    # a history is answered by learned movies, unless asked otherwise
    answered = page(space, catalogue, pooled(model, liked, []), Filters(learned_only=True), dials, 0, 10)
    assert np.argsort(-scores, kind="stable")[:10].tolist() == answered.rows.tolist()
    assert scores[answered.rows] == pytest.approx(answered.scores, abs=1e-4)
