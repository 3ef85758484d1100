"""Inferred movies among the answers: the lifted score, their label, and lists without them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.neighbours import Dials, Filters, Question, page, pooled
from app.settings import Settings
from app.space import Space
from models import Catalogue, Model, Registry, save
from models.scores import six_digits
from training.neighbours import with_nearest

LIFTS = (-0.2, 0.1)
BARE = 4  # inferred, and not listed: of which nothing is known


@pytest.fixture(scope="module")
def mixed(model: Model, catalogue: Catalogue) -> Model:
    """The model with all its inferred movies but one among the answers."""
    listed = ~model.learned
    listed[BARE] = False
    return with_nearest(replace(model, listed=listed, lifts=np.array(LIFTS, np.float32)), k=10)


def ranking(
    model: Model, question: Question, filters: Filters, dials: Dials, catalogue: Catalogue
) -> list[tuple[int, float]]:
    """One movie after the other: cosine, plus the lift where the movie is inferred."""
    assert model.listed is not None
    assert model.lifts is not None
    from_inferred = bool(question.sources) and not any(model.learned[row] for row, _ in question.sources)
    only_learned = filters.learned_only or dials.popularity < 0 or dials.relation == "next"
    wide, query = model.vectors.astype(np.float64), np.asarray(question.vector, dtype=np.float64)
    scored = []
    for row in range(len(wide)):
        if row in question.excluded or not (model.learned[row] or (model.listed[row] and not only_learned)):
            continue
        if dials.relation == "next":
            assert model.output is not None
            score = float(model.output[row].astype(np.float64) @ query)
        else:
            lengths = np.linalg.norm(wide[row]) * np.linalg.norm(query)
            score = float(wide[row] @ query) / lengths if lengths else 0.0
        if model.listed[row]:
            score += float(model.lifts[int(from_inferred)])
        score += 0.1 * dials.popularity * np.log1p(int(catalogue.likes[row]))
        scored.append((row, float(six_digits(np.array([score]))[0])))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    row=st.integers(0, 45),
    learned_only=st.booleans(),
    popularity=st.sampled_from([0.0, 0.0, 1.0, -0.5]),
    relation=st.sampled_from(["similar", "similar", "next"]),
    size=st.sampled_from([1, 4, 10, 11, 50]),
    history=st.booleans(),
)
def test_pages_make_the_one_ranking(
    mixed: Model, catalogue: Catalogue, row: int, learned_only: bool, popularity: float, relation: Any, size: int,
    history: bool,
) -> None:  # fmt: skip
    question = pooled(mixed, [row, (row + 7) % 46], []) if history else Question.about(mixed, row)
    filters, dials = Filters(learned_only=learned_only), Dials(popularity=popularity, relation=relation)
    expected = ranking(mixed, question, filters, dials, catalogue)
    space, found = Space(mixed), []
    for offset in range(0, 46 + size, size):
        one = page(space, catalogue, question, filters, dials, offset, size)
        found += list(zip(one.rows.tolist(), one.scores.tolist(), strict=True))
        assert one.total == len(expected)
    assert found == expected


def test_stored_neighbours_are_the_ranking_too(mixed: Model, catalogue: Catalogue) -> None:
    for row in range(len(catalogue)):
        expected = ranking(mixed, Question.about(mixed, row), Filters(), Dials(), catalogue)[:10]
        assert mixed.neighbour_rows[row].tolist() == [other for other, _ in expected]
        assert mixed.neighbour_scores[row].tolist() == [float(np.float32(score)) for _, score in expected]


@pytest.fixture(scope="module")
def client(
    mixed: Model, catalogue: Catalogue, serve: Callable[..., Any], tmp_path_factory: Any
) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("store")
    registry = Registry(folder)
    made = {"created_at": "2026-01-01T00:00:00Z", "default_model": "item2vec", "settings": {"item2vec": {}}, "data": {}}
    registry.promote(registry.add(lambda target: save(target, catalogue, {"item2vec": mixed}, **made)))
    with serve(Settings(models=folder)) as running:
        yield running


def sources(answer: Any) -> list[str]:
    assert answer.status_code == 200
    body = answer.json()
    assert len(body["similar"]) == body["total"]
    return [film["source"] for film in body["similar"]]


def test_inferred_movies_are_labelled_and_can_be_left_out(client: TestClient, mixed: Model) -> None:
    learned, listed = int(mixed.learned.sum()), int(np.count_nonzero(mixed.listed))
    everything = sources(client.get("/similar/592?limit=1000"))
    assert (everything.count("learned"), everything.count("inferred")) == (learned - 1, listed)
    assert sources(client.get("/similar/592?limit=1000&learnedOnly=true")) == ["learned"] * (learned - 1)
    assert sources(client.get("/similar/592?limit=1000&learnedOnly=false")) == everything


def test_a_history_is_answered_with_learned_movies_unless_asked_otherwise(client: TestClient, mixed: Model) -> None:
    likes = {"likes": ["592", "593"], "limit": 1000}
    assert set(sources(client.post("/similar", json=likes))) == {"learned"}
    assert "inferred" in sources(client.post("/similar", json={**likes, "learnedOnly": False}))


def test_of_which_nothing_is_known_is_asked_about_and_is_no_answer(client: TestClient, catalogue: Catalogue) -> None:
    assert client.get(f"/similar/{catalogue.ids[BARE]}").json()["source"] == "inferred"
    ids = [film["movieId"] for film in client.get("/similar/592?limit=1000").json()["similar"]]
    assert catalogue.ids[BARE] not in ids


def test_what_is_no_truth_value_is_refused(client: TestClient) -> None:
    answer = client.get("/similar/592?learnedOnly=maybe")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "learnedOnly"
