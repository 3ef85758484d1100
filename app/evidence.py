"""How much more often than by chance two movies are liked together, and how sure that is: pure functions."""

import math
from collections.abc import Callable
from dataclasses import dataclass

CONFIDENCE = 0.95
# Quantile of the normal distribution that leaves (1 - CONFIDENCE) / 2 above it.
Z = 1.959963984540054
HALVINGS = 60


@dataclass(frozen=True)
class Margins:
    """What is known of two movies before anything is said of the pair.

    Attributes:
        viewers: all viewers.
        likes: viewers who liked the one.
        other_likes: viewers who liked the other.
    """

    viewers: int
    likes: int
    other_likes: int

    @property
    def least(self) -> int:
        """How many at least must have liked both."""
        return max(0, self.likes + self.other_likes - self.viewers)

    @property
    def most(self) -> int:
        """How many at most can have liked both."""
        return min(self.likes, self.other_likes)

    @property
    def expected(self) -> float:
        """How many would have liked both if liking the one said nothing of the other; 0 without viewers."""
        return self.likes * self.other_likes / self.viewers if self.viewers else 0.0


@dataclass(frozen=True)
class Lift:
    """How many times as often as by chance.

    Attributes:
        value: viewers who liked both / expected by chance; None where that is 0, or the count is not known.
        low, high: its confidence interval; None where nothing is expected.
    """

    value: float | None
    low: float | None
    high: float | None


def lift(margins: Margins, both: int | None, floor: int) -> Lift:
    """Lift of a pair with its confidence interval.

    lift = both * viewers / (likes * other likes)

    Args:
        margins: what is known of the two movies.
        both: viewers who liked both; None: fewer than `floor`. The interval then reaches from that of the fewest
            there can be to that of the most.
        floor: pairs with fewer viewers are not counted.
    """
    expected = margins.expected
    if not expected:
        return Lift(None, None, None)
    least, most = possible(margins, floor) if both is None else (both, both)
    value = None if both is None else both / expected
    return Lift(value, interval(margins, least)[0] / expected, interval(margins, most)[1] / expected)


def possible(margins: Margins, floor: int) -> tuple[int, int]:
    """The fewest and the most viewers who can have liked both where fewer than `floor` did."""
    return margins.least, max(margins.least, min(margins.most, floor - 1))


def interval(margins: Margins, both: int) -> tuple[float, float]:
    """Between which numbers of viewers who like both the truth lies, given how many liked each (95 %).

    Cornfield's limits ("A statistical problem arising from retrospective studies", Third Berkeley Symposium 1956):
    the m for which the count found lies, with the continuity correction, just z standard deviations off,

        (|both - m| - 1/2)^2 * (1/m + 1/(a - m) + 1/(b - m) + 1/(viewers - a - b + m)) = z^2

    They never leave what the likes a and b allow, hold for a count of 0 and for small ones, and do not depend on
    which movie comes first. A log-normal interval (Katz) has no answer at 0.
    """
    a, b, least, most = margins.likes, margins.other_likes, margins.least, margins.most

    def deviations(m: float) -> float:
        cells = (m, a - m, b - m, margins.viewers - a - b + m)
        if min(cells) <= 0:
            return math.inf
        return (abs(both - m) - 0.5) * math.sqrt(sum(1 / cell for cell in cells))

    # deviations fall from infinity at the ends to 0 half a viewer beside the count
    low = float(least) if both <= least else _crossing(deviations, far=least, near=both - 0.5)
    high = float(most) if both >= most else _crossing(deviations, far=most, near=both + 0.5)
    return low, high


def probability(count: int, total: int) -> float | None:
    """A share of all that followed; None where nothing did."""
    return count / total if total else None


def _crossing(deviations: Callable[[float], float], far: float, near: float) -> float:
    """Where between `far` and `near` the deviations fall to z."""
    for _ in range(HALVINGS):
        middle = (far + near) / 2
        if deviations(middle) > Z:
            far = middle
        else:
            near = middle
    return (far + near) / 2
