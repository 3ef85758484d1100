"""Logs: one line on stderr for each event, as JSON or as text, whatever is in it; and which requests get one."""

import json
import logging
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from app.settings import Settings

# Characters of a message, of what else is shown, and of a traceback, whose end says most.
MAX_MESSAGE, MAX_FIELD, MAX_TRACEBACK = 1000, 300, 3000
# Failed requests that are logged in a second; those beyond are counted.
MAX_A_SECOND = 100

_access = logging.getLogger("kindred.access")
# What others call their loggers -> what we do.
_NAMES = {"uvicorn.error": "uvicorn", "py.warnings": "warnings"}


class Line(logging.Formatter):
    """What both forms share: the parts of an entry, all of bounded length."""

    def parts(self, record: logging.LogRecord) -> dict[str, Any]:
        """Keys and values in the order they are shown."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": _NAMES.get(record.name, record.name),
            "message": _message(record),
            "pid": record.process,
        }
        for name, value in getattr(record, "fields", {}).items():
            if value is not None:
                parts[name] = _cut(value, MAX_FIELD) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            parts["exception"] = _traceback(record.exc_info[1])
        return parts


class JsonLine(Line):
    """An entry as one line of JSON in ASCII: no character in it can end the line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(self.parts(record), default=str, separators=(",", ":"))


class TextLine(Line):
    """An entry for people; the lines of a traceback are indented, so that none looks like an entry."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        parts = self.parts(record)
        del parts["pid"]
        told, level, name, message = (_visible(str(parts.pop(key))) for key in ("time", "level", "logger", "message"))
        lines = str(parts.pop("exception", "")).splitlines()
        more = "".join(f" {key}={_visible(str(value))}" for key, value in parts.items())
        return "\n    | ".join([f"{told} {level.upper():<7} {name}: {message}{more}", *map(_visible, lines)])


class AccessLog:
    """Which requests are logged.

    Attributes:
        all: whether every request is, also those answered from memory.
    """

    def __init__(self, mode: str, *, paths: bool = False) -> None:
        """Log `off`, `errors` (5xx) or `all`; `paths`: also what was asked for, which may tell of people."""
        self.all = mode == "all"
        self._errors = mode != "off"
        self._paths = paths
        self._second, self._written = 0, 0

    def wants(self, status: int) -> bool:
        """Whether a request with this status gets a line."""
        return self.all or (self._errors and status >= 500)

    def write(self, fields: dict[str, Any], path: str, query: bytes, error: Exception | None) -> None:
        """One line for one request; for a failure with its traceback."""
        if not self.all and not self._has_room():
            return
        if self._paths:
            fields["path"], fields["query"] = path, query.decode("latin-1")
        status: int = fields["status"]
        failed = error is not None or (status >= 500 and status != 503)
        level = logging.ERROR if failed else logging.WARNING if status == 503 else logging.INFO
        message = f"{fields['method']} {fields['route']} {status}"
        _access.log(level, "%s", message, extra={"fields": fields}, exc_info=error)

    def _has_room(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            left_out = self._written - MAX_A_SECOND
            self._second, self._written = second, 0
            if left_out > 0:
                _access.warning("%d more failed requests were not logged", left_out)
        self._written += 1
        return self._written <= MAX_A_SECOND


def install(settings: Settings, stream: TextIO | None = None) -> None:
    """Send everything that is logged, warned of or raised in a thread to one stream: stderr, unless one is given."""
    stream = stream or sys.stderr
    as_json = settings.log == "json" or (settings.log == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine() if as_json else TextLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = settings.log_level.upper()
    root.setLevel("INFO" if level == "DEBUG" else level)  # what libraries say to themselves stays there
    logging.getLogger("kindred").setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = lambda _, error, __: _raised(error)
    threading.excepthook = lambda raised: _raised(raised.exc_value)


def _raised(error: BaseException | None) -> None:
    logging.getLogger("kindred").critical("stopped by an error", exc_info=error)


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit the message
        text = str(record.msg)
    return _cut(text.rstrip("\n"), MAX_MESSAGE)


def _traceback(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error)).rstrip("\n")
    return text if len(text) <= MAX_TRACEBACK else "…" + text[-MAX_TRACEBACK:]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _visible(text: str) -> str:
    """What is no letter, sign or space, escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
