"""A store in a bucket, laid out as in a folder. What is loaded is fetched once and mapped from this machine."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from models import files
from models.cache import Cache
from models.errors import IntegrityError, NoReleaseError, ReleaseError
from models.history import Switch, line_of, parse_history
from models.lease import Lease
from models.manifest import MAX_BYTES, Manifest, parse_manifest, read_manifest
from models.registry import VERSION, version_in
from models.release import Release
from models.remote import ABREAST, Bucket, Entry
from models.remote_lock import locked
from models.store import Pruned, Store

log = logging.getLogger("kindred")

_MANIFEST = "manifest.json"
# files without a manifest that are older than this are what a killed upload left
_ABANDONED_SECONDS = 24 * 3600.0


class RemoteRegistry(Store):
    """Versions at an address. A release's manifest is written last and removed first; without it, it is none."""

    folder: str

    def __init__(self, address: str) -> None:
        """Name the address; nothing is read yet."""
        self.folder = address
        self._bucket = Bucket(address)
        self._cache = Cache(address)

    def versions(self) -> list[str]:
        """Ids of all whole releases, oldest first."""
        return sorted(version for version, entries in self._all().items() if _MANIFEST in entries)

    def current(self) -> str | None:
        """Id of the live version, or None: one small read."""
        content = self._bucket.read("current", files.MAX_SMALL_BYTES)
        return None if content is None else version_in(content.decode(errors="replace").strip(), self._name("current"))

    def manifest(self, version: str) -> Manifest:
        """What a version says of itself, without reading the rest of it."""
        content = self._bucket.read(_of(version, _MANIFEST), MAX_BYTES) if VERSION.fullmatch(version) else None
        if content is None:
            raise self._unknown(version)
        try:
            manifest = parse_manifest(files.parse_json(content), version)
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"{_MANIFEST}: not JSON: {error}") from error
        if manifest.id != version:
            raise IntegrityError(f"{version}/{_MANIFEST}: expected id {version}, found {manifest.id[:80]!r}")
        return manifest

    def load(self, version: str | None = None) -> Release:
        """Load a version, the live one when none is named, from this machine's copy, which is made if there is none.

        Raises:
            NoReleaseError: nothing is live.
            ReleaseError: it is not there or not whole, or cannot be fetched.
        """
        if version is None:
            version = self.current()
        if version is None:
            raise NoReleaseError(f"no release in {self.folder}: train one first (kindred train RATINGS)")
        if not VERSION.fullmatch(version):
            raise self._unknown(version)
        return self._cache.load(version, lambda folder: self._fetch(version, folder))

    def prepare(self) -> None:
        """Fails where a release could not be added."""
        with self._locked("add"):
            pass

    def add(self, write: Callable[[Path], Manifest]) -> str:
        """Add a release: it is written on this machine, and then copied, manifest last.

        Returns:
            The id. A release of the same second and content that is there already is kept as it is.
        """
        here = self._cache.registry
        version = here.add(write)
        folder = here.path(version)
        _held = Lease.take(folder)
        if _MANIFEST in self._all().get(version, {}):
            return version
        described = read_manifest(folder).files
        try:
            self._bucket.put((folder / name, _of(version, name)) for name in described)
            self._check_sizes(version, described)
            self._bucket.put([(folder / _MANIFEST, _of(version, _MANIFEST))])
        except BaseException:
            with suppress(ReleaseError):
                self._bucket.remove(_of(version, name) for name in (_MANIFEST, *described))
            raise
        return version

    def prune(self, keep: int) -> Pruned:
        """Remove all but the `keep` newest versions, never the live one. Who has one loaded has a copy of it."""
        if keep < 1:
            raise ReleaseError(f"expected to keep at least 1 version, found {keep}")
        removed: list[str] = []
        with self._locked("prune"):
            now, there = self.current(), self._all()
            whole = sorted(version for version, entries in there.items() if _MANIFEST in entries)
            for version in whole[:-keep]:
                if version != now:
                    self._remove(version, there[version])
                    removed.append(version)
            for version, entries in there.items():
                if version not in whole and _abandoned(entries):
                    self._remove(version, entries)
        return Pruned(removed, [])

    def _remove(self, version: str, entries: dict[str, Entry]) -> None:
        self._bucket.remove(_of(version, name) for name in sorted(entries, key=lambda name: name != _MANIFEST))

    def _fetch(self, version: str, folder: Path) -> Manifest:
        """Copy a release here, and check all of it before anybody sees it; the manifest comes last."""
        manifest = self.manifest(version)
        self._check_sizes(version, manifest.files)
        began = time.monotonic()
        for parent in {(folder / name).parent for name in manifest.files}:
            parent.mkdir(exist_ok=True)
        self._bucket.fetch((_of(version, name), folder / name) for name in manifest.files)
        files.check(folder, manifest.files)
        self._bucket.fetch([(_of(version, _MANIFEST), folder / _MANIFEST)])
        if read_manifest(folder) != manifest:
            raise IntegrityError(f"{version}/{_MANIFEST}: changed while it was fetched")
        size = sum(described["bytes"] for described in manifest.files.values())
        log.info("release %s fetched: %.1f MB in %.1f s", version, size / 1e6, time.monotonic() - began)
        return manifest

    def _check_sizes(self, version: str, described: Any) -> None:
        there = self._bucket.entries(_of(version, "").rstrip("/"))
        for name, one in described.items():
            files.check_name(name)
            if name not in there:
                raise IntegrityError(f"{name}: expected a file in {self._name(_of(version, ''))}, found none")
            if there[name].size != one["bytes"]:
                raise IntegrityError(f"{name}: expected {one['bytes']} bytes, found {there[name].size}")

    def _verified(self, version: str) -> object:
        """Check what is in the bucket, not only this machine's copy of it."""
        manifest = self.manifest(version)
        self._check_sizes(version, manifest.files)
        with ThreadPoolExecutor(ABREAST) as pool:
            found = list(pool.map(lambda name: self._sha256(_of(version, name)), manifest.files))
        for (name, described), digest in zip(manifest.files.items(), found, strict=True):
            if digest != described.get("sha256"):
                raise IntegrityError(f"{name}: expected sha256 {described.get('sha256')}, found {digest}")
        return self.load(version)

    def _sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        for block in self._bucket.blocks(name):
            digest.update(block)
        return digest.hexdigest()

    def _all(self) -> dict[str, dict[str, Entry]]:
        """Files by version, whole or not."""
        found: dict[str, dict[str, Entry]] = {}
        for name, entry in self._bucket.entries("versions").items():
            version, _, rest = name.partition("/")
            if VERSION.fullmatch(version) and rest:
                found.setdefault(version, {})[rest] = entry
        return found

    def _lines(self) -> Iterator[Switch | int]:
        yield from parse_history(self._bucket.read("history.jsonl", files.MAX_SMALL_BYTES) or b"")

    def _locked(self, verb: str) -> AbstractContextManager[None]:
        return locked(self._bucket, verb)

    def _write_switch(self, switch: Switch) -> None:
        before = self._bucket.read("history.jsonl", files.MAX_SMALL_BYTES) or b""
        self._bucket.write("history.jsonl", before + line_of(switch))
        self._bucket.write("current", f"{switch.after}\n".encode())

    def _name(self, name: str) -> str:
        return f"{self.folder}/{name}"


def _of(version: str, name: str) -> str:
    return f"versions/{version}/{name}"


def _abandoned(entries: dict[str, Entry]) -> bool:
    """Whether nothing was added to it for a day; a time that nobody told is now."""
    latest = max((entry.modified or time.time() for entry in entries.values()), default=0.0)
    return time.time() - latest > _ABANDONED_SECONDS
