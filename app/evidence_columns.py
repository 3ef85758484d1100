"""The evidence of many pairs of movies at once: what `explanations.evidence_of` says of each, far faster."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from app.evidence import CONFIDENCE, HALVINGS, Z
from app.schemas_evidence import PairEvidence
from models import Evidence, Pairs
from models.scores import BoolArray, DoubleArray, six_digits

IntArray = npt.NDArray[np.int64]

# what is the same of all pairs of a release, and what is not, in the words of the wire
_SAME = ("viewers", "floor", "confidence")
KEYS = tuple(str(field.alias) for name, field in PairEvidence.model_fields.items() if name not in _SAME and field.alias)


class EvidenceColumns:
    """The counts of a release, ready to be asked for many pairs."""

    def __init__(self, kept: Evidence, likes: npt.NDArray[np.int32]) -> None:
        """Sum up what followed each movie; 8 bytes for each.

        Args:
            kept: the counts.
            likes: int32 (n_movies,), of the catalogue.
        """
        self._kept = kept
        self._likes = likes.astype(np.int64)
        self._followed = np.array([kept.transitions.total(row) for row in range(len(likes))], dtype=np.int64)
        self.same = {"viewers": kept.viewers, "floor": kept.floor, "confidence": CONFIDENCE}

    def of(self, rows: IntArray, others: IntArray) -> list[tuple[Any, ...]]:
        """Values in the order of KEYS for each pair of different movies, as on the wire.

        Args:
            rows: int64 (m,), `movie` of each pair.
            others: int64 (m,), `other` of each.
        """
        likes, theirs = self._likes[rows], self._likes[others]
        # nobody liked anything where there are no viewers
        expected = likes * theirs / max(1, self._kept.viewers)
        both, known, least, most = self._liked_both(rows, others)
        chance = expected > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            low = _ends(self._kept.viewers, likes, theirs, least, -1) / expected
            high = _ends(self._kept.viewers, likes, theirs, most, +1) / expected
            lift = both / expected
        there, back = counts(self._kept.transitions, rows, others), counts(self._kept.transitions, others, rows)
        columns: dict[str, Iterable[Any]] = {
            "likes": likes.tolist(),
            "otherLikes": theirs.tolist(),
            "likedBoth": _listed(both, known),
            "expected": six_digits(expected).tolist(),
            "lift": _digits(lift, chance & known),
            "liftLow": _digits(low, chance),
            "liftHigh": _digits(high, chance),
            "transitions": there.tolist(),
            "transitionsBack": back.tolist(),
            "transitionProbability": _shares(there, self._followed[rows]),
            "transitionProbabilityBack": _shares(back, self._followed[others]),
        }
        return list(zip(*(columns[key] for key in KEYS), strict=True))

    def _liked_both(self, rows: IntArray, others: IntArray) -> tuple[IntArray, BoolArray, IntArray, IntArray]:
        """How many liked both, whether that is known, and the fewest and the most that it can be."""
        likes, theirs = self._likes[rows], self._likes[others]
        both = counts(self._kept.together, np.minimum(rows, others), np.maximum(rows, others))
        counted = (both > 0) | (self._kept.floor == 1)
        least = np.maximum(0, likes + theirs - self._kept.viewers)
        most = np.maximum(least, np.minimum(np.minimum(likes, theirs), self._kept.floor - 1))
        least, most = np.where(counted, both, least), np.where(counted, both, most)
        return np.where(counted, both, least), counted | (least == most), least, most


def counts(pairs: Pairs, rows: IntArray, others: IntArray) -> IntArray:
    """`pairs.count(row, other)` of each pair, int64 (m,): all binary searches side by side."""
    last = len(pairs.indices) - 1
    if last < 0:
        return np.zeros(len(rows), dtype=np.int64)
    low, behind = pairs.indptr[rows], pairs.indptr[rows + 1]
    high = behind
    while (searching := low < high).any():
        middle = (low + high) // 2
        before = searching & (pairs.indices[np.minimum(middle, last)] < others)
        low, high = np.where(before, middle + 1, low), np.where(searching & ~before, middle, high)
    place = np.minimum(low, last)
    found = (low < behind) & (pairs.indices[place] == others)
    return np.where(found, pairs.counts[place], 0).astype(np.int64)


def _ends(viewers: int, a: IntArray, b: IntArray, both: IntArray, side: int) -> DoubleArray:
    """The lower (side -1) or upper (+1) end of `evidence.interval` of each pair: float64 (m,)."""
    far = np.maximum(0, a + b - viewers) if side < 0 else np.minimum(a, b)
    far, near = far.astype(np.float64), both + 0.5 * side
    certain, end = (both <= far if side < 0 else both >= far), far
    for _ in range(HALVINGS):
        middle = (far + near) / 2
        cells = (middle, a - middle, b - middle, viewers - a - b + middle)
        spread = 1 / cells[0] + 1 / cells[1] + 1 / cells[2] + 1 / cells[3]
        deviations = (np.abs(both - middle) - 0.5) * np.sqrt(spread)
        beyond = (np.minimum(np.minimum(*cells[:2]), np.minimum(*cells[2:])) <= 0) | (deviations > Z)
        far, near = np.where(beyond, middle, far), np.where(beyond, near, middle)
    ends: DoubleArray = np.where(certain, end, (far + near) / 2)
    return ends


def _shares(part: IntArray, whole: IntArray) -> list[float | None]:
    return _digits(part / np.maximum(1, whole), whole > 0)


def _digits(values: DoubleArray, known: BoolArray) -> list[Any]:
    return _listed(six_digits(np.where(known, values, 0.0)), known)


def _listed(values: npt.NDArray[Any], known: BoolArray) -> list[Any]:
    listed: Sequence[Any] = values.tolist()
    return [value if sure else None for value, sure in zip(listed, known.tolist(), strict=True)]
