"""What different models answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from app import explanations
from app.queries import CompareParameters
from app.routes import LoadedDep, MovieId, problems, row_of
from app.schemas_evidence import Comparison

router = APIRouter(tags=["evidence"])


@router.get("/compare/{movieId:id}", summary="Models side by side", responses=problems(404, 422))
async def compare(loaded: LoadedDep, movie_id: MovieId, asked: Annotated[CompareParameters, Query()]) -> Comparison:
    """What each model answers for one movie, and how much each two of them agree."""
    return await run_in_threadpool(explanations.comparison, loaded, await row_of(loaded, movie_id), asked)
