"""Which inferred movies may be answers, and how far behind learned ones: so that they take few places in lists.

What is inferred from genres lies near the middle of its genre, nearer to any movie than most learned ones. Left to the
cosine alone it would take every third place, and hits with it; so its scores are lowered (or lifted, where learned ones
have a prior that it has not) by what leaves it a given share of the places (docs/decisions/0010-cold-start.md).
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.model import Model
from models.scores import BoolArray, FloatArray, unit_rows

# part of the places in lists of PLACES that inferred movies take, asked from learned movies and from inferred ones; but
# never more than their part of the catalogue
SHARE, SHARE_INFERRED = 0.01, 0.5
PLACES = 10
# lists that are looked at, of each kind
MOST_ASKED = 1_000
BLOCK = 256


def placed(model: Model, listed: BoolArray, likes: npt.NDArray[np.integer], share: float = SHARE) -> Model:
    """The same model with inferred movies among its answers, before neighbours are made.

    With L_1 >= .. >= L_10 the scores of a list's best learned movies and C_1 >= .. >= C_10 of its best inferred ones,
    the j-th inferred movie is in the list if C_j + lift > L_(11-j); so the lift is a quantile of L_(11-j) - C_j.

    Args:
        model: with priors and links.
        listed: bool (n_movies,), inferred movies of which something is known.
        likes: int (n_movies,); lists are looked at as they are asked for, a movie's by its likes.
        share: of the places, asked from learned movies.
    """
    learned = np.asarray(model.learned)
    places = min(PLACES, int(np.count_nonzero(learned)) - 1)
    if places < 1 or not listed.any():
        return replace(model, listed=None, lifts=None)
    bare, units = replace(model, listed=None, lifts=None), unit_rows(model.vectors)
    part = float(np.count_nonzero(listed) / np.count_nonzero(listed | learned))
    lifts = []
    for kind, wanted in ((learned, share), (listed, SHARE_INFERRED)):
        asked = np.flatnonzero(kind)
        asked = asked[_spread(likes[asked] + 1.0, MOST_ASKED)]
        gaps = np.concatenate(
            [_gaps(bare, units, listed, asked[start : start + BLOCK], places) for start in range(0, len(asked), BLOCK)]
        )
        lifts.append(_quantile(gaps, min(wanted, part)))
    return replace(model, listed=listed, lifts=np.array(lifts, dtype=np.float32))


def _spread(weights: npt.NDArray[np.floating], count: int) -> npt.NDArray[np.intp]:
    """`count` places, ascending, each as often as its weight says: systematic sampling (Madow and Madow 1944)."""
    reached = np.cumsum(weights)
    chosen: npt.NDArray[np.intp] = np.searchsorted(reached, (np.arange(count) + 0.5) / count * reached[-1])
    return chosen


def _gaps(
    model: Model, units: FloatArray, listed: BoolArray, asked: npt.NDArray[np.intp], places: int
) -> npt.NDArray[np.float64]:
    """(len(asked) * places,), what an inferred movie lacks for each place; infinite where there is none to take it."""
    scores = (units[asked] @ units.T).astype(np.float64)
    for line, row in zip(scores, asked.tolist(), strict=True):
        added = model.added("similar", ((row, 1.0),))
        line += 0.0 if added is None else added
        line[row] = -np.inf
    own, others = _best(scores, model.learned, places), _best(scores, listed, places)
    gaps: npt.NDArray[np.float64] = (own[:, ::-1] - others).ravel()
    return gaps


def _best(scores: npt.NDArray[np.float64], kind: BoolArray, places: int) -> npt.NDArray[np.float64]:
    """The highest scores of a kind of movie, highest first, -inf behind the end."""
    count = int(np.count_nonzero(kind))
    found = np.partition(scores[:, kind], max(0, count - places), axis=1)[:, -places:]
    found = -np.sort(-found, axis=1)
    return np.pad(found, ((0, 0), (0, places - found.shape[1])), constant_values=-np.inf)


def _quantile(gaps: npt.NDArray[np.float64], share: float) -> float:
    """The highest lift with which at most `share` of the places are taken; four decimals, rounded down."""
    place = min(int(share * len(gaps)), len(gaps) - 1)
    finite = gaps[np.isfinite(gaps)]
    found = float(np.partition(gaps, place)[place])
    return float(np.floor(1e4 * (found if np.isfinite(found) else finite.max(initial=0.0))) / 1e4)
