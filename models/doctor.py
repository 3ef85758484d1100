"""The verb `doctor`: is everything here that Kindred needs, and what to do where it is not."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.__main__ import add_json_option, add_models_option, examples, show
from models.checks import Check, Look, looked
from models.machine import cores, free_disk, free_memory
from models.store_checks import store

_OLDEST, _NEWEST = (3, 11), (3, 13)
# with less, and even a training on a few hundred films or a release of a few thousand may not fit
LITTLE_MEMORY, LITTLE_DISK = 1_000_000_000, 500_000_000


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", more: Iterable[Look]) -> None:
    """Declare it.

    Args:
        verbs: where to.
        more: what the other rooms look at.
    """
    doctor = verbs.add_parser(
        "doctor",
        help="check machine, extras, store, settings and data, and say what to do",
        **examples("kindred doctor", "kindred doctor --models /srv/kindred --ratings ratings.csv --json"),
    )
    doctor.add_argument("--ratings", metavar="FILE", help="also check a ratings file, as `validate` reads it")
    add_models_option(doctor)
    add_json_option(doctor)
    looks = (machine, disk, store, *more)
    doctor.set_defaults(run=lambda options: _doctor(looks, options))


def _doctor(looks: Iterable[Look], options: argparse.Namespace) -> int:
    checks = [check for look in looks for check in looked(look, options)]
    failed = [check.name for check in checks if check.state == "fail"]
    lines = [check.line() for check in checks]
    lines.append(f"{len(failed)} of {len(checks)} failed: {', '.join(failed)}" if failed else "nothing failed")
    show(options, {"ok": not failed, "checks": [vars(check) for check in checks]}, "\n".join(lines))
    return 1 if failed else 0


def machine(_: argparse.Namespace) -> Iterator[Check]:
    """Python, cores, memory."""
    known = _OLDEST <= sys.version_info[:2] <= _NEWEST
    advice = "" if known else f"run with Python {'.'.join(map(str, _OLDEST))} to {'.'.join(map(str, _NEWEST))}"
    found = f"{platform.python_version()}, {platform.platform(terse=True)}"
    yield Check("python", "ok" if known else "fail", found, advice)
    if hasattr(os, "fork"):
        yield Check("cores", "ok", f"{cores()}")
    else:
        yield Check("cores", "warn", f"{cores()}, no fork", "serve with --workers 1 here")
    memory = free_memory()
    if memory is None:
        yield Check("memory", "warn", "the system does not tell how much is free")
    else:
        little = memory < LITTLE_MEMORY
        advice = "training may not fit: kindred train RATINGS --dry-run" if little else ""
        yield Check("memory", "warn" if little else "ok", f"{memory / 1e9:.1f} GB free", advice)


def disk(options: argparse.Namespace) -> Iterator[Check]:
    """Room for temporary files and for releases."""
    yield _room("temporary", Path(tempfile.gettempdir()), "set TMPDIR to a folder with more room")
    if "://" not in str(options.models):
        yield _room("disk", Path(options.models), "kindred prune --keep N, or another folder by --models")


def _room(name: str, folder: Path, advice: str) -> Check:
    free = free_disk(folder)
    if free is None:
        return Check(name, "warn", f"{folder}: the system does not tell how much is free")
    little = free < LITTLE_DISK
    return Check(name, "fail" if little else "ok", f"{free / 1e9:.1f} GB free at {folder}", advice if little else "")
