"""Walks compiled by numba: many abreast, so that one walk's wait for memory is filled with the steps of others.

Where a walk goes next is known only when the read before has come back. Here ABREAST walks go side by side, and each
loop makes, for all of them, reads that do not wait for each other. The draws are those that `training.walks` describes.
Unsigned indices need no check for negative ones. All of it is one file: numba's cache looks at no other.
"""

import numba
import numpy as np

ABREAST = 256
MAX_TRIES = 64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_ONE = np.uint32(1)
_REFUSED, _TAKEN, _ASKED = 0, 1, 2


@numba.njit(cache=True, nogil=True)
def _mix(z):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The output function of SplitMix64 (Steele, Lea and Flood 2014, figure 17)."""
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _key(seed, walk):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Where the generator of a walk begins."""
    return _mix(_mix(seed + _GOLDEN) + walk * _GOLDEN)


@numba.njit(cache=True, nogil=True)
def _below(draw, count):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """floor(draw * count / 2**64), for 64 random bits and a count below 2**32."""
    count = np.uint64(count)
    return ((draw >> _HALF) * count + (((draw & _LOW) * count) >> _HALF)) >> _HALF


@numba.njit(cache=True, nogil=True)
def _share(draw):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A number of [0, 1) with 53 random bits."""
    return float(draw >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@numba.njit(cache=True, nogil=True)
def _start(draw, places, guide, shift):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The movie that the transition drawn from all leaves."""
    drawn = _below(draw, places[-1])
    low, high = guide[drawn >> shift], guide[(drawn >> shift) + np.uint64(1)]
    while low < high:
        middle = np.uint32((np.uint64(low) + high + np.uint64(1)) >> np.uint64(1))
        if places[middle] <= drawn:
            low = middle
        else:
            high = np.uint32(middle - _ONE)
    return low


@numba.njit(cache=True, nogil=True)
def _place(draw, movie, places):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Where in the bag the successor of `movie` stands that was drawn; behind the bag's end where nothing follows."""
    count = np.uint32(places[movie + _ONE] - places[movie])
    return np.uint32(places[movie] + _below(draw, count)) if count else places[-1]


@numba.njit(cache=True, nogil=True)
def first_order(seed, number, steps, lengths, bag, places, guide, shift):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `steps` (walks, length) up to `lengths` (walks,); the first of them is walk `number` of all.

    A walk that has ended stays in the row behind the last movie, which nothing follows.
    """
    ended, none = np.uint32(len(places) - 2), places[-1]
    keys, draws = np.empty(ABREAST, np.uint64), np.empty(ABREAST, np.uint64)
    now, at = np.empty(ABREAST, np.uint32), np.empty(ABREAST, np.uint32)
    for low in range(0, len(steps), ABREAST):
        part, length = steps[low : low + ABREAST], lengths[low : low + ABREAST]
        walking = len(part)
        for lane in range(len(part)):
            keys[lane] = _key(seed, number + np.uint64(low + lane))
            now[lane] = _start(_mix(keys[lane]), places, guide, shift)
            part[lane, 0], length[lane] = now[lane], part.shape[1]
        for position in range(1, part.shape[1]):
            if not walking:
                break
            for lane in range(len(part)):
                draws[lane] = _mix(keys[lane] + np.uint64(position) * _GOLDEN)
            for lane in range(len(part)):
                at[lane] = _place(draws[lane], now[lane], places)
            for lane in range(len(part)):
                if at[lane] < none:
                    now[lane] = bag[at[lane]]
                    part[lane, position] = now[lane]
                elif now[lane] != ended:
                    now[lane], length[lane] = ended, position
                    walking -= 1


@numba.njit(cache=True, nogil=True)
def second_order(  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    seed, number, steps, lengths, bag, places, guide, shift, indptr, indices, weights, back, out
):
    """As `first_order`, with back = 1/p and out = 1/q; a lane whose walk has ended takes the next walk.

    A successor drawn by its weight is kept with probability alpha / max(alpha): exact, without a table over
    pairs of edges. After MAX_TRIES refusals the row is gone through instead, which has the same distribution.
    """
    none, highest = places[-1], max(back, 1.0, out)
    n_walks, length = steps.shape
    lanes, begun, left = min(ABREAST, n_walks), 0, n_walks
    walk, position, tries = np.empty((3, lanes), np.int64)
    before, now, drawn, at = np.empty((4, lanes), np.uint32)
    states, heights = np.empty(lanes, np.uint64), np.empty(lanes)
    verdicts = np.empty(lanes, np.uint8)
    position[:] = length
    while left:
        for lane in range(lanes):
            if position[lane] == length and begun < n_walks:
                states[lane] = _key(seed, number + np.uint64(begun))
                now[lane] = _start(_mix(states[lane]), places, guide, shift)
                walk[lane], position[lane], tries[lane] = begun, 1, 0
                steps[begun, 0], lengths[begun] = now[lane], length
                begun += 1
                left -= length == 1
        for lane in range(lanes):
            at[lane] = _place(_mix(states[lane] + _GOLDEN), now[lane], places)
            states[lane] += _GOLDEN + _GOLDEN
            heights[lane] = _share(_mix(states[lane])) * highest
        for lane in range(lanes):
            if at[lane] < none:
                drawn[lane] = bag[at[lane]]
        for lane in range(lanes):
            first = position[lane] == 1
            verdicts[lane] = _TAKEN if first else _verdict(heights[lane], drawn[lane] == before[lane], back, out)
        for lane in range(lanes):
            if verdicts[lane] == _ASKED:
                near = _has_edge(indptr, indices, before[lane], drawn[lane])
                verdicts[lane] = heights[lane] < (1.0 if near else out)
        for lane in range(lanes):
            if position[lane] == length:  # no walk is left for this lane
                continue
            if at[lane] == none:
                lengths[walk[lane]], position[lane] = position[lane], length
                left -= 1
                continue
            if verdicts[lane] == _REFUSED:
                tries[lane] += 1
                if tries[lane] < MAX_TRIES:
                    continue
                states[lane] += _GOLDEN
                share = _share(_mix(states[lane]))
                drawn[lane] = _exact(share, indptr, indices, weights, before[lane], now[lane], back, out)
            steps[walk[lane], position[lane]] = drawn[lane]
            before[lane], now[lane], tries[lane] = now[lane], drawn[lane], 0
            position[lane] += 1
            left -= position[lane] == length


@numba.njit(cache=True, nogil=True)
def _verdict(height, returns, back, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """A successor is taken where `height` is below its alpha; _ASKED if that depends on whether it is near."""
    if returns:
        return _TAKEN if height < back else _REFUSED
    if height < min(1.0, out):
        return _TAKEN
    return _ASKED if height < max(1.0, out) else _REFUSED


@numba.njit(cache=True, nogil=True)
def _has_edge(indptr, indices, source, target):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Binary search without jumps, so that the processor begins the next search while this one waits for memory."""
    low = np.uint64(indptr[source])
    count = np.uint64(indptr[source + _ONE]) - low
    while count > np.uint64(1):
        half = count >> np.uint64(1)
        low = low + half if indices[low + half] <= target else low
        count -= half
    return indices[low] == target


@numba.njit(cache=True, nogil=True)
def _exact(share, indptr, indices, weights, before, now, back, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """One second-order step by going through the whole row: O(degree log degree), the logarithm for its searches."""
    first, last = indptr[now], indptr[now + _ONE]
    sums, total = np.empty(last - first), 0.0
    for edge in range(first, last):
        target = np.uint32(indices[edge])
        bias = back if target == before else 1.0 if _has_edge(indptr, indices, before, target) else out
        total += weights[edge] * bias
        sums[edge - first] = total
    chosen = 0
    while chosen < last - first - 1 and sums[chosen] <= share * total:
        chosen += 1
    return indices[first + chosen]


@numba.njit(cache=True, nogil=True)
def close_gaps(steps, lengths):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Move the movies of `steps` (walks, length) behind those of the walk before, in place; how many there are."""
    flat, end = steps.ravel(), 0
    for walk in range(len(steps)):
        first = walk * steps.shape[1]
        for place in range(first, first + lengths[walk]):
            flat[end] = flat[place]
            end += 1
    return end
