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

# of memory that others hold too, one's share
KINDS = ("Pss", "Pss_Anon")
Pss = tuple[float, ...]


class Memory(threading.Thread):
    """Memory of a service and its workers, what they share counted once; looked at all the time."""

    def __init__(self, pid: int, every: float) -> None:
        """Of this process and its children, once in so many seconds."""
        super().__init__(daemon=True)
        self._pid, self._every, self.over = pid, every, threading.Event()
        self._seen: list[Pss] = []

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(self._every):
            each = map(_pss_mb, [self._pid, *_children(self._pid)])
            self._seen.append((*map(sum, zip(*each, strict=True)),))

    def course(self, pieces: int = 30) -> dict[str, list[float]]:
        """Medians of equal stretches of time: of all, and of what belongs to no file."""
        stretches = np.array_split(np.array(self._seen).reshape(-1, len(KINDS)), pieces)
        return {name: [round(float(np.median(stretch[:, place])), 1) for stretch in stretches if len(stretch)]
                for place, name in enumerate(KINDS)}  # fmt: skip

    def thirds(self) -> dict[str, float]:
        """Medians of the first third and the last, and how many times the first the last is."""
        seen = [pss[0] for pss in self._seen]
        third = max(1, len(seen) // 3)
        first, last = (float(np.median(part or [0.0])) for part in (seen[:third], seen[-third:]))
        return {
            "first MB": first,
            "last MB": last,
            "ratio": last / (first or 1.0),
            "most MB": max(seen, default=0.0),
        }


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _pss_mb(pid: int) -> Pss:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return (0.0,) * len(KINDS)
    found = {name: float(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines[1:])}
    return tuple(found.get(name, 0.0) for name in KINDS)


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
