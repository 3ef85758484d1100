"""For those who run the service: is it alive, is it ready, how busy is it."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse, Response

from app.routes import LoadedDep, problems
from app.schemas import Alive, Ready

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Is the process alive")
async def livez() -> Alive:
    """Answers as long as the process does, release or not."""
    return Alive(status="alive")


@router.get("/readyz", summary="Is a release loaded", responses=problems())
async def readyz(loaded: LoadedDep) -> Ready:
    """Answers 200 once a release is loaded, 503 before."""
    return Ready(status="ready", release=loaded.release.id)


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Requests and their times by route, the live release, reloads; of this process alone."""
    return Response(generate_latest(request.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
