"""GET /catalogue and GET /map: all films at once, as the single ones are; kept like other answers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app import columns
from app.schemas_explorer import CatalogueColumns, MovieMap
from app.settings import Settings
from models import Catalogue, Model, Registry, save

Serve = Callable[[Settings], AbstractContextManager[TestClient]]
WHOLE = 100.0


def release(client: TestClient) -> str:
    name: str = client.get("/readyz").json()["release"]
    return name


def published(folder: Path, catalogue: Catalogue, models: dict[str, Model], data: dict[str, Any]) -> Path:
    registry = Registry(folder)
    facts: dict[str, Any] = {"created_at": "2026-01-01T00:00:00Z", "settings": {}, "data": data}
    registry.promote(registry.add(lambda target: save(target, catalogue, models, default_model="item2vec", **facts)))
    return folder


def test_the_columns_are_the_films(client: TestClient, catalogue: Catalogue) -> None:
    answer = client.get("/catalogue")
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["release", "movieIds", "titles", "years", "likes", "genreNames", "genres"]
    CatalogueColumns.model_validate(body)
    assert body["release"] == release(client)
    assert body["movieIds"] == list(catalogue.ids)
    assert body["genreNames"] == sorted({name for names in catalogue.genres for name in names})
    assert {len(body[column]) for column in ("movieIds", "titles", "years", "likes", "genres")} == {len(catalogue)}
    for place, movie_id in enumerate(body["movieIds"]):
        film = client.get("/movies", params={"query": movie_id, "limit": 1}).json()["movies"][0]
        assert film == {
            "movieId": movie_id,
            "title": body["titles"][place],
            "year": body["years"][place],
            "genres": [body["genreNames"][name] for name in body["genres"][place]],
            "likes": body["likes"][place],
        }
    assert body["years"].count(None) == 2


@pytest.mark.parametrize("name", ["item2vec", "deepwalk"])
def test_the_map_is_the_model_s(
    client: TestClient, catalogue: Catalogue, make_model: Callable[..., Model], name: str
) -> None:
    model = make_model() if name == "item2vec" else make_model(1, 4, output=False)
    assert model.map is not None
    body = client.get(f"/map?model={name}").json()
    assert list(body) == ["model", "release", "method", "movieIds", "x", "y", "inferred"]
    MovieMap.model_validate(body)
    assert (body["model"], body["release"], body["method"]) == (name, release(client), "umap")
    assert body["movieIds"] == list(catalogue.ids)
    for axis, key in enumerate("xy"):
        assert body[key] == pytest.approx(model.map[:, axis].tolist(), rel=5e-4)
        assert all(float(f"{number:.4g}") == number for number in body[key])
    assert body["inferred"] == [row for row, sure in enumerate(model.learned.tolist()) if not sure] != []


def test_the_default_model_s_map(client: TestClient) -> None:
    assert client.get("/map").content == client.get("/map?model=item2vec").content
    assert client.get("/map").json()["x"] != client.get("/map?model=deepwalk").json()["x"]


@pytest.mark.parametrize("data", [{}, {"map": None}, {"map": {"method": 7}}, {"map": {"method": "pca"}}])
def test_without_a_word_it_is_pca(
    tmp_path: Path, catalogue: Catalogue, model: Model, serve: Serve, data: dict[str, Any]
) -> None:
    with serve(Settings(models=published(tmp_path, catalogue, {"item2vec": model}, data))) as client:
        assert client.get("/map").json()["method"] == "pca"


def test_any_number_is_written_as_json(tmp_path: Path, catalogue: Catalogue, model: Model, serve: Serve) -> None:
    places = np.zeros((len(catalogue), 2), dtype=np.float32)
    odd = [0.0, -0.0, 1.0, WHOLE, 1e-30, -1e-40, 3.4e38, 12345.678, 0.1, 99999, 1e16, 0.00012345]
    places[: len(odd), 1] = odd
    drawn = published(tmp_path, catalogue, {"item2vec": replace(model, map=places)}, {})
    with serve(Settings(models=drawn)) as client:
        answer = client.get("/map")
    assert answer.json()["y"][: len(odd)] == pytest.approx(odd, rel=5e-4, abs=1e-44)
    assert all(type(number) in (int, float) for number in answer.json()["y"])


def test_a_release_without_maps(tmp_path: Path, catalogue: Catalogue, model: Model, serve: Serve) -> None:
    models = {"item2vec": replace(model, map=None), "deepwalk": model}
    with serve(Settings(models=published(tmp_path, catalogue, models, {}))) as client:
        for path in ("/map", "/map?model=item2vec"):
            answer = client.get(path)
            assert answer.status_code == 404
            body = answer.json()
            assert (body["type"], body["title"]) == ("/problems/no-map", "No map in this release")
            assert "no map of item2vec" in body["detail"]
            assert "etag" not in answer.headers
        assert client.get("/map?model=deepwalk").status_code == 200


def test_an_unknown_model_lists_the_models(client: TestClient) -> None:
    answer = client.get("/map?model=w2v")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-model")
    assert answer.json()["models"] == ["item2vec", "deepwalk"]


@pytest.mark.parametrize("path", ["/catalogue?model=item2vec", "/map?models=item2vec", "/map?limit=3"])
def test_unknown_parameters_are_named(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "not a parameter of this route"


def test_they_are_written_once(folder: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    for name in ("catalogue", "movie_map"):
        made = getattr(columns, name)

        def noting(*given: Any, name: str = name, made: Any = made) -> Any:
            written.append(name)
            return made(*given)

        monkeypatch.setattr(columns, name, noting)
    with serve(Settings(models=folder)) as client:
        for path in ("/catalogue", "/map", "/map?model=item2vec"):
            for _ in range(3):
                tag = client.get(path).headers["etag"]
                assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    assert written == ["catalogue", "movie_map"]
