"""What every store of releases does, wherever it is: finding, switching, going back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import NoReleaseError, ReleaseError, UnknownVersionError
from models.history import Switch
from models.manifest import Manifest
from models.release import Release


@dataclass(frozen=True)
class Pruned:
    """What became of old releases.

    Attributes:
        removed: ids of those that are gone.
        in_use: ids of those that stay because somebody has them loaded.
    """

    removed: list[str]
    in_use: list[str]


class Store(ABC):
    """Versions, of which one is live. Every switch is one step; readers never see a part of anything.

    Attributes:
        folder: where it is, as it was named.
    """

    folder: Path | str

    @abstractmethod
    def versions(self) -> list[str]:
        """Ids of all whole releases, oldest first."""

    @abstractmethod
    def current(self) -> str | None:
        """Id of the live version, or None."""

    def history(self) -> list[Switch]:
        """All switches, oldest first."""
        return [line for line in self._lines() if isinstance(line, Switch)]

    @abstractmethod
    def manifest(self, version: str) -> Manifest:
        """What a version says of itself, without reading the rest of it."""

    @abstractmethod
    def load(self, version: str | None = None) -> Release:
        """Load a version, the live one when none is named; it counts as in use for as long as it is referred to.

        Raises:
            NoReleaseError: nothing is live.
            ReleaseError: it is not there or not whole.
        """

    @abstractmethod
    def prepare(self) -> None:
        """Remove what the dead left half-written; fails where a release could not be added."""

    @abstractmethod
    def add(self, write: Callable[[Path], Manifest]) -> str:
        """Add a release: `write` fills a temporary folder; what comes of it is there as a whole or not at all.

        Returns:
            The id. A release of the same second and content that is there already is kept as it is.
        """

    @abstractmethod
    def prune(self, keep: int) -> Pruned:
        """Remove all but the `keep` newest versions, never the live one or one that is in use."""

    @abstractmethod
    def _lines(self) -> Iterator[Switch | int]:
        """All switches, and the numbers of damaged lines in their places."""

    @abstractmethod
    def _verified(self, version: str) -> object:
        """Check every byte of a version; it stays for as long as what is returned is referred to."""

    @abstractmethod
    def _locked(self, verb: str) -> AbstractContextManager[Any]:
        """Nobody else switches or removes anything meanwhile."""

    @abstractmethod
    def _write_switch(self, switch: Switch) -> None:
        """Write down the switch, then make it."""

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

    def promote(self, version: str) -> None:
        """Make a version the live one, after checking every byte of it."""
        _held = self._verified(version)
        if version == self.current():  # also where nothing may be written
            return
        with self._locked("promote"):
            if version != self.current():
                self._switch(version, "promote")

    def rollback(self) -> str:
        """Go back to the version that was live before the current one was promoted; returns its id.

        Raises:
            NoReleaseError: there is none to go back to.
        """
        while True:
            now = self.current()
            before = self.previous(now)
            _held = self._verified(before)
            with self._locked("rollback"):
                if self.current() == now:
                    self._switch(before, "rollback")
                    return before

    def previous(self, version: str | None = None) -> str:
        """The version that was live before `version`, or the current one, was promoted; errors as `rollback`."""
        now = version or self.current()
        for line in reversed(list(self._lines())):
            if isinstance(line, int):
                where = f"{self.folder}/history.jsonl: line {line}"
                raise ReleaseError(f"{where} is damaged: name the version to go back to (kindred promote)")
            if (line.do, line.after) == ("promote", now) and line.before is not None:
                return line.before
            if (line.do, line.after) == ("promote", now):
                break
        raise NoReleaseError(f"no version was live before {now} in {self.folder}")

    def _unknown(self, version: str) -> UnknownVersionError:
        there = ", ".join(self.versions()) or "none"
        return UnknownVersionError(f"no version {version!r} in {self.folder}; there are: {there}")

    def _switch(self, version: str, how: str) -> None:
        self._write_switch(Switch(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", how, self.current(), version))
