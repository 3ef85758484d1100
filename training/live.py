"""The live release as training sees it: which of its rows are the movies that are trained now."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from models import Catalogue, Model, Release, ReleaseError, Store
from models.scores import BoolArray
from training.progress import Steps

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Live:
    """A release beside a catalogue that may have gained and lost movies since.

    Attributes:
        release: the live one.
        rows: intp (n_movies,), for each movie of the new catalogue its row in the release, -1 where it is not there.
    """

    release: Release
    rows: Rows

    def model(self, name: str) -> Model | None:
        """Its model of this name, or None."""
        return self.release.models.get(name)

    def shared(self, name: str, learned: BoolArray) -> tuple[Rows, Rows]:
        """Rows, here and in the release, of the movies that `learned` (n_movies,) and the release's model have."""
        model = self.model(name)
        if model is None:
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
        here = np.flatnonzero(learned & (self.rows >= 0))
        here = here[model.learned[self.rows[here]]]
        return here, self.rows[here]


def beside(release: Release | None, catalogue: Catalogue) -> Live | None:
    """The release matched by movie_id with a new catalogue; None for none."""
    if release is None:
        return None
    row_of = release.catalogue.row_of
    return Live(release, np.array([row_of.get(movie_id, -1) for movie_id in catalogue.ids], dtype=np.intp))


def created_at(registry: Store) -> str:
    """Now, UTC, ISO 8601: what a new release's id begins with.

    A second that has a release already is waited out: ids of one second would stand in the order of their hashes.
    """
    taken = {version.partition("-")[0] for version in registry.versions()}
    while f"{(now := datetime.now(UTC)):%Y%m%dT%H%M%SZ}" in taken:
        time.sleep(1 - now.microsecond / 1e6)
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"


def say_if_older(registry: Store, version: str, steps: Steps) -> None:
    """A word where a new release is not the newest: a clock was wrong, now or then."""
    newest = registry.versions()[-1]
    if version != newest:
        steps.say(f"release {version} is older than {newest} by its id: the clock is wrong, or was (prune goes by ids)")


def live_release(registry: Store, steps: Steps) -> Release | None:
    """The live release; None where nothing is live, or, with a word, where it cannot be read.

    A damaged release must not keep a sound one from being trained.
    """
    if registry.current() is None:
        return None
    try:
        return registry.load()
    except ReleaseError as error:
        steps.say(f"live release not used: {error}")
        return None
