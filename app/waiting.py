"""Which connections have been waiting for their client for too long: one look at all of them now and then.

A timer for each request would cost more than the look-up of an answer does; a look at 800 connections takes less than
a millisecond, once a second.
"""

import asyncio
from collections import deque
from collections.abc import Collection
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.protocol import BoundedProtocol

_LOOK_SECONDS = 1.0
# Whoever was refused has so long to read why.
_LINGER_SECONDS = 2.0
# Of an answer under way a client takes that much in `client_seconds`, or loses it.
_LEAST_BYTES = 64 << 10


class Waits(Enum):
    """What a connection waits for."""

    FOR_US = "an answer that is being worked out"
    FOR_FIRST = "its first byte"
    FOR_HEAD = "the end of a head"
    FOR_REST = "the end of a body that was answered already"
    FOR_NEXT = "another request"
    FOR_END = "the client to leave"


# These may be closed for others.
_IDLE = frozenset({Waits.FOR_FIRST, Waits.FOR_HEAD, Waits.FOR_NEXT})


class Phase:
    """What one connection waits for, and since when, as far as it was looked at."""

    def __init__(self, protocol: "BoundedProtocol") -> None:
        """Start with its first byte."""
        self._protocol = protocol
        self._seen: tuple[object, ...] = ()
        self._unsent = self._taken = 0
        self._taking_since = 0.0
        self.since = 0.0

    def now(self) -> Waits:
        """What it waits for."""
        protocol = self._protocol
        if protocol.is_answering():
            return Waits.FOR_US
        if protocol.deaf:
            return Waits.FOR_END
        if protocol.scope is None:
            return Waits.FOR_FIRST
        if not protocol.has_head():
            return Waits.FOR_HEAD
        return Waits.FOR_REST if protocol.cycle.more_body else Waits.FOR_NEXT

    def look(self, now: float) -> tuple[Waits, float]:
        """What it waits for, and for how many seconds."""
        protocol = self._protocol
        waits = self.now()
        # the objects themselves and not their ids: those of the next request may have the same
        seen = (waits, protocol.cycle, protocol.scope)
        if len(self._seen) != len(seen) or any(a is not b for a, b in zip(seen, self._seen, strict=True)):
            self._seen, self.since = seen, now
        return waits, now - self.since

    def stands_still(self, now: float, seconds: float) -> bool:
        """Whether the client has taken next to nothing of what was sent, for so many seconds."""
        unsent = self._protocol.transport.get_write_buffer_size()
        self._taken += max(0, self._unsent - unsent)
        if not unsent or not self._unsent or self._taken >= _LEAST_BYTES:
            self._taken, self._taking_since = 0, now
        self._unsent = unsent
        return bool(unsent) and now - self._taking_since > seconds


class Watch:
    """Looks at all connections of one server."""

    def __init__(self, client_seconds: float, idle_seconds: float) -> None:
        """Look at none yet; see `app.protocol.Bounds`."""
        self._client_seconds = client_seconds
        self._longest = {
            Waits.FOR_US: float("inf"),
            Waits.FOR_FIRST: client_seconds,
            Waits.FOR_HEAD: client_seconds,
            Waits.FOR_REST: client_seconds,
            Waits.FOR_NEXT: idle_seconds,
            Waits.FOR_END: _LINGER_SECONDS,
        }
        self._every = min(_LOOK_SECONDS, client_seconds / 4, idle_seconds / 4)
        self._looking = False
        self._idle: deque[BoundedProtocol] = deque()

    def start(self, loop: asyncio.AbstractEventLoop, connections: Collection[Any]) -> None:
        """Look at these again and again, while there are any."""
        if not self._looking:
            self._looking = True
            loop.call_later(self._every, self._look, loop, connections)

    def dismiss_one(self) -> bool:
        """Close the connection that has waited for its client for longest; False: none has."""
        while self._idle:
            protocol = self._idle.popleft()
            if not protocol.transport.is_closing() and protocol.phase.now() in _IDLE:
                protocol.transport.close()
                return True
        return False

    def _look(self, loop: asyncio.AbstractEventLoop, connections: Collection[Any]) -> None:
        idle: list[BoundedProtocol] = []
        now = loop.time()
        for protocol in list(connections):
            if protocol.phase.stands_still(now, self._client_seconds):
                protocol.transport.abort()
                continue
            waits, seconds = protocol.phase.look(now)
            if protocol.transport.is_closing():
                continue
            if seconds > self._longest[waits]:
                self._end(protocol, waits)
            elif waits in _IDLE:
                idle.append(protocol)
        self._idle = deque(sorted(idle, key=lambda protocol: protocol.phase.since))
        self._looking = False
        if connections:
            self.start(loop, connections)

    def _end(self, protocol: "BoundedProtocol", waits: Waits) -> None:
        if waits is Waits.FOR_HEAD:
            protocol.refuse(408, f"expected the whole head within {self._client_seconds:g} seconds")
        else:
            protocol.transport.close()
