"""kindred train --continue: begin where the live release is, and go over the data fewer times.

What a release stores is enough to go on from: input and output vectors. The inner nodes of hierarchical softmax are
not stored; they begin at zero, and are learned anew within the first pass (docs/decisions/0011-refresh.md).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models import Release
from training.errors import SettingsError
from training.live import Live
from training.settings import Settings
from training.skipgram import Embedding

# part of the epochs of a training from nothing, and its learning rate at the start
SHARE = 0.2


def continued(
    settings: Mapping[str, Settings], live: Release, size: tuple[int, int], *, epochs: int | None
) -> dict[str, Settings]:
    """The settings of a training that goes on from the live release.

    Args:
        settings: of each recipe, as for a training from nothing.
        live: the live release.
        size: of the data, likes and movies.
        epochs: as the user has asked; None: SHARE of what a training from nothing takes, at least one.

    Raises:
        SettingsError: the live release has no such model, or one of another shape.
    """
    for name, chosen in settings.items():
        _check_fits(name, chosen, live)
    return {
        name: replace(one, epochs=epochs or max(1, round(SHARE * (one.scaled(*size).epochs or 1))))
        for name, one in settings.items()
    }


def start_of(name: str, live: Live) -> Embedding:
    """What the live release has learned of the movies that are still there."""
    model = live.release.models[name]
    here, there = live.shared(name, np.ones(len(live.rows), dtype=np.bool_))
    output = None if model.output is None else model.output[there]
    return Embedding(here.astype(np.int32), model.vectors[there], output)


def _check_fits(name: str, settings: Settings, live: Release) -> None:
    if name not in live.models:
        there = ", ".join(live.models)
        raise SettingsError(f"--continue: the live release {live.id} has no {name}, only {there} (--method)")
    before = live.manifest.settings.get(name, {})
    found = {"vector_size": live.models[name].dimension, "negative": before.get("negative")}
    for key, was in found.items():
        now = getattr(settings, key)
        if was != now:
            flag = f"--{key.replace('_', '-')}"
            raise SettingsError(
                f"--continue: {name} of the live release {live.id} has {key} {was}, expected the same, found {now} "
                f"({flag} {was}, or train without --continue)"
            )
