"""Every movie as a point in the plane, for people to look at; no score is made of it.

pca: the two directions in which the unit vectors u of the learned movies differ most (Pearson 1901); inferred movies
are seen from the same side:

    C = mean of (u - m)(u - m)' = V L V',   point(u) = (u - m) . (v1, v2)

umap: each movie beside its neighbours, whatever becomes of the distances between groups (McInnes et al. 2018). It
begins at the points of pca, so that its large shape is theirs and the same every time (Kobak and Linderman 2021).

Either is turned or mirrored as a whole, so that movies stay where readers know them (training/align.py): to the live
release's map of the model, or else to the map of the release's first model.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from models.model import Model
from models.scores import BoolArray, DoubleArray, FloatArray, unit_rows
from training.align import rotation
from training.errors import SettingsError
from training.live import Live
from training.progress import Steps

METHODS = ("pca", "umap")
# of umap: its own defaults; movies that are kept together, and how close they may come
NEIGHBOURS, MIN_DIST = 15, 0.1
# rounded, so that the last bits of a matrix product do not show; movies that differ by less do not differ
DECIMALS = 6
_NOTHING = 10.0 ** (-2 * DECIMALS)
_BLOCK = 16_384
# below so many movies umap compares each with each, at 8 bytes a pair
_FEW = 4_096


@dataclass(frozen=True)
class Drawing:
    """How maps are made.

    Attributes:
        method: pca or umap.
        seed: of umap.

    Raises:
        SettingsError: another method.
        ModuleNotFoundError: umap is not installed; said before anything is trained.
    """

    method: str = "pca"
    seed: int = 592

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if self.method not in METHODS:
            raise SettingsError(f"map: expected one of {', '.join(METHODS)}, found {self.method!r}")
        if self.method == "umap":
            _library()

    def to_json(self) -> dict[str, Any]:
        """What the manifest says under `data.map`."""
        if self.method == "pca":
            return {"method": "pca"}
        of_umap = {"seed": self.seed, "neighbours": NEIGHBOURS, "min_dist": MIN_DIST, "version": version("umap-learn")}
        return {"method": self.method, **of_umap}


BY_PCA = Drawing()


def with_maps(
    models: Mapping[str, Model], drawing: Drawing | None, live: Live | None, steps: Steps
) -> dict[str, Model]:
    """The same models, each with its map.

    Args:
        models: by name, with all their vectors.
        drawing: how; None: none are made.
        live: the release whose maps the new ones are turned onto.
        steps: told of each model.
    """
    if drawing is None:
        return dict(models)
    made: dict[str, Model] = {}
    with steps.step("map", total=len(models)) as advance:
        for name, model in models.items():
            seen = model.vectors, model.learned
            points = pca(*seen) if drawing.method == "pca" else umap(*seen, drawing.seed)
            points = onto(points, *_known(name, model, live, made))
            # + 0.0: there is one zero
            made[name] = replace(model, map=(np.round(points, DECIMALS) + 0.0).astype(np.float32))
            advance()
    return made


def pca(vectors: FloatArray, learned: BoolArray) -> DoubleArray:
    """float64 (n_movies, 2), around the mean of the learned movies; 0 along an axis on which these do not differ.

    O(n_movies * dim^2 + dim^3) time, 6 s for 1,000,000 x 64; memory for the points, dim^2 numbers and a block.

    Args:
        vectors: float32 (n_movies, dim), of any length.
        learned: bool (n_movies,), the movies that decide what is seen.
    """
    middle, axes = _axes(vectors, np.flatnonzero(learned))
    points = np.zeros((len(vectors), 2))
    for part in _blocks(len(vectors)):
        points[part, : axes.shape[1]] = (_units(vectors[part]) - middle) @ axes
    return points


def umap(vectors: FloatArray, learned: BoolArray, seed: int) -> DoubleArray:
    """float64 (n_movies, 2), around the mean of the learned movies, which alone decide where what is.

    As `pca` where there are no neighbourhoods: 15 learned movies or fewer, or all on a line. 100 s for 60,000 x 224, of
    which half a minute to a minute goes by, once, in compiling.

    Args:
        vectors: float32 (n_movies, dim), of any length; umap compares their cosines.
        learned: bool (n_movies,).
        seed: decides the result, for it runs in one thread.
    """
    known, rest = np.flatnonzero(learned), np.flatnonzero(~learned)
    points = pca(vectors, learned)
    if len(known) <= NEIGHBOURS or not points[known].any(axis=0).all():
        return points
    drawn = _library()(
        n_neighbors=NEIGHBOURS, min_dist=MIN_DIST, metric="cosine", init=points[known],
        random_state=seed, transform_seed=seed, n_jobs=1,
    )  # fmt: skip
    # where they are few it compares dense rows pair by pair in Python, sparse ones all at once
    form = csr_matrix if len(known) < _FEW else np.asarray
    units = unit_rows(vectors)
    found = drawn.fit_transform(form(units[known])).astype(np.float64)
    points[known] = found - found.mean(axis=0)
    for first in range(0, len(rest), _FEW):
        part = rest[first : first + _FEW]
        points[part] = drawn.transform(form(units[part])) - found.mean(axis=0)
    return points


def onto(points: DoubleArray, rows: npt.NDArray[np.intp], there: FloatArray) -> DoubleArray:
    """The points turned, or mirrored, around their origin to where some are to be; never stretched.

    As they are where these are fewer than two.

    Args:
        points: float64 (n_movies, 2).
        rows: intp (n_known,), the movies whose place is known.
        there: float32 (n_known, 2), their places.
    """
    turned: DoubleArray = points @ rotation(points[rows], there) if len(rows) > 1 else points
    return turned


def _known(
    name: str, model: Model, live: Live | None, made: Mapping[str, Model]
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Learned movies that readers know, and their places: in the live release's map of the model, or the first made."""
    old = None if live is None else live.model(name)
    if live is not None and old is not None and old.map is not None:
        here, there = live.shared(name, model.learned)
        return here, old.map[there]
    first = next(iter(made.values()), model)
    if first.map is not None:
        both = np.flatnonzero(first.learned & model.learned)
        return both, first.map[both]
    return np.empty(0, dtype=np.intp), np.empty((0, 2), dtype=np.float32)


def _axes(vectors: FloatArray, known: npt.NDArray[np.intp]) -> tuple[DoubleArray, DoubleArray]:
    """The mean (dim,) and the axes (dim, at most 2) of the movies `known`; an axis with nothing on it is all zeros."""
    dim = vectors.shape[1]
    total, products = np.zeros(dim), np.zeros((dim, dim))
    for part in _blocks(len(known)):
        units = _units(vectors[known[part]])
        total += units.sum(axis=0)
        products += units.T @ units
    count = max(1, len(known))
    middle = total / count
    strengths, directions = np.linalg.eigh(products / count - np.outer(middle, middle))
    axes = directions[:, ::-1][:, :2] * (strengths[::-1][:2] > _NOTHING)
    # the sign of an axis is arbitrary: its largest part is made positive, the first of those that are as large
    largest = np.abs(axes).round(DECIMALS).argmax(axis=0)
    signed: DoubleArray = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return middle, signed


def _library() -> Any:
    """The class of umap-learn, which takes seconds to import."""
    with warnings.catch_warnings():
        # that there is no TensorFlow, for a part that nobody asks for
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP
    return UMAP


def _blocks(count: int) -> Iterator[slice]:
    return (slice(first, first + _BLOCK) for first in range(0, count, _BLOCK))


def _units(vectors: FloatArray) -> DoubleArray:
    return unit_rows(vectors).astype(np.float64)
