"""The films: one by id, many by title."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from app import facts
from app.queries import SearchParameters
from app.routes import NO_PARAMETERS, LoadedDep, MovieId, problems, row_of
from app.schemas import MovieDetail, MovieList

router = APIRouter(tags=["movies"])


@router.get("/movies", summary="Find movies by title", responses=problems(422))
async def movies(loaded: LoadedDep, asked: Annotated[SearchParameters, Query()]) -> MovieList:
    """Movies by title, best first: typos and beginnings of words are understood; no query, the most liked."""
    # the index may have to be waited for: in the thread too
    found = await run_in_threadpool(lambda: loaded.titles.find(asked.query, asked.limit))
    answer = [facts.movie(loaded.catalogue, row) for row in found.rows]
    return MovieList(query=asked.query, total=found.total, movies=answer)


@router.get("/movies/{movieId:id}", summary="One movie", responses=problems(404, 422), dependencies=NO_PARAMETERS)
async def movie(loaded: LoadedDep, movie_id: MovieId) -> MovieDetail:
    """One movie, and in which models its vector is learned or inferred."""
    return facts.movie_detail(loaded, await row_of(loaded, movie_id))
