"""Logs: one line for each event, whatever is in it."""

import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import logs
from app.logs import MAX_MESSAGE, MAX_TRACEBACK, JsonLine, TextLine
from app.settings import Settings

ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
EVIL = 'a\nb\r\x1b[31m"}{\u2028\x85\x00é'


def record(message: str, *arguments: object, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("kindred", logging.INFO, "f.py", 1, message, arguments, extra.pop("error", None))
    made.__dict__ |= extra
    return made


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What loggers say from now on, as JSON; all is put back afterwards."""
    root, kindred = logging.getLogger(), logging.getLogger("kindred")
    before = root.handlers[:], root.level, kindred.level, sys.excepthook, threading.excepthook
    shown = warnings.showwarning
    stream = io.StringIO()
    logs.install(Settings(log="json"), stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    kindred.setLevel(before[2])
    sys.excepthook, threading.excepthook = before[3:]
    assert warnings.showwarning is shown


def test_an_entry_has_its_parts_in_order() -> None:
    line = JsonLine().format(record("release %s loaded", "r1", fields={"ms": 1.5}))
    entry = json.loads(line)
    assert list(entry) == ["time", "level", "logger", "message", "pid", "ms"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"])
    assert entry["message"] == "release r1 loaded"


@pytest.mark.parametrize("form", [JsonLine(), TextLine()], ids=["json", "text"])
@given(text=st.text(), value=st.text())
def test_whatever_is_in_it_an_entry_is_one_line(form: logging.Formatter, text: str, value: str) -> None:
    for message in (text, EVIL + text):
        line = form.format(record("%s", message, fields={"path": value + EVIL}))
        assert ENDS.search(line) is None
        assert line.isprintable()


def test_what_an_error_says_looks_like_no_entry() -> None:
    try:
        raise ValueError("first\n2026-01-01T00:00:00.000Z ERROR   kindred: forged")
    except ValueError:
        failed = record("stopped", error=sys.exc_info())
    entry = json.loads(JsonLine().format(failed))
    assert entry["exception"].startswith("Traceback")
    assert "forged" in entry["exception"]
    first, *more = TextLine().format(failed).splitlines()
    assert first.endswith("kindred: stopped")
    assert len(more) > 3
    assert all(line.startswith("    | ") for line in more)


def test_an_entry_is_bounded() -> None:
    def deep(left: int) -> None:
        if left == 0:
            raise ValueError("y" * 5000 + "end")
        deep(left - 1)

    try:
        deep(50)
    except ValueError:
        long = record("x" * 5000, error=sys.exc_info(), fields={"path": "z" * 5000})
    entry = json.loads(JsonLine().format(long))
    assert len(entry["message"]) == MAX_MESSAGE + 1
    assert len(entry["exception"]) == MAX_TRACEBACK + 1
    assert entry["exception"].endswith("end")
    assert len(entry["path"]) < 400


def test_arguments_that_do_not_fit_lose_no_entry() -> None:
    assert json.loads(JsonLine().format(record("%d of %s", "x")))["message"] == "%d of %s"


def test_warnings_threads_and_other_loggers_are_heard(lines: Callable[[], list[dict[str, Any]]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful\nnow", UserWarning, stacklevel=1)
    failing = threading.Thread(target=lambda: 1 / 0)
    failing.start()
    failing.join()
    logging.getLogger("uvicorn.error").warning("from the server")
    logging.getLogger("kindred").debug("not at this level")
    heard = [(entry["level"], entry["logger"], entry["message"].split(" (")[0]) for entry in lines()]
    assert [entry[:2] for entry in heard] == [("warning", "warnings"), ("critical", "kindred"), ("warning", "uvicorn")]
    assert "careful" in heard[0][2]
    assert "ZeroDivisionError" in lines()[1]["exception"]


@pytest.mark.parametrize(
    ("form", "terminal", "as_json"),
    [("auto", True, False), ("auto", False, True), ("json", True, True), ("text", False, False)],
)
def test_people_read_text_and_programs_json(
    lines: Callable[[], list[dict[str, Any]]], form: Any, terminal: bool, as_json: bool
) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    logs.install(Settings(log=form), stream)
    logging.getLogger("kindred").info("hello")
    assert stream.getvalue().startswith("{") == as_json
