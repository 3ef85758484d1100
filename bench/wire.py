"""The answer that every service gives, as pydantic models."""

from typing import Any

from pydantic import BaseModel

from models import Release

LIMIT = 20


class Film(BaseModel):
    """A movie on the wire."""

    movieId: str  # noqa: N815 - the wire's name
    title: str
    year: int
    genres: list[str]
    likes: int


class Ranked(Film):
    """An answer."""

    source: str
    score: float
    rank: int


class Source(BaseModel):
    """Who answered."""

    name: str
    release: str


class Answer(BaseModel):
    """The whole of it."""

    movie: Film
    model: Source
    relation: str
    source: str
    total: int
    limit: int
    offset: int
    similar: list[Ranked]


def answer(release: Release, row: int, found: list[tuple[int, float]]) -> Answer:
    """What is like the movie of `row`: rows and scores, best first, become what people read."""
    return Answer(
        movie=Film(**_film(release, row)),
        model=Source(name="item2vec", release=release.id),
        relation="similar",
        source="learned",
        total=len(release.catalogue) - 1,
        limit=LIMIT,
        offset=0,
        similar=[
            Ranked(**_film(release, other), source="learned", score=score, rank=rank)
            for rank, (other, score) in enumerate(found, start=1)
        ],
    )


def _film(release: Release, row: int) -> dict[str, Any]:
    films = release.catalogue
    return {
        "movieId": films.ids[row],
        "title": films.titles[row],
        "year": int(films.years[row]),
        "genres": list(films.genres[row]),
        "likes": int(films.likes[row]),
    }
