"""The rows of the table against plain Python: ranks, errors by viewer, lists, and who is compared with whom."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import Catalogue, Model
from models.viewers import HALF_LIFE
from tests.training.evaluation.asking import fixed, split_of
from training.evaluation import judge as module
from training.evaluation.judge import Entry, Judged, about_lists, asked_lists, compare, judge, model_entries
from training.evaluation.metrics import estimate, paired_bootstrap
from training.evaluation.scorers import Scorer

GENRES = (("A", "B"), ("A",), ("B", "C"), (), ("C",), ("A", "B", "C"), ("A",), ("C",))
LIKES = [0, 5, 3, 3, 9, 1, 2, 0]
LISTS = [[4, 2, 5], [4, 0, -1], [4, 5, 6], [2, 1, 3], [0, 4, -1], [-1, -1, -1]]


def catalogue(likes: list[int] = LIKES, genres: tuple[tuple[str, ...], ...] = GENRES) -> Catalogue:
    ids = tuple(f"{row:02}" for row in range(len(likes)))
    return Catalogue(ids, ids, np.full(len(ids), 1999, np.int16), genres, np.array(likes, np.int32))


def jaccard(one: int, other: int) -> float | None:
    ours, theirs = set(GENRES[one]), set(GENRES[other])
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else None


def test_what_lists_are_like_by_going_through_them() -> None:
    asked = [1, 2, 3, 4, 5, 6]
    assert asked_lists(catalogue()).tolist() == asked
    found = about_lists(np.array(LISTS), catalogue())
    shown = [movie for line in LISTS for movie in line if movie >= 0]
    # row 0 is shown once, but nobody likes it: it is no part of what there is to cover
    assert found["coverage"] == round(6 / 6, 6)
    order = sorted(range(8), key=lambda movie: LIKES[movie])
    assert found["popularity"] == round(float(np.mean([order.index(movie) / 7 for movie in shown])), 6)
    pairs = [jaccard(one, other) for one, line in zip(asked, LISTS, strict=True) for other in line if other >= 0]
    known = [value for value in pairs if value is not None]
    assert len(known) == len(pairs) - 4
    assert found["genre_agreement"] == round(float(np.mean(known)), 6)


def test_coverage_is_the_share_of_liked_movies_that_are_in_any_list() -> None:
    found = about_lists(np.array([[1, 0]] * 6), catalogue())
    assert found["coverage"] == round(1 / 6, 6)
    assert found["gini"] == round(5 / 6, 6)
    # one of six takes all: (n - 2) / sqrt(n - 1)
    assert found["hubness"] == round(4 / 5**0.5, 6)


def test_random_agreement_is_with_liked_movies_and_not_with_those_shown() -> None:
    # everything liked has one genre, what nobody likes has another
    genres = tuple(("A",) if likes else ("B",) for likes in LIKES)
    found = about_lists(np.zeros((6, 3), dtype=np.int64), catalogue(genres=genres))
    assert (found["genre_agreement"], found["genre_agreement_random"]) == (0, 1)
    empty = about_lists(np.full((6, 3), -1), catalogue())
    assert (empty["popularity"], empty["genre_agreement"], empty["coverage"]) == (0, 0, 0)
    assert empty["genre_agreement_random"] > 0


def test_lists_are_those_of_liked_movies_or_of_the_same_sample_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LISTS", 6)
    assert asked_lists(catalogue()).tolist() == [1, 2, 3, 4, 5, 6]
    monkeypatch.setattr(module, "MOST_LISTS", 20)
    drawn = [asked_lists(catalogue([0, *[1] * 60], ((),) * 61)) for _ in range(2)]
    assert drawn[0].tolist() == drawn[1].tolist() == sorted(set(drawn[0].tolist()) - {0})
    assert len(drawn[0]) == 20


MOVIES = 30
SPLIT = split_of([np.random.default_rng(viewer).permutation(MOVIES)[: 3 + viewer % 5].tolist() for viewer in range(12)])
EVERYBODY = catalogue([1] * MOVIES, (("A",),) * MOVIES)


def hits(table: np.ndarray, task: str, half_life: float) -> list[float]:
    """HR@10 of each question, one by one."""
    found = []
    for start, target in zip(SPLIT.starts, SPLIT.targets, strict=True):
        seen = SPLIT.liked.rows[start if task == "B" else target - 1 : target].tolist()
        weights = np.array([0.5 ** ((len(seen) - 1 - place) / half_life) for place in range(len(seen))])
        score = (weights / weights.sum()) @ table[seen]
        order = sorted(set(range(MOVIES)) - set(seen), key=lambda movie: (-score[movie], movie))
        found.append(float(SPLIT.liked.rows[target] in order[:10]))
    return found


@pytest.fixture
def table() -> np.ndarray:
    return np.random.default_rng(21).random((MOVIES, MOVIES))


def test_a_row_is_the_mean_over_questions_with_the_error_over_viewers(table: np.ndarray) -> None:
    rows = judge(Entry("item2vec", "model", "similar", fixed(table)), SPLIT, EVERYBODY)
    assert [one.row["task"] for one in rows] == ["A", "B"]
    assert [one.row["half_life"] for one in rows] == [None, HALF_LIFE]
    for one in rows:
        wanted = hits(table, one.row["task"], HALF_LIFE)
        assert one.hits.tolist() == wanted
        expected = estimate(np.array(wanted), SPLIT.viewers)
        assert (one.row["hr@10"], one.row["hr@10_se"]) == (round(expected.mean, 6), round(expected.se, 6))
        assert one.row["questions"] == len(SPLIT.targets)
        # the mean of a viewer's questions is not the error of questions on their own
        assert one.row["hr@10_se"] != round(estimate(np.array(wanted), np.arange(len(wanted))).se, 6)
    assert wanted != hits(table, "A", 1)
    assert (rows[0].lists is None, rows[1].lists is None) == (False, True)
    assert "coverage" not in rows[1].row
    assert "coverage" in rows[0].row


def test_a_baseline_has_the_better_of_two_ways_and_a_model_the_services() -> None:
    gains = []
    for seed in range(8):
        scores = np.random.default_rng(seed).random((MOVIES, MOVIES))
        alike, halved = (float(np.mean(hits(scores, "B", way))) for way in (1e12, HALF_LIFE))
        (baseline,) = judge(Entry("ease", "baseline", None, fixed(scores)), SPLIT, EVERYBODY, "B")
        (model,) = judge(Entry("item2vec", "model", "similar", fixed(scores)), SPLIT, EVERYBODY, "B")
        assert baseline.row["hr@10"] == round(max(alike, halved), 6)
        assert (model.row["hr@10"], model.row["half_life"]) == (round(halved, 6), HALF_LIFE)
        gains.append(halved - alike)
        if gains[-1]:
            assert baseline.row["half_life"] == (HALF_LIFE if gains[-1] > 0 else None)
    # either way is the better one somewhere, or nothing is shown
    assert min(gains) < 0 < max(gains)


def test_each_model_stands_once_for_each_relation_with_scores_of_that_relation() -> None:
    random, none = np.random.default_rng(2), np.empty((MOVIES, 0), dtype=np.int32)
    vectors, output = random.normal(size=(2, MOVIES, 4)).astype(np.float32)
    whole = Model(vectors, np.ones(MOVIES, dtype=np.bool_), none, none.astype(np.float32), output)
    entries = list(model_entries({"item2vec": whole, "deepwalk": replace(whole, output=None)}))
    named = [(one.name, one.kind, one.relation) for one in entries]
    assert named == [("item2vec", "model", "similar"), ("item2vec", "model", "next"), ("deepwalk", "model", "similar")]
    similar, following, again = (judge(one, SPLIT, EVERYBODY, "A")[0].row["mrr"] for one in entries)
    assert similar == again != following


def judged(name: str, kind: str, task: str, hits: list[float]) -> Judged:
    values = np.array(hits)
    row: dict[str, Any] = {"name": name, "kind": kind, "relation": None, "task": task, "hr@10": float(values.mean())}
    return Judged(row, values, None)


def test_a_model_is_compared_with_the_best_baseline_of_its_task() -> None:
    random = np.random.default_rng(6)
    draw = lambda chance: (random.random(len(SPLIT.targets)) < chance).astype(float).tolist()  # noqa: E731
    ours, rival = draw(0.5), draw(0.4)
    rows = [
        judged("item2vec", "model", "A", ours),
        judged("blend", "model", "A", [1.0] * len(ours)),
        judged("popularity", "baseline", "A", draw(0.1)),
        judged("markov", "baseline", "A", rival),
        judged("ease", "baseline", "B", [1.0] * len(ours)),
    ]
    found, blend, *baselines = compare(rows, SPLIT)
    mean, low, high = paired_bootstrap(np.array(ours), np.array(rival), SPLIT.viewers)
    assert found["versus"] == blend["versus"] == "markov"
    assert [found[f"difference{end}"] for end in ("", "_low", "_high")] == [round(one, 6) for one in (mean, low, high)]
    assert blend["difference"] > 0
    assert not any("versus" in row for row in baselines)
    assert "versus" not in compare([rows[0], rows[4]], SPLIT)[0]


def test_scorers_are_asked_with_the_answer_hidden() -> None:
    """One who could see the answer would put it first; the history never holds it."""

    def seen(block: Any) -> np.ndarray:
        return np.asarray(block.toarray() > 0, dtype=np.float32)

    peeking: Scorer = seen
    for one in judge(Entry("peek", "model", "similar", peeking), SPLIT, EVERYBODY):
        # nothing but what was seen has a score: all others stand in order of their rows
        wanted = hits(np.zeros((MOVIES, MOVIES)), one.row["task"], 1)
        assert one.hits.tolist() == wanted
