"""create_app(): the service put together."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypedDict

from fastapi import FastAPI

from app import errors
from app.limits import BodyLimit
from app.metrics import Metrics, RequestMetrics
from app.openapi import DESCRIPTION, TAGS, finished
from app.routes import compare, explain, health, models, movies, similar, users, vectors
from app.settings import Settings, read_settings
from app.state import Live
from models import Registry


class State(TypedDict):
    """What the lifespan hands to every request."""

    live: Live
    metrics: Metrics
    retry_seconds: int


class Kindred(FastAPI):
    """FastAPI with our finishing touches to the OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = finished(super().openapi())
        return self.openapi_schema


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the service; the environment is read here, and only if no settings are given.

    Raises:
        SettingsError: the environment does not hold what it should.
    """
    settings = settings or read_settings()
    metrics = Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        live = Live(Registry(settings.models), metrics)
        await asyncio.to_thread(live.refresh)
        watching = asyncio.create_task(live.watch(settings.poll_seconds))
        yield {"live": live, "metrics": metrics, "retry_seconds": max(1, math.ceil(settings.poll_seconds))}
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    app = Kindred(
        title="Kindred",
        summary="People who loved this, what else is like it?",
        description=DESCRIPTION,
        version=_version(),
        openapi_tags=TAGS,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    # added last, met first: refused bodies are counted too
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(RequestMetrics, metrics=metrics)
    errors.install(app)
    for noun in (similar, vectors, movies, explain, compare, users, models, health):
        app.include_router(noun.router)
    return app


def _version() -> str:
    try:
        return version("kindred")
    except PackageNotFoundError:  # run from a checkout
        return "0"


def __getattr__(name: str) -> FastAPI:
    """`uvicorn app.main:app` asks for `app`: only then is it made and the environment read."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    app = globals()["app"] = create_app()
    return app
