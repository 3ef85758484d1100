"""`serve`: load the release while the framework is imported, then answer, in one process or in several."""

import gc
import os
import signal
import threading
from copy import deepcopy
from logging.config import dictConfig
from pathlib import Path

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from app.metrics import Metrics
from app.settings import Settings, read_settings
from app.state import Live
from app.workers import Workers, stop
from models import KindredError, Registry

_DRAIN_SECONDS = 20


def serve(folder: Path, host: str, port: int, workers: int) -> int:
    """Serve until told to stop; SIGTERM drains and is a success.

    Args:
        folder: of the releases.
        host: address to listen on.
        port: 0: any that is free.
        workers: how many processes; what is loaded now, they share.

    Returns:
        The exit code.

    Raises:
        SettingsError: the environment does not hold what it should.
        KindredError: several workers on a system that cannot fork.
    """
    if workers > 1 and not hasattr(os, "fork"):
        raise KindredError(f"expected 1 worker on a system that cannot fork, found {workers}")
    settings = read_settings()
    _log()
    live = Live(Registry(folder), Metrics())
    # hashing does not hold the interpreter: all that is read is checked while the framework is imported
    loading = threading.Thread(target=lambda: live.refresh(index=False), name="loading", daemon=True)
    loading.start()
    server = _server(live, settings, host, port)
    loading.join()
    gc.freeze()
    gc.enable()
    if workers == 1:
        # the server raises the signal again once it has drained, to whoever handled it before: that is us
        signal.signal(signal.SIGTERM, stop)
        server.run()
        return 0
    listening = server.config.bind_socket()
    return Workers(live.prepare, lambda: server.run([listening]), workers).run()


def _server(live: Live, settings: Settings, host: str, port: int) -> uvicorn.Server:
    from app.main import create_app

    config = uvicorn.Config(
        create_app(settings, live),
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,  # nothing depends on who the client is
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        log_config=None,
    )
    config.load()
    return uvicorn.Server(config)


def _log() -> None:
    """Uvicorn's own, all on stderr, with our logger beside."""
    config = deepcopy(LOGGING_CONFIG)
    config["loggers"]["kindred"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    dictConfig(config)
