"""The loaded release, swapped as a whole when another is promoted."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Mapping

from app.kept import Kept
from app.metrics import Metrics
from app.neighbours import Space
from app.pieces import Pieces
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
        kept: answers it has given, as bytes; they go with it.
        pieces: its movies as JSON.
    """

    def __init__(self, release: Release) -> None:
        """Make the models ready."""
        self.release = release
        self._titles: TitleSearch | None = None
        self._building = threading.Lock()
        self.spaces: Mapping[str, Space] = {name: Space(model) for name, model in release.models.items()}
        self.kept = Kept()
        self.pieces = Pieces(release.catalogue)
        _ = release.catalogue.row_of  # made once, which is now

    @property
    def catalogue(self) -> Catalogue:
        """The films of the release."""
        return self.release.catalogue

    @property
    def titles(self) -> TitleSearch:
        """The title index, built once, when first asked for; who asks meanwhile waits."""
        with self._building:
            if self._titles is None:
                self._titles = TitleSearch(self.release.catalogue)
            return self._titles


class Live:
    """Which release answers now. A request takes `loaded` once and keeps to it.

    Attributes:
        loaded: the release that answers; None: there is none yet.
        metrics: where loads and refusals are counted.
        registry: the folder it comes from.
    """

    def __init__(self, registry: Registry, metrics: Metrics) -> None:
        """Start with nothing loaded."""
        self.loaded: Loaded | None = None
        self.metrics = metrics
        self.registry = registry
        self._loading = threading.Lock()
        self._refused: tuple[str | None, str] = (None, "")
        self._refused_at = 0.0

    def refresh(self, *, index: bool = True) -> None:
        """Load the current release if it is not the one that answers; on failure keep what there is.

        Blocks for as long as loading takes, here or in another thread, and never raises: the service outlives a bad
        release.

        Args:
            index: build the title index before the release answers, so that no request waits for it.
        """
        with self._loading:
            self._refresh(index)

    def index(self) -> None:
        """Build the title index of what answers, unless it is there."""
        if self.loaded is not None:
            _ = self.loaded.titles

    def prepare(self) -> None:
        """Refresh and index, and leave alone what is there then: the memory of forks is shared until written to."""
        self.refresh()
        self.index()
        _settle()

    async def watch(self, seconds: float) -> None:
        """Refresh every so many seconds, until cancelled; 0: never."""
        while seconds > 0:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)

    def _refresh(self, index: bool) -> None:
        version = None
        try:
            version = self.registry.current()
            if version is None:
                if self.loaded is None:
                    self._note(None, f"no release in {self.registry.folder}")
            elif not self._is_live(version) and not self._was_refused_lately(version):
                self._swap(version, index)
        except Exception as error:
            if version is not None:
                self.metrics.reloads.labels("refused").inc()
            self._refused_at = time.monotonic()
            self._note(version, str(error) or repr(error))

    def _swap(self, version: str, index: bool) -> None:
        loaded = Loaded(self.registry.load(version))
        if index:
            _ = loaded.titles
        self.loaded = loaded
        self._refused = (None, "")
        _settle()
        self.metrics.reloads.labels("loaded").inc()
        self.metrics.show_release(version)
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


def _settle() -> None:
    """Let the garbage collector leave alone what is loaded: to look through it all again and again takes a third of
    the time of requests, and the longest pauses. It is freed all the same once nobody refers to it.
    """
    if gc.isenabled():  # not while the service starts, which looks once at the end
        gc.collect(1)
        gc.freeze()
