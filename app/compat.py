"""KINDRED_COMPAT=sparrow: the two routes of the course's recommender (SparrowRecSys) that its movie page asks.

Paths, parameters and JSON are the original's, so that its page runs on us unchanged; status codes are ours: 404 for a
movie that is not there and 422 for a bad parameter, where the original answers 200 and an empty line.
"""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from app import answers
from app.queries import ModelName, Parameters, SimilarParameters
from app.routes import LoadedDep, problems, row_of
from app.schemas import Wire
from app.state import Loaded
from models.details import Details
from models.scores import six_digits

router = APIRouter(tags=["sparrow"])

# what the original calls its embeddings
MODELS = {"emb": "item2vec", "embedding": "item2vec", "graphEmb": "deepwalk", "graph-embedding": "deepwalk"}
_DIGITS = 18
# its ids are numbers; those of other catalogues stay text
Id = int | str


class MovieQuery(Parameters):
    """Which movie."""

    id: Annotated[str, Field(max_length=200, examples=["592"])]


class SimilarQuery(Parameters):
    """Which movie, how many like it, by which model."""

    movie_id: Annotated[str, Field(max_length=200, examples=["592"])]
    size: Annotated[int, Field(ge=1, le=1000, description="How many movies at the most.", examples=[16])] = 10
    model: ModelName = None


class CourseRating(Wire):
    """One rating."""

    movie_id: Id
    user_id: Id
    score: float
    timestamp: int


class CourseTopRating(Wire):
    """One rating, wrapped as the original wraps it."""

    rating: CourseRating


class CourseMovie(Wire):
    """A movie as the course's pages read it."""

    movie_id: Id
    title: str
    release_year: Annotated[int, Field(description="0 where unknown.")]
    imdb_id: str | None
    tmdb_id: str | None
    genres: list[str]
    rating_number: Annotated[int, Field(description="How many viewers rated it; 0 where the release does not tell.")]
    average_rating: Annotated[float, Field(description="Of all ratings; 0 where there are none.")]
    top_ratings: Annotated[
        list[CourseTopRating], Field(description="The ten highest, the lowest of them first; empty without viewers.")
    ]


@router.get("/getmovie", summary="One movie, as the course has it", responses=problems(404, 422))
async def getmovie(loaded: LoadedDep, asked: Annotated[MovieQuery, Query()]) -> CourseMovie:
    """What `getmovie?id=` of the course's recommender answers."""
    return movie(loaded, await row_of(loaded, asked.id))


@router.get("/getsimilarmovie", summary="Movies like one, as the course has them", responses=problems(404, 422))
async def getsimilarmovie(loaded: LoadedDep, asked: Annotated[SimilarQuery, Query()]) -> list[CourseMovie]:
    """What `getsimilarmovie?movieId=&size=&model=emb` of the course's recommender answers, best first."""
    row = await row_of(loaded, asked.movie_id)
    return await run_in_threadpool(_similar, loaded, row, asked)


def _similar(loaded: Loaded, row: int, asked: SimilarQuery) -> list[CourseMovie]:
    name = MODELS.get(asked.model or "", asked.model)
    if name != asked.model and name not in loaded.spaces:
        name = None  # a release without the course's recipe: its own default
    given = SimilarParameters(model=name, limit=asked.size)
    _, space = answers.space_for(loaded, given)
    return [movie(loaded, near) for near in answers.found_for(loaded, space, row, given).rows]


def movie(loaded: Loaded, row: int) -> CourseMovie:
    """One movie; what the release does not hold is 0, null or empty."""
    catalogue = loaded.catalogue
    known: dict[str, Any] = {"imdb_id": None, "tmdb_id": None, "rating_number": 0, "average_rating": 0.0}
    known["top_ratings"] = []
    if (details := loaded.release.details) is not None:
        known = {
            "imdb_id": details.imdb[row] or None,
            "tmdb_id": details.tmdb[row] or None,
            "rating_number": int(details.counts[row]),
            "average_rating": float(six_digits(details.means[row : row + 1])[0]),
            "top_ratings": _top(loaded, details, row),
        }
    return CourseMovie(
        movie_id=_id(catalogue.ids[row]),
        title=catalogue.titles[row],
        release_year=int(catalogue.years[row]),
        genres=list(catalogue.genres[row]),
        **known,
    )


def _top(loaded: Loaded, details: Details, row: int) -> list[CourseTopRating]:
    top, viewers = details.top, loaded.release.viewers
    if top is None or viewers is None:
        return []
    return [
        CourseTopRating(
            rating=CourseRating(
                movie_id=_id(loaded.catalogue.ids[row]),
                user_id=_id(viewers.id_at(int(top.users[row, place]))),
                score=float(top.scores[row, place]),
                timestamp=int(top.times[row, place]),
            )
        )
        for place in np.flatnonzero(top.users[row] >= 0)[::-1].tolist()
    ]


def _id(text: str) -> Id:
    """A whole number where the text is one as a number is written."""
    plain = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if plain and str(int(text)) == text else text
