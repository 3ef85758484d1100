"""Every command of README.md is run: here, or by the script that its block names."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import app.settings
import training.__main__ as offline
from sample.__main__ import main as make_sample
from tests.serving import free_port
from tests.small import TINY
from training.settings import PRESETS, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HERE = "tests/test_readme.py"
_PART = re.compile(r"<!-- run by (?P<runner>\S+) -->|```sh\n(?P<sh>.*?)```(?:\n```json\n(?P<json>.*?)```)?", re.DOTALL)
# what a command of each runner looks like in the script that runs it
_ELSEWHERE = {".ci/demo": r"make .*demo", ".ci/run": r"make test", ".ci/container": r"run by .*container",
              "tests/training/spark/test_engine.py": r"README", "tests/test_s3.py": r"README",
              "tests/training/test_redis.py": r"README", "tests/training/test_details.py": r"README"}  # fmt: skip


def commands(runner: str) -> Iterator[tuple[str, Any]]:
    """The runner's commands in order, each with the JSON shown for it, if any."""
    now = ""
    for part in _PART.finditer(README):
        now = part["runner"] or now
        if part["sh"] is None or now != runner:
            continue
        lines = part["sh"].splitlines()
        shown = [json.loads(line) for line in (part["json"] or "").splitlines()] or [None] * len(lines)
        yield from zip(lines, shown, strict=True)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README's reader has: ratings, movies and purchases in a folder, `kindred` and `uvicorn` on the path."""
    folder = tmp_path_factory.mktemp("reader")
    make_sample([str(folder), "--viewers", "1200"])  # so many that the filters of the README leave films
    bought = "".join(
        f"{number % 5},{item},2010-12-01 08:{number:02}:00\n"
        for number in range(40)
        for item in ("85123A", 22752 + number % 7)
    )
    (folder / "new-movies.csv").write_text("movieId,title,genres\n300001,Batman Again (2026),Action|Crime\n")
    (folder / "purchases.csv").write_text("CustomerID,StockCode,InvoiceDate\n" + bought)
    for name, module in (("kindred", str(ROOT / "kindred.py")), ("uvicorn", "-m uvicorn")):
        script = folder / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {module} "$@"\n')
        script.chmod(0o755)
    assert run(folder, "kindred train ratings.csv --movies movies.csv").returncode == 0
    return folder


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KINDRED_")}
    return {**kept, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    if command.startswith(("kindred train", "kindred evaluate")) and "lesson" not in command:
        command = " ".join((command, *TINY))
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment(folder), capture_output=True, text=True)


@contextmanager
def started(folder: Path, command: str) -> Iterator[int]:
    """A serving command on a free port, which must end well when told to."""
    port, page = free_port(), "" if "http.server" in command else "readyz"
    words = ["bash", "-c", f"exec env {command.replace('8000', str(port))}"]
    process = subprocess.Popen(words, cwd=folder, env=environment(folder), stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            assert process.poll() is None, f"{command}: ended with {process.returncode}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5):
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        else:
            raise AssertionError(f"{command}: does not answer")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def shape(value: Any) -> Any:
    """Keys and kinds of a JSON value, without its numbers and texts."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_curl_line_answers_what_the_readme_shows(workspace: Path) -> None:
    asked = [(command, shown) for command, shown in commands(HERE) if command.startswith("curl ")]
    assert len(asked) >= 10
    with started(workspace, "kindred serve --port 8000") as port:
        for command, shown in asked:
            answer = run(workspace, command.replace("localhost:8000", f"127.0.0.1:{port}"))
            assert answer.returncode == 0, command
            if shown is not None:
                assert shape(json.loads(answer.stdout)) == shape(shown), command
            else:
                assert not answer.stdout.startswith('{"type"'), command


def test_every_other_command_does_its_work(workspace: Path) -> None:
    others = [command for command, _ in commands(HERE) if not command.startswith("curl ")]
    assert len(others) >= 13
    for command in others:
        if "uvicorn" in command or "serve" in command:
            with started(workspace, command):
                pass
        else:
            done = run(workspace, command)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            assert done.stdout, command
    assert (workspace / "deepwalk.txt").stat().st_size > 0


def test_commands_that_are_run_elsewhere_are_in_the_script_that_runs_them() -> None:
    runners = set(re.findall(r"<!-- run by (\S+) -->", README))
    assert runners == {HERE, *_ELSEWHERE}
    for script, pattern in _ELSEWHERE.items():
        assert list(commands(script))
        assert re.search(pattern, (ROOT / script).read_text()), script


def test_the_table_of_training_settings_is_that_of_the_program() -> None:
    rows = re.findall(r"^\| `(--[a-z-]+)` \| (.*?) \| (.*?) \|", README, re.MULTILINE)
    parser = argparse.ArgumentParser()
    offline.register(parser.add_subparsers())
    options = parser.parse_args(["train", "x"])
    settable = {name for name in Settings.__dataclass_fields__ if hasattr(options, name)}
    assert {flag[2:].replace("-", "_") for flag, _, _ in rows} == settable
    for flag, default, lesson in rows:
        for preset, text in (("default", default), ("lesson", lesson)):
            assert written(getattr(PRESETS[preset]["node2vec"], flag[2:].replace("-", "_"))) in text, flag
    assert [PRESETS["default"][name].epochs for name in ("item2vec", "deepwalk", "node2vec")] == [None, 5, 5]


def written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "by the" if value is None else f"{value:,g}"


def test_the_table_of_service_settings_is_that_of_the_program() -> None:
    rows = dict(re.findall(r"^\| `KINDRED_([A-Z_]+)` \| (?:`?([^|]*?)`? )?\|", README, re.MULTILINE))
    fields = app.settings.Settings.model_fields
    assert {name.lower() for name in rows} == set(fields)
    for name, default in rows.items():
        given = fields[name.lower()].default
        assert ("" if given == () else str(given).removesuffix(".0")) == default, name
