"""A real service in a process of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A real `python -m app serve` on a free port."""

    def __init__(self, folder: Path | str, *options: str, **environment: str) -> None:
        """`environment`: settings by their names in small letters, `poll_seconds="0"`."""
        self.port = free_port()
        command = [sys.executable, "-m", "app", "serve", "--models", str(folder), "--port", str(self.port), *options]
        # a file and not a pipe: however much is logged, the service never waits for a reader
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by stop()
        settings = {f"KINDRED_{name.upper()}": value for name, value in ({"poll_seconds": "0.1"} | environment).items()}
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=self._log)
        self.url = f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        for _ in range(600):
            assert self.process.poll() is None, self.log()
            try:
                if self.get("/readyz") == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("the service did not become ready")

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> tuple[int, str]:
        """SIGTERM; the exit code and what was logged."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        log = self.log()
        self._log.close()
        return self.process.returncode, log
