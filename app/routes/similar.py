"""What else is like it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from app import answers
from app.errors import ParameterError, fault
from app.queries import SimilarBody, SimilarParameters
from app.routes import NO_PARAMETERS, LoadedDep, MovieId, problems, row_of, unknown_movie
from app.schemas import SimilarToHistory, SimilarToMovie

router = APIRouter(tags=["similar"])


@router.get("/similar/{movieId:id}", summary="Movies like this one", responses=problems(404, 422))
async def similar(loaded: LoadedDep, movie_id: MovieId, asked: Annotated[SimilarParameters, Query()]) -> SimilarToMovie:
    """The movies most like one movie, best first; movies that nobody liked yet come behind, marked as inferred."""
    row = await row_of(loaded, movie_id)
    if asked.is_lookup:
        return answers.similar_to_movie(loaded, row, asked)
    return await run_in_threadpool(answers.similar_to_movie, loaded, row, asked)


@router.post(
    "/similar",
    summary="Movies like a history",
    responses=problems(404, 413, 422),
    dependencies=NO_PARAMETERS,
)
async def similar_to_history(loaded: LoadedDep, asked: SimilarBody) -> SimilarToHistory:
    """The movies most like a viewer's history, best first, none of the history among them.

    The search starts from the mean of the likes' unit vectors, the latest (last) weighing most, less half the mean
    of the dislikes' unit vectors (average pooling), or from `vector` alone where it is given. Ids the release does
    not know come back as `unknown`.
    """
    if asked.vector is None:
        if not asked.likes:
            raise ParameterError(fault("likes", "expected at least one id, or a vector", asked.likes))
        if not any(movie_id in loaded.catalogue.row_of for movie_id in asked.likes):
            raise await unknown_movie(loaded, asked.likes[0])
    return await run_in_threadpool(answers.similar_to_history, loaded, asked)
