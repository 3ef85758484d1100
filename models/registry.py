"""The folder that releases live in: which there are, which one is live, and switching between them.

<folder>/current         one line, the id of the live version
<folder>/history.jsonl   who was live before whom, a line for each switch, written before the switch
<folder>/versions/<id>/  a whole release; anything there without a manifest or with a dot in front is none
"""

import os
import re
import shutil
import socket
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from models import files
from models.errors import IntegrityError, NoReleaseError, ReleaseError, UnknownVersionError
from models.history import Switch, append_switch, read_switches
from models.manifest import Manifest, read_manifest
from models.release import Release, load

_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_INCOMING = re.compile(r"\.incoming-(.+)-(\d+)-[0-9a-f]{32}")
_HOST = re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())
_ABANDONED_SECONDS = 24 * 3600.0


class Registry:
    """Versions in a folder. Every switch is one atomic rename; readers never see a part of anything."""

    def __init__(self, folder: Path | str) -> None:
        """Name the folder; it is made when the first release is added."""
        self.folder = Path(folder)

    def versions(self) -> list[str]:
        """Ids of all whole releases, oldest first."""
        try:
            names = sorted(entry.name for entry in (self.folder / "versions").iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ReleaseError(f"{self.folder}: cannot be read: {error.strerror}") from error
        return [name for name in names if self._is_version(name)]

    def current(self) -> str | None:
        """Id of the live version, or None."""
        try:
            text = (self.folder / "current").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ReleaseError(f"{self.folder / 'current'}: cannot be read: {error}") from error
        if not _VERSION.fullmatch(text):
            raise ReleaseError(f"{self.folder / 'current'}: expected a version's id, found {text[:80]!r}")
        return text

    def find(self, name: str) -> str:
        """The version that `name` means: `current`, `previous`, an id, or the beginning of a single one.

        Raises:
            NoReleaseError: nothing is live.
            UnknownVersionError: none begins so, or several do.
        """
        if name == "current":
            now = self.current()
            if now is None:
                raise NoReleaseError(f"no release is live in {self.folder}")
            return now
        if name == "previous":
            return self.previous()
        there = self.versions()
        found = [version for version in there if version.startswith(name)] if name else []
        if len(found) == 1:
            return found[0]
        many = f"{len(found)} versions begin with" if found else "no version"
        raise UnknownVersionError(f"{many} {name!r} in {self.folder}; there are: {', '.join(there) or 'none'}")

    def path(self, version: str) -> Path:
        """Folder of a version.

        Raises:
            UnknownVersionError: there is no such version.
        """
        if not self._is_version(version):
            there = ", ".join(self.versions()) or "none"
            raise UnknownVersionError(f"no version {version!r} in {self.folder}; there are: {there}")
        return self._at(version)

    def load(self, version: str | None = None) -> Release:
        """Load a version, the live one when none is named.

        Raises:
            NoReleaseError: nothing is live.
            ReleaseError: it is not there or not whole.
        """
        if version is None:
            version = self.current()
        if version is None:
            raise NoReleaseError(f"no release in {self.folder}: train one first (kindred train RATINGS)")
        release = load(self.path(version))
        if release.id != version:
            raise IntegrityError(f"{version}/manifest.json: expected id {version}, found {release.id[:80]!r}")
        return release

    def add(self, write: Callable[[Path], Manifest]) -> str:
        """Add a release: `write` fills a temporary folder, which then gets its name by one rename.

        Returns:
            The id. A release of the same second and content that is there already is kept as it is.
        """
        incoming = self._unseen()
        try:
            self._sweep()
            incoming.mkdir(parents=True)
            version = write(incoming).id
            if not self._at(version).exists():
                incoming.rename(self._at(version))
                files.flush_folder(incoming.parent)
        except OSError as error:
            raise ReleaseError(f"{self.folder}: release not written: {error}") from error
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
        return version

    def promote(self, version: str) -> None:
        """Make a version the live one, after checking every byte of it."""
        self.load(version)
        if version != self.current():
            self._switch(version, "promote")

    def rollback(self) -> str:
        """Go back to the version that was live before the current one was promoted; returns its id.

        Raises:
            NoReleaseError: there is none to go back to.
        """
        before = self.previous()
        self.load(before)
        self._switch(before, "rollback")
        return before

    def previous(self, version: str | None = None) -> str:
        """The version that was live before `version`, or the current one, was promoted; errors as `rollback`."""
        now = version or self.current()
        promoted = (switch for switch in reversed(self.history()) if (switch.do, switch.after) == ("promote", now))
        last = next(promoted, None)
        if last is None or last.before is None:
            raise NoReleaseError(f"no version was live before {now} in {self.folder}")
        return last.before

    def history(self) -> list[Switch]:
        """All switches, oldest first."""
        return read_switches(self.folder / "history.jsonl")

    def prune(self, keep: int) -> list[str]:
        """Remove all but the `keep` newest versions, never the live one; returns the removed ids."""
        if keep < 1:
            raise ReleaseError(f"expected to keep at least 1 version, found {keep}")
        now = self.current()
        gone = [version for version in self.versions()[:-keep] if version != now]
        try:
            self._sweep()
            for version in gone:
                # first out of sight by one rename, then removed: no reader meets a half-removed release
                hidden = self._unseen()
                self._at(version).rename(hidden)
                shutil.rmtree(hidden)
        except OSError as error:
            raise ReleaseError(f"{self.folder}: not all old releases removed: {error}") from error
        return gone

    def manifest(self, version: str) -> Manifest:
        """What a version says of itself, without reading the rest of it."""
        return read_manifest(self.path(version))

    def _at(self, version: str) -> Path:
        return self.folder / "versions" / version

    def _is_version(self, name: str) -> bool:
        try:
            return bool(_VERSION.fullmatch(name)) and (self._at(name) / "manifest.json").is_file()
        except OSError as error:
            raise ReleaseError(f"{self._at(name)}: cannot be read: {error.strerror}") from error

    def _switch(self, version: str, how: str) -> None:
        switch = Switch(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", how, self.current(), version)
        try:
            append_switch(self.folder / "history.jsonl", switch)
            files.replace_text(self.folder / "current", version + "\n", self._unseen())
        except OSError as error:
            raise ReleaseError(f"{self.folder}: not switched to {version}: {error}") from error

    def _unseen(self) -> Path:
        """A fresh name that no reader takes for a release, telling who owns it."""
        return self.folder / "versions" / f".incoming-{_HOST}-{os.getpid()}-{uuid.uuid4().hex}"

    def _sweep(self) -> None:
        """Remove what processes that no longer live have left half-written."""
        versions = self.folder / "versions"
        for entry in versions.iterdir() if versions.is_dir() else ():
            owner = _INCOMING.fullmatch(entry.name)
            if not owner or not _abandoned(entry, owner[1], int(owner[2])):
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:  # what was to become `current`
                entry.unlink(missing_ok=True)


def _abandoned(entry: Path, host: str, process: int) -> bool:
    """Whether its owner is gone: known at once on the same machine, after a day on another."""
    try:
        if host != _HOST:
            return time.time() - entry.lstat().st_mtime > _ABANDONED_SECONDS
        os.kill(process, 0)
    except (ProcessLookupError, FileNotFoundError, OverflowError):
        return True
    except PermissionError:
        return False
    return False
