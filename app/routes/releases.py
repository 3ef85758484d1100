"""The releases of the folder, and what the last one changed."""

from fastapi import APIRouter, Request, Response

from app.changes import Changes
from app.releases import Releases
from app.routes import NO_PARAMETERS, LoadedDep, problems
from app.schemas_explorer import ReleaseChanges, ReleaseList

router = APIRouter(tags=["explorer"], dependencies=NO_PARAMETERS)

# another release may be added or go live at any time
_NEVER_KEPT = "no-store"


@router.get("/releases", summary="Releases", responses=problems(422))
async def releases(request: Request, response: Response) -> ReleaseList:
    """The releases of the folder and when which went live, whether one is loaded or not."""
    response.headers["cache-control"] = _NEVER_KEPT
    there: Releases = request.state.releases
    return await there.listed(request.state.live.loaded)


@router.get("/releases/changes", summary="What the live release changed", responses=problems(422))
async def changes(loaded: LoadedDep, request: Request, response: Response) -> ReleaseChanges:
    """The live release beside the one before: held-out numbers, settings, films, neighbours, vectors."""
    response.headers["cache-control"] = _NEVER_KEPT
    compared: Changes = request.state.changes
    return await compared.of(loaded)
