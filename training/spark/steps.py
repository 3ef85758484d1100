"""The steps of many walks at once, in NumPy, each in the part that holds the rows it needs.

The draws are those of `training.walks`, number by number, so that these are the same walks. In second order a walk that
came from t to v needs two rows, which two parts hold: the part of v PROPOSES, and the part of t CONFIRMS.

    propose   tries in order. One whose height is above any alpha is forgotten; one below every alpha that its successor
              can have ends the list; where t decides (is it near?), it is ASKED for.
    confirm   the first asked successor that t accepts, or else the end of the list. A list of MAX_TRIES without an end
              brings the whole row of v along, for the exact draw.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.spark.blocks import EDGE, Block, Ints

# as in training.walk_steps, which workers do not load: it brings a compiler
MAX_TRIES = 64
NOT_SURE = -1
SURE = np.dtype([("target", "<i4"), ("tries", "<i4")])
ASKED = np.dtype([("owner", "<i4"), ("target", "<i4"), ("tries", "<i4")])
Words = npt.NDArray[np.uint64]
Records = npt.NDArray[np.void]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


class Batch(NamedTuple):
    """Walks that are at the same position, and what is proposed for them.

    Attributes:
        walkers: `walker(length)` (n,).
        sure: SURE (n,), the end of each list: which successor at which try, counted from 1, or NOT_SURE.
        asked: ASKED (m,), successors to ask for: that of walkers[owner], by owner and then by try.
        edges: EDGE (k,), the rows of the movies where walkers are that are not sure.
    """

    walkers: Records
    sure: Records = np.empty(0, SURE)
    asked: Records = np.empty(0, ASKED)
    edges: Records = np.empty(0, EDGE)


def walker(length: int) -> np.dtype[np.void]:
    """A walk so far: its number, the number of the last draw it has used, and the rows of its movies."""
    return np.dtype([("walk", "<i8"), ("draw", "<i8"), ("path", "<i4", (length,))])


def keys(seed: int, walks: Ints) -> Words:
    """Where the generator of each walk begins, uint64 (n,)."""
    begin = _mix(np.array([(seed + int(_GOLDEN)) % 2**64], np.uint64))
    return _mix(begin + walks.astype(np.uint64) * _GOLDEN)


def draw(begin: Words, numbers: Ints | int) -> Words:
    """Draw number `numbers` of each generator, uint64 (n,)."""
    return _mix(begin + np.asarray(numbers, np.uint64) * _GOLDEN)


def below(draws: Words, counts: Ints | int) -> Ints:
    """floor(draw * count / 2**64), int64 (n,): the upper half of a product of 128 bits, for counts below 2**63."""
    count = np.asarray(counts, np.uint64)
    high, low, count_high, count_low = draws >> _HALF, draws & _LOW, count >> _HALF, count & _LOW
    middle = high * count_low
    carried = (low * count_low >> _HALF) + (middle & _LOW) + low * count_high
    upper: Words = high * count_high + (middle >> _HALF) + (carried >> _HALF)
    return upper.astype(np.int64)


def share(draws: Words) -> npt.NDArray[np.float64]:
    """A number of [0, 1) with 53 random bits for each draw, float64 (n,)."""
    return (draws >> np.uint64(11)).astype(np.float64) * (1.0 / 2**53)


def _mix(z: Words) -> Words:
    """The output function of SplitMix64 (Steele, Lea and Flood 2014, figure 17)."""
    z = (z ^ z >> np.uint64(30)) * _FIRST
    z = (z ^ z >> np.uint64(27)) * _SECOND
    return z ^ z >> np.uint64(31)


def begun(walks: Ints, seed: int, n_transitions: int) -> Ints:
    """The number of the transition that each walk begins with, int64 (n,)."""
    return below(draw(keys(seed, walks), 0), n_transitions)


def begin(block: Block, walkers: Records, seed: int, first: int, n_transitions: int) -> Records:
    """Walks of no movie yet -> of one; `first` is the number of the block's first transition."""
    return longer(walkers, block.source(begun(walkers["walk"], seed, n_transitions) - first), walkers["draw"])


def can_go_on(block: Block, walkers: Records) -> npt.NDArray[np.bool_]:
    """Whether anything follows the movie where each walk is, bool (n,)."""
    return block.leaving(walkers["path"][:, -1]) > 0


def move(block: Block, walkers: Records, seed: int, draws: int) -> Records:
    """One step by weight alone, of walks that can go on; `draws` of the generator are used up by it, at least one."""
    movies = walkers["path"][:, -1]
    drawn = draw(keys(seed, walkers["walk"]), walkers["draw"] + 1)
    return longer(walkers, block.successor(movies, below(drawn, block.leaving(movies))), walkers["draw"] + draws)


def longer(walkers: Records, movies: npt.NDArray[np.integer], draws: Ints) -> Records:
    """The same walks with one movie more, and the number of the last draw they have used."""
    length = walkers["path"].shape[1]
    moved = np.empty(len(walkers), walker(length + 1))
    moved["walk"], moved["draw"] = walkers["walk"], draws
    moved["path"][:, :length], moved["path"][:, length] = walkers["path"], movies
    return moved


def propose(block: Block, walkers: Records, seed: int, back: float, out: float) -> tuple[Records, Records]:
    """The lists of the walks, SURE (n,) and ASKED (m,), of `Batch`; back = 1/p and out = 1/q; all can go on."""
    movies, before = walkers["path"][:, -1], walkers["path"][:, -2]
    counts, begins = block.leaving(movies), keys(seed, walkers["walk"])
    sure, asked = np.full(len(walkers), np.array((NOT_SURE, MAX_TRIES), SURE)), []
    left = np.arange(len(walkers))
    for tries in range(1, MAX_TRIES + 1):
        numbers = walkers["draw"][left] + (2 * tries - 1)
        targets = block.successor(movies[left], below(draw(begins[left], numbers), counts[left]))
        heights = share(draw(begins[left], numbers + 1)) * max(back, 1.0, out)
        returns = targets == before[left]
        taken = heights < np.where(returns, back, min(1.0, out))
        sure["target"][left[taken]], sure["tries"][left[taken]] = targets[taken], tries
        ask = ~taken & ~returns & (heights < max(1.0, out))
        asked.append(_asked(left[ask], targets[ask], tries))
        left = left[~taken]
        if not len(left):
            break
    together = np.concatenate(asked)
    return sure, together[np.argsort(together["owner"], kind="stable")]


def _asked(owners: npt.NDArray[np.intp], targets: npt.NDArray[np.int32], tries: int) -> Records:
    asked = np.empty(len(owners), ASKED)
    asked["owner"], asked["target"], asked["tries"] = owners, targets, tries
    return asked


def confirm(block: Block, batch: Batch, seed: int, back: float, out: float) -> Records:
    """The walks of a batch, one movie longer; `block` holds the movies they had come from."""
    before = batch.walkers["path"][:, -2]
    near = block.has_edge(before[batch.asked["owner"]], batch.asked["target"])
    # asked is where 1 and out do not agree: near ones are accepted if 1 is the greater, others if out is
    accepted = batch.asked[near == (out < 1.0)]
    owners, firsts = np.unique(accepted["owner"], return_index=True)
    verdict = batch.sure.copy()
    for name in ("target", "tries"):
        verdict[name][owners] = accepted[name][firsts]
    draws = batch.walkers["draw"] + 2 * verdict["tries"]
    unsure = np.flatnonzero(verdict["target"] == NOT_SURE)
    draws[unsure] += 1
    shares = share(draw(keys(seed, batch.walkers["walk"][unsure]), draws[unsure]))
    for one, drawn in zip(unsure.tolist(), shares.tolist(), strict=True):
        verdict["target"][one] = _exact(block, batch.walkers["path"][one], batch.edges, drawn, back, out)
    return longer(batch.walkers, verdict["target"], draws)


def _exact(block: Block, path: npt.NDArray[np.int32], edges: Records, drawn: float, back: float, out: float) -> int:
    """One step by going through the whole row, with the sums of `training.walk_steps`, in the same order."""
    before, movie = path[-2:]
    low, high = (int(np.searchsorted(edges["movie"], movie, side=side)) for side in ("left", "right"))
    targets = edges["target"][low:high]
    far = np.where(block.has_edge(np.full(len(targets), before), targets), 1.0, out)
    sums = np.cumsum(edges["weight"][low:high] * np.where(targets == before, back, far))
    return int(targets[min(int(np.searchsorted(sums, drawn * sums[-1], side="right")), len(targets) - 1)])
