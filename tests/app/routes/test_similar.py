"""GET /similar/{movieId} and POST /similar."""

from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient

from models import Catalogue, Model
from models.scores import cosines, dots, six_digits

JSON = {"content-type": "application/json"}
BATMAN = {"movieId": "592", "title": "Batman", "year": 1989, "genres": ["Action", "Crime", "Thriller"], "likes": 189}


def nearest(model: Model, catalogue: Catalogue, vector: np.ndarray, excluded: list[str]) -> list[tuple[str, float]]:
    scores = six_digits(cosines(vector, model.vectors)).tolist()
    rows = [row for row in np.flatnonzero(model.learned).tolist() if catalogue.ids[row] not in excluded]
    rows.sort(key=lambda row: (-scores[row], row))
    return [(catalogue.ids[row], scores[row]) for row in rows]


def unit(model: Model, catalogue: Catalogue, movie_id: str) -> np.ndarray:
    vector = model.vectors[catalogue.row_of[movie_id]].astype(np.float64)
    return vector / np.linalg.norm(vector)


def listed(answer: Any) -> list[tuple[str, float]]:
    return [(film["movieId"], film["score"]) for film in answer.json()["similar"]]


def test_the_whole_answer_for_a_movie(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    answer = client.get("/similar/592?limit=2&offset=1")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["movie", "model", "relation", "source", "total", "limit", "offset", "similar"]
    expected = nearest(model, catalogue, model.vectors[catalogue.row_of["592"]], ["592"])
    assert body["movie"] == BATMAN
    assert body["model"] == {"name": "item2vec", "release": client.get("/readyz").json()["release"]}
    assert (body["relation"], body["source"]) == ("similar", "learned")
    assert (body["total"], body["limit"], body["offset"]) == (len(expected), 2, 1)
    assert listed(answer) == expected[1:3]
    best = body["similar"][0]
    assert list(best) == ["movieId", "title", "year", "genres", "likes", "source", "score", "rank"]
    assert [film["rank"] for film in body["similar"]] == [2, 3]
    assert best["title"] == catalogue.titles[catalogue.row_of[best["movieId"]]]


def test_pages_of_any_size_are_parts_of_one_list(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    expected = nearest(model, catalogue, model.vectors[catalogue.row_of["296"]], ["296"])
    for size in (3, 10, 17, 1000):
        found = []
        for offset in range(0, len(expected) + 1, size):
            found += listed(client.get(f"/similar/296?limit={size}&offset={offset}"))
        assert found == expected


def test_behind_the_end_there_is_an_empty_list(client: TestClient) -> None:
    body = client.get("/similar/592?offset=1000000").json()
    assert body["similar"] == []
    assert body["total"] > 0


def test_a_movie_without_learned_vector_is_answered_and_never_an_answer(
    client: TestClient, model: Model, catalogue: Catalogue
) -> None:
    inferred = {catalogue.ids[row] for row in np.flatnonzero(~model.learned)}
    assert inferred
    for movie_id in inferred:
        body = client.get(f"/similar/{quote(movie_id, safe='')}").json()
        assert body["source"] == "inferred"
        assert body["total"] == int(model.learned.sum())
    everyone = client.get("/similar/592?limit=1000").json()["similar"]
    assert inferred.isdisjoint(film["movieId"] for film in everyone)


def test_filters_narrow_and_an_empty_filter_is_none(client: TestClient, catalogue: Catalogue) -> None:
    asked = "genre=aCTION&yearFrom=1990&yearTo=2000&minLikes=100"
    films = client.get(f"/similar/592?limit=1000&{asked}").json()
    assert films["total"] == len(films["similar"]) > 0
    for film in films["similar"]:
        assert "Action" in film["genres"]
        assert 1990 <= film["year"] <= 2000
        assert film["likes"] >= 100
    plain = client.get("/similar/592?limit=7").json()
    empty = "genre=&yearFrom=&yearTo=&minLikes=&model=&diversity=&popularity=&relation=&offset="
    assert client.get(f"/similar/592?limit=7&{empty}").json() == plain


@pytest.mark.parametrize("asked", ["genre=Western%20Noir", "yearFrom=2000&yearTo=1990", "minLikes=2147483647"])
def test_filters_never_fail(client: TestClient, asked: str) -> None:
    answer = client.get(f"/similar/592?{asked}")
    assert answer.status_code == 200
    assert (answer.json()["total"], answer.json()["similar"]) == (0, [])


def test_a_movie_without_year_has_null_and_passes_no_year_filter(client: TestClient) -> None:
    films = client.get("/similar/592?limit=1000").json()["similar"]
    without = [film["movieId"] for film in films if film["year"] is None]
    assert without
    for asked in ("yearFrom=0", "yearTo=9999"):
        kept = client.get(f"/similar/592?limit=1000&{asked}").json()["similar"]
        assert len(kept) == len(films) - len(without)
    nothing = client.get("/movies/171749").json()
    assert (nothing["year"], nothing["genres"], nothing["likes"]) == (None, [], 0)


def test_next_is_the_product_with_output_vectors(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    assert model.output is not None
    row = catalogue.row_of["592"]
    scores = six_digits(dots(model.vectors[row], model.output)).tolist()
    rows = [other for other in np.flatnonzero(model.learned).tolist() if other != row]
    rows.sort(key=lambda other: (-scores[other], other))
    answer = client.get("/similar/592?relation=next&limit=1000")
    assert answer.json()["relation"] == "next"
    assert listed(answer) == [(catalogue.ids[other], scores[other]) for other in rows]


def test_next_without_output_vectors_names_the_parameter(client: TestClient) -> None:
    for answer in (
        client.get("/similar/592?relation=next&model=deepwalk"),
        client.post("/similar", json={"likes": ["592"], "relation": "next", "model": "deepwalk"}),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == "relation"
        assert "deepwalk" in answer.json()["detail"]


@pytest.mark.parametrize("movie_id", ["a/b c", "ü%"])
def test_ids_of_any_characters(client: TestClient, movie_id: str) -> None:
    path = quote(movie_id, safe="")
    for noun in ("similar", "vectors", "movies"):
        answer = client.get(f"/{noun}/{path}")
        assert answer.status_code == 200, noun
        assert (answer.json().get("movie") or answer.json())["movieId"] == movie_id


@pytest.mark.parametrize("tail", ["%0A", "%00", "%20", "/"])
def test_an_id_with_something_behind_is_another_id(client: TestClient, tail: str) -> None:
    assert client.get(f"/similar/592{tail}").status_code == 404


def test_one_like_is_the_movie_itself(client: TestClient) -> None:
    one = client.get("/similar/592?limit=30").json()
    history = client.post("/similar", json={"likes": ["592"], "limit": 30})
    assert history.json()["similar"] == one["similar"]
    assert history.json()["total"] == one["total"]


def test_a_history_is_pooled(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    sent = {"likes": ["592", "593", "nope"], "dislikes": ["1", "zilch", "1"], "halfLife": 0, "limit": 1000}
    answer = client.post("/similar", json=sent)
    body = answer.json()
    assert list(body)[:3] == ["likes", "dislikes", "unknown"]
    assert (body["likes"], body["dislikes"], body["unknown"]) == (["592", "593"], ["1"], ["nope", "zilch"])
    pool = (unit(model, catalogue, "592") + unit(model, catalogue, "593")) / 2 - unit(model, catalogue, "1") / 2
    assert listed(answer) == nearest(model, catalogue, pool, ["592", "593", "1"])


def test_a_history_with_an_inferred_movie_says_so(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    inferred = catalogue.ids[int(np.flatnonzero(~model.learned)[0])]
    assert client.post("/similar", json={"likes": ["592", inferred]}).json()["source"] == "inferred"
    assert client.post("/similar", json={"likes": ["592", "593"]}).json()["source"] == "learned"


def test_a_vector_is_searched_from_alone(client: TestClient, model: Model, catalogue: Catalogue) -> None:
    vector = [1.0, -2, 0.5, 0, 0, 0, 0, 3]
    answer = client.post("/similar", json={"vector": vector, "likes": ["593"], "limit": 1000})
    assert listed(answer) == nearest(model, catalogue, np.array(vector), ["593"])


@pytest.mark.parametrize("size", [0.0, 5e-324, 1e-200, 1e6])
def test_vectors_of_any_length_are_answered(client: TestClient, size: float) -> None:
    for relation in ("similar", "next"):
        answer = client.post("/similar", json={"vector": [size] * 8, "relation": relation})
        assert answer.status_code == 200
        assert len(answer.json()["similar"]) == 20


def test_a_vector_of_the_wrong_length_names_both(client: TestClient) -> None:
    answer = client.post("/similar", json={"vector": [1.0] * 5})
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["parameter"], error["found"]) == ("vector", "5")
    assert "expected 8 numbers" in error["message"]


def test_nothing_to_search_from_is_refused(client: TestClient) -> None:
    for body in ({}, {"likes": []}, {"dislikes": ["592"]}):
        answer = client.post("/similar", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == "likes"


def test_only_unknown_likes_are_not_found(client: TestClient) -> None:
    answer = client.post("/similar", json={"likes": ["btman"], "dislikes": ["592"]})
    assert answer.status_code == 404
    assert answer.json()["suggestions"][0] == {"movieId": "592", "title": "Batman", "year": 1989}


def test_dials_and_filters_work_alike_both_ways(client: TestClient) -> None:
    asked = {"diversity": 0.4, "popularity": -0.5, "genre": "drama", "yearFrom": 1980, "limit": 9, "offset": 2}
    one = client.get("/similar/592", params=asked).json()  # type: ignore[arg-type]
    assert client.post("/similar", json={"likes": ["592"], **asked}).json()["similar"] == one["similar"]
    assert one["similar"] != client.get("/similar/592?genre=drama&yearFrom=1980&limit=9&offset=2").json()["similar"]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("offset=1000001", "offset"),
        ("yearFrom=10000", "yearFrom"),
        ("yearTo=-1", "yearTo"),
        ("minLikes=-1", "minLikes"),
        ("minLikes=99999999999999999999", "minLikes"),
        ("diversity=1.01", "diversity"),
        ("diversity=nan", "diversity"),
        ("popularity=-1.01", "popularity"),
        ("popularity=inf", "popularity"),
        ("relation=before", "relation"),
        ("year_from=1990", "year_from"),
        ("colour=red", "colour"),
    ],
)
def test_a_bad_parameter_is_named(client: TestClient, asked: str, parameter: str) -> None:
    answer = client.get(f"/similar/592?{asked}")
    assert answer.status_code == 422
    body = answer.json()
    assert [error["parameter"] for error in body["errors"]] == [parameter]
    assert body["errors"][0]["found"] == asked.split("=")[1]
    assert body["detail"].startswith(f"{parameter}: ")


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"likes": [592]}, "likes.0"),
        ({"likes": "592"}, "likes"),
        ({"likes": ["x"] * 1001}, "likes"),
        ({"likes": ["592"], "dislikes": None}, "dislikes"),
        ({"likes": ["592"], "limit": "20"}, "limit"),
        ({"likes": ["592"], "limit": True}, "limit"),
        ({"likes": ["592"], "colour": 1}, "colour"),
        ({"likes": ["592"], "genre": 3}, "genre"),
        ({"vector": [1e7] * 8}, "vector.0"),
        ({"vector": []}, "vector"),
        ({"vector": ["1"]}, "vector.0"),
        ([], "body"),
    ],
)
def test_a_bad_body_names_the_place(client: TestClient, body: Any, parameter: str) -> None:
    answer = client.post("/similar", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_a_whole_number_may_have_a_point(client: TestClient) -> None:
    answer = client.post("/similar", content=b'{"likes": ["592"], "limit": 3.0}', headers=JSON)
    assert len(answer.json()["similar"]) == 3
    assert client.post("/similar", content=b'{"likes": ["592"], "limit": 3.5}', headers=JSON).status_code == 422


def test_a_body_takes_no_query_parameters(client: TestClient) -> None:
    answer = client.post("/similar?limit=3", json={"likes": ["592"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "limit"
