"""The licence of every pinned package, from what is installed, against the list of those that are allowed."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import distributions
from pathlib import Path
from typing import cast

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name

from deploy.supply.pins import Pin

POLICY = Path(__file__).with_name("licences.toml")
_WORDS = re.compile(r"\s+(?:AND|OR)\s+")


@dataclass(frozen=True)
class Policy:
    """Which licences are allowed.

    Attributes:
        allowed: SPDX names, "Apache-2.0 WITH LLVM-exception" among them.
        classifiers: what the last word of a licence classifier means, in SPDX.
        known: licences of packages whose metadata do not name one, as read in their files; in SPDX.
    """

    allowed: frozenset[str]
    classifiers: Mapping[str, str]
    known: Mapping[str, str]


def read_policy(path: Path = POLICY) -> Policy:
    """The policy of a file."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return Policy(frozenset(found["allowed"]), found["classifiers"], found["known"])


def installed(folders: list[str] | None = None) -> dict[str, Message]:
    """The metadata of every installed package, by normalized name; of this environment, or of folders."""
    every = distributions() if folders is None else distributions(path=folders)
    return {canonicalize_name(one.metadata["Name"]): cast(Message, one.metadata) for one in every}


def licence(metadata: Message, policy: Policy) -> str | None:
    """What a package says of its licence, in SPDX; None if that is nothing, or nothing that can be understood.

    The expression comes first, then the old field where it happens to be one, then all licence classifiers together.
    """
    for field in ("License-Expression", "License"):
        try:
            return str(canonicalize_license_expression(metadata.get(field, "")))
        except InvalidLicenseExpression:
            continue
    words = [
        text.rpartition(" :: ")[2] for text in metadata.get_all("Classifier", []) if text.startswith("License :: ")
    ]
    if not words or any(word not in policy.classifiers for word in words):
        return None
    return " AND ".join(policy.classifiers[word] for word in words)


def problems(pins: Iterable[Pin], found: Mapping[str, Message], policy: Policy) -> list[str]:
    """One line for each package whose licence is unknown or not allowed.

    Every licence that is named must be allowed, also where there is a choice: what is chosen goes into `known`.

    Args:
        pins: of any locks.
        found: metadata of what is installed; another version of the same package will do.
        policy: what is allowed.
    """
    lines = []
    for name, where in sorted(_by_name(pins).items()):
        said = policy.known.get(name)
        if said is None and name not in found:
            lines.append(f"{name} ({where}): not installed here, so its licence is not known")
            continue
        said = said or licence(found[name], policy)
        if said is None:
            lines.append(f"{name} ({where}): says nothing of its licence that is understood")
            continue
        refused = [one for one in _WORDS.split(said.replace("(", "").replace(")", "")) if one not in policy.allowed]
        if refused:
            lines.append(f"{name} ({where}): {', '.join(refused)} is not among the allowed licences")
    return lines


def _by_name(pins: Iterable[Pin]) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for pin in sorted(pins):
        names.setdefault(pin.name, []).append(pin.lock)
    return {name: ", ".join(dict.fromkeys(where)) for name, where in names.items()}
