"""The loaded release, swapped as a whole when another is promoted."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.kept import Kept
from app.metrics import Load, Metrics
from app.pieces import Pieces
from app.search import TitleSearch
from app.space import Space
from models import Catalogue, Release, Store

log = logging.getLogger("kindred")

# A release that was refused is tried again this often: a disk may come back, a file be copied anew.
RETRY_SECONDS = 60.0
Outcome = Literal["loaded", "unchanged", "refused"]


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


@dataclass(frozen=True)
class Trouble:
    """Why what should answer does not.

    Attributes:
        version: the release that was refused; None: it is not known which should answer.
        reason: for those who run the service; names no place outside the store.
    """

    version: str | None
    reason: str


class Live:
    """Which release answers now. A request takes `loaded` once and keeps to it.

    Attributes:
        loaded: the release that answers; None: there is none yet.
        trouble: why it is not the one that the store names; None: it is.
        metrics: where loads and refusals are counted.
        registry: the folder it comes from.
    """

    def __init__(self, registry: Store, metrics: Metrics) -> None:
        """Start with nothing loaded."""
        self.loaded: Loaded | None = None
        self.trouble: Trouble | None = None
        self.metrics = metrics
        self.registry = registry
        self._loading = threading.Lock()
        self._refused_at = 0.0

    def refresh(self, *, index: bool = True, now: bool = False) -> Outcome:
        """Load the current release if it is not the one that answers; on failure keep what there is.

        Blocks for as long as loading takes, here or in another thread, and never raises: the service outlives a bad
        release.

        Args:
            index: build the title index before the release answers, so that no request waits for it.
            now: try again what was refused a moment ago.

        Returns:
            What came of it; `refused` too where the store does not say which release should answer.
        """
        with self._loading:
            return self._refresh(index, now)

    def reload(self) -> None:
        """Refresh now, in a thread of its own: for signals, whose handlers must not wait."""
        threading.Thread(target=self.refresh, kwargs={"now": True}, name="reload", daemon=True).start()

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

    def _refresh(self, index: bool, now: bool) -> Outcome:
        version, began = None, time.time()
        try:
            version = self.registry.current()
            if version is None:
                self._note(None, f"no release in {self.registry.folder}")
                return "refused"
            if self._is_live(version):
                self.trouble = None
                return "unchanged"
            if not now and self._was_refused_lately(version):
                return "refused"
            self._swap(version, index)
            self.metrics.count_load(Load("loaded", version, began, time.time() - began))
        except Exception as error:
            new = self._note(version, str(error) or repr(error))
            if version is not None or new:  # a pointer that cannot be read is looked at all the time
                self.metrics.count_load(Load("refused", version, began, time.time() - began, str(error)))
            self._refused_at = time.monotonic()
            return "refused"
        return "loaded"

    def _swap(self, version: str, index: bool) -> None:
        loaded = Loaded(self.registry.load(version))
        if index:
            _ = loaded.titles
        self.loaded = loaded
        self.trouble = None
        self.metrics.show_release(loaded.release)
        _settle()
        log.info("release %s loaded: %d movies, %s", version, len(loaded.catalogue), ", ".join(loaded.spaces))

    def _is_live(self, version: str) -> bool:
        return self.loaded is not None and self.loaded.release.id == version

    def _was_refused_lately(self, version: str) -> bool:
        lately = time.monotonic() - self._refused_at < RETRY_SECONDS
        return lately and self.trouble is not None and self.trouble.version == version

    def _note(self, version: str | None, reason: str) -> bool:
        """Log a reason once, not at every look; whether it was new."""
        trouble = Trouble(version, reason.replace(str(self.registry.folder), "store"))
        new = self.trouble != trouble
        if new:
            self.trouble = trouble
            kept = self.loaded.release.id if self.loaded else "nothing"
            log.warning("release %s not loaded, serving %s: %s", version or "?", kept, reason)
        return new


def _settle() -> None:
    """Let the garbage collector leave alone what is loaded: to look through it all again and again takes a third of
    the time of requests, and the longest pauses.

    What was in use at the last switch is looked through first: requests refer to themselves, and those left alone then
    would never be freed.
    """
    if gc.isenabled():  # not while the service starts, which looks once at the end
        gc.unfreeze()
        gc.collect()
        gc.freeze()
