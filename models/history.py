"""Who was live before whom: history.jsonl, a line for each switch, written before the switch."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import files
from models.errors import ReleaseError

_SUM = "sum"


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
        """The opposite of `to_json`; None where it is no such line, or another one than was written."""
        if not isinstance(line, dict) or not {"do", "from", "to"} <= line.keys():
            return None
        if not all(isinstance(line[key], str) for key in ("do", "to")):
            return None
        if not all(isinstance(line.get(key), str | None) for key in ("at", "from")):
            return None
        switch = cls(line.get("at"), line["do"], line["from"], line["to"])
        # lines that are older than sums have none
        return switch if line.get(_SUM) in (None, _sum(switch)) else None


@contextmanager
def written_down(path: Path, switch: Switch) -> Iterator[None]:
    """Add a line, flushed to disk, and then let the switch take place; where it cannot, the line goes again."""
    with path.open("ab", buffering=0) as history:
        before, line = history.tell(), line_of(switch)
        try:
            if history.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(history.fileno())
            yield
        except OSError:
            with suppress(OSError):
                history.truncate(before)
            raise


def line_of(switch: Switch) -> bytes:
    """As it is added: a line of its own even after one that a crash cut short."""
    return f"\n{json.dumps(switch.to_json() | {_SUM: _sum(switch)})}\n".encode()


def read_history(path: Path) -> Iterator[Switch | int]:
    """All switches, oldest first, and in their places the numbers of lines that were switches and are damaged.

    A line cut short by a crash names no switch that took place, and is left out.

    Raises:
        ReleaseError: the file is there and cannot be read.
    """
    try:
        content = files.read_small(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error
    yield from parse_history(content)


def parse_history(content: bytes) -> Iterator[Switch | int]:
    """What `read_history` makes of the bytes of the file."""
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        parsed = _parsed(line)
        switch = Switch.from_json(parsed)
        if switch is not None:
            yield switch
        elif _was_whole(line, parsed):
            yield number


def _was_whole(line: str, parsed: Any) -> bool:
    """Whether a line that is no switch has the end of one."""
    if parsed is None:
        return line.rstrip().endswith("}") or f'"{_SUM}"' in line
    return isinstance(parsed, dict) and _SUM in parsed


def _sum(switch: Switch) -> str:
    return hashlib.sha256(json.dumps(switch.to_json()).encode()).hexdigest()[:16]


def _parsed(line: str) -> Any:
    try:
        return files.parse_json(line.encode())
    except (ValueError, RecursionError):
        return None
