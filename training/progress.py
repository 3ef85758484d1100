"""What a long run shows on stderr: bars on a terminal, log lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

# a log line at the most so often, where there is no terminal
LINE_SECONDS = 60.0


class Advance(Protocol):
    """Called when so many more of a step's total are done."""

    def __call__(self, count: int = 1) -> None:
        """`count` more are done."""


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
        """Show `name` while the block runs; the block calls what it is given when some of `total` are done."""
        started = time.perf_counter()
        if not self.console.is_terminal:
            yield self._lines(name, total)
            self.say(f"{name}: done in {time.perf_counter() - started:.1f} s")
            return
        columns = TextColumn("{task.description:<28}", markup=False), BarColumn(), TimeElapsedColumn()
        with Progress(*columns, console=self.console) as bars:
            bar = bars.add_task(name, total=total)
            yield lambda count=1: bars.advance(bar, count)
            bars.update(bar, total=total or 1, completed=total or 1)

    def _lines(self, name: str, total: int | None) -> Advance:
        """Say how far a step is, once a minute."""
        done, said = 0, time.perf_counter()

        def advance(count: int = 1) -> None:
            nonlocal done, said
            done += count
            if total and time.perf_counter() - said >= LINE_SECONDS:
                said = time.perf_counter()
                self.say(f"{name}: {done:,} of {total:,}")

        return advance
