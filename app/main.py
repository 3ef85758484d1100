"""create_app(): the service put together."""

import asyncio
import contextlib
import math
import threading
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypedDict

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app import compat, documentation, errors, explorer, written
from app.cache import AnsweredBefore, FirstTime, ShortCut
from app.changes import Changes
from app.explorer import File
from app.guard import Guard, documented
from app.headers import Completed, shared_with
from app.keys import keys_of
from app.limits import Bounds
from app.logs import AccessLog
from app.metrics import Metrics
from app.observed import Observed
from app.openapi import DESCRIPTION, TAGS, finished
from app.queries import Parameters, SimilarParameters
from app.releases import Releases
from app.routes import (
    admin,
    catalogue,
    compare,
    explain,
    health,
    maps,
    models,
    movies,
    releases,
    similar,
    users,
    vectors,
)
from app.routes import explorer as pages
from app.settings import Settings, read_settings
from app.state import Live
from app.tracing import Spans, configured
from app.turns import Turns
from models import open_registry

# How many answers are worked out at once: more would only take turns, and the event loop would wait for all of them.
THREADS = 2


class State(TypedDict):
    """What the lifespan hands to every request."""

    live: Live
    explorer: Mapping[str, File]
    releases: Releases
    changes: Changes
    metrics: Metrics
    retry_seconds: int


class Kindred(FastAPI):
    """FastAPI with our finishing touches to the OpenAPI document, behind the answers given before."""

    def __init__(self, live: Live, settings: Settings, spans: Spans | None, **options: Any) -> None:
        """Put the answers of `live` in front; `options` are FastAPI's.

        The layers stand outside FastAPI's own, for what they answer does not pass through those.
        """
        super().__init__(**options)
        short_cuts: dict[type[Parameters], ShortCut] = {SimilarParameters: written.similar}
        first = FirstTime(super().__call__, live, short_cuts, settings.cache_bytes, settings.cache_control)
        access = AccessLog(settings.access_log, paths=settings.log_level == "debug")
        refuse = live.metrics.refuse
        turns = Turns(first, settings.max_concurrency, settings.max_queue, settings.request_seconds, refuse)
        bounds = Bounds(turns, settings.max_body_bytes, settings.client_seconds, refuse)
        keys = keys_of(settings)
        self._all_guarded = keys is not None and settings.keys_for == "all"
        # what is refused is counted too
        guard = Guard(bounds, keys, refuse, everything=False)
        observed = Observed(Completed(guard), live.metrics, access, spans)
        front: ASGIApp = AnsweredBefore(observed, live)
        if self._all_guarded:
            front = Guard(front, keys, refuse, observed.around, everything=True)
        if settings.cors_origins:
            front = Completed(shared_with(front, settings.cors_origins))
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._front(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = documented(finished(super().openapi()), everything=self._all_guarded)
        return self.openapi_schema


def create_app(settings: Settings | None = None, live: Live | None = None) -> FastAPI:
    """Build the service.

    Args:
        settings: read from the environment if none are given, and only then.
        live: what is loaded already, or being loaded, from where the settings say.

    Raises:
        SettingsError: the environment does not hold what it should.
    """
    settings = settings or read_settings()
    live = live or Live(open_registry(settings.models), Metrics())
    files = explorer.answers_of(explorer.read_files())
    spans = configured()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        current_default_thread_limiter().total_tokens = THREADS
        if spans is not None:
            spans.start(live.metrics)
        await asyncio.to_thread(live.refresh, index=False)
        # everything else is answered meanwhile
        threading.Thread(target=live.index, name="titles", daemon=True).start()
        watching = asyncio.create_task(live.watch(settings.poll_seconds))
        yield {
            "live": live,
            "explorer": files,
            "releases": Releases(live.registry),
            "changes": Changes(live.registry),
            "metrics": live.metrics,
            "retry_seconds": max(1, math.ceil(settings.poll_seconds)),
        }
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        if spans is not None:
            await asyncio.to_thread(spans.stop)

    app = Kindred(
        live,
        settings,
        spans,
        title="Kindred",
        summary="People who loved this, what else is like it?",
        description=DESCRIPTION,
        version=_version(),
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,  # ours says what it may load
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    errors.install(app)
    for noun in (
        similar,
        vectors,
        movies,
        explain,
        compare,
        users,
        models,
        catalogue,
        maps,
        releases,
        health,
        admin,
        pages,
        documentation,
    ):
        app.include_router(noun.router)
    if settings.compat == "sparrow":
        app.include_router(compat.router)
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
