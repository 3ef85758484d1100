"""What changed with the live release: it and the one before, side by side."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from app.schemas_explorer import ReleaseChanges
from app.state import RETRY_SECONDS, Loaded
from models import Release, ReleaseError, Store
from models.camel import camel_keys
from models.diff import diff

log = logging.getLogger("kindred")


class Changes:
    """Compares each pair of releases once: to do so reads and checks every byte of the one before."""

    def __init__(self, registry: Store) -> None:
        """Compare nothing yet."""
        self._registry = registry
        self._comparing = asyncio.Lock()
        self._pair: tuple[str, str | None] | None = None
        self._made: ReleaseChanges | None = None
        self._failed_at: float | None = None

    async def of(self, loaded: Loaded) -> ReleaseChanges:
        """The answer of GET /releases/changes, one at a time; in a thread that no other answer has to wait for."""
        async with self._comparing:
            return await asyncio.to_thread(self.compare, loaded.release)

    def compare(self, live: Release) -> ReleaseChanges:
        """What is different since the release before; one that cannot be read is as none, and tried again later."""
        before = self._before(live.id)
        late = self._failed_at is not None and time.monotonic() - self._failed_at >= RETRY_SECONDS
        if self._made is None or self._pair != (live.id, before) or late:
            found = self._found(before, live)
            self._made = ReleaseChanges(before=before if found else None, after=live.id, changes=found)
            self._failed_at = time.monotonic() if before and not found else None
            self._pair = live.id, before
        return self._made

    def _found(self, before: str | None, live: Release) -> dict[str, Any] | None:
        if before is None:
            return None
        try:
            found: dict[str, Any] = camel_keys(diff(self._registry.load(before), live))
        except Exception as error:  # what is damaged may be so in ways that nobody has thought of
            log.warning("release %s not compared with %s: %s", before, live.id, str(error) or repr(error))
            return None
        return found

    def _before(self, version: str) -> str | None:
        """What was live before, if it is still there, else the next older one, if there is one to be seen."""
        versions: list[str] = []
        before = None
        with suppress(ReleaseError):
            versions = self._registry.versions()
            before = self._registry.previous(version)
        if before in versions and before != version:
            return before
        return max((older for older in versions if older < version), default=None)
