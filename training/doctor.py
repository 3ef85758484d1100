"""What the offline room looks at for `kindred doctor`: the extras, Java and the data."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from models.checks import Check
from training import EXTRAS

_SECONDS = 120.0
# what each extra is for
_FOR = {
    "train": "to validate, train, evaluate, update and export",
    "spark": "to train beyond one machine",
    "map": "for train --map umap",
    "redis": "for export --format redis",
    "s3": "for stores and files at s3://",
    "gs": "for stores and files at gs://",
}


def extras(_: argparse.Namespace) -> Iterator[Check]:
    """What of each extra is installed, and whether it can be used."""
    for extra in dict.fromkeys(EXTRAS.values()):
        libraries = [name for name, its in EXTRAS.items() if its == extra]
        there = [name for name in libraries if _is_there(name)]
        install = f"{_FOR.get(extra, 'where it is asked for')}: pip install 'kindred[{extra}]'"
        if not there:
            yield Check(extra, "ok", "not installed", install)
        elif missing := [name for name in libraries if name not in there]:
            yield Check(extra, "warn", f"{', '.join(missing)} missing", install)
        else:
            yield _usable(extra, libraries)


def java(_: argparse.Namespace) -> Iterator[Check]:
    """The Java that Spark would run on."""
    if not _is_there("pyspark"):
        return
    from training.errors import EngineError
    from training.spark.session import check_java

    try:
        yield Check("java", "ok", f"{check_java()}")
    except EngineError as error:
        yield Check("java", "warn", str(error), "only --engine spark needs it: install one, e.g. default-jre-headless")


def data(options: argparse.Namespace) -> Iterator[Check]:
    """The ratings file, read as `validate` reads it."""
    if options.ratings is None:
        return
    if not _is_there("pandas"):
        yield Check("data", "fail", "cannot be read without [train]", "pip install 'kindred[train]'")
        return
    from models.machine import free_memory
    from training.validate import validate

    facts, _, refused = validate(Path(options.ratings), None, None, min_rating=3.5)
    found = f"{options.ratings}: {facts['likes']:,} likes of {facts['users']:,} viewers, {facts['movies']:,} movies"
    if refused is not None:
        yield Check("data", "fail", str(refused), "kindred validate RATINGS names the rows")
    else:
        yield Check("data", "ok", found)
    needed, free = facts["memory_bytes"], free_memory()
    if free is not None and needed > free:
        text = f"about {needed / 1e9:.1f} GB to train, {free / 1e9:.1f} GB free"
        yield Check("data", "warn", text, "more memory, --engine spark, or fewer models (--method)")


def _usable(extra: str, libraries: list[str]) -> Check:
    # umap compiles for seconds and Spark wants Java: those only have to be there
    said = _fault(tuple(libraries)) if extra in ("train", "redis") else ""
    if said:
        return Check(extra, "fail", f"does not start: {said}", f"pip install --force-reinstall 'kindred[{extra}]'")
    return Check(extra, "ok", ", ".join(f"{name} {_version(name)}" for name in libraries))


@cache
def _fault(libraries: tuple[str, ...]) -> str:
    """What goes wrong when they are imported, which takes seconds; empty: nothing."""
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import {', '.join(libraries)}"],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return (told.stderr.strip() or f"exit code {told.returncode}").splitlines()[-1] if told.returncode else ""


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _version(name: str) -> str:
    try:
        return version({"umap": "umap-learn"}.get(name, name))
    except PackageNotFoundError:
        return "?"
