"""Ranks and lists against sorting everything; and model scores against the service's own answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.neighbours import Dials, Filters, Question, Space, page, pooled
from models import Catalogue, Model
from models.model import Relation
from models.viewers import HALF_LIFE
from tests.small import sequences_of
from training.blend import blend
from training.evaluation.protocols import Split
from training.evaluation.ranking import answer_ranks, histories, top_lists
from training.evaluation.scorers import Scorer, model_scorer
from training.neighbours import with_nearest
from training.readers import Columns

EMPTY = Columns([], [], np.empty(0, np.int32), np.empty(0, np.int32), None, np.empty(0))


def split_of(liked: list[list[int]]) -> Split:
    """Every like but the first of each viewer is asked for."""
    sequences = sequences_of(liked)
    first = sequences.offsets[:-1]
    targets = np.setdiff1d(np.arange(len(sequences.rows)), first)
    viewers = np.searchsorted(sequences.offsets, targets, side="right") - 1
    return Split("test", EMPTY, sequences, targets, viewers, len(targets))


def fixed(table: np.ndarray) -> Scorer:
    return lambda block: np.asarray(block @ table, dtype=np.float32)


@settings(deadline=None)
@given(data=st.data(), task=st.sampled_from("AB"))
def test_the_rank_of_an_answer_is_its_place_in_the_sorted_list(data: st.DataObject, task: str) -> None:
    movies = 8
    liked = data.draw(st.lists(st.permutations(range(movies)).map(lambda one: one[:4]), min_size=1, max_size=4))
    table = np.array(data.draw(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=8, max_size=8),
                                        min_size=8, max_size=8)))  # fmt: skip
    split = split_of(liked)
    ranks = answer_ranks(fixed(table), split, task, movies)
    for rank, start, target in zip(ranks, split.starts, split.targets, strict=True):
        history = split.liked.rows[start:target] if task == "B" else split.liked.rows[target - 1 : target]
        score = np.mean(table[history], axis=0).astype(np.float32)
        order = sorted(set(range(movies)) - set(history.tolist()), key=lambda movie: (-score[movie], movie))
        assert rank == order.index(split.liked.rows[target]) + 1


def test_an_answer_without_a_score_has_no_rank() -> None:
    table = np.full((3, 3), -np.inf)
    assert answer_ranks(fixed(table), split_of([[0, 1]]), "A", 3).tolist() == [np.inf]


def test_recent_likes_weigh_more_where_weights_halve() -> None:
    ((_, block),) = histories(split_of([[0, 1, 2, 3]]), "B", 4, halving=1.0)
    assert block.toarray()[-1].tolist() == pytest.approx([1 / 7, 2 / 7, 4 / 7, 0])
    ((_, block),) = histories(split_of([[0, 1, 2, 3]]), "B", 4)
    assert block.toarray()[-1].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_lists_are_the_best_ties_by_row_and_never_the_movie_itself() -> None:
    table = np.array([[9, 1, 1, 2], [0, 9, -np.inf, 0], [5, 4, 3, 2], [1, 1, 1, 1]], dtype=float)
    finite = lambda block: np.asarray(table, dtype=np.float32)[block.indices]  # noqa: E731
    assert top_lists(finite, np.arange(4), 4, 3).tolist() == [[3, 1, 2], [0, 3, -1], [0, 1, 3], [0, 1, 2]]
    assert top_lists(finite, np.array([0]), 4, 9).tolist() == [[3, 1, 2, -1]]


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
        parts[name] = with_nearest(Model(vectors, likes > 0, none, none.astype(np.float32), output))
    return {**parts, "blend": blend(parts, sequences, catalogue)}, catalogue


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
    for row in range(len(catalogue)):
        answered = page(space, catalogue, Question.about(model, row), Filters(), dials, 0, 10)
        assert lists[row].tolist() == answered.rows.tolist()
    liked = [3, 11, 7]
    *_, (_, block) = histories(split_of([[*liked, 0]]), "B", 40, HALF_LIFE)
    block = block[-1:]
    scores = np.array(scorer(block))[0]
    scores[liked] = -np.inf
    answered = page(space, catalogue, pooled(model, liked, []), Filters(), dials, 0, 10)
    assert np.argsort(-scores, kind="stable")[:10].tolist() == answered.rows.tolist()
    assert scores[answered.rows] == pytest.approx(answered.scores, abs=1e-4)
