"""Pages against a slow, obvious ranking: all filters, all dials, every page size."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import neighbours
from app.neighbours import Dials, Filters, Question, page, pooled
from app.space import Space
from models import Catalogue, Model
from models.scores import six_digits


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    lengths = math.sqrt(float(left @ left)) * math.sqrt(float(right @ right))
    return float(left @ right) / lengths if lengths else 0.0


def passes(catalogue: Catalogue, row: int, filters: Filters) -> bool:
    year = int(catalogue.years[row])
    if filters.genre is not None and filters.genre.lower() not in [name.lower() for name in catalogue.genres[row]]:
        return False
    if filters.year_from is not None and (not year or year < filters.year_from):
        return False
    if filters.year_to is not None and (not year or year > filters.year_to):
        return False
    return int(catalogue.likes[row]) >= filters.min_likes


def ranking(
    model: Model, catalogue: Catalogue, vector: np.ndarray, excluded: set[int], filters: Filters, dials: Dials,
    pool: int = 1000,
) -> list[tuple[int, float]]:  # fmt: skip
    """All rows that may be answered with their scores: float64, one at a time."""
    wide, query = model.vectors.astype(np.float64), np.asarray(vector, dtype=np.float64)
    scored = []
    for row in range(len(catalogue)):
        if not model.learned[row] or row in excluded or not passes(catalogue, row, filters):
            continue
        if dials.relation == "next":
            assert model.output is not None
            score = float(model.output[row].astype(np.float64) @ query)
        else:
            score = cosine(query, wide[row])
        score += 0.1 * dials.popularity * math.log(1 + int(catalogue.likes[row]))
        scored.append((row, float(six_digits(np.array([score]))[0])))
    scored.sort(key=lambda pair: (-pair[1], pair[0]))
    if not dials.diversity:
        return scored
    left, rest, picked = scored[:pool], scored[pool:], []
    while left:

        def value(pair: tuple[int, float], chosen: tuple[tuple[int, float], ...] = tuple(picked)) -> float:
            like = max((cosine(wide[pair[0]], wide[row]) for row, _ in chosen), default=0.0)
            return round((1 - dials.diversity) * pair[1] - dials.diversity * like, 9)

        best = min(left, key=lambda pair: (-value(pair), pair[0]))
        left.remove(best)
        picked.append(best)
    return picked + rest


def pages(
    model: Model, catalogue: Catalogue, question: Question, filters: Filters, dials: Dials, size: int
) -> tuple[list[tuple[int, float]], set[int]]:
    space, found, totals = Space(model), [], set()
    for offset in range(0, len(catalogue) + size, size):
        one = page(space, catalogue, question, filters, dials, offset, size)
        assert len(one.rows) <= size
        found += list(zip(one.rows.tolist(), one.scores.tolist(), strict=True))
        totals.add(one.total)
    return found, totals


FILTERS = st.builds(
    Filters,
    genre=st.sampled_from([None, None, None, "Action", "cRiMe", "no such"]),
    year_from=st.sampled_from([None, None, None, 0, 1989, 2003]),
    year_to=st.sampled_from([None, None, None, 1989, 1995, 9999]),
    min_likes=st.sampled_from([0, 0, 0, 3, 120, 2**31 - 1]),
)
DIALS = st.builds(
    Dials,
    diversity=st.sampled_from([0.0, 0.0, 0.3, 0.5, 1.0]),
    popularity=st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.25]),
    relation=st.sampled_from(["similar", "next"]),
)
slow = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@slow
@given(row=st.integers(0, 45), filters=FILTERS, dials=DIALS, size=st.sampled_from([1, 3, 7, 10, 11, 20, 100]))
def test_pages_of_any_size_make_the_one_ranking(
    model: Model, catalogue: Catalogue, row: int, filters: Filters, dials: Dials, size: int
) -> None:
    expected = ranking(model, catalogue, model.vectors[row], {row}, filters, dials)
    question = Question.about(model, row)
    found, totals = pages(model, catalogue, question, filters, dials, size)
    assert found == expected
    assert totals == {len(expected)}


@slow
@given(
    likes=st.sets(st.integers(0, 45), min_size=1, max_size=6),
    dislikes=st.sets(st.integers(0, 45), max_size=4),
    filters=FILTERS,
    dials=DIALS,
    size=st.sampled_from([2, 9, 50]),
)
def test_pages_for_a_history_make_the_one_ranking(
    model: Model, catalogue: Catalogue, likes: set[int], dislikes: set[int], filters: Filters, dials: Dials, size: int
) -> None:
    question = pooled(model, sorted(likes), sorted(dislikes))
    excluded = likes | dislikes
    expected = ranking(model, catalogue, question.vector, excluded, filters, dials)
    found, totals = pages(model, catalogue, question, filters, dials, size)
    assert found == expected
    assert totals == {len(expected)}


@slow
@given(filters=FILTERS, dials=DIALS, size=st.sampled_from([3, 5, 8, 40]))
def test_behind_the_pool_answers_follow_by_score(
    model: Model, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, filters: Filters, dials: Dials, size: int
) -> None:
    monkeypatch.setattr(neighbours, "POOL", 8)
    expected = ranking(model, catalogue, model.vectors[7], {7}, filters, dials, pool=8)
    question = Question.about(model, 7)
    assert pages(model, catalogue, question, filters, dials, size)[0] == expected


@pytest.mark.parametrize("size", [1, 4, 5, 10, 11, 100])
def test_stored_and_computed_neighbours_agree(model: Model, catalogue: Catalogue, size: int) -> None:
    for row in range(len(catalogue)):
        stored = pages(model, catalogue, Question.about(model, row), Filters(), Dials(), size)
        computed = pages(model, catalogue, Question(model.vectors[row], (row,)), Filters(), Dials(), size)
        assert stored == computed


def test_stored_neighbours_are_really_used(model: Model, catalogue: Catalogue) -> None:
    rows = model.neighbour_rows.copy()
    rows[0, :2] = rows[0, [1, 0]]
    swapped = Model(model.vectors, model.learned, rows, model.neighbour_scores)
    question = Question.about(model, 0)
    assert page(Space(swapped), catalogue, question, Filters(), Dials(), 0, 10).rows.tolist() == rows[0].tolist()
    beyond = page(Space(swapped), catalogue, question, Filters(), Dials(), 0, 11).rows.tolist()
    assert beyond[:10] == model.neighbour_rows[0].tolist()


def compass(degrees: list[float], likes: list[int] | None = None) -> tuple[Model, Catalogue]:
    """Movies as directions: who is near is known by looking."""
    count = len(degrees)
    angles = np.radians(degrees)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    empty = np.empty((count, 0), dtype=np.int32)
    model = Model(vectors, np.ones(count, dtype=np.bool_), empty, empty.astype(np.float32))
    catalogue = Catalogue(
        tuple("abcdefgh"[:count]),
        ("t",) * count,
        np.zeros(count, dtype=np.int16),
        ((),) * count,
        np.array(likes or [0] * count, dtype=np.int32),
    )
    return model, catalogue


def ask(model: Model, catalogue: Catalogue, row: int = 0, **dials: Any) -> list[str]:
    question = Question.about(model, row)
    found = page(Space(model), catalogue, question, Filters(), Dials(**dials), 0, 10)
    return [catalogue.ids[other] for other in found.rows]


def test_nearest_direction_comes_first_and_equals_stand_by_id() -> None:
    assert ask(*compass([0, 90, 10, -10, 180])) == ["c", "d", "b", "e"]


def test_popularity_lifts_the_liked_and_with_a_minus_the_hidden() -> None:
    model, catalogue = compass([0, 30, 35], likes=[0, 0, 1000])
    assert ask(model, catalogue) == ["b", "c"]
    assert ask(model, catalogue, popularity=1.0) == ["c", "b"]
    model, catalogue = compass([0, 30, 35], likes=[0, 1000, 0])
    assert ask(model, catalogue, popularity=-1.0) == ["c", "b"]


def test_popularity_adds_a_tenth_of_the_logarithm_of_likes() -> None:
    model, catalogue = compass([0, 90], likes=[0, 99])
    found = page(Space(model), catalogue, Question.about(model, 0), Filters(), Dials(popularity=0.5), 0, 1)
    assert found.scores[0] == pytest.approx(0.05 * math.log(100), rel=1e-5)


def test_diversity_prefers_another_direction_to_a_double() -> None:
    model, catalogue = compass([0, 10, 10, -40])
    assert ask(model, catalogue) == ["b", "c", "d"]
    assert ask(model, catalogue, diversity=0.5) == ["b", "d", "c"]


def test_the_score_shown_under_diversity_is_the_relevance() -> None:
    model, catalogue = compass([0, 10, 10, -40])
    question = Question.about(model, 0)
    found = page(Space(model), catalogue, question, Filters(), Dials(diversity=0.5), 0, 3)
    assert found.scores == pytest.approx([0.984808, 0.766044, 0.984808], abs=1e-6)


def test_dislikes_weigh_half_and_length_does_not_count() -> None:
    vectors = np.array([[2, 0], [0, 30]], dtype=np.float32)
    none = np.empty((2, 0), dtype=np.int32)
    model = Model(vectors, np.ones(2, dtype=np.bool_), none, none.astype(np.float32))
    disliked, liked = pooled(model, [0], [1]), pooled(model, [0, 1], [], half_life=0)
    assert (disliked.vector.tolist(), liked.vector.tolist()) == ([1.0, -0.5], [0.5, 0.5])
    assert (disliked.sources, liked.sources) == (((0, 1.0), (1, -0.5)), ((0, 0.5), (1, 0.5)))
    assert disliked.excluded == liked.excluded == (0, 1)


def test_a_like_weighs_half_of_one_that_came_a_half_life_later() -> None:
    model, _ = compass([0, 90, 180])
    question = pooled(model, [0, 1, 2], [], half_life=1)
    # (1, 0) / 7 + (0, 1) * 2 / 7 + (-1, 0) * 4 / 7
    assert question.vector == pytest.approx([-3 / 7, 2 / 7])
    assert question.sources == ((0, 1 / 7), (1, 2 / 7), (2, 4 / 7))


def test_lengths_far_from_one_rank_like_any_other(model: Model, catalogue: Catalogue) -> None:
    scale = np.logspace(-22, 22, len(catalogue))[:, None]
    wild = Model(
        (model.vectors * scale).astype(np.float32), model.learned, model.neighbour_rows, model.neighbour_scores
    )
    expected = ranking(wild, catalogue, wild.vectors[5], {5}, Filters(), Dials())
    found, _ = pages(wild, catalogue, Question(wild.vectors[5], (5,)), Filters(), Dials(), 6)
    assert found == expected


def test_a_zero_vector_is_equally_far_from_all(model: Model, catalogue: Catalogue) -> None:
    found = page(Space(model), catalogue, Question(np.zeros(8)), Filters(), Dials(), 0, 5)
    assert found.rows.tolist() == np.flatnonzero(model.learned)[:5].tolist()
    assert found.scores.tolist() == [0.0] * 5
