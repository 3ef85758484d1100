"""A lock in an object store: a small object that is created only if there is none.

No kernel frees it. Who dies with it blocks the others until it is as old as STALE_SECONDS; who is only slow can lose it
then. It is held for the moment of a switch, which takes a second or two (docs/decisions/0021-stores.md).
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from models.errors import BusyError, ReleaseError
from models.lock import WAIT_SECONDS, Owner
from models.remote import Bucket

log = logging.getLogger("kindred")

NAME = "lock"
STALE_SECONDS = 300.0
_LOOK_SECONDS = 0.5
_LONGEST = 1000


@contextmanager
def locked(bucket: Bucket, verb: str, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of a store.

    Raises:
        BusyError: somebody else has held it for `wait` seconds; says who.
        ReleaseError: the store cannot be written to.
    """
    mine = _acquired(bucket, verb, wait)
    try:
        yield
    finally:
        with suppress(ReleaseError):
            if bucket.read(NAME, _LONGEST) == mine:
                bucket.remove([NAME])


def _acquired(bucket: Bucket, verb: str, wait: float) -> bytes:
    until = time.monotonic() + wait
    while True:
        # what tells two locks of one process apart
        mine = Owner.me(verb).written() + f"{uuid4().hex}\n".encode()
        # read again: not every store creates only what is not there
        if bucket.create(NAME, mine) and bucket.read(NAME, _LONGEST) == mine:
            return mine
        theirs = bucket.read(NAME, _LONGEST)
        owner = None if theirs is None else Owner.read(theirs.partition(b"\n")[0])
        if owner is not None and abs(owner.age) > STALE_SECONDS:
            log.warning("%s/%s: the lock of %s is taken over: it is too old", bucket.address, NAME, owner)
            if bucket.read(NAME, _LONGEST) == theirs:
                bucket.remove([NAME])
        elif time.monotonic() >= until:
            found = owner or "another process"
            raise BusyError(
                f"{bucket.address}: expected the store to be free, found {found}; "
                f"a lock older than {STALE_SECONDS / 60:.0f} min is taken over"
            )
        time.sleep(_LOOK_SECONDS)
