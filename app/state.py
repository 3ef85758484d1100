"""The loaded release, swapped as a whole when another is promoted."""

import asyncio
import logging
import time
from collections.abc import Mapping
from functools import cached_property

from app.metrics import Metrics
from app.neighbours import Space
from app.search import TitleSearch
from models import Catalogue, Registry, Release

log = logging.getLogger("kindred")

# A release that was refused is tried again this often: a disk may come back, a file be copied anew.
RETRY_SECONDS = 60.0


class Loaded:
    """A release and what is computed from it once.

    Attributes:
        release: as loaded, never changed.
        spaces: the release's models, ready to be searched.
    """

    def __init__(self, release: Release) -> None:
        """Make the models ready."""
        self.release = release
        self.spaces: Mapping[str, Space] = {name: Space(model) for name, model in release.models.items()}

    @property
    def catalogue(self) -> Catalogue:
        """The films of the release."""
        return self.release.catalogue

    @cached_property
    def titles(self) -> TitleSearch:
        """The title index, built when first asked for."""
        return TitleSearch(self.release.catalogue)


class Live:
    """Which release answers now. A request takes `loaded` once and keeps to it."""

    def __init__(self, registry: Registry, metrics: Metrics) -> None:
        """Start with nothing loaded."""
        self.loaded: Loaded | None = None
        self._registry = registry
        self._metrics = metrics
        self._refused: tuple[str | None, str] = (None, "")
        self._refused_at = 0.0

    def refresh(self) -> None:
        """Load the current release if it is not the one that answers; on failure keep what there is.

        Blocks for as long as loading takes, and never raises: the service outlives a bad release.
        """
        version = None
        try:
            version = self._registry.current()
            if version is None:
                if self.loaded is None:
                    self._note(None, f"no release in {self._registry.folder}")
            elif not self._is_live(version) and not self._was_refused_lately(version):
                self._swap(version)
        except Exception as error:
            if version is not None:
                self._metrics.reloads.labels("refused").inc()
            self._refused_at = time.monotonic()
            self._note(version, str(error) or repr(error))

    async def watch(self, seconds: float) -> None:
        """Refresh every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)

    def _swap(self, version: str) -> None:
        loaded = Loaded(self._registry.load(version))
        _ = loaded.titles  # built now, so that no request waits for it
        self.loaded = loaded
        self._refused = (None, "")
        self._metrics.reloads.labels("loaded").inc()
        self._metrics.show_release(version)
        log.info("release %s loaded: %d movies, %s", version, len(loaded.catalogue), ", ".join(loaded.spaces))

    def _is_live(self, version: str) -> bool:
        return self.loaded is not None and self.loaded.release.id == version

    def _was_refused_lately(self, version: str) -> bool:
        return self._refused[0] == version and time.monotonic() - self._refused_at < RETRY_SECONDS

    def _note(self, version: str | None, reason: str) -> None:
        """Log a reason once, not at every look."""
        if self._refused != (version, reason):
            self._refused = (version, reason)
            kept = self.loaded.release.id if self.loaded else "nothing"
            log.warning("release %s not loaded, serving %s: %s", version or "?", kept, reason)
