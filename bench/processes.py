"""A process for each turn, and what the system tells of it."""

import ctypes
import gc
import multiprocessing
import resource
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

TURN_SECONDS = 300.0
_FORK = multiprocessing.get_context("fork")


def in_child(function: Callable[[], T], seconds: float = TURN_SECONDS) -> T:
    """What `function` returns when a fork of this process runs it; the memory of one turn is gone before the next.

    Raises:
        RuntimeError: it failed (with its traceback), or took longer than `seconds`.
    """
    reader, writer = _FORK.Pipe(duplex=False)
    gc.collect()
    _give_back()
    gc.freeze()  # what is shared with the child is not copied because the child's collector looks at it
    process = _FORK.Process(target=_run, args=(writer, function))
    with warnings.catch_warnings():
        # Python 3.12 and later warn of any thread, also of those that rest until there is work
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    writer.close()
    try:
        if not reader.poll(seconds):
            raise RuntimeError(f"no result after {seconds:.0f} seconds")
        failure, result = reader.recv()
    except EOFError:
        failure, result = f"the process ended without a result: {process.exitcode}", None
    finally:
        process.kill()
        process.join()
        gc.unfreeze()
    if failure:
        raise RuntimeError(failure)
    answer: T = result
    return answer


def _give_back() -> None:
    """Hand freed memory to the system (glibc): a child that found it would seem to need less than it does."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _run(writer: Connection, function: Callable[[], object]) -> None:
    try:
        writer.send(("", function()))
    except BaseException:  # told to the parent, whatever it was
        writer.send((traceback.format_exc(), None))
    writer.close()


def cpu_seconds() -> float:
    """Of all threads of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def status_mb(key: str) -> float:
    """VmRSS or VmHWM of this process; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key + ":")), 0.0)


def forget_peak() -> None:
    """Let VmHWM count from now on (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
