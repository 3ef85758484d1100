"""The films as a picture."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import columns
from app.queries import ModelParameter
from app.routes import LoadedDep, problems
from app.schemas_explorer import MovieMap

router = APIRouter(tags=["explorer"])


@router.get("/map", summary="All movies as a picture", response_model=MovieMap, responses=problems(404, 422))
async def movie_map(loaded: LoadedDep, asked: Annotated[ModelParameter, Query()]) -> Response:
    """A place in the plane for each movie of one model: what viewers like together lies together, as far as it can."""
    return Response(await run_in_threadpool(columns.movie_map, loaded, asked.model), media_type="application/json")
