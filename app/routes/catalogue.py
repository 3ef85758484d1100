"""All films at once."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import columns
from app.routes import NO_PARAMETERS, LoadedDep, problems
from app.schemas_explorer import CatalogueColumns

router = APIRouter(tags=["explorer"])


@router.get(
    "/catalogue",
    summary="All movies",
    response_model=CatalogueColumns,
    responses=problems(422),
    dependencies=NO_PARAMETERS,
)
async def catalogue(loaded: LoadedDep) -> Response:
    """All movies of the release in columns: about 60 bytes each."""
    return Response(await run_in_threadpool(columns.catalogue, loaded), media_type="application/json")
