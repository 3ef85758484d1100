"""Numbers out of ranks and lists: HR, NDCG, MRR with standard errors; coverage, Gini, hubness, agreement."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BOOTSTRAP_ROUNDS = 2_000
_SEED = 592


@dataclass(frozen=True)
class Estimate:
    """A mean over questions and its standard error."""

    mean: float
    se: float


def per_question(ranks: FloatArray) -> dict[str, FloatArray]:
    """The measures of each question from the rank of its answer (1 is best, inf: not answered).

    HR@k = [rank <= k];  NDCG@10 = [rank <= 10] / log2(1 + rank), one relevant movie;  MRR = 1 / rank.
    """
    return {
        "hr@10": (ranks <= 10).astype(np.float64),
        "hr@20": (ranks <= 20).astype(np.float64),
        "ndcg@10": np.where(ranks <= 10, 1.0 / np.log2(1.0 + ranks), 0.0),
        "mrr": 1.0 / ranks,
    }


def estimate(values: FloatArray, viewers: npt.NDArray[np.integer]) -> Estimate:
    """Mean and cluster-robust standard error; questions of one viewer are not independent.

    se = sqrt(sum over viewers of (sum of their deviations)^2) / n, the usual one where each viewer is asked once.
    """
    mean = float(values.mean())
    sums = np.bincount(viewers, weights=values - mean)
    return Estimate(mean, float(np.sqrt((sums**2).sum()) / len(values)))


def paired_bootstrap(
    ours: FloatArray, theirs: FloatArray, viewers: npt.NDArray[np.integer]
) -> tuple[float, float, float]:
    """Mean difference ours - theirs on the same questions, with the bounds of its 95 % interval.

    Viewers are drawn with replacement (Efron 1979; Koehn 2004 for the pairing), BOOTSTRAP_ROUNDS times, fixed seed.
    """
    _, who = np.unique(viewers, return_inverse=True)
    sums, counts = np.bincount(who, weights=ours - theirs), np.bincount(who)
    rng = np.random.default_rng(_SEED)
    means = np.empty(BOOTSTRAP_ROUNDS)
    for number in range(BOOTSTRAP_ROUNDS):
        drawn = rng.integers(len(sums), size=len(sums))
        means[number] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, [0.025, 0.975])
    return float((ours - theirs).mean()), float(low), float(high)


def gini(counts: npt.NDArray[np.integer]) -> float:
    """Gini coefficient of how often each movie is shown: 0 all alike, near 1 one movie takes all."""
    ordered = np.sort(np.asarray(counts, dtype=np.float64))
    total, n = ordered.sum(), len(ordered)
    if not total:
        return 0.0
    # G = (2 sum_i i x_(i)) / (n sum x) - (n + 1) / n
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def hubness(counts: npt.NDArray[np.integer]) -> float:
    """Skewness of the k-occurrence N_k (Radovanovic et al. 2010, section 3); above 3 a few hubs are in most lists."""
    values = np.asarray(counts, dtype=np.float64)
    deviation = values.std()
    return float(((values - values.mean()) ** 3).mean() / deviation**3) if deviation else 0.0


def overlap(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> float:
    """Mean share of movies that two sets of lists (n, k) have in common, line by line; -1 is no movie."""
    shared = (one[:, :, None] == other[:, None, :]) & (one[:, :, None] >= 0)
    lengths = np.maximum(1, np.maximum((one >= 0).sum(axis=1), (other >= 0).sum(axis=1)))
    return float((shared.any(axis=2).sum(axis=1) / lengths).mean())
