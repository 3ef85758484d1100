"""A real `kindred serve` with its workers, and what memory they take."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.services import ROOT, START_SECONDS


class Memory(threading.Thread):
    """Memory of a service and its workers, what they share counted once; looked at all the time."""

    def __init__(self, pid: int, every: float) -> None:
        """Of this process and its children, once in so many seconds."""
        super().__init__(daemon=True)
        self._pid, self._every, self.over = pid, every, threading.Event()
        self._seen: list[float] = []

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(self._every):
            self._seen.append(sum(map(_pss_mb, [self._pid, *_children(self._pid)])))

    def thirds(self) -> dict[str, float]:
        """Medians of the first third and the last, and how many times the first the last is."""
        third = max(1, len(self._seen) // 3)
        first, last = (float(np.median(part or [0.0])) for part in (self._seen[:third], self._seen[-third:]))
        return {
            "first MB": first,
            "last MB": last,
            "ratio": last / (first or 1.0),
            "most MB": max(self._seen, default=0.0),
        }


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def served(store: Path, log: Path, poll: float, workers: int) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A service over a folder of releases, what it says in `log`: its process and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "kindred.py", "serve", "--models", str(store), "--port", str(port)]
    environment = {**os.environ, "KINDRED_POLL_SECONDS": str(poll)}
    with log.open("wb") as file:
        process = subprocess.Popen([*command, "--workers", str(workers)], cwd=ROOT, stderr=file, env=environment)
        try:
            _await(process, port)
            yield process, port
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"no answer from {process.args!r}, exit code {process.poll()}")
