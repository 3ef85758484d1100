"""Who makes another release live, and throws in those that nobody must load, while others ask."""

import threading
import time
from collections.abc import Sequence

from bench.data import SEED
from bench.soak_load import Stage
from bench.soak_store import KINDS, add_release, harm
from models import Registry
from models.files import replace_text


class Plan(threading.Thread):
    """Switches and damages releases, evenly over the time."""

    def __init__(self, registry: Registry, versions: Sequence[str], seconds: float, switches: int, corrupt: int,
                 poll: float) -> None:  # fmt: skip
        """So many events in so many seconds; what is thrown in is made now, whole."""
        super().__init__(daemon=True)
        self.stage = Stage(switches)
        self.done: list[float] = []
        self.thrown: list[str] = []
        self.failure: BaseException | None = None
        self._registry, self._versions, self._poll = registry, list(versions), poll
        self._live = self._versions.index(registry.current() or "")
        self.stage.target.value = self._live
        # after every so many switches a damaged release
        events = ["switch"] * switches
        for number in range(corrupt):
            events.insert((number + 1) * len(events) // (corrupt + 1), "corrupt")
        self._events, self._gap = events, seconds / (len(events) + 1)
        times = (f"2025-01-01T00:{number // 60:02}:{number % 60:02}Z" for number in range(corrupt))
        self._spare = [add_release(registry, 200, SEED + 1000 + number, at) for number, at in enumerate(times)]

    def run(self) -> None:
        """All of it, to the end or to the first failure."""
        begun = time.monotonic()
        try:
            for number, event in enumerate(self._events, start=1):
                time.sleep(max(0.0, begun + number * self._gap - time.monotonic()))
                if event == "switch":
                    self._switch()
                else:
                    self._throw()
        except BaseException as error:  # told where the result is put together
            self.failure = error

    def whole(self) -> None:
        """Wait for the last of it; RuntimeError where something failed."""
        self.join()
        if self.failure is not None:
            raise RuntimeError(f"not all releases were switched: {self.failure!r}") from self.failure

    def _switch(self) -> None:
        back = len(self.done) % 3 == 2 and self._registry.previous() in self._versions
        if back:
            version = self._registry.rollback()
        else:
            version = self._versions[(self._live + 1) % len(self._versions)]
            self._registry.promote(version)
        self._live = self._versions.index(version)
        self.stage.target.value = self._live
        self.stage.now.value += 1
        self.done.append(time.monotonic())

    def _throw(self) -> None:
        kind = list(KINDS)[len(self.thrown) % len(KINDS)]
        version = harm(self._registry, self._spare[len(self.thrown)], kind)
        self._point_to(version)
        self.thrown.append(kind)
        # long enough for every worker to have looked, and over before the next switch
        time.sleep(min(3 * self._poll + 1.0, self._gap * 0.8))
        self._point_to(self._versions[self._live])

    def _point_to(self, version: str) -> None:
        """As `promote` does, without a look at what it is."""
        folder = self._registry.folder
        replace_text(folder / "current", version + "\n", folder / "versions" / f".by-hand-{len(self.thrown)}")

    def followed(self) -> list[float]:
        """Seconds from each switch to the last answer of another release."""
        late = list(self.stage.late)[1:]
        return [max(0.0, last - done) for done, last in zip(self.done, late, strict=False)]
