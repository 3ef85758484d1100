"""Who was live before whom: history.jsonl, a line for each switch, written before the switch."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ReleaseError


@dataclass(frozen=True)
class Switch:
    """One change of the live release.

    Attributes:
        at: UTC, ISO 8601; None in a line that does not say.
        do: promote or rollback.
        before: the version that was live, None for the first.
        after: the version that is live from then on.
    """

    at: str | None
    do: str
    before: str | None
    after: str

    def to_json(self) -> dict[str, str | None]:
        """As its line has it."""
        return {"at": self.at, "do": self.do, "from": self.before, "to": self.after}

    @classmethod
    def from_json(cls, line: Any) -> "Switch | None":
        """The opposite of `to_json`; None where it is no such line."""
        if not isinstance(line, dict) or not {"do", "from", "to"} <= line.keys():
            return None
        if not all(isinstance(line[key], str) for key in ("do", "to")):
            return None
        if not all(isinstance(line.get(key), str | None) for key in ("at", "from")):
            return None
        return cls(line.get("at"), line["do"], line["from"], line["to"])


def append_switch(path: Path, switch: Switch) -> None:
    """Add a line, flushed to disk."""
    with path.open("a", encoding="utf-8") as history:
        # a line of its own even after one that a crash cut short
        history.write("\n" + json.dumps(switch.to_json()) + "\n")
        history.flush()
        os.fsync(history.fileno())


def read_switches(path: Path) -> list[Switch]:
    """All switches, oldest first; a line cut short by a crash names no switch that took place.

    Raises:
        ReleaseError: the file is there and cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error
    found = map(Switch.from_json, map(_parsed, lines))
    return [switch for switch in found if switch is not None]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
