"""Known vulnerabilities of every pinned package: pip-audit's answer for all locks, each version asked for once."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.supply.pins import Pin, SupplyError

_SECONDS = 1800


def rounds(pins: Iterable[Pin]) -> list[dict[str, str]]:
    """Name to version, as often as needed for every version of every name to be in one of them.

    Locks hold several versions of a package, for several Pythons or in several files; pip-audit takes one at a time.
    """
    versions: dict[str, set[str]] = {}
    for pin in pins:
        versions.setdefault(pin.name, set()).add(pin.version)
    ordered = {name: sorted(found) for name, found in sorted(versions.items())}
    most = max(map(len, ordered.values()), default=0)
    return [{name: found[turn] for name, found in ordered.items() if turn < len(found)} for turn in range(most)]


def problems(pins: list[Pin], service: str | None = None) -> list[str]:
    """One line for each known vulnerability, and for each package of which the service could tell nothing.

    Args:
        pins: of all locks.
        service: address of an OSV service; pip-audit's own choice if none is given.

    Raises:
        SupplyError: the service cannot be asked.
    """
    lines = []
    for turn in rounds(pins):
        answers = {str(found["name"]): found for found in _ask(turn, service)}
        for name, version in turn.items():
            locks = ", ".join(sorted({pin.lock for pin in pins if (pin.name, pin.version) == (name, version)}))
            found = answers.get(name, {"skip_reason": "no answer"})
            if "skip_reason" in found:
                lines.append(f"{name} {version} ({locks}): could not be asked for: {found['skip_reason']}")
            for one in found.get("vulns", ()):
                mended = ", ".join(one["fix_versions"])
                lines.append(f"{name} {version} ({locks}): {one['id']}, {'fixed in ' + mended if mended else 'no fix'}")
    return lines


def _ask(turn: dict[str, str], service: str | None) -> list[dict[str, Any]]:
    """What pip-audit says of these versions: name, version and vulns of each."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "pins.txt")
        asked.write_text("".join(f"{name}=={version}\n" for name, version in turn.items()), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--no-deps", "--disable-pip"]
        command += ["--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"]
        command += ["--cache-dir", folder]  # what was known yesterday is no answer
        command += ["--osv-url", service] if service else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    try:
        # 1: there are some, or it failed; only in the first case it says what it found
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise SupplyError(f"no service of known vulnerabilities could be asked; pip-audit said: {said}") from None
