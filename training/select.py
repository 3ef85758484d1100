"""The best of each row of a block of scores, compiled: looked at in tiles, as a product leaves them in the cache.

A row keeps what reaches its threshold, a few hundred scores of all. The threshold begins as a guess from the first
tile, an even sample, and rises when there is no room left. Whether the guess was too high is known in the end, as is
any score too near to the middle of two published ones: such rows are reported, to be worked out the plain way.
"""

import math

import numba
import numpy as np

CHUNK = 64
# float64 sums in another order differ by less than this, relative to the lengths multiplied
_SUM_ERROR = 1e-13
# parts of the sixth digit
_NEAR_HALF = 1e-7
_TENS = 10.0 ** np.arange(23)


def room(k: int) -> int:
    """How many scores a row has room for while k are wanted."""
    return max(512, 5 * k)


def guess_rank(k: int, sample: int, total: int) -> int:
    """Which place in an even sample is very likely (three deviations) behind the k-th of all."""
    expected = k * sample / total
    return math.ceil(expected + 3 * math.sqrt(expected)) + 2


@numba.njit(cache=True, nogil=True)
def _place(values, count, place):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """The value with `place` larger ones before it; reorders the first `count` (Hoare 1961, algorithm 65: find)."""
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            break
    return values[place]


@numba.njit(cache=True, nogil=True)
def guess(tile, bases, kinds, rank, thresholds):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Set each row's threshold to the rank-th of the highest scores of chunks: at most the rank-th of the tile."""
    chunks = (tile.shape[1] + CHUNK - 1) // CHUNK
    highest = np.empty(chunks, dtype=np.float32)
    if rank > chunks:
        return
    for row in range(tile.shape[0]):
        line, base = tile[row], bases[kinds[row]]
        for chunk in range(chunks):
            part, more = line[chunk * CHUNK : (chunk + 1) * CHUNK], base[chunk * CHUNK : (chunk + 1) * CHUNK]
            most = np.float32(-np.inf)
            for at in range(part.shape[0]):
                most = max(most, part[at] + more[at])
            highest[chunk] = most
        thresholds[row] = _place(highest, chunks, rank - 1)


@numba.njit(cache=True, nogil=True)
def add_links(tile, first, indptr, indices, values, place_of):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add to a tile, whose columns begin at `first`, what the links of its rows add."""
    for row in range(tile.shape[0]):
        for link in range(indptr[row], indptr[row + 1]):
            at = place_of[indices[link]] - first
            if 0 <= at < tile.shape[1]:
                tile[row, at] += values[link]


@numba.njit(cache=True, nogil=True)
def scan(  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    tile, first, bases, kinds, own, k, tolerance, units, values, places, counts, thresholds
):
    """Keep what reaches the thresholds. It takes:

    tile: float32 (rows, columns), rough scores.
    first: place of the first column among all.
    bases, kinds: float32 (n_kinds, columns) and int8 (rows,), what is added to the scores of each kind of row.
    own: int (rows,), a place that is no answer to this row.
    k: how many are wanted.
    tolerance: how far rough scores may stray, for a score of one.
    units: float32 (rows,), what the tolerance is relative to at least.
    values, places: float32 and int32 (rows, room), filled from the left.
    counts: int (rows,), how many; -1 where the room was not enough.
    thresholds: float32 (rows,), what a score must reach.
    """
    room = values.shape[1]
    scratch = np.empty(room, dtype=np.float32)
    for row in range(tile.shape[0]):
        line, base, threshold, count = tile[row], bases[kinds[row]], thresholds[row], counts[row]
        for start in range(0, line.shape[0], CHUNK):
            part, more = line[start : start + CHUNK], base[start : start + CHUNK]
            reach = np.int32(0)
            for at in range(part.shape[0]):
                reach += np.int32(part[at] + more[at] >= threshold)
            if reach == 0 or count < 0:
                continue
            for at in range(part.shape[0]):
                value = part[at] + more[at]
                if value < threshold or first + start + at == own[row]:
                    continue
                if count == room:
                    for other in range(room):  # one by one: an assignment of slices takes two seconds to compile
                        scratch[other] = values[row, other]
                    lowest = _place(scratch, room, k - 1)
                    threshold = np.float32(lowest - 2 * tolerance * max(units[row], abs(lowest)))
                    count = 0
                    for other in range(room):
                        if values[row, other] >= threshold:
                            values[row, count], places[row, count] = values[row, other], places[row, other]
                            count += 1
                    if count == room:
                        count = -1
                        break
                    if value < threshold:
                        continue
                values[row, count], places[row, count] = value, first + start + at
                count += 1
        thresholds[row], counts[row] = threshold, count


@numba.njit(cache=True, nogil=True)
def _candidates(values, places, threshold, k, tolerance, unit):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Move to the front the places of what may be among the best k of a row: how many, -1 if some may be missing."""
    if len(values) < k:
        return len(values) if threshold == -np.inf else -1
    lowest = _place(values.copy(), len(values), k - 1)
    lowest -= 2 * tolerance * max(unit, abs(lowest))
    if lowest < threshold:
        return -1
    kept = 0
    for at in range(len(values)):
        if values[at] >= lowest:
            places[kept] = places[at]
            kept += 1
    return kept


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot(one, other):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """In float64, summed in any order."""
    total = 0.0
    for at in range(one.shape[0]):
        total += np.float64(one[at]) * np.float64(other[at])
    return total


@numba.njit(cache=True, nogil=True)
def _six_digits(value, error):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """As `models.scores.six_digits`, and whether a value that may be off by `error` is certainly rounded so."""
    if value == 0.0:
        return 0.0, error == 0.0
    shift = 5 - math.floor(math.log10(abs(value)))
    if abs(shift) >= len(_TENS):
        return value, False
    up, down = _TENS[max(shift, 0)], _TENS[max(-shift, 0)]
    scaled = value * up / down
    whole = np.rint(scaled)
    return whole / up * down, 0.5 - abs(scaled - whole) > _NEAR_HALF + error * up


@numba.njit(cache=True, nogil=True)
def _best(vector, length, against, lengths, movies, added, rows, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the best of `movies`, by published score and then by row; False if a score may be rounded otherwise."""
    published, ordered, sure = np.empty(movies.shape[0]), np.empty(movies.shape[0], dtype=np.int32), True
    for count in range(movies.shape[0]):
        movie = movies[count]
        divisor = length * lengths[movie]
        score = _dot(vector, against[movie]) / divisor if divisor > 0 else 0.0
        score, certain = _six_digits(score + added[count], _SUM_ERROR * max(1.0, abs(score)) * (divisor > 0))
        sure &= certain
        at = count
        while at > 0 and (published[at - 1] < score or (published[at - 1] == score and ordered[at - 1] > movie)):
            published[at], ordered[at] = published[at - 1], ordered[at - 1]
            at -= 1
        published[at], ordered[at] = score, movie
    for place in range(min(len(rows), len(movies))):
        rows[place], scores[place] = ordered[place], published[place]
    return sure


@numba.njit(cache=True, nogil=True)
def settle(  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    kept, k, tolerance, units, movie_of, first, asked, against, lengths, additions, rows, scores
):
    """Write the k best of each row of a block: bool (rows,), True for those that have to be worked out plainly.

    It takes:

        kept: values, places, counts and thresholds, as `scan` left them; k, tolerance, units: as for `scan`.
        movie_of: int32 (places,), the movie at each place.
        first: the movie that the block begins with.
        asked, against: float32 (n_movies, dim), whose products are scores.
        lengths: float64 (2, n_movies) of both, what products are divided by.
        additions: priors float64 (n_movies,); indptr, indices and values of links; listed bool (n_movies,) and lifts
            float64 (n_movies,), added to listed movies when asked from this one.
        rows, scores: int32 and float32 (rows, k), written from the left.
    """
    values, places, counts, thresholds = kept
    priors, indptr, indices, links, listed, lifts = additions
    linked, plain = np.zeros(len(priors)), np.zeros(len(counts), dtype=np.bool_)
    for row in range(len(counts)):
        movie, count = first + row, max(0, counts[row])
        found = _candidates(values[row, :count], places[row], thresholds[row], k, tolerance, units[row])
        if counts[row] < 0 or found < 0:
            plain[row] = True
            continue
        for link in range(indptr[movie], indptr[movie + 1]):
            linked[indices[link]] = links[link]
        movies, added = np.empty(found, dtype=np.int32), np.empty(found)
        for at in range(found):
            movies[at] = movie_of[places[row, at]]
            added[at] = priors[movies[at]] + linked[movies[at]]
            if listed[movies[at]]:
                added[at] += lifts[movie]
        sure = _best(asked[movie], lengths[0, movie], against, lengths[1], movies, added, rows[row], scores[row])
        plain[row] = not sure
        for link in range(indptr[movie], indptr[movie + 1]):
            linked[indices[link]] = 0.0
    return plain
