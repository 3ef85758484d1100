"""For those who run the service: is it alive, is it ready, how busy is it."""

import asyncio

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
async def readyz(request: Request, loaded: LoadedDep) -> Ready:
    """Answers 200 once a release is loaded, 503 before; warns while another one should answer and cannot."""
    trouble = request.state.live.trouble
    warnings = [f"release {trouble.version or '?'} not loaded: {trouble.reason}"] if trouble else []
    return Ready(status="ready", release=loaded.release.id, warnings=warnings)


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Requests and their times, the live release, caches and processes; of all workers together."""
    # in a thread that nothing else waits for: thousands of lines take milliseconds
    text = await asyncio.to_thread(generate_latest, request.state.metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
