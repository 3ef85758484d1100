"""How many viewers liked both of two movies, compiled by numba.

For each movie, whatever its viewers have behind it is counted in an array as long as the catalogue, which stays in the
processor's cache. No product of matrices is made of what is on the wrong side of the movie, and nothing is sorted.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def count_behind(indptr, viewers, places, rows, offsets, floor, counts, partners, together):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `partners` and `together` with the pairs of each movie that at least `floor` viewers liked both of.

    Args:
        indptr: (n + 1,), the viewers of movie a stand at indptr[a]:indptr[a + 1].
        viewers: (indptr[n],), who liked it.
        places: (indptr[n],), where in `rows` it stands.
        rows: (n_likes,), movies of all histories, ascending within each.
        offsets: (n_viewers + 1,), history v is rows[offsets[v]:offsets[v + 1]].
        floor: 1 or more.
        counts: (n_movies,), zeros, left so.
        partners: for movies, those of one movie in any order.
        together: for the numbers of viewers.

    Returns:
        int64 (n + 1,), the pairs of movie a stand at ends[a]:ends[a + 1].
    """
    ends = np.zeros(len(indptr), np.int64)
    n_pairs = 0
    for a in range(len(indptr) - 1):
        first = n_pairs
        for like in range(indptr[a], indptr[a + 1]):
            for place in range(places[like] + 1, offsets[viewers[like] + 1]):
                b = rows[place]
                if counts[b] == 0:
                    partners[n_pairs] = b
                    n_pairs += 1
                counts[b] += 1
        last = n_pairs
        n_pairs = first
        for found in range(first, last):
            b = partners[found]
            if counts[b] >= floor:
                partners[n_pairs] = b
                together[n_pairs] = counts[b]
                n_pairs += 1
            counts[b] = 0
        ends[a + 1] = n_pairs
    return ends
