"""For those who run the service and hold a key: what should not wait for the next look at the store."""

import asyncio

from fastapi import APIRouter, Request

from app.errors import RefusedError
from app.routes import NO_PARAMETERS, problems
from app.schemas import Reloaded
from app.state import Live

router = APIRouter(prefix="/admin", tags=["admin"], dependencies=NO_PARAMETERS)


@router.post("/reload", summary="Look at the store now", responses=problems(409))
async def reload(request: Request) -> Reloaded:
    """Load the release that the store names, also one refused a moment ago. Of several workers this one does it now,
    the others at their next look.
    """
    live: Live = request.state.live
    before = live.loaded.release.id if live.loaded else None
    result = await asyncio.to_thread(live.refresh, now=True)
    now = live.loaded.release.id if live.loaded else None
    if result == "refused" or now is None:
        trouble = live.trouble
        raise RefusedError(
            trouble.version if trouble else None, trouble.reason if trouble else "it was refused before", now
        )
    return Reloaded(result=result, release=now, before=before)
