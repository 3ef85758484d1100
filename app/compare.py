"""How alike two rankings are: pure functions."""

from bisect import bisect_right
from collections.abc import Hashable, Sequence

# How far down rank-biased overlap looks: the first ten places weigh 86 % (Webber et al. 2010, section 4.4).
PERSISTENCE = 0.9


def overlap(left: Sequence[Hashable], right: Sequence[Hashable]) -> float | None:
    """Share of the longer list that is in both, whatever the order; None where a list is empty."""
    if not left or not right:
        return None
    return len(set(left) & set(right)) / max(len(left), len(right))


def rank_biased_overlap(left: Sequence[Hashable], right: Sequence[Hashable], p: float = PERSISTENCE) -> float | None:
    """Agreement of two rankings in which the first places count most, 0..1; None where a list is empty.

    RBO_ext of Webber, Moffat and Zobel (2010, "A similarity measure for indefinite rankings", equation 32): with X_d
    entries shared by the first d places, s and l the lengths of the shorter and of the longer list,

        (1 - p)/p * (sum_{d=1..l} X_d/d p^d + sum_{d=s+1..l} X_s (d - s)/(s d) p^d) + ((X_l - X_s)/l + X_s/s) p^l

    It takes the agreement seen to go on below the lists' ends.

    >>> rank_biased_overlap(["a", "b"], ["b", "a"])
    0.9
    """
    if not left or not right:
        return None
    shared = _shared(left, right)
    short, long = sorted((len(left), len(right)))
    total = sum(count / depth * p**depth for depth, count in enumerate(shared, start=1))
    at_short, at_long = shared[short - 1], shared[-1]
    total += sum(at_short * (depth - short) / (short * depth) * p**depth for depth in range(short + 1, long + 1))
    extrapolated = (1 - p) / p * total + ((at_long - at_short) / long + at_short / short) * p**long
    return round(extrapolated, 12)


def _shared(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[int]:
    """How many entries the first 1, 2, ... places of both have in common, to the end of the longer."""
    places = {entry: place for place, entry in enumerate(right)}
    complete = sorted(max(place, places[entry]) for place, entry in enumerate(left) if entry in places)
    return [bisect_right(complete, place) for place in range(max(len(left), len(right)))]
