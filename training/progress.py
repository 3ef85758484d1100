"""What a long run shows on stderr: bars on a terminal, log lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[], None]


class Steps:
    """Shows one step after the other; a step may be counted (epochs) or not."""

    def __init__(self) -> None:
        """Decide once, by what stderr is."""
        self.console = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Show `name` while the block runs; the block calls what it is given each time one of `total` is done."""
        started = time.perf_counter()
        if not self.console.is_terminal:
            yield lambda: None
            self.say(f"{name}: done in {time.perf_counter() - started:.1f} s")
            return
        columns = TextColumn("{task.description:<28}", markup=False), BarColumn(), TimeElapsedColumn()
        with Progress(*columns, console=self.console) as bars:
            bar = bars.add_task(name, total=total)
            yield lambda: bars.advance(bar)
            bars.update(bar, total=total or 1, completed=total or 1)
