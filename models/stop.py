"""Ctrl-C and SIGTERM end what runs, whatever it is doing when they come."""

import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_SECONDS = 0.05


class Stopped(KeyboardInterrupt):
    """A stop has come; not an Exception, so that nothing takes it for a fault.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        """Say which signal it was."""
        super().__init__()
        self.number = number


@contextmanager
def heeded() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise Stopped in the main thread until it leaves this block.

    What a handler raises can be swallowed: C code that asks Python something on the way and forgets the answer's error
    (numpy does so where it makes a type of an object) goes on as if nothing had happened. So each Stopped is watched,
    and the signal is sent again when one has gone before it got here.

    A second SIGTERM is passed over while the first is on its way: it would break into the tidying up. A second Ctrl-C
    is not: whoever presses it twice does not want to wait. SIGINT stays ignored where it was, as of a job in the
    background.
    """
    main = threading.get_ident()
    watched: list[weakref.ref[Stopped]] = []

    def again(number: int) -> None:
        if watched:
            signal.pthread_kill(main, number)

    def swallowed(number: int) -> None:
        if watched:
            timer = threading.Timer(_AGAIN_SECONDS, again, [number])
            timer.daemon = True
            timer.start()

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGTERM and any(one() is not None for one in watched):
            return
        raise made(number)

    def made(number: int) -> Stopped:
        # in a function of its own: a name for it in the frame that raises would keep it alive
        stopped = Stopped(number)
        watched.append(weakref.ref(stopped, lambda _: swallowed(number)))
        return stopped

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, stop)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        watched.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def postponed() -> Iterator[None]:
    """Hold back SIGINT and SIGTERM, as far as they are heeded, until this block is left; a second Ctrl-C is not.

    For what must not be cut in two, in the main thread, and short.
    """
    came: list[int] = []

    def later(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in came:
            before[number](number, frame)
        came.append(number)

    found = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in found.items() if callable(handler)}
    for number in before:
        signal.signal(number, later)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came[:1]:
            signal.raise_signal(number)
