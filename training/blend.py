"""blend: the three embeddings, windowed co-occurrence and what movies are about as one model, made when published.

Vectors remember what movies have in common, counts remember which pair it was; together they find more than either
(docs/quality.md). What movies are about (training/content.py) adds little to that, but lets movies that nobody liked
yet into lists at no price (docs/decisions/0010). A blend is a model like any other: its vectors are those of its parts
side by side, scaled so that its cosine is the weighted mean of theirs; what counts add stands in its priors and links.

    similar(a, b) = (mean over parts of cos(a, b) + CONTENT * cos(content(a), content(b))
                    + POPULARITY * ln(1 + likes(b)) + TOGETHER * ln(1 + s(a, b) / (2 K p(b)))) / (1 + CONTENT)
    next(a, b)    = mean over parts of |a| * out(b) . a / |a|
                    + AFTER * ln(p(b) + w(a, b) / K)

w(a, b): how much b followed a within 10 likes, 1/distance each; s = w + its transpose; p: share of all likes. The
second is a log-linear pool (Genest and Zidek 1986, section 3) of log-probabilities: skip-gram with noise drawn alike
learns in . out = log P(b | a) + const (Levy and Goldberg 2014, equation 7), and w/K + p is a count smoothed by K
likes drawn by popularity (MacKay and Peto 1995). Weights are the same for all data (docs/decisions/0013).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from models.catalogue import Catalogue
from models.model import Links, Model
from models.scores import BoolArray, unit_rows
from training.align import onto_last
from training.content import content
from training.cooccurrence import Nearby
from training.engine import Engine
from training.live import Live
from training.places import SHARE, placed

NAME = "blend"


@dataclass(frozen=True)
class Weights:
    """What the parts count.

    Attributes:
        content: of what movies are about, beside the mean of the cosines, in `similar`; where metadata say anything.
        popularity: of ln(1 + likes) in `similar`.
        together: of windowed co-occurrence in `similar`.
        after: of windowed co-occurrence in `next`.
        smoothing: K, likes drawn by popularity that each movie's counts are smoothed with.
        window: likes within which movies are near each other.
        most_links: strongest links kept of each movie.
        inferred_places: share of places in lists of ten that inferred movies take (training/places.py).
    """

    content: float = 0.25
    popularity: float = 0.1
    together: float = 0.05
    after: float = 0.5
    smoothing: float = 20.0
    window: int = 10
    most_links: int = 300
    inferred_places: float = 0.03


def blend(
    parts: Mapping[str, Model],
    engine: Engine,
    catalogue: Catalogue,
    weights: Weights | None = None,
    *,
    axes: Live | None = None,
) -> Model:
    """Make one model of several, its neighbours not yet; learned is a movie that any part has learned.

    Args:
        parts: the models, each with output vectors.
        engine: for the counts.
        catalogue: what is known of the movies.
        weights: what the parts count.
        axes: the release whose blend the content is turned onto, as its parts are; None: its axes are as they come.
    """
    weights = weights or Weights()
    n_movies = len(catalogue)
    likes = engine.likes
    share = (likes + 1.0) / (likes + 1.0).sum()
    vectors = [unit_rows(model.vectors) for model in parts.values()]
    outputs = [_typical(model) * np.asarray(model.output, dtype=np.float64) for model in parts.values()]
    learned = np.logical_or.reduce([model.learned for model in parts.values()])
    about = content(catalogue, learned)
    if about is not None:
        vectors.append(about if axes is None else onto_last(NAME, about, learned, axes))
        outputs.append(np.zeros(about.shape))
    whole = 1.0 if about is None else 1.0 + weights.content
    scale = scales(len(parts), None if about is None else weights.content)
    priors = np.stack([weights.popularity / whole * np.log1p(likes), weights.after * np.log(share)])
    # next: the mean of the parts' products, whatever their vectors were scaled with
    outputs = [one / (by * len(parts)) for by, one in zip(scale, outputs, strict=True)]
    model = Model(
        vectors=np.hstack([by * one for by, one in zip(scale, vectors, strict=True)]).astype(np.float32),
        learned=learned,
        neighbour_rows=np.empty((n_movies, 0), dtype=np.int32),
        neighbour_scores=np.empty((n_movies, 0), dtype=np.float32),
        output=np.hstack(outputs).astype(np.float32),
        priors=priors.astype(np.float32),
        links=_links(engine.nearby(weights.window, weights.most_links), share, weights, whole),
    )
    return placed(model, listed(parts), likes, weights.inferred_places)


def scales(n_parts: int, content: float | None) -> npt.NDArray[np.float64]:
    """What the vectors side by side, at length one each, are scaled with: the parts', and the content's where it is.

    Their squares sum to 1, and stand to each other as 1 / n_parts to `content`.
    """
    counted = np.array([1.0 / n_parts] * n_parts + ([] if content is None else [content]))
    scaled: npt.NDArray[np.float64] = np.sqrt(counted / counted.sum())
    return scaled


def listed(parts: Mapping[str, Model]) -> BoolArray:
    """Bool (n_movies,), movies that no part has learned and of which something is known."""
    learned = np.logical_or.reduce([model.learned for model in parts.values()])
    known = np.logical_or.reduce([model.answers("similar") for model in parts.values()])
    inferred: BoolArray = known & ~learned
    return inferred


def settings_of(parts: tuple[str, ...], weights: Weights | None = None) -> dict[str, Any]:
    """All that decides what the blend becomes."""
    return {"parts": list(parts), **asdict(weights or Weights())}


def weights_of(settings: Mapping[str, Any]) -> Weights:
    """The weights that `settings_of` wrote down; for what an older release does not say, what it was made with."""
    said = {"content": 0.0, "inferred_places": SHARE} | dict(settings)
    return Weights(**{field.name: said[field.name] for field in fields(Weights) if field.name in said})


def _typical(model: Model) -> float:
    """Mean length of the learned vectors: with it a product of unit vectors keeps its scale."""
    return float(np.linalg.norm(model.vectors[model.learned].astype(np.float64), axis=1).mean())


def _links(nearby: Nearby, share: npt.NDArray[np.float64], weights: Weights, whole: float) -> Links:
    """Links of each movie to those it was near, the strongest `most_links`."""
    both = nearby.both
    # ln(w/K + p) = ln p + ln(1 + w / (K p)): the first is the prior, the second the link
    scale = weights.smoothing * share[both.indices]
    similar = weights.together / whole * np.log1p(both.data / (2 * scale))
    following = weights.after * np.log1p(nearby.after / scale)
    values = np.stack([similar, following]).astype(np.float32)
    return Links(both.indptr.astype(np.int64), both.indices.astype(np.int32), values)
