"""`train --dry-run`: read and check what training would read, say what it would take, and write nothing."""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import BLEND, open_registry
from models.__main__ import show
from models.machine import cores, free_disk, free_memory
from training.errors import SettingsError
from training.estimate import Counts, Estimate, estimate, to_json
from training.options import read_data
from training.settings import Settings

if TYPE_CHECKING:
    from training.progress import Steps

_SPARK = "on Spark: the estimate is that of this machine alone; what the cluster takes is not known here"


def dry_run(options: argparse.Namespace, settings: dict[str, Settings], steps: "Steps") -> int:
    """Run it; 0 whether training would fit or not.

    Raises:
        KindredError: what training would stop with, as far as it shows before it begins.
    """
    if "://" in str(options.ratings):
        raise SettingsError(f"--dry-run reads on this machine: expected a file here, found {options.ratings}")
    if options.links is not None:
        from training.links import read_links

        read_links(options.links)
    if options.carry_on:
        open_registry(options.models).load()
    prepared = read_data(options, settings, steps, options.label)
    counts = Counts.of(prepared.report.rows, prepared.engine.sequences, len(prepared.catalogue))
    measure = not (options.no_evaluate or options.carry_on)
    threads = 1 if options.deterministic else min(max(1, options.workers), cores())
    found = estimate(counts, settings, threads, measure=measure, users=options.users)
    scaled = {name: one.scaled(counts.likes, counts.movies, prepared.catalogue.likes) for name, one in settings.items()}
    machine = {
        "cores": threads,
        "memory_free_bytes": free_memory(),
        "store_free_bytes": free_disk(options.models) if isinstance(options.models, Path) else None,
        "temporary_free_bytes": free_disk(Path(tempfile.gettempdir())),
    }
    short = _short(found, machine)
    notes = [_SPARK] if options.engine == "spark" else []
    facts = {
        "dry_run": True,
        "data": prepared.facts,
        "settings": {name: one.to_json() for name, one in scaled.items()},
        "estimate": to_json(found),
        "machine": machine,
        "fits": not short,
        "short_of": short,
        "notes": notes,
    }
    return show(options, facts, "\n".join([*_lines(scaled, found, machine, measure), *short, *notes]))


def _short(found: Estimate, machine: dict[str, int | None]) -> list[str]:
    """What there is too little of, a line each."""
    needs = (
        ("memory", found.memory_bytes, machine["memory_free_bytes"]),
        ("room in the store", found.release_bytes, machine["store_free_bytes"]),
        ("room for temporary files (TMPDIR)", found.temporary_bytes, machine["temporary_free_bytes"]),
    )
    return [
        f"too little {what}: about {needed / 1e9:.1f} GB needed, {free / 1e9:.1f} GB free"
        for what, needed, free in needs
        if free is not None and needed > free
    ]


def _lines(scaled: dict[str, Settings], found: Estimate, machine: dict[str, Any], measure: bool) -> list[str]:
    lines = [
        f"{name:<10} vectors of {one.vector_size}, {one.epochs} epochs"
        + ("" if name == "item2vec" else f", {one.walks:,} walks of {one.walk_length}")
        for name, one in scaled.items()
    ]
    if len(scaled) == 3 and all(one.negative for one in scaled.values()):
        lines.append(f"{BLEND:<10} of the three")
    stages = ", ".join(f"{name} {_time(seconds)}" for name, seconds in found.steps.items() if seconds >= 1)
    memory, store = machine["memory_free_bytes"], machine["store_free_bytes"]
    return [
        *lines,
        f"time       about {_time(found.seconds)} on {machine['cores']} cores ({stages})",
        f"           {'measured first on held-out likes' if measure else 'not measured'}",
        f"memory     about {found.memory_bytes / 1e9:.1f} GB at the peak{_free(memory)}",
        f"disk       about {found.release_bytes / 1e6:,.0f} MB in the store{_free(store)}, "
        f"{found.temporary_bytes / 1e6:,.0f} MB of temporary files",
        "nothing was written",
    ]


def _time(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )


def _free(count: int | None) -> str:
    return "" if count is None else f", {count / 1e9:.1f} GB free"
