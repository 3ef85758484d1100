"""HTTP as bytes on a socket: what no client library would send."""

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

HOST = b"Host: here\r\n"


@dataclass(frozen=True)
class Raw:
    """An answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        [value] = [value for known, value in self.headers if known == name]
        return value


class Wire:
    """One connection; nothing is sent but what is told."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._file: BinaryIO = self.socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def send(self, *parts: bytes) -> None:
        self.socket.sendall(b"".join(parts))

    def answer(self, *, head: bool = False) -> Raw | None:
        """The next answer; None: the connection is closed. `head`: it has no body, whatever its length."""
        try:
            line = self._file.readline()
        except ConnectionResetError:
            return None
        if not line:
            return None
        version, status, _ = line.split(b" ", 2)
        assert version == b"HTTP/1.1", line
        headers = []
        while (line := self._file.readline()) != b"\r\n":
            assert line.endswith(b"\r\n"), line
            name, _, value = line[:-2].decode("latin-1").partition(": ")
            headers.append((name, value))
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        return Raw(int(status), headers, b"" if head or status == b"304" else self._file.read(length))

    def answers(self) -> list[Raw]:
        """All until the connection is closed."""
        found = []
        while (answer := self.answer()) is not None:
            found.append(answer)
        return found


def ask(port: int, *parts: bytes) -> list[Raw]:
    """Everything that is answered on a connection of its own; the service has to close it."""
    with Wire(port) as wire:
        wire.send(*parts)
        return wire.answers()


def get(path: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    """A request, with a host and what else is given."""
    return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (method, path, HOST, b"".join(line + b"\r\n" for line in headers))


def post(path: bytes, body: bytes, *headers: bytes) -> bytes:
    """A request with a body, announced in full."""
    kind = (b"Content-Type: application/json", b"Content-Length: %d" % len(body))
    return get(path, *kind, *headers, method=b"POST") + body
