"""Is a new release good enough to go live? Held-out numbers against a limit (docs/decisions/0009-gate.md).

    hr@10>=0.05                 the best model of the new release, whatever the live one had
    hr@10>=0.9*current          nine tenths of what the live release's best model had
    blend.next.hr@10>=0.05      one model, asked for one relation

lift@10 is HR@10 less that of popularity on the same questions. Where the order of likes is lost, what is held out is
any like, mostly a popular film: HR@10 may even rise, while nothing is left that popularity does not know as well.

A limit that is made of the live release's number is itself measured: both have a standard error, and the two releases
were asked different questions. So below such a limit a release is stopped only where the fall is more than chance:

    found < factor * current   and   current - found > Z * sqrt(se_found^2 + se_current^2)

A standard error is taken to be at least one question's worth: few questions that all failed have one of zero.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.errors import SettingsError

METRICS = ("hr@10", "lift@10", "hr@20", "ndcg@10", "mrr")
RELATIONS = ("similar", "next")
DEFAULT = ("hr@10>=0.9*current", "lift@10>=0.9*current")
# one-sided 95 % of the normal distribution
Z = 1.645
_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_GATE = re.compile(
    rf"(?:(?P<model>[a-z][a-z0-9_-]*)\.(?P<relation>{'|'.join(RELATIONS)})\.)?(?P<metric>{'|'.join(METRICS)})"
    rf"\s*>=\s*(?P<number>{_NUMBER})\s*(?P<current>\*\s*current)?"
)


@dataclass(frozen=True)
class Gate:
    """One condition.

    Attributes:
        text: as it was given.
        metric: one of METRICS, in task A (from one movie).
        number: the limit, or what part of the live release's number it is.
        relative: whether it is part of the live release's number.
        model, relation: the row that is looked at; None: the best row of any model and relation.
    """

    text: str
    metric: str
    number: float
    relative: bool
    model: str | None = None
    relation: str | None = None


@dataclass(frozen=True)
class Found:
    """A number of a release.

    Attributes:
        value, se: with its standard error.
        row: whose it is, "blend.next".
    """

    value: float
    se: float
    row: str


def parse(text: str) -> Gate:
    """Read `[MODEL.RELATION.]METRIC>=NUMBER` or `..>=FACTOR*current`.

    Raises:
        SettingsError: it is none.
    """
    parts = _GATE.fullmatch(text.strip())
    if parts is None:
        raise SettingsError(
            f"gate: expected [MODEL.RELATION.]METRIC>=NUMBER or >=FACTOR*current, METRIC one of {', '.join(METRICS)}, "
            f"RELATION one of {', '.join(RELATIONS)}; found {text!r}"
        )
    number, relative = float(parts["number"]), parts["current"] is not None
    return Gate(text.strip(), parts["metric"], number, relative, parts["model"], parts["relation"])


def asked(texts: Sequence[str] | None, *, none: bool, measured: bool) -> list[Gate] | None:
    """The gates of a command line; None for the default.

    Raises:
        SettingsError: one is malformed, or some are asked for where nothing is measured.
    """
    gates = [parse(text) for text in texts or ()]
    if gates and not measured:
        raise SettingsError(f"gate: nothing is measured with --continue or --no-evaluate, found {gates[0].text}")
    return [] if none else gates or None


def failures(gates: Sequence[Gate], metrics: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """One line for each gate that stops the release: the number that fell, both values, the limit.

    Args:
        gates: those that apply: relative ones only beside comparable `current` metrics.
        metrics: of the new release, as its manifest has them.
        current: of the live release.
    """
    return [line for gate in gates if (line := _failure(gate, metrics, current)) is not None]


def number(metrics: Mapping[str, Any], gate: Gate) -> Found | None:
    """What a release has for a gate; None where it has no such row."""
    rows = [row for row in metrics.get("rows", ()) if (row["kind"], row["task"]) == ("model", "A")]
    rows = [row for row in rows if gate.metric in row]
    if gate.model is not None:
        rows = [row for row in rows if (row["name"], row["relation"]) == (gate.model, gate.relation)]
    if not rows:
        return None
    best = max(rows, key=lambda row: float(row[gate.metric]))
    se = max(float(best[f"{gate.metric}_se"]), 1.0 / max(1, int(best.get("questions", metrics.get("questions", 1)))))
    return Found(float(best[gate.metric]), se, f"{best['name']}.{best['relation']}")


def _failure(gate: Gate, metrics: Mapping[str, Any], current: Mapping[str, Any]) -> str | None:
    found = number(metrics, gate)
    if found is None:
        return f"{gate.text}: the release has no such number"
    said = f"{found.row}.{gate.metric} is {found.value:.4f} ± {found.se:.4f}"
    if not gate.relative:
        return None if found.value >= gate.number else f"{said}, the limit is {gate.number:g} ({gate.text})"
    before = number(current, gate)
    if before is None:
        return None
    limit, chance = gate.number * before.value, Z * math.hypot(found.se, before.se)
    if found.value >= limit or before.value - found.value <= chance:
        return None
    was = f"the live release's {before.row} had {before.value:.4f} ± {before.se:.4f}"
    return f"{said}, {was}, the limit is {limit:.4f} ({gate.text}), by chance it falls {chance:.4f}"
