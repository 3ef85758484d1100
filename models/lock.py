"""One writer at a time: a lock that the kernel frees when its owner dies, and a text that says who the owner is."""

import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.errors import BusyError, ReleaseError
from models.tidy import undisturbed

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("kindred")

WAIT_SECONDS = 10.0
# for whoever would lose hours of work
PATIENT_SECONDS = 120.0
_LOOK_SECONDS = 0.02
_LONGEST = 1000


@dataclass(frozen=True)
class Owner:
    """Who holds a lock.

    Attributes:
        verb: what it does: add, promote, rollback, prune.
        host, pid: where it runs.
        since: seconds since 1970, by its clock.
    """

    verb: str
    host: str
    pid: int
    since: float

    @classmethod
    def me(cls, verb: str) -> "Owner":
        """This process, from now on."""
        return cls(verb, socket.gethostname(), os.getpid(), time.time())

    @classmethod
    def read(cls, text: bytes) -> "Owner | None":
        """The opposite of `written`; None where it is no such text."""
        try:
            said = json.loads(text)
            since = datetime.fromisoformat(said["since"]).timestamp()
            return cls(str(said["verb"])[:40], str(said["host"])[:80], int(said["pid"]), since)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None

    def written(self) -> bytes:
        """One line of JSON."""
        since = f"{datetime.fromtimestamp(self.since, UTC):%Y-%m-%dT%H:%M:%SZ}"
        return json.dumps({"verb": self.verb, "host": self.host, "pid": self.pid, "since": since}).encode() + b"\n"

    @property
    def age(self) -> float:
        """Seconds since it has the lock, by our clock."""
        return time.time() - self.since

    def __str__(self) -> str:
        return f"{self.verb} (pid {self.pid} on {self.host}, for {_duration(self.age)})"


@contextmanager
def locked(path: Path, verb: str, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock at `path`, a file that is there only as long as somebody has it.

    A file that nobody holds is what a dead owner left: it is taken over, with a word in the log.

    Raises:
        BusyError: somebody else has held it for `wait` seconds; says who.
        ReleaseError: the file cannot be made, or the system has no such locks.
    """
    try:
        handle = _acquired(path, wait)
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be locked: {error.strerror}") from error
    with undisturbed():  # it is held for moments
        try:
            _take_over(handle, path, Owner.me(verb))
            yield
        finally:
            try:
                # first the name: nobody can wait for a lock whose name goes to another file afterwards
                with suppress(OSError):
                    if _is_at(handle, path):
                        path.unlink()
            finally:
                os.close(handle)


def _acquired(path: Path, wait: float) -> int:
    if fcntl is None:
        raise ReleaseError(f"{path}: expected a system with flock (Linux, macOS), which keeps writers apart")
    until = time.monotonic() + wait
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        try:
            if try_lock(handle) and _is_at(handle, path):
                mine, handle = handle, -1
                return mine
            owner = Owner.read(os.pread(handle, _LONGEST, 0))
        finally:
            if handle >= 0:
                os.close(handle)
        if time.monotonic() >= until:
            raise BusyError(f"{path.parent}: expected the store to be free, found {owner or 'another process'}")
        time.sleep(_LOOK_SECONDS)


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file unless somebody else has locked it; the lock ends when the last copy of `handle` is closed.

    Raises:
        OSError: the file system has no such locks.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _take_over(handle: int, path: Path, me: Owner) -> None:
    before = os.pread(handle, _LONGEST, 0)
    if before:
        owner = Owner.read(before) or "another process"
        log.warning("%s: the lock of %s is taken over: its owner is gone", path, owner)
    with suppress(OSError):  # a full disk keeps nobody from making room
        os.ftruncate(handle, 0)
        os.pwrite(handle, me.written(), 0)


def _duration(seconds: float) -> str:
    seconds = max(0.0, seconds)
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
