"""Releases of a remote store on this machine: fetched once, verified, and then mapped like any other."""

import hashlib
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from models.errors import FormatVersionError, IntegrityError, ReleaseError, UnknownVersionError
from models.incoming import unseen
from models.lock import locked
from models.manifest import Manifest
from models.registry import Registry
from models.release import Release

log = logging.getLogger("kindred")

# the live release and what one goes back to; those in use stay in any case
KEEP = 3
# how long to wait for another process that fetches the same release
_FETCH_SECONDS = 600.0


class Cache:
    """A folder of releases for one address. Several processes may share it: one fetches, the others wait.

    Attributes:
        registry: the releases that are here; none of them is live.
    """

    def __init__(self, address: str) -> None:
        """Choose the folder; it is made when something is fetched."""
        self._name = hashlib.sha256(address.encode()).hexdigest()[:16]
        self._registry: Registry | None = None

    @property
    def registry(self) -> Registry:
        """The releases that are here.

        Raises:
            ReleaseError: there is no place for them.
        """
        if self._registry is None:
            self._registry = Registry(_root() / self._name)
        return self._registry

    def load(self, version: str, fetch: Callable[[Path], Manifest]) -> Release:
        """Load a release, after fetching it unless it is here and whole.

        Args:
            version: which.
            fetch: writes it into a folder, and verifies it.

        Raises:
            ReleaseError: it cannot be fetched, or is not whole where it comes from.
        """
        release = self._whole(version)
        if release is None:
            self._fetched(version, fetch)
            release = self.registry.load(version)
        try:
            self.registry.prune(KEEP)
        except ReleaseError as error:
            log.warning("cache not tidied: %s", error)
        return release

    def _fetched(self, version: str, fetch: Callable[[Path], Manifest]) -> None:
        folder = self.registry.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReleaseError(f"{folder}: cannot be made: {error.strerror} (KINDRED_CACHE)") from error
        with locked(folder / f"fetch-{version}", f"fetch {version}", _FETCH_SECONDS):
            if self._whole(version) is None:
                self._discard(version)
                self.registry.add(fetch)

    def _whole(self, version: str) -> Release | None:
        try:
            return self.registry.load(version)
        except UnknownVersionError:
            return None
        except (IntegrityError, FormatVersionError) as error:
            log.warning("release %s is fetched again: %s", version, error)
            return None

    def _discard(self, version: str) -> None:
        """Remove a copy that is damaged."""
        with suppress(UnknownVersionError):
            folder = self.registry.path(version)
            hidden = unseen(folder.parent)
            try:
                folder.rename(hidden)
                shutil.rmtree(hidden)
            except OSError as error:
                raise ReleaseError(f"{folder}: cannot be removed: {error.strerror}") from error


def _root() -> Path:
    """Where fetched releases are kept: KINDRED_CACHE, else the user's cache, else a folder of ours for temporary files.

    Raises:
        ReleaseError: somebody else may write there, and so decide what we answer.
    """
    named = os.environ.get("KINDRED_CACHE")
    if named:
        return Path(named)
    with suppress(OSError, RuntimeError):  # without a home
        usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kindred"
        usual.mkdir(parents=True, exist_ok=True)
        if os.access(usual, os.W_OK):
            return usual
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"kindred-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ReleaseError(f"{folder}: cannot be made: {error.strerror} (KINDRED_CACHE)") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o022:
        raise ReleaseError(f"{folder}: expected a folder that only we can write to, found another (KINDRED_CACHE)")
    return folder
