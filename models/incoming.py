"""What is being written and is no release yet: folders and files that no reader looks at, with their owner's name."""

import os
import re
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.lock import try_lock
from models.tidy import undisturbed

HOST = re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())
_NAME = re.compile(r"\.incoming-(.+)-(\d+)-[0-9a-f]{32}")
_ABANDONED_SECONDS = 24 * 3600.0


def unseen(versions: Path) -> Path:
    """A fresh name that no reader takes for a release, telling who owns it."""
    return versions / f".incoming-{HOST}-{os.getpid()}-{uuid.uuid4().hex}"


@contextmanager
def incoming(versions: Path) -> Iterator[Path]:
    """A folder to write a release into, which goes in the end unless it was renamed; nobody sweeps it meanwhile."""
    folder, handle = unseen(versions), -1
    try:
        folder.mkdir(parents=True)
        with suppress(OSError):  # a network file system locks no folders; there the owner's name must do
            handle = os.open(folder, os.O_RDONLY)
            try_lock(handle)
        yield folder
    finally:
        try:
            with undisturbed():
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            if handle >= 0:
                os.close(handle)


def sweep(versions: Path) -> None:
    """Remove what processes that no longer live have left half-written."""
    for entry in versions.iterdir() if versions.is_dir() else ():
        owner = _NAME.fullmatch(entry.name)
        if not owner or not _abandoned(entry, owner[1], int(owner[2])) or _is_locked(entry):
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:  # what was to become `current`
            entry.unlink(missing_ok=True)


def _abandoned(entry: Path, host: str, process: int) -> bool:
    """Whether its owner is gone: known at once on the same machine, after a day on another."""
    try:
        if host != HOST:
            return time.time() - entry.lstat().st_mtime > _ABANDONED_SECONDS
        os.kill(process, 0)
    except (ProcessLookupError, FileNotFoundError, OverflowError):
        return True
    except PermissionError:
        return False
    return False


def _is_locked(entry: Path) -> bool:
    """Whether somebody writes there all the same: containers of one name do not see each other's processes."""
    handle = -1
    try:
        handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        return not try_lock(handle)
    except OSError:
        return False
    finally:
        if handle >= 0:
            os.close(handle)
