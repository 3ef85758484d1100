"""A command and all processes that come from it, watched from outside: CPU, memory, and what was said when."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from typing import IO

ROOT = Path(__file__).parents[1]
# between two looks
EVERY = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")
# where /proc/<pid>/stat, from its state on, tells when a process began
_BEGAN = 19
_NONE = [""] * (_BEGAN + 1)


@dataclass(frozen=True)
class Mark:
    """A line on stderr.

    Attributes:
        text: the line.
        wall: seconds since the command began.
        cpu: seconds of all processes until then.
        peak_mb: of all of them at once, at the highest since the mark before; a page that n share counts 1/n in each.
    """

    text: str
    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Bound:
    """What becomes of a container that has too little memory: it is ended.

    Attributes:
        mb: of all processes that are in it, at once.
        apart: processes whose command line has this, and all that come from them, are elsewhere.
    """

    mb: float
    apart: str


@dataclass(frozen=True)
class Watched:
    """A command that has ended.

    Attributes:
        failure: empty, or what became of it.
        out: what it printed.
        marks: what it said on stderr.
        end: when it ended.
        bound_mb: of all processes within the bound at once, at the highest.
    """

    failure: str
    out: str
    marks: Sequence[Mark]
    end: Mark
    bound_mb: float = 0.0

    @property
    def peak_mb(self) -> float:
        """Of all processes at once."""
        return max(mark.peak_mb for mark in (*self.marks, self.end))

    def check(self) -> "Watched":
        """Itself.

        Raises:
            RuntimeError: it failed, with its last lines.
        """
        if self.failure:
            raise RuntimeError("\n".join([self.failure, *(mark.text for mark in self.marks[-20:])]))
        return self


def only(marks: Sequence[Mark], wanted: Callable[[str], bool]) -> list[Mark]:
    """Those with a text that is wanted; the peaks of the others go to the next of them."""
    kept: list[Mark] = []
    peak = 0.0
    for mark in marks:
        peak = max(peak, mark.peak_mb)
        if wanted(mark.text):
            kept.append(replace(mark, peak_mb=peak))
            peak = 0.0
    return kept


def watch(command: Sequence[str], seconds: float, bound: Bound | None = None) -> Watched:
    """Run a command from the root of the project; what is left at its end, or when a bound is passed, is killed."""
    environment = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as out:
        environment |= {"TMPDIR": folder, "SPARK_LOCAL_DIRS": folder}
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        family = _Family(process.pid, bound)
        try:
            marks = _listen(process, family, seconds)
            end = family.mark("")
        finally:
            family.kill()
            code = process.wait()
        out.seek(0)
        late = end.wall >= seconds
        failure = f"no end after {seconds:.0f} s" if late else f"exit {code} after {end.wall:.0f} s" if code else ""
        if family.beyond:
            failure = f"ended at {family.bound_mb:,.0f} MB after {end.wall:.0f} s"
        return Watched(failure, out.read().decode(), marks, end, family.bound_mb)


def _listen(process: "subprocess.Popen[bytes]", family: "_Family", seconds: float) -> list[Mark]:
    """Until the command has ended; what comes from it may keep stderr open for longer."""
    stderr: IO[bytes] = process.stderr  # type: ignore[assignment]  # a pipe was asked for
    os.set_blocking(stderr.fileno(), False)
    marks: list[Mark] = []
    rest, ended = b"", False
    while not ended and not family.beyond and family.seconds() < seconds:
        family.look()
        select([stderr], [], [], EVERY)
        ended = process.poll() is not None
        *lines, rest = (rest + (stderr.read() or b"")).split(b"\n")
        marks += [family.mark(line.decode(errors="replace")) for line in lines]
    stderr.close()
    return marks


class _Family:
    """A process, and all that come from it, those as well whose parents have ended."""

    def __init__(self, leader: int, bound: Bound | None) -> None:
        self._bound = bound
        self.bound_mb = 0.0
        self._started = time.perf_counter()
        # process -> when it began, by which it is known from a later one of the same number
        self._members = {leader: _stats()[leader][_BEGAN]}
        self._cpu = self._peak = 0.0

    def seconds(self) -> float:
        return time.perf_counter() - self._started

    @property
    def beyond(self) -> bool:
        return self._bound is not None and self.bound_mb > self._bound.mb

    def mark(self, text: str) -> Mark:
        self.look()
        peak, self._peak = self._peak, 0.0
        return Mark(text, self.seconds(), self._cpu, peak)

    def look(self) -> None:
        """CPU seconds are those of the living, with what they have waited for."""
        stats = _stats()
        self._members = {pid: began for pid, began in self._members.items() if stats.get(pid, _NONE)[_BEGAN] == began}
        while more := {pid for pid, fields in stats.items() if int(fields[1]) in self._members} - self._members.keys():
            self._members |= {pid: stats[pid][_BEGAN] for pid in more}
        ticks = sum(int(number) for pid in self._members for number in stats[pid][11:15])
        self._cpu = max(self._cpu, ticks / _TICKS)
        held = {pid: _pss_mb(pid) for pid in self._members}
        self._peak = max(self._peak, sum(held.values()))
        if self._bound is not None:
            apart = {pid for pid in held if self._bound.apart in _command(pid)}
            while more := {pid for pid in held.keys() - apart if int(stats[pid][1]) in apart}:
                apart |= more
            self.bound_mb = max(self.bound_mb, sum(mb for pid, mb in held.items() if pid not in apart))

    def kill(self) -> None:
        """One by one: PySpark's workers have a group of their own."""
        self.look()
        for pid in self._members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _stats() -> dict[int, list[str]]:
    """Of every process, what stands behind its name in /proc/<pid>/stat: state, parent, .."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it has ended
                found[int(folder.name)] = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return found


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    return ""


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
