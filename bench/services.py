"""A service in a process of its own, on a core of its own: started, asked, measured, stopped."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0


@dataclass(frozen=True)
class Service:
    """A running one.

    Attributes:
        start: seconds from the start of its process to its first answer.
    """

    process: "subprocess.Popen[bytes]"
    port: int
    start: float

    def get(self, movie_id: str) -> Any:
        """The answer of /similar/{movieId}."""
        with urllib.request.urlopen(self.url(f"/similar/{movie_id}"), timeout=10) as response:
            return json.load(response)

    def tag(self, path: str) -> str:
        """The ETag of a path's answer."""
        with urllib.request.urlopen(self.url(path), timeout=10) as response:
            tag: str = response.headers["etag"]
            return tag

    def text(self, path: str) -> str:
        """Whatever is answered there."""
        with urllib.request.urlopen(self.url(path), timeout=60) as response:
            text: str = response.read().decode()
            return text

    def url(self, path: str) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        """Used by its process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_mb(self) -> float:
        """Memory that it shares with nobody."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@contextmanager
def running(
    command: Sequence[str], core: int, asked: str, environment: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A service that is started by `command` and a free port, on one core; ready once it answers for movie `asked`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, str(port)], cwd=ROOT, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})}
    )
    try:
        os.sched_setaffinity(process.pid, {core})
        service = Service(process, port, 0.0)
        _await_answer(service, asked)
        yield Service(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ours(store: Path) -> list[str]:
    """The command that serves a folder of releases as anybody would."""
    return [sys.executable, "-m", "app", "serve", "--models", str(store), "--port"]


def _await_answer(service: Service, asked: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and service.process.poll() is None:
        try:
            service.get(asked)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"no answer from {service.process.args!r}, exit code {service.process.poll()}")
