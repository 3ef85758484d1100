"""Samples -> medians, spread and ratios; a Markdown table and a JSON file."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bench.plots import bars
from bench.rounds import Sample

RESULTS = Path(__file__).parent / "results"
_LIBRARIES = ("numpy", "pandas", "gensim", "numba", "fastapi", "uvicorn")


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of a few numbers."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one number."""
        low, median, high = np.percentile(values, [25, 50, 75]).tolist()
        return cls(median, low, high)

    def __str__(self) -> str:
        return f"{_short(self.median)} [{_short(self.low)}, {_short(self.high)}]"


@dataclass(frozen=True)
class Row:
    """One contender over all rounds.

    Attributes:
        ratio: how many times as fast as this contender ours is, round by round.
        rate: work per second.
        wanted: what the ratio should be at least, if anything.
    """

    name: str
    ratio: Spread
    rate: Spread
    wall: Spread
    cpu: Spread
    peak_mb: Spread
    quality: Mapping[str, float]
    wanted: float | None = None

    @property
    def verdict(self) -> str:
        """Pass or short, where something was wanted."""
        if self.wanted is None:
            return ""
        return f"≥ {_short(self.wanted)}: {'pass' if self.ratio.median >= self.wanted else 'short'}"


@dataclass(frozen=True)
class Limit:
    """What a number of one contender may be at the most.

    Attributes:
        contender: whose.
        measure: a column: "wall s", "CPU s", "MB" or one of quality.
        most: the bound.
    """

    contender: str
    measure: str
    most: float


@dataclass(frozen=True)
class Table:
    """The answer to one question.

    Attributes:
        name: of the JSON file.
        title: what was measured on what.
        unit: of the rates.
        per: "cpu" or "wall", the seconds that rates are per.
        samples: of each contender; the first contender is ours.
        wanted: contender -> what ours / contender should be at least.
        limits: bounds of single numbers, told below the table.
    """

    name: str
    title: str
    unit: str
    per: Literal["cpu", "wall"]
    samples: Mapping[str, Sequence[Sample]]
    wanted: Mapping[str, float] = field(default_factory=dict)
    limits: Sequence[Limit] = ()

    def rows(self) -> list[Row]:
        """Ours first, then as given."""
        ours = next(iter(self.samples.values()))
        return [self._row(name, samples, ours) for name, samples in self.samples.items()]

    def markdown(self) -> str:
        """The table as people read it."""
        rows = self.rows()
        measures = list(dict.fromkeys(name for row in rows for name in row.quality))
        head = ["", "ours is × as fast", "wanted", self.unit, "wall s", "CPU s", "MB", *measures]
        lines = [f"**{self.title}**", "", _line(head), _line(["---"] * len(head))]
        for place, row in enumerate(rows):
            numbers = [row.wall.median, row.cpu.median, row.peak_mb.median]
            quality = [_short(row.quality[name]) if name in row.quality else "" for name in measures]
            ratio = "1" if place == 0 else str(row.ratio)
            lines.append(_line([row.name, ratio, row.verdict, str(row.rate), *map(_short, numbers), *quality]))
        return "\n".join([*lines, *self._verdicts(rows)]) + "\n"

    def _verdicts(self, rows: Sequence[Row]) -> list[str]:
        """A line for each limit."""
        lines = [""] if self.limits else []
        for limit in self.limits:
            row = next(row for row in rows if row.name == limit.contender)
            single = {"wall s": row.wall.median, "CPU s": row.cpu.median, "MB": row.peak_mb.median}
            found = {**row.quality, **single}[limit.measure]
            verdict = "pass" if found <= limit.most else "short"
            lines.append(
                f"- {limit.contender}, {limit.measure}: {_short(found)}, wanted ≤ {_short(limit.most)}: {verdict}"
            )
        return lines

    def save(self, folder: Path = RESULTS) -> Path:
        """Everything, every sample included, as JSON; beside it the table as Markdown and its rates as a picture."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        content = {**asdict(self), "rows": [asdict(row) for row in self.rows()], "machine": machine()}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(self.markdown(), encoding="utf-8")
        rates = [(row.name, row.rate.low, row.rate.median, row.rate.high) for row in self.rows()]
        path.with_suffix(".svg").write_text(bars(self.title, self.unit, rates), encoding="utf-8")
        return path

    def _row(self, name: str, samples: Sequence[Sample], ours: Sequence[Sample]) -> Row:
        rates = [sample.rate(self.per) for sample in samples]
        ratios = [mine.rate(self.per) / rate for mine, rate in zip(ours, rates, strict=True)]
        measures = samples[0].quality
        return Row(
            name,
            Spread.of(ratios),
            Spread.of(rates),
            Spread.of([sample.wall for sample in samples]),
            Spread.of([sample.cpu for sample in samples]),
            Spread.of([sample.peak_mb for sample in samples]),
            {key: float(np.median([sample.quality[key] for sample in samples])) for key in measures},
            self.wanted.get(name),
        )


def machine() -> dict[str, Any]:
    """Where and when this runs."""
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "load": list(os.getloadavg()),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _first(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "unknown")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(value: float) -> str:
    """Three significant digits, thousands with commas."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
