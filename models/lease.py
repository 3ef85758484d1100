"""A release in use: a shared lock on its manifest, which the kernel frees when the last process that has it is gone.

Forks share it. Where the file system has no locks, or the manifest is not there, nothing is held and nothing fails.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.errors import IntegrityError
from models.lock import try_lock

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Lease:
    """Held for as long as somebody refers to it."""

    def __init__(self, handle: int) -> None:
        """Of an open file that is locked; it is closed with the lease."""
        self._handle = handle
        self._close = os.close  # there even when the interpreter ends

    @classmethod
    def take(cls, folder: Path) -> "Lease | None":
        """Say that the release in `folder` is in use.

        Raises:
            IntegrityError: it is being removed at this moment.
        """
        try:
            handle = os.open(folder / "manifest.json", os.O_RDONLY | _PLAIN)
        except OSError:
            return None
        lease = cls(handle)
        with suppress(OSError):
            if not try_lock(handle, shared=True):
                raise IntegrityError(f"{folder.name}: expected a release, found one that is being removed")
        return lease

    def __del__(self) -> None:
        self._close(self._handle)


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Whether nobody uses the release in `folder`; if so, nobody begins to for as long as this lasts."""
    handle = -1
    try:
        free = True
        with suppress(OSError):
            handle = _opened(folder / "manifest.json")
            free = try_lock(handle)
        yield free
    finally:
        if handle >= 0:
            os.close(handle)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | _PLAIN)  # network file systems lock only what may be written to
    except PermissionError:
        return os.open(path, os.O_RDONLY | _PLAIN)
