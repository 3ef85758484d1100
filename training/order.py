"""Rows in order: each viewer's together, without duplicates, and by time.

Everything is sorted as one packed integer a row, a block of viewers at a time, which is small enough for the
processor's cache. Rows that do not fit into 64 bits are sorted column by column.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 15
_BITS = 63

Ints = npt.NDArray[np.integer]


def together(users: npt.NDArray[np.int32]) -> npt.NDArray[np.int64] | None:
    """Positions that put the rows of each viewer together, in their own order; None where they are already.

    >>> together(np.array([1, 0, 1], dtype=np.int32)).tolist()
    [1, 0, 2]
    """
    if (users[1:] >= users[:-1]).all():
        return None
    bits = len(users).bit_length()
    keys = users.astype(np.int64) << bits  # 31 bits, and 32 for a position: below the sign
    keys |= np.arange(len(users))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def blocks(users: npt.NDArray[np.int32], size: int = BLOCK) -> Iterator[slice]:
    """Stretches of about `size` rows, each of whole viewers. The rows of each viewer stand together, ascending."""
    start = 0
    while start < len(users):
        last = users[min(start + size, len(users)) - 1]
        stop = start + int(np.searchsorted(users[start:], last, side="right"))
        yield slice(start, stop)
        start = stop


def superseded(
    users: npt.NDArray[np.int32],
    movies: npt.NDArray[np.int32],
    ratings: npt.NDArray[np.float32] | None,
    times: npt.NDArray[np.float64],
    size: int = BLOCK,
) -> npt.NDArray[np.intp]:
    """Positions of rows whose viewer and movie have a later row; at the same time, one with a higher rating.

    The rows of each viewer stand together. `size` affects only speed, never the result.
    """
    lost = [np.empty(0, dtype=np.intp)]
    for block in blocks(users, size):
        pairs = _packed(users[block], movies[block])
        if not _any_twice(pairs):
            continue
        columns = (times[block], pairs) if ratings is None else (ratings[block], times[block], pairs)
        order = np.lexsort(columns)
        lost.append(block.start + order[:-1][pairs[order[1:]] == pairs[order[:-1]]])
    return np.concatenate(lost)


def by_time(
    users: npt.NDArray[np.int32], times: npt.NDArray[np.float64], rows: npt.NDArray[np.int32], size: int = BLOCK
) -> npt.NDArray[np.int32]:
    """`rows` in order of user, then time, then row.

    The rows of each viewer stand together. `size` affects only speed, never the result.
    """
    ordered = np.empty(len(rows), dtype=np.int32)
    bits = int(rows.max(initial=0)).bit_length()
    for block in blocks(users, size):
        keys = _packed_times(users[block], times[block], rows[block], bits)
        if keys is None:
            ordered[block] = rows[block][np.lexsort((rows[block], times[block], users[block]))]
            continue
        keys.sort()
        keys &= (1 << bits) - 1
        ordered[block] = keys
    return ordered


def _packed(users: npt.NDArray[np.int32], movies: npt.NDArray[np.int32]) -> Ints:
    """One number for each (user, movie), as narrow as can be: narrow ones are sorted in half the time."""
    nth = users - users[0]
    bits = int(movies.max()).bit_length()
    narrow = int(nth[-1]).bit_length() + bits <= 32
    packed: Ints = nth.astype(np.uint32 if narrow else np.uint64)
    packed <<= packed.dtype.type(bits)
    packed |= movies.astype(packed.dtype)
    return packed


def _any_twice(keys: Ints) -> bool:
    ordered = np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())


def _packed_times(
    users: npt.NDArray[np.int32], times: npt.NDArray[np.float64], rows: npt.NDArray[np.int32], bits: int
) -> npt.NDArray[np.int64] | None:
    """user, time, row side by side in 63 bits, or None where they do not fit or times are no whole numbers."""
    first, span = times.min(), np.ptp(times)
    if not span < 2.0**53 or not times.max() < 2.0**53:  # beyond, a float is no longer every whole number
        return None
    width = int(span).bit_length()
    if int(users[-1] - users[0]).bit_length() + width + bits > _BITS:
        return None
    seconds = (times - first).astype(np.int64)
    if not first.is_integer() or (seconds != times - first).any():
        return None
    keys: npt.NDArray[np.int64] = (users - users[0]).astype(np.int64)
    keys <<= width
    keys |= seconds
    keys <<= bits
    keys |= rows
    return keys
