"""Which gates apply to a new release, and what they say: comparable numbers only (docs/decisions/0009-gate.md)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models import Catalogue, Manifest, Release, ReleaseError, Store
from training.gate import DEFAULT, Gate, failures, parse
from training.progress import Steps

# share of the movies liked in either of two releases that must be liked in both, for their numbers to be compared
SHARED = 0.5


def judge(
    gates: Sequence[Gate] | None,
    registry: Store,
    version: str,
    catalogue: Catalogue,
    live: Release | None,
    steps: Steps,
) -> list[str]:
    """Why a new release must not go live, one line for each gate that stops it; none where it may.

    Args:
        gates: as asked for; None: the default, which only applies where there is a live release.
        registry: where both are.
        version: the new release.
        catalogue: of the new release.
        live: the one that was live when training began; None: there was none, or it could not be read.
        steps: told which gates do not apply, and why.
    """
    if gates is None:
        gates = [] if live is None else [parse(text) for text in DEFAULT]
    new = registry.manifest(version)
    current: Mapping[str, Any] = {}
    why_not: str | None = "there is no live release"
    if live is not None:
        measured = measured_manifest(registry, live.manifest)
        why_not = not_comparable(new, measured, _liked_in_both(catalogue, live.catalogue))
        current = measured.metrics
    relative = [gate for gate in gates if gate.relative]
    if relative and why_not is not None:
        steps.say(f"gate {', '.join(gate.text for gate in relative)} not applied: {why_not}")
        gates = [gate for gate in gates if not gate.relative]
    return failures(gates, new.metrics, current)


def measured_manifest(registry: Store, manifest: Manifest) -> Manifest:
    """The manifest itself, or, of a release that was continued from others, the latest of these that was measured."""
    now, seen = manifest, set()
    while not now.metrics.get("rows") and now.data.get("continued_from") and now.id not in seen:
        seen.add(now.id)
        try:
            now = registry.manifest(str(now.data["continued_from"]))
        except ReleaseError:  # pruned, or damaged
            break
    return now


def not_comparable(new: Manifest, live: Manifest, shared: float) -> str | None:
    """Why the numbers of a new release say nothing beside those of the live one; None where they do.

    Args:
        new: with data and metrics.
        live: the same.
        shared: of the movies liked in either, the part that is liked in both.
    """
    for name, manifest in (("new", new), ("live", live)):
        if not manifest.metrics.get("rows"):
            return f"the {name} release was not measured"
    pairs = {key: (live.data.get(key), new.data.get(key)) for key in ("columns", "min_rating")}
    pairs["protocol"] = (live.metrics.get("protocol"), new.metrics.get("protocol"))
    for key, (before, now) in pairs.items():
        if before != now:
            return f"other data: {key} was {before}, is {now}"
    if shared < SHARED:
        return f"other data: {shared:.0%} of the movies are liked in both, expected {SHARED:.0%} at least"
    return None


def _liked_in_both(one: Catalogue, other: Catalogue) -> float:
    """Jaccard similarity of the movies liked in each."""
    here, there = _liked(one), _liked(other)
    return len(here & there) / max(1, len(here | there))


def _liked(catalogue: Catalogue) -> set[str]:
    return {catalogue.ids[row] for row in np.flatnonzero(catalogue.likes > 0)}
