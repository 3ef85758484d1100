"""A real S3-compatible server on this machine (moto's), and what is done to its objects behind everybody's back."""

import http.client
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

import pytest

from tests.serving import free_port

NEEDED = ("moto", "flask", "flask_cors", "s3fs")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
needs_s3 = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (the [dev] extra)")
BUCKET = "films"


class S3:
    """The server, and one bucket in it.

    Attributes:
        environment: what a client needs to find it and be let in.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by stop()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._log)
        self.environment: Mapping[str, str] = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for _ in range(600):
            assert self.process.poll() is None, self.log()
            try:
                self._ask("PUT", "")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not become ready")

    def put(self, key: str, content: bytes) -> None:
        self._ask("PUT", f"/{key}", content)

    def listed(self) -> list[str]:
        return re.findall(r"<Key>([^<]+)</Key>", self._ask("GET", "?list-type=2").decode())

    def log(self) -> str:
        """A line for each request, without colours."""
        self._log.seek(0)
        return re.sub(r"\x1b\[\d+m", "", self._log.read())

    def asked(self, verb: str, beginning: str) -> list[str]:
        """Objects that were asked for so far, by whomever, whose key begins so."""
        return re.findall(rf'"{verb} /{BUCKET}/({re.escape(beginning)}[^ ?]*)[? ]', self.log())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    def _ask(self, verb: str, path: str, content: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(verb, f"/{BUCKET}{path}", content)
            response = connection.getresponse()
            body = response.read()
            assert response.status < 300, (verb, path, response.status, body)
            return body
        finally:
            connection.close()
