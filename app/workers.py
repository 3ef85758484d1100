"""Several workers that share the memory of what one process has loaded: its forks, replaced where they end."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import NoReturn

from uvicorn.config import STARTUP_FAILURE

from app.shared_counts import SharedCounts

log = logging.getLogger("kindred")

# At most so often is a worker replaced: one that ends again and again does not take up the machine.
PAUSE_SECONDS = 1.0
_HEEDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Workers:
    """The parent of the workers. It answers no request itself.

    SIGTERM and SIGINT let every worker finish what it is answering. SIGHUP replaces all of them, one generation by the
    next: what they have loaded since they were forked is shared again.
    """

    def __init__(
        self, prepare: Callable[[], None], serve: Callable[[], None], count: int, counts: SharedCounts | None = None
    ) -> None:
        """Start nothing yet.

        Args:
            prepare: called before workers are forked; makes ready what they share and leaves no thread running.
            serve: what a worker does until SIGTERM.
            count: how many workers.
            counts: where they count, made for as many; each gets a place of its own there.
        """
        self._prepare = prepare
        self._serve = serve
        self._count = count
        self._counts = counts or SharedCounts(count)
        self._places: dict[ForkProcess, int] = {}
        self._workers: list[ForkProcess] = []
        self._leaving: list[ForkProcess] = []
        self._code = 0
        self._earliest = 0.0

    def run(self) -> int:
        """Keep so many workers until told to stop.

        Returns:
            The exit code: 0 after SIGTERM, 130 after SIGINT, 3 where a worker could not start, 1 where one did not
            end well when it was told to.
        """
        told = _signals()
        self._start(self._count)
        while self._workers or self._leaving:
            heard = os.read(told, 1)[0]
            if heard == signal.SIGHUP and len(self._leaving) > self._count:
                log.warning("workers not renewed: those of the last two times are still leaving")
            elif heard == signal.SIGHUP and self._workers:  # not while they are leaving
                self._renew()
            elif heard in (signal.SIGTERM, signal.SIGINT):
                self._stop(130 if heard == signal.SIGINT else 0)
            self._replace_ended()
            self._forget_gone()
        return self._code

    def _start(self, count: int) -> None:
        self._prepare()
        for _ in range(count):
            place = self._counts.take()
            worker = multiprocessing.get_context("fork").Process(target=self._work, args=(place,), daemon=True)
            # a signal that comes between the fork and the worker's own handlers waits for these
            signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)
            worker.start()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
            self._workers.append(worker)
            self._places[worker] = place

    def _replace_ended(self) -> None:
        for worker in [worker for worker in self._workers if worker.exitcode is not None]:
            self._workers.remove(worker)
            self._counts.leave(self._places.pop(worker))
            if worker.exitcode == STARTUP_FAILURE:
                log.error("worker %s could not start", worker.pid)
                self._stop(STARTUP_FAILURE)
                return
            self._counts.add(("worker_failures",))
            log.warning("worker %s ended with code %s and is replaced", worker.pid, worker.exitcode)
            time.sleep(max(0.0, self._earliest - time.monotonic()))
            self._earliest = time.monotonic() + PAUSE_SECONDS
            self._start(1)

    def _forget_gone(self) -> None:
        gone = [worker for worker in self._leaving if worker.exitcode is not None]
        self._leaving = [worker for worker in self._leaving if worker not in gone]
        for worker in gone:
            self._counts.leave(self._places.pop(worker))
            if worker.exitcode:
                self._code = self._code or 1

    def _renew(self) -> None:
        before = self._workers
        self._workers = []
        self._start(self._count)
        self._dismiss(before)

    def _stop(self, code: int) -> None:
        self._code = self._code or code
        self._dismiss(self._workers)
        self._workers = []

    def _dismiss(self, workers: list[ForkProcess]) -> None:
        self._leaving += workers
        for worker in self._leaving:
            worker.terminate()

    def _work(self, place: int) -> None:
        """What a fork does."""
        self._counts.sit(place)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # goes to all when a terminal closes; the parent decides
        for heeded in (signal.SIGTERM, signal.SIGINT):
            signal.signal(heeded, stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
        threading.Thread(target=_outlive_not, daemon=True).start()
        try:
            self._serve()
        except Exception:
            log.critical("worker %s stopped by an error", os.getpid(), exc_info=True)
            raise SystemExit(1) from None


def stop(*_: object) -> NoReturn:
    """End with success: a signal handler."""
    raise SystemExit(0)


def _signals() -> int:
    """A file to read from: a byte for each signal that comes, its number."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    for heeded in _HEEDED:
        signal.signal(heeded, lambda *_: None)
    return told


def _outlive_not() -> None:
    """End this worker once its parent is gone, however that came."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
