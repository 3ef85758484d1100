"""A store in a folder: which releases there are, which one is live, and switching between them.

<folder>/current         one line, the id of the live version
<folder>/history.jsonl   who was live before whom, a line for each switch, written before the switch
<folder>/versions/<id>/  a whole release; anything there without a manifest or with a dot in front is none
<folder>/lock            there only while somebody adds, switches or removes; tells who
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models import files
from models.errors import IntegrityError, NoReleaseError, ReleaseError
from models.history import Switch, read_history, written_down
from models.incoming import incoming, sweep, unseen
from models.lease import unused
from models.lock import PATIENT_SECONDS, WAIT_SECONDS, locked
from models.manifest import Manifest, read_manifest
from models.release import Release, load
from models.store import Pruned, Store
from models.tidy import undisturbed

VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


class Registry(Store):
    """Versions in a folder. Every switch is one atomic rename; readers never see a part of anything, and need no lock.

    The lock is held for moments only: nobody waits for a release to be written, verified or deleted.
    """

    folder: Path

    def __init__(self, folder: Path | str) -> None:
        """Name the folder; it is made when the first release is added."""
        self.folder = Path(folder)
        self._versions = self.folder / "versions"

    def versions(self) -> list[str]:
        """Ids of all whole releases, oldest first."""
        try:
            names = sorted(entry.name for entry in self._versions.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ReleaseError(f"{self.folder}: cannot be read: {error.strerror}") from error
        return [name for name in names if self._is_version(name)]

    def current(self) -> str | None:
        """Id of the live version, or None."""
        try:
            text = files.read_small(self.folder / "current").decode().strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ReleaseError(f"{self.folder / 'current'}: cannot be read: {error}") from error
        return version_in(text, f"{self.folder / 'current'}")

    def path(self, version: str) -> Path:
        """Folder of a version.

        Raises:
            UnknownVersionError: there is no such version.
        """
        if not self._is_version(version):
            raise self._unknown(version)
        return self._versions / version

    def load(self, version: str | None = None) -> Release:
        """Load a version, the live one when none is named; it counts as in use for as long as it is referred to.

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

    def prepare(self) -> None:
        """Remove what the dead left half-written; fails where a release could not be added."""
        try:
            there = next(place for place in (self.folder, *self.folder.absolute().parents) if place.exists())
            if there == self.folder:
                with self._locked("add"):
                    sweep(self._versions)
            elif not os.access(there, os.W_OK):
                raise ReleaseError(f"{self.folder}: cannot be made: {there} cannot be written to")
        except OSError as error:
            raise ReleaseError(f"{self.folder}: cannot be written to: {error.strerror}") from error

    def add(self, write: Callable[[Path], Manifest]) -> str:
        """Add a release: `write` fills a temporary folder, which then gets its name by one rename.

        Returns:
            The id. A release of the same second and content that is there already is kept as it is.
        """
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            self.prepare()
            with incoming(self._versions) as folder:
                version = write(folder).id
                with self._locked("add", PATIENT_SECONDS):
                    if not (self._versions / version).exists():
                        folder.rename(self._versions / version)
                        files.flush_folder(self._versions)
        except OSError as error:
            raise ReleaseError(f"{self.folder}: release not written: {error}") from error
        return version

    def prune(self, keep: int) -> Pruned:
        """Remove all but the `keep` newest versions, never the live one or one that somebody has loaded."""
        if keep < 1:
            raise ReleaseError(f"expected to keep at least 1 version, found {keep}")
        pruned = Pruned([], [])
        if not self.versions() and not self._versions.is_dir():
            return pruned
        hidden: list[Path] = []
        try:
            with undisturbed():
                with self._locked("prune"):
                    sweep(self._versions)
                    now = self.current()
                    for version in self.versions()[:-keep]:
                        if version != now:
                            self._hide(version, hidden, pruned)
                for folder in hidden:
                    shutil.rmtree(folder)
        except OSError as error:
            raise ReleaseError(f"{self.folder}: not all old releases removed: {error}") from error
        return pruned

    def manifest(self, version: str) -> Manifest:
        """What a version says of itself, without reading the rest of it."""
        return read_manifest(self.path(version))

    def _hide(self, version: str, hidden: list[Path], pruned: Pruned) -> None:
        """Out of sight by one rename, and removed later: no reader meets a half-removed release."""
        with unused(self._versions / version) as free:
            if not free:
                pruned.in_use.append(version)
                return
            place = unseen(self._versions)
            (self._versions / version).rename(place)
        hidden.append(place)
        pruned.removed.append(version)

    def _is_version(self, name: str) -> bool:
        try:
            return bool(VERSION.fullmatch(name)) and (self._versions / name / "manifest.json").is_file()
        except OSError as error:
            raise ReleaseError(f"{self._versions / name}: cannot be read: {error.strerror}") from error

    def _lines(self) -> Iterator[Switch | int]:
        return read_history(self.folder / "history.jsonl")

    def _verified(self, version: str) -> object:
        return self.load(version)

    @contextmanager
    def _locked(self, verb: str, wait: float = WAIT_SECONDS) -> Iterator[None]:
        with locked(self.folder / "lock", verb, wait):
            yield

    def _write_switch(self, switch: Switch) -> None:
        try:
            with written_down(self.folder / "history.jsonl", switch):
                files.replace_text(self.folder / "current", switch.after + "\n", unseen(self._versions))
        except OSError as error:
            raise ReleaseError(f"{self.folder}: not switched to {switch.after}: {error}") from error


def version_in(text: str, where: str) -> str:
    """The id that `current` holds.

    Raises:
        ReleaseError: it is none.
    """
    if not VERSION.fullmatch(text):
        raise ReleaseError(f"{where}: expected a version's id, found {text[:80]!r}")
    return text
