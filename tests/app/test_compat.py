"""KINDRED_COMPAT=sparrow: the course's own routes and shapes, as its movie page reads them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.compat import _id
from app.main import create_app
from app.settings import Settings, SettingsError, read_settings
from models import Catalogue, Model, Registry, save
from models.details import MOST, Details, Top
from tests.app.conftest import HISTORIES, TestClient, service, viewers_of

# Movie.java: its fields, as Jackson writes them
SHAPE = ["movieId", "title", "releaseYear", "imdbId", "tmdbId", "genres", "ratingNumber", "averageRating", "topRatings"]


def details_of(catalogue: Catalogue) -> Details:
    """Batman has links and three ratings, of them two by viewers that are kept; all others have nothing."""
    n, row = len(catalogue), catalogue.row_of["592"]
    counts, means = np.zeros(n, np.int32), np.zeros(n, np.float32)
    counts[row], means[row] = 3, np.float32(10.5 / 3 + 1e-7)
    imdb, tmdb = [""] * n, [""] * n
    imdb[row], tmdb[row] = "0096895", "268"
    users, scores = np.full((n, MOST), -1, np.int32), np.zeros((n, MOST), np.float32)
    times = np.zeros((n, MOST))
    places = viewers_of(catalogue, HISTORIES)
    for rank, (user, score, time) in enumerate((("42", 5.0, 964_982_703.0), ("a/b", 3.5, 1e9))):
        users[row, rank], scores[row, rank], times[row, rank] = places.place_of(user), score, time
    return Details(counts, means, tuple(imdb), tuple(tmdb), Top(users, scores, times))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, make_model: Callable[..., Model]) -> Path:
    registry = Registry(tmp_path_factory.mktemp("store"))
    version = registry.add(
        lambda folder: save(
            folder,
            catalogue,
            {"item2vec": make_model(0), "deepwalk": make_model(1)},
            created_at="2026-01-01T00:00:00Z",
            default_model="deepwalk",
            settings={},
            data={},
            viewers=viewers_of(catalogue, HISTORIES),
            details=details_of(catalogue),
        )
    )
    registry.promote(version)
    return Path(registry.folder)


@pytest.fixture(scope="module")
def course(store: Path) -> Iterator[TestClient]:
    with service(Settings(models=store, compat="sparrow")) as made:
        yield made


def test_a_movie_is_what_the_original_answers(course: TestClient) -> None:
    answer = course.get("/getmovie?id=592")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert list(answer.json()) == SHAPE
    assert answer.json() == {
        "movieId": 592,
        "title": "Batman",
        "releaseYear": 1989,
        "imdbId": "0096895",
        "tmdbId": "268",
        "genres": ["Action", "Crime", "Thriller"],
        "ratingNumber": 3,
        "averageRating": 3.5,
        # the lowest of the highest first; an id that is no number stays text
        "topRatings": [
            {"rating": {"movieId": 592, "userId": "a/b", "score": 3.5, "timestamp": 1_000_000_000}},
            {"rating": {"movieId": 592, "userId": 42, "score": 5.0, "timestamp": 964_982_703}},
        ],
    }
    assert isinstance(answer.json()["averageRating"], float)


def test_what_nobody_rated_and_an_id_that_is_no_number(course: TestClient) -> None:
    assert course.get("/getmovie", params={"id": "a/b c"}).json() == {
        "movieId": "a/b c", "title": "Pilot Reel", "releaseYear": 0, "imdbId": None, "tmdbId": None, "genres": [],
        "ratingNumber": 0, "averageRating": 0.0, "topRatings": [],
    }  # fmt: skip


def test_a_release_without_details_has_the_same_shape(folder: Path) -> None:
    with service(Settings(models=folder, compat="sparrow")) as plain:
        told = plain.get("/getmovie?id=592").json()
    assert list(told) == SHAPE
    expected = {"imdbId": None, "tmdbId": None, "ratingNumber": 0, "averageRating": 0.0, "topRatings": []}
    assert {key: told[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("model", "ours"),
    [("emb", "item2vec"), ("embedding", "item2vec"), ("graphEmb", "deepwalk"), ("deepwalk", "deepwalk"),
     ("", "deepwalk")],
)  # fmt: skip
def test_similar_movies_are_those_of_our_own_route(course: TestClient, model: str, ours: str) -> None:
    answer = course.get(f"/getsimilarmovie?movieId=592&size=16&model={model}")
    assert answer.status_code == 200
    similar = course.get(f"/similar/592?limit=16&model={ours}").json()["similar"]
    assert len(similar) == 16
    assert [str(one["movieId"]) for one in answer.json()] == [one["movieId"] for one in similar]
    assert [one["title"] for one in answer.json()] == [one["title"] for one in similar]
    assert all(list(one) == SHAPE for one in answer.json())


def test_emb_without_item2vec_is_the_default(
    tmp_path: Path, catalogue: Catalogue, make_model: Callable[..., Model]
) -> None:
    registry = Registry(tmp_path)
    models = {"node2vec": make_model(3)}
    given = {"created_at": "2026-01-01T00:00:00Z", "default_model": "node2vec", "settings": {}, "data": {}}
    registry.promote(registry.add(lambda folder: save(folder, catalogue, models, **given)))
    with service(Settings(models=tmp_path, compat="sparrow")) as other:
        found = other.get("/getsimilarmovie?movieId=592&size=3&model=emb").json()
        assert [str(one["movieId"]) for one in found] == [
            one["movieId"] for one in other.get("/similar/592?limit=3").json()["similar"]
        ]
        assert other.get("/getsimilarmovie?movieId=592&model=item2vec").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/getmovie?id=0", 404, "suggestions"),
        ("/getsimilarmovie?movieId=0&size=5", 404, "suggestions"),
        ("/getsimilarmovie?movieId=592&model=nope", 404, "models"),
        ("/getmovie", 422, "errors"),
        ("/getmovie?id=", 422, "errors"),
        ("/getmovie?id=592&x=1", 422, "errors"),
        ("/getsimilarmovie?size=5", 422, "errors"),
        ("/getsimilarmovie?movieId=592&size=0", 422, "errors"),
        ("/getsimilarmovie?movieId=592&size=1001", 422, "errors"),
        ("/getsimilarmovie?movieId=592&size=many", 422, "errors"),
        (f"/getmovie?id={'9' * 201}", 422, "errors"),
    ],
)
def test_faults_have_their_codes(course: TestClient, path: str, status: int, word: str) -> None:
    answer = course.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert word in answer.json()


def test_it_is_off_unless_asked_for(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/getmovie?id=592", "/getsimilarmovie?movieId=592&size=5"):
        assert client.get(path).status_code == 404
    assert "/getmovie" not in client.get("/openapi.json").json()["paths"]
    assert "/getmovie" in create_app(Settings(compat="sparrow")).openapi()["paths"]
    monkeypatch.setenv("KINDRED_COMPAT", "sparrow")
    assert read_settings().compat == "sparrow"
    monkeypatch.setenv("KINDRED_COMPAT", "crow")
    with pytest.raises(SettingsError, match=r"KINDRED_COMPAT: .*found 'crow'"):
        read_settings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("592", 592), ("0", 0), ("007", "007"), ("-1", "-1"), ("٣", "٣"), ("1e3", "1e3"), ("9" * 18, int("9" * 18)),
     ("9" * 19, "9" * 19), ("", "")],
)  # fmt: skip
def test_an_id_is_a_number_where_it_is_written_as_one(text: str, expected: object) -> None:
    assert _id(text) == expected
    assert type(_id(text)) is type(expected)
