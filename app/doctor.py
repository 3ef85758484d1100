"""What the service looks at for `kindred doctor`: its settings and its port."""

import argparse
import os
import socket
from collections.abc import Iterator

from models import KindredError
from models.checks import Check

_PREFIX = "KINDRED_"
# read elsewhere than in app/settings.py
_OTHERS = {"port", "cache", "test_data"}


def service(_: argparse.Namespace) -> Iterator[Check]:
    """The KINDRED_* environment, and whether the service could listen."""
    from app.settings import Settings, read_settings

    try:
        read_settings()
    except KindredError as error:
        yield Check("settings", "fail", str(error), "set the variable to what is expected, or unset it")
    else:
        given = sorted(name for name in os.environ if name.startswith(_PREFIX))
        yield Check("settings", "ok", ", ".join(given) or "all as they come")
    known = {_PREFIX + name.upper() for name in (*Settings.model_fields, *_OTHERS)}
    if strange := sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known):
        yield Check("settings", "warn", f"nothing reads {', '.join(strange)}", f"there are {', '.join(sorted(known))}")
    yield _port()


def _port() -> Check:
    text = os.environ.get("PORT") or os.environ.get("KINDRED_PORT") or "8000"
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        return Check("port", "fail", f"expected PORT or KINDRED_PORT in 0..65535, found {text!r}", "set it to a number")
    with socket.socket() as probe:
        # as the server does: a port that was in use a moment ago is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            return Check(
                "port", "warn", f"{text}: {error.strerror}", "serve --port N takes another, or it serves already"
            )
    return Check("port", "ok", f"{text} is free")
