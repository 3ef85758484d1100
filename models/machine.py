"""What this machine has: cores, memory and disk space that may still be used; the limits of a container count."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_SYS, _PROC = Path("/sys/fs/cgroup"), Path("/proc")
# of version 2 and version 1: the limit, what is used, and the part of it that is files read once, which yields
_CGROUPS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory(proc: Path = _PROC, sys: Path = _SYS) -> int | None:
    """Bytes that this process may still take: the machine's, or what its container's limit leaves; None: not told.

    Args:
        proc: where the kernel tells of processes.
        sys: where it tells of control groups.
    """
    found = [left for folder in _groups(proc, sys) if (left := _left(folder)) is not None]
    told = _text(proc / "meminfo").splitlines()
    found += [int(line.split()[1]) * 1024 for line in told if line.startswith("MemAvailable:")]
    return max(0, min(found)) if found else None


def free_disk(path: Path) -> int | None:
    """Bytes that may still be written to where `path` is or will be; None: not told."""
    for place in (path, *path.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _groups(proc: Path, sys: Path) -> Iterator[Path]:
    """Folders of the control groups that hold this process, with those above them."""
    for line in _text(proc / "self" / "cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds not in ("", "memory"):
            continue
        top = sys / kinds if kinds else sys
        place = top / path.lstrip("/")
        # in a container the path may be that of the machine outside, where nothing is found
        yield from (folder for folder in (place, *place.parents) if folder.is_relative_to(top))


def _left(folder: Path) -> int | None:
    for limit, used, files in _CGROUPS:
        most, now = _text(folder / limit).strip(), _text(folder / used).strip()
        if most.isdecimal() and now.isdecimal():
            return int(most) - int(now) + _number(folder / "memory.stat", files)
    return None


def _number(path: Path, name: str) -> int:
    for line in _text(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdecimal():
            return int(value)
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
