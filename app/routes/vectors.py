"""The embeddings themselves."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from app import facts
from app.queries import ModelParameter, VectorsBody
from app.routes import NO_PARAMETERS, LoadedDep, MovieId, problems, row_of
from app.schemas import MovieVector, MovieVectors

router = APIRouter(tags=["vectors"])


@router.get("/vectors/{movieId:id}", summary="A movie's vector", responses=problems(404, 422))
async def vector(loaded: LoadedDep, movie_id: MovieId, asked: Annotated[ModelParameter, Query()]) -> MovieVector:
    """The embedding of one movie in one model."""
    row = await row_of(loaded, movie_id)
    return facts.vector_of(loaded, *facts.space_of(loaded, asked.model), row)


@router.post(
    "/vectors",
    summary="Vectors of many movies",
    responses=problems(404, 413, 422),
    dependencies=NO_PARAMETERS,
)
async def vectors(loaded: LoadedDep, asked: VectorsBody) -> MovieVectors:
    """The embeddings of up to 1,000 movies; ids the release does not know come back as `unknown`."""
    return await run_in_threadpool(facts.vectors_of, loaded, asked)
