"""`serve`: load the release while the framework is imported, then answer, in one process or in several."""

import gc
import os
import signal
import threading
from pathlib import Path

import uvicorn

from app import logs
from app.metrics import UNMATCHED, Metrics
from app.settings import Settings, read_settings
from app.shared_counts import SharedCounts
from app.state import Live
from app.workers import Workers, stop
from models import KindredError, open_registry

_DRAIN_SECONDS = 20


def serve(folder: Path | str, host: str, port: int, workers: int) -> int:
    """Serve until told to stop; SIGTERM drains and is a success.

    Args:
        folder: of the releases, or their address.
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
    logs.install(settings)
    counts = SharedCounts(workers if workers > 1 else 0)
    live = Live(open_registry(folder), Metrics(counts))
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
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: live.reload())
        server.run()
        return 0
    listening = server.config.bind_socket()
    # what the parent has loaded is told of by the first worker alone
    os.register_at_fork(after_in_parent=live.metrics.loads.clear)
    return Workers(live.prepare, lambda: server.run([listening]), workers, counts).run()


def _server(live: Live, settings: Settings, host: str, port: int) -> uvicorn.Server:
    from app.main import create_app
    from app.protocol import Bounds, bounded

    access = logs.AccessLog(settings.access_log)

    def count(status: int) -> None:
        live.metrics.refuse(str(status))
        live.metrics.observe("other", UNMATCHED, status, 0.0)
        if access.wants(status):
            access.write({"method": "other", "route": UNMATCHED, "status": status}, "", b"", None)

    bounds = Bounds(
        settings.max_connections, settings.client_seconds, settings.idle_seconds, settings.max_body_bytes, count
    )
    config = uvicorn.Config(
        create_app(settings, live),
        http=bounded(bounds),
        ws="none",
        server_header=False,
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,  # nothing depends on who the client is
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        log_config=None,
    )
    config.load()
    return uvicorn.Server(config)
