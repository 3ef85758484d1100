"""GET /similar/{movieId} is written from pieces: byte by byte what the route's model would be written as."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import answers, facts, pieces, written
from app.errors import ProblemError
from app.pieces import Pieces
from app.queries import SimilarParameters
from app.settings import Settings
from app.state import Loaded
from models import Catalogue, Registry
from models.scores import six_digits

NASTY = (
    '"',
    "\\",
    "\x00\x1f\x7f",
    "\n\r\t\b\f",
    "</script>",
    "é",
    "映画",
    "\U0001f3ac",
    "\u2028\u2029",
    "%b%s{}",
    "'",
    "",
)


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Loaded:
    """The release of the other tests, its texts replaced by all that JSON has to escape."""
    release = Registry(folder).load()
    films = release.catalogue
    texts = [NASTY[row % len(NASTY)] for row in range(len(films))]
    nasty = replace(
        films,
        ids=tuple(sorted(f"{text}{row}" for row, text in enumerate(texts))),
        titles=tuple(f"Title {text}" for text in texts),
        genres=tuple(tuple(NASTY[: row % 4]) for row in range(len(films))),
    )
    assert 0 in films.years
    return Loaded(replace(release, catalogue=nasty))


def both(loaded: Loaded, row: int, **asked: Any) -> tuple[bytes, bytes]:
    parameters = SimilarParameters.model_validate(asked)
    model = answers.similar_to_movie(loaded, row, parameters)
    return written.similar_to_movie(loaded, row, parameters), model.model_dump_json(by_alias=True).encode()


ASKED = [
    {"model": model, "relation": relation, **more}
    for model, relation in (("item2vec", "similar"), ("item2vec", "next"), ("deepwalk", "similar"), (None, "similar"))
    for more in (
        {},
        {"limit": 5, "offset": 3},
        {"limit": 1000},
        {"offset": 1_000_000},
        {"limit": 10},
        {"genre": '"'},
        # as few as are stored, so that only the filter or dial keeps them from being looked up
        {"learnedOnly": True, "limit": 3},
        {"genre": '"', "limit": 3},
        {"yearFrom": 1995, "limit": 3},
        {"yearTo": 1990, "limit": 3},
        {"minLikes": 200, "limit": 3},
        {"popularity": 1, "limit": 3},
        {"diversity": 1, "limit": 3},
        {"popularity": -0.5, "diversity": 0.4},
    )
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_bytes_are_those_of_the_model(loaded: Loaded, asked: dict[str, Any]) -> None:
    sources = set()
    for row in range(len(loaded.catalogue)):
        found, expected = both(loaded, row, **asked)
        assert found == expected
        sources.add(b'"source":"inferred","total"' in found)
    assert sources == {True, False}


def test_lists_that_end_early_are_not_taken_for_the_whole(loaded: Loaded) -> None:
    space = loaded.spaces["item2vec"]
    rows = np.array(space.model.neighbour_rows)
    rows[:, 5:] = -1
    short = Loaded(replace(loaded.release, models={"item2vec": replace(space.model, neighbour_rows=rows)}))
    for limit in (4, 5, 6, 10):
        assert both(short, 0, model="item2vec", limit=limit) == both(loaded, 0, model="item2vec", limit=limit)


def test_errors_are_the_framework_s_to_tell(loaded: Loaded) -> None:
    for asked in ({"model": "nope"}, {"model": "deepwalk", "relation": "next"}):
        with pytest.raises(ProblemError):
            written.similar_to_movie(loaded, 0, SimilarParameters.model_validate(asked))


@pytest.mark.parametrize(
    "score", [0.0, 1.0, -1.0, 0.5, 0.1, 0.123456, -0.000123456, 0.0001, 1e-5, 1.5e-9, 12.5, 123456.0, 1e6, 1e20, 3.4e38]
)
def test_a_stored_score_of_any_size(loaded: Loaded, score: float) -> None:
    space = loaded.spaces["item2vec"]
    scores = np.full_like(space.model.neighbour_scores, score)
    changed = Loaded(replace(loaded.release, models={"item2vec": replace(space.model, neighbour_scores=scores)}))
    found, expected = both(changed, 0, model="item2vec", limit=3)
    assert found == expected


def test_stored_scores_at_random(loaded: Loaded) -> None:
    random = np.random.default_rng(3)
    space = loaded.spaces["item2vec"]
    shape = space.model.neighbour_scores.shape
    for exponent in range(-8, 8):
        scores = six_digits(random.normal(size=shape) * 10.0**exponent).astype(np.float32)
        changed = Loaded(replace(loaded.release, models={"item2vec": replace(space.model, neighbour_scores=scores)}))
        for row in range(0, len(loaded.catalogue), 5):
            found, expected = both(changed, row, model="item2vec", limit=10)
            assert found == expected


def test_pieces_are_movies_without_their_last_brace(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [facts.movie(loaded.catalogue, row) for row in range(len(loaded.catalogue))]
    whole = [movie.model_dump_json(by_alias=True).encode() for movie in names]
    for most in (pieces.MOST, 7, 0):
        monkeypatch.setattr(pieces, "MOST", most)
        made = Pieces(loaded.catalogue)
        rows = [*range(len(whole)), 3, 3, 0]
        for start in range(0, len(rows), 5):
            some = rows[start : start + 5]
            assert [piece + b"}" for piece in made.of(some)] == [whole[row] for row in some]


def test_pieces_are_bounded(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST", 10)
    made = Pieces(catalogue)
    for first in range(0, len(catalogue) - 4, 4):
        made.of([first, first + 1, first + 2, first + 3])
        assert len(made._made) <= 10


def test_the_short_cut_is_taken(monkeypatch: pytest.MonkeyPatch, folder: Path, serve: Callable[..., Any]) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the framework was asked")

    with serve(Settings(models=folder)) as client:
        monkeypatch.setattr(answers, "similar_to_movie", never)
        for path in ("/similar/592", "/similar/592?genre=Action", "/similar/a%2Fb%20c?relation=next"):
            assert client.get(path).status_code == 200
