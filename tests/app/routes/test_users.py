"""GET /users/{userId}, its /recommendations and its /vector."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings import Settings
from models import Catalogue, Model
from models.scores import cosines, six_digits
from models.viewers import HALF_LIFE
from tests.app.conftest import HISTORIES, service, viewers_of

GENRES = ["Drama", "Action", "Comedy", "Children", "Sci-Fi", "no such"]
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.integers(1, 60),
        "offset": st.integers(0, 50),
        "genre": st.sampled_from(GENRES),
        "yearFrom": st.integers(1960, 2010),
        "yearTo": st.integers(1960, 2010),
        "minLikes": st.integers(0, 300),
        "diversity": st.sampled_from([0.0, 0.3, 1.0]),
        "popularity": st.sampled_from([-1.0, 0.0, 0.5]),
        "halfLife": st.sampled_from([0.0, 5e-324, 0.5, 3.0, 1e6]),
        "relation": st.sampled_from(["similar", "next"]),
    },
)


def path_of(user_id: str, tail: str = "") -> str:
    return f"/users/{quote(user_id, safe='')}{tail}"


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., str], catalogue: Catalogue) -> Any:
    """Viewers with seeded histories of any length, the last of whom has liked everything."""
    random, ids = np.random.default_rng(592), catalogue.ids
    chosen = [random.permutation(len(ids))[: random.integers(1, 20)] for _ in range(30)]
    histories = {f"r{number}": [ids[row] for row in rows] for number, rows in enumerate(chosen)}
    histories["all"] = list(ids)
    folder = tmp_path_factory.mktemp("readers")
    publish(folder, viewers=viewers_of(catalogue, histories))
    with service(Settings(models=folder)) as client:
        yield client, histories


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., str]) -> Iterator[TestClient]:
    """The service over a release that was trained without viewers."""
    folder = tmp_path_factory.mktemp("without")
    publish(folder)
    with service(Settings(models=folder)) as client:
        yield client


def test_a_viewer_is_shown_with_the_latest_first(client: TestClient) -> None:
    body = client.get("/users/42").json()
    assert list(body) == ["userId", "likes", "release", "models", "limit", "offset", "history"]
    assert (body["userId"], body["likes"], body["models"]) == ("42", 4, ["item2vec", "deepwalk"])
    assert [film["movieId"] for film in body["history"]] == ["2571", "1", "593", "592"]
    assert body["history"][3] == client.get("/similar/592").json()["movie"]


def test_a_history_is_shown_page_by_page(client: TestClient) -> None:
    part = client.get("/users/42?limit=2&offset=1").json()
    assert [film["movieId"] for film in part["history"]] == ["1", "593"]
    assert (part["limit"], part["offset"], part["likes"]) == (2, 1, 4)
    assert client.get("/users/42?offset=4").json()["history"] == []


def test_recommendations_by_hand(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    rows = [catalogue.row_of[movie_id] for movie_id in HISTORIES["42"]]
    weights = np.array([2.0**-age for age in (3, 2, 1, 0)])
    units = model.vectors[rows] / np.linalg.norm(model.vectors[rows].astype(np.float64), axis=1)[:, None]
    pool = (weights[:, None] * units).sum(axis=0) / weights.sum()
    scores = six_digits(cosines(pool, model.vectors)).tolist()
    expected = [row for row in np.flatnonzero(model.learned).tolist() if row not in rows]
    expected.sort(key=lambda row: (-scores[row], row))
    body = client.get("/users/42/recommendations?limit=1000").json()
    assert HALF_LIFE == 1
    assert body["user"] == {"userId": "42", "likes": 4}
    assert (body["likes"], body["dislikes"], body["unknown"]) == (HISTORIES["42"], [], [])
    found = [(film["movieId"], film["score"]) for film in body["similar"]]
    assert found == [(catalogue.ids[row], scores[row]) for row in expected]
    alike = client.get("/users/42/vector?halfLife=0").json()["vector"]
    assert alike == pytest.approx(units.mean(axis=0), rel=1e-5)
    vector = client.get("/users/42/vector").json()
    assert vector["vector"] == six_digits(pool).tolist()
    assert (vector["userId"], vector["dimension"], vector["source"]) == ("42", 8, "learned")


@settings(deadline=None, max_examples=150)
@given(asked=ASKED, number=st.integers(0, 29))
def test_the_answer_is_that_of_post_similar_and_nothing_seen_is_in_it(
    readers: tuple[TestClient, dict[str, list[str]]], asked: dict[str, Any], number: int
) -> None:
    client, histories = readers
    likes = histories[f"r{number}"]
    answer = client.get(f"/users/r{number}/recommendations", params=asked)
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("user") == {"userId": f"r{number}", "likes": len(likes)}
    assert body == client.post("/similar", json={"likes": likes, **asked}).json()
    assert {film["movieId"] for film in body["similar"]}.isdisjoint(likes)


def test_who_has_liked_everything_is_recommended_nothing(readers: tuple[TestClient, Any]) -> None:
    body = readers[0].get("/users/all/recommendations").json()
    assert (body["total"], body["similar"]) == (0, [])


def test_the_latest_like_weighs_most_unless_all_weigh_alike(client: TestClient) -> None:
    def listed(likes: list[str], half_life: float) -> list[tuple[str, float]]:
        body = client.post("/similar", json={"likes": likes, "halfLife": half_life, "limit": 1000}).json()
        return [(film["movieId"], film["score"]) for film in body["similar"]]

    assert listed(["592", "1"], 0) == listed(["1", "592"], 0)
    assert listed(["592", "1"], 3) != listed(["1", "592"], 3)
    # so short a memory that only the latest like is left of it
    latest = [film for film in listed(["1"], 0) if film[0] != "592"]
    assert listed(["592", "1"], 5e-324) == latest


def test_of_a_like_sent_twice_the_later_counts(client: TestClient) -> None:
    twice = client.post("/similar", json={"likes": ["592", "1", "592"]}).json()
    assert twice == client.post("/similar", json={"likes": ["1", "592"]}).json()
    assert twice["likes"] == ["1", "592"]


@pytest.mark.parametrize("user_id", list(HISTORIES))
def test_ids_of_any_characters(client: TestClient, user_id: str) -> None:
    assert client.get(path_of(user_id)).json()["userId"] == user_id
    assert client.get(path_of(user_id, "/recommendations")).json()["user"]["userId"] == user_id
    assert client.get(path_of(user_id, "/vector")).json()["userId"] == user_id


def test_the_last_word_counts_as_it_was_sent(client: TestClient) -> None:
    # unencoded it names what is asked for, and the id is what stands before it
    assert client.get("/users/a/b/recommendations").json()["user"]["userId"] == "a/b"
    assert client.get("/users/a/b").json()["userId"] == "a/b"
    assert client.get("/users/a%2Fb%2Frecommendations").json()["userId"] == "a/b/recommendations"
    assert client.get("/users/a%2fb%2fvector").json()["userId"] == "a/b/vector"
    assert client.get("/users/recommendations").json()["userId"] == "recommendations"
    behind = client.get("/users/42/recommendations%0A")
    assert (behind.status_code, behind.json()["type"]) == (404, "/problems/unknown-user")


@pytest.mark.parametrize("tail", ["", "/recommendations", "/vector"])
@pytest.mark.parametrize("user_id", ["", "4", "421", "43", "42 ", "42/", "\x00", "\ud800", "zzz"])
def test_an_unknown_viewer_is_not_found_and_no_other_is_named(client: TestClient, user_id: str, tail: str) -> None:
    answer = client.get(f"/users/{quote(user_id, safe='', errors='surrogatepass')}{tail}")
    body = answer.json()
    assert (answer.status_code, body["type"]) == (404, "/problems/unknown-user")
    assert set(body) == {"type", "title", "status", "detail", "instance"}


@pytest.mark.parametrize("tail", ["", "/recommendations", "/vector"])
def test_a_release_without_viewers_says_so(without: TestClient, tail: str) -> None:
    answer = without.get(f"/users/42{tail}")
    body = answer.json()
    assert (answer.status_code, body["type"]) == (404, "/problems/no-users")
    assert "trained without --users" in body["detail"]


def test_models_say_how_many_viewers_there_are(client: TestClient, without: TestClient) -> None:
    assert client.get("/models").json()["users"] == len(HISTORIES)
    assert without.get("/models").json()["users"] == 0


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/users/42?limit=0", "limit"),
        ("/users/42?model=item2vec", "model"),
        ("/users/42/recommendations?halfLife=-1", "halfLife"),
        ("/users/42/recommendations?halfLife=nan", "halfLife"),
        ("/users/42/recommendations?colour=red", "colour"),
        ("/users/42/recommendations?relation=next&model=deepwalk", "relation"),
        ("/users/42/vector?limit=3", "limit"),
    ],
)
def test_a_bad_parameter_is_named(client: TestClient, path: str, parameter: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_an_unknown_model_is_not_found(client: TestClient) -> None:
    for tail in ("/recommendations", "/vector"):
        assert client.get(f"/users/42{tail}?model=nope").json()["type"] == "/problems/unknown-model"


def test_numbers_for_prometheus_never_hold_an_id(client: TestClient) -> None:
    client.get("/users/42/recommendations")
    text = client.get("/metrics").text
    assert 'route="/users/{userId}/recommendations"' in text
    assert "/users/42" not in text


def test_nothing_loaded_is_503(empty: TestClient, tmp_path: Path) -> None:
    assert not (tmp_path / "none").exists()
    assert empty.get("/users/42").status_code == 503


def test_a_real_server_tells_the_same_paths_apart(folder: Path, run_service: Callable[..., Any]) -> None:
    running = run_service(folder)
    assert running.get("/users/42/recommendations") == 200
    assert running.get("/users/42%2Frecommendations") == 404
    assert running.get("/users/a%2Fb%2Frecommendations?limit=1") == 200
    assert running.get("/users/a%2Fb%2Frecommendations?model=item2vec") == 422
