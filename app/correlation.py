"""Which request is it: the id its client gave it or we did, and the trace it is part of."""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

# Where in the scope the id is, as text.
REQUEST_ID = "kindred.request_id"
REQUEST_ID_HEADER = b"x-request-id"
TRACE_HEADER = b"traceparent"

_SANE = re.compile(rb"[A-Za-z0-9._:+/=@-]{1,128}")
_TRACE = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_SAMPLED = 1


class Trace(NamedTuple):
    """Where a request stands in a trace.

    Attributes:
        trace_id: 32 hexadecimal digits.
        parent_id: 16, of the span that sent it.
        sampled: whether whoever sent it keeps the trace.
    """

    trace_id: str
    parent_id: str
    sampled: bool


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, Trace | None]:
    """Id and trace of a request: an id of ours where it has none that is sane, no trace where it has no sound one."""
    request_id, traces = b"", []
    for name, value in headers:
        if name == REQUEST_ID_HEADER and not request_id and _SANE.fullmatch(value):
            request_id = value
        elif name == TRACE_HEADER:
            traces.append(value)
    trace = read_trace(traces[0]) if len(traces) == 1 else None
    return request_id.decode("ascii") or os.urandom(8).hex(), trace


def read_trace(value: bytes) -> Trace | None:
    """The value of `traceparent` (W3C Trace Context); None where it is not exactly as the standard says.

    >>> read_trace(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").parent_id
    'b7ad6b7169203331'
    """
    found = _TRACE.fullmatch(value)
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == b"ff" or (version == b"00" and more is not None):  # versions to come may say more
        return None
    if trace_id.strip(b"0") == b"" or parent_id.strip(b"0") == b"":
        return None
    return Trace(trace_id.decode("ascii"), parent_id.decode("ascii"), bool(int(flags, 16) & _SAMPLED))
