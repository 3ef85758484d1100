"""What `doctor` looks at in a store: may it be used, what is live, is everything in it whole, what is left over."""

import argparse
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.checks import Check
from models.errors import KindredError
from models.lock import Owner, try_lock
from models.opening import open_registry, place
from models.store import Store

_MOST_LOCK_BYTES = 1_000


def store(options: argparse.Namespace) -> Iterator[Check]:
    """All of it; a release is read to its last byte."""
    where = place(options.models)
    if not isinstance(where, Path):
        yield from _releases(open_registry(where))
        return
    if not where.exists():
        yield Check("store", "warn", f"{where} is not there yet", "kindred train RATINGS makes it")
        return
    if not where.is_dir():
        yield Check("store", "fail", f"{where}: expected a folder, found a file", "name another by --models")
        return
    if not os.access(where, os.R_OK | os.X_OK):
        yield Check("store", "fail", f"{where} cannot be read", "let this user read it, or name another by --models")
        return
    found = f"{where}, {_size(where) / 1e6:,.1f} MB"
    if os.access(where, os.W_OK):
        yield Check("store", "ok", found)
    else:
        yield Check("store", "warn", f"{found}, read-only", "enough to serve; to train, let this user write to it")
    yield from _releases(open_registry(where))
    yield from _lock(where / "lock")
    yield from _left(where / "versions")


def _releases(registry: Store) -> Iterator[Check]:
    """The live one, and whether each is whole."""
    current = None
    try:
        current = registry.current()
    except KindredError as error:
        yield Check("current", "fail", str(error), "kindred promote ID, of those that `kindred versions` lists")
    else:
        if current is None:
            yield Check("current", "warn", "no release is live", "kindred train RATINGS, or kindred promote ID")
        else:
            yield Check("current", "ok", current)
    versions = registry.versions()
    if current is not None and current not in versions:
        yield Check("release", "fail", f"{current} is live and not there", "kindred rollback, or kindred promote ID")
    for version in versions:
        try:
            release = registry.load(version)
        except KindredError as error:
            live = version == current
            advice = "kindred rollback, or train anew" if live else "it cannot be gone back to: remove its folder"
            yield Check("release", "fail" if live else "warn", f"{version}: {error}", advice)
        else:
            models = ", ".join(release.models)
            yield Check("release", "ok", f"{version}: whole; {len(release.catalogue):,} movies, {models}")


def _lock(path: Path) -> Iterator[Check]:
    """Who adds, switches or removes at this moment, or did so when it was killed."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return
    try:
        owner = Owner.read(os.read(handle, _MOST_LOCK_BYTES)) or "somebody"
        if try_lock(handle, shared=True):
            yield Check("lock", "warn", f"left by {owner}, who is gone", "nothing: the next writer takes it over")
        else:
            yield Check("lock", "ok", f"held by {owner}")
    finally:
        os.close(handle)


def _left(versions: Path) -> Iterator[Check]:
    """What a process that was killed has left half-written."""
    left = [entry for entry in versions.iterdir() if entry.name.startswith(".")] if versions.is_dir() else []
    if left:
        found = f"{len(left)} unfinished in {versions}, {sum(map(_size, left)) / 1e6:,.1f} MB"
        yield Check("leftovers", "warn", found, "unless a train or prune runs now: the next one removes them")


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder, as far as they can be read."""
    places = [Path(folder) / name for folder, _, names in os.walk(path) for name in names] or [path]
    size = 0
    for one in places:
        with suppress(OSError):  # it may have gone meanwhile
            size += one.lstat().st_size
    return size
