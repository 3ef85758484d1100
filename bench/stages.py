"""Where do time and memory of `kindred train` go, and how do they grow with the data?"""

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench.data import ratings_csv
from bench.processes import cpu_seconds, forget_peak, in_child, status_mb
from bench.tables import RESULTS, machine
from training.progress import Advance, Steps

QUICK, FULL = (100_000, 300_000, 1_000_000), (1_000_000, 10_000_000, 25_000_000)
# functions, as the module that calls them knows them; the other stages are the steps that training tells of
FUNCTIONS = {
    ("training.prepare", "read_ratings"): "read",
    ("training.prepare", "build_sequences"): "sequences",
    ("training.here", "build_graph"): "graph",
}
REST, WHOLE = "everything else", "the whole"
WORKERS = 2
TRAINING_SECONDS = 7_200.0
Spent = dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Stages:
    """Seconds on the clock, CPU seconds and the process's peak MB of each stage, for each number of ratings."""

    preset: str
    spent: dict[int, Spent]

    def markdown(self) -> str:
        """A row for each stage; growth is the slope of log wall seconds over log ratings, 1 is linear."""
        sizes = list(self.spent)
        head = ["", *(f"{n:,}: wall s | CPU s | peak MB" for n in sizes), "growth"]
        lines = [f"**Stages of training, {self.preset} preset, all three models**", "", f"| {' | '.join(head)} |"]
        lines.append(f"|{' --- |' * (3 * len(sizes) + 2)}")
        for stage in next(iter(self.spent.values())):
            rows = [self.spent[n][stage] for n in sizes]
            slope = np.polyfit(np.log(sizes), np.log([max(row[0], 1e-3) for row in rows]), 1)[0]
            cells = [f"{wall:.2f} | {cpu:.2f} | {peak:,.0f}" for wall, cpu, peak in rows]
            lines.append(f"| {' | '.join([stage, *cells])} | {slope:.2f} |")
        return "\n".join(lines) + "\n"

    def save(self, folder: Path = RESULTS) -> Path:
        """As JSON, with the table beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"stages-{self.preset}.json"
        content = {"spent": self.spent, "machine": machine()}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(self.markdown(), encoding="utf-8")
        return path


def tables(_: int, full: bool, tell: Callable[[str], None]) -> Iterator[Stages]:
    """Both presets, each size once however many rounds are asked for; `full`: up to 25M ratings."""
    paths = {n: ratings_csv(n) for n in (FULL if full else QUICK)}
    for preset in ("lesson", "default"):
        spent = {}
        for n, path in paths.items():
            tell(f"{preset}, {n:,} ratings")
            spent[n] = in_child(_training(path, preset), TRAINING_SECONDS)
        yield Stages(preset, spent)


def _training(path: Path, preset: str) -> Callable[[], Spent]:
    return lambda: train(path, preset)


def train(path: Path, preset: str) -> Spent:
    """Train and publish once in this process, every stage with a stopwatch around it."""
    from models import Registry
    from training import prepare, publish
    from training.settings import PRESETS

    watches = _Watches()
    for (module, name), stage in FUNCTIONS.items():
        owner = import_module(module)
        setattr(owner, name, watches.around(getattr(owner, name), stage))
    settings = PRESETS[preset]
    with watches.stage(WHOLE), tempfile.TemporaryDirectory() as folder:
        prepared = prepare.prepare(path, None, None, next(iter(settings.values())).min_rating)
        publish.train(prepared, settings, WORKERS, Registry(Path(folder)), watches, measure=False)
    return watches.told()


class _Watches(Steps):
    """A stopwatch around each step of training, quiet."""

    def __init__(self) -> None:
        super().__init__()
        self._spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])

    def say(self, text: str) -> None:
        """Nothing."""

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """`deepwalk: 20,000 walks` is of the stage `walks`; its `total` is for those who watch."""
        del total
        with self.stage(name.rpartition(": ")[2].rpartition(" ")[2]):
            yield lambda _=1: None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what the block takes."""
        forget_peak()
        started, used = time.perf_counter(), cpu_seconds()
        yield
        spent = self._spent[name]
        spent[0] += time.perf_counter() - started
        spent[1] += cpu_seconds() - used
        spent[2] = max(spent[2], status_mb("VmHWM"))

    def around(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The same function, a stage."""

        def run(*arguments: Any, **options: Any) -> Any:
            with self.stage(name):
                return function(*arguments, **options)

        return run

    def told(self) -> Spent:
        """Each stage, what is between them, and the whole; walks without the graph that is made in their step."""
        whole = self._spent.pop(WHOLE)
        for place in (0, 1):
            self._spent["walks"][place] -= self._spent["graph"][place]
        parts = list(self._spent.values())
        whole[2] = peak = max(row[2] for row in [*parts, whole])
        rest = (whole[0] - sum(row[0] for row in parts), whole[1] - sum(row[1] for row in parts), peak)
        stages = {stage: (row[0], row[1], row[2]) for stage, row in self._spent.items()}
        return stages | {REST: rest, WHOLE: (whole[0], whole[1], whole[2])}
