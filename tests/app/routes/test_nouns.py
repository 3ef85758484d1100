"""Vectors, movies and models."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from models import Catalogue, Model
from tests.app.conftest import METRIC_ROWS


def release(client: TestClient) -> str:
    name: str = client.get("/readyz").json()["release"]
    return name


def test_a_vector(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    body = client.get("/vectors/592").json()
    vector = body.pop("vector")
    assert vector == pytest.approx(model.vectors[catalogue.row_of["592"]].tolist(), rel=5e-6)
    assert all(len(f"{abs(number):.17g}".strip("0.").split("e")[0]) >= 0 for number in vector)
    assert all(float(f"{number:.6g}") == number for number in vector)
    assert body == {
        "movieId": "592",
        "model": "item2vec",
        "release": release(client),
        "dimension": 8,
        "source": "learned",
    }


def test_a_vector_of_another_model(client: TestClient) -> None:
    body = client.get("/vectors/592?model=deepwalk").json()
    assert (body["model"], body["dimension"], len(body["vector"])) == ("deepwalk", 4, 4)


def test_vectors_of_many(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    inferred = catalogue.ids[int(np.flatnonzero(~model.learned)[0])]
    body = client.post("/vectors", json={"movieIds": ["593", "none", inferred, "593"]}).json()
    assert [entry["movieId"] for entry in body["vectors"]] == ["593", inferred]
    assert [entry["source"] for entry in body["vectors"]] == ["learned", "inferred"]
    assert body["vectors"][0]["vector"] == client.get("/vectors/593").json()["vector"]
    assert body["unknown"] == ["none"]
    assert (body["model"], body["release"], body["dimension"]) == ("item2vec", release(client), 8)


def test_vectors_of_unknown_movies_alone(client: TestClient) -> None:
    body = client.post("/vectors", json={"movieIds": ["none"]}).json()
    assert (body["vectors"], body["unknown"]) == ([], ["none"])


@pytest.mark.parametrize("body", [{}, {"movieIds": []}, {"movieIds": ["1"] * 1001}, {"movieIds": ["1"], "x": 1}])
def test_bad_wishes_for_vectors(client: TestClient, body: object) -> None:
    assert client.post("/vectors", json=body).status_code == 422


def test_a_movie(client: TestClient) -> None:
    assert client.get("/movies/592").json() == {
        "movieId": "592",
        "title": "Batman",
        "year": 1989,
        "genres": ["Action", "Crime", "Thriller"],
        "likes": 189,
        "sources": {"item2vec": "learned", "deepwalk": "learned"},
    }


def test_finding_movies(client: TestClient) -> None:
    body = client.get("/movies?query=bat&limit=2").json()
    assert (body["query"], body["total"]) == ("bat", 4)
    assert [film["title"] for film in body["movies"]] == ["Batman", "Batman Begins"]
    assert list(body["movies"][0]) == ["movieId", "title", "year", "genres", "likes"]
    assert client.get("/movies?query=zzzzqqq").json() == {"query": "zzzzqqq", "total": 0, "movies": []}


def test_no_query_lists_the_most_liked(client: TestClient, catalogue: Catalogue) -> None:
    body = client.get("/movies").json()
    likes = [film["likes"] for film in body["movies"]]
    assert len(likes) == 10
    assert likes == sorted(catalogue.likes.tolist(), reverse=True)[:10]
    assert body["total"] == len(catalogue)


def test_a_query_has_at_most_200_characters(client: TestClient) -> None:
    assert client.get("/movies", params={"query": "x" * 200}).status_code == 200
    assert client.get("/movies", params={"query": "x" * 201}).json()["errors"][0]["parameter"] == "query"


def test_the_models(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    movies, learned = len(catalogue), int(model.learned.sum())
    assert client.get("/models").json() == {
        "release": release(client),
        "createdAt": "2026-01-01T00:00:00Z",
        "default": "item2vec",
        "data": {"label": "simulated viewers (test)", "users": 3, "map": {"method": "umap"}},
        "models": [
            {
                "name": "item2vec",
                "dimension": 8,
                "movies": movies,
                "learned": learned,
                "relations": ["similar", "next"],
                "default": True,
            },
            {
                "name": "deepwalk",
                "dimension": 4,
                "movies": movies,
                "learned": learned,
                "relations": ["similar"],
                "default": False,
            },
        ],
        "users": 7,
    }


def test_one_model(client: TestClient, catalogue: Catalogue) -> None:
    body = client.get("/models/item2vec").json()
    assert body["settings"] == {"seed": 0, "window": 5}
    own, _, following, baseline = METRIC_ROWS
    assert body["metrics"] == {"protocol": "leave-last-one", "rows": [own, following], "baselines": [baseline]}
    assert body["release"] == release(client)
    assert body["sizes"]["vectors.npy"] == 128 + len(catalogue) * 8 * 4
    assert "output.npy" in body["sizes"]
    assert "output.npy" not in client.get("/models/deepwalk").json()["sizes"]


@pytest.mark.parametrize(
    "path", ["/similar/592?model=w2v", "/vectors/592?model=w2v", "/models/w2v", "/models/a%2Fb", "/models/"]
)
def test_an_unknown_model_lists_the_models(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/unknown-model"
    assert answer.json()["models"] == ["item2vec", "deepwalk"]


def test_unknown_models_in_bodies(client: TestClient) -> None:
    for path, body in (("/similar", {"likes": ["592"]}), ("/vectors", {"movieIds": ["592"]})):
        answer = client.post(path, json={**body, "model": "w2v"})
        assert answer.status_code == 404
        assert answer.json()["models"] == ["item2vec", "deepwalk"]


@pytest.mark.parametrize("path", ["/movies/592", "/models", "/models/item2vec", "/vectors/592", "/movies"])
def test_unknown_parameters_are_refused_everywhere(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?colour=red")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "colour"
