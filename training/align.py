"""A new release on the axes of the live one, so that vectors stored elsewhere keep their meaning.

The axes of an embedding are arbitrary: trained again, the same movies point elsewhere, turned as a whole. Scores are
products and do not see it; whoever stores vectors does. So each model is turned back by the rotation that brings
the shared movies closest to where they were:

    R = argmin |A R - B|_F over R'R = I  =  U V',   U S V' = A'B   (Schoenemann 1966)

A, B: vectors of the movies that both have learned, at length one, new and live (Hamilton et al. 2016, section 3.2).
Input and output vectors are turned alike, so that their products stay.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models import Model
from models.scores import BoolArray, DoubleArray, FloatArray, unit_rows
from training.live import Live


def rotation(new: npt.NDArray[Any], old: npt.NDArray[Any]) -> DoubleArray:
    """float64 (dim, dim), orthogonal: new @ rotation is as close to old, both (n_movies, dim), as it can be.

    O(n_movies * dim^2 + dim^3).
    """
    left, _, right = np.linalg.svd(np.asarray(new, dtype=np.float64).T @ np.asarray(old, dtype=np.float64))
    turn: DoubleArray = left @ right
    return turn


def align(name: str, model: Model, live: Live) -> Model:
    """The model turned onto the axes of the live release's; as it is where the two cannot be compared.

    Args:
        name: of the model in both.
        model: not yet with its neighbours, which are made of the rounded vectors.
        live: the live release.
    """
    if not comparable(name, model, live):
        return model
    new, old = _shared_units(name, model, live)
    turn = rotation(new, old)
    output = None if model.output is None else _turned(model.output, turn)
    return replace(model, vectors=_turned(model.vectors, turn), output=output)


def onto_last(name: str, vectors: FloatArray, learned: BoolArray, live: Live) -> FloatArray:
    """Vectors that stand last in a model of several, turned onto the last columns of the live release's model.

    As they are where there are no such columns, or too few shared movies.

    Args:
        name: of the model in the live release.
        vectors: float32 (n_movies, dim), at length one.
        learned: bool (n_movies,).
        live: the live release.
    """
    old, (here, there) = live.model(name), live.shared(name, learned)
    dim = vectors.shape[1]
    if old is None or old.dimension <= dim or len(here) < dim:
        return vectors
    return _turned(vectors, rotation(vectors[here], old.vectors[there, -dim:]))


def comparable(name: str, model: Model, live: Live) -> bool:
    """Whether the live release has the model, in as many dimensions, with at least as many shared learned movies."""
    old = live.model(name)
    return (
        old is not None
        and old.dimension == model.dimension
        and len(live.shared(name, model.learned)[0]) >= model.dimension
    )


def residuals(models: Mapping[str, Model], live: Live) -> dict[str, Any] | None:
    """How far each model is from the live release's: what the manifest says under `data.aligned`.

    residual = |A - B|_F / |B|_F over the shared learned movies at length one: 0 is the same, 1.41 unrelated;
    1 - residual^2 / 2 is their mean cosine.

    Returns:
        The live release's id, and of each comparable model the number of movies and the residual; None for none.
    """
    found = {}
    for name, model in models.items():
        if comparable(name, model, live):
            new, old = _shared_units(name, model, live)
            residual = float(np.linalg.norm(new - old) / np.linalg.norm(old))
            found[name] = {"movies": len(new), "residual": round(residual, 6)}
    return {"release": live.release.id, "models": found} if found else None


def say(aligned: Mapping[str, Any]) -> str:
    """One line on it."""
    each = ", ".join(f"{name} {one['residual']:.3f}" for name, one in aligned["models"].items())
    return f"on the axes of {aligned['release']}; residual (0 the same, 1.41 unrelated): {each}"


def _shared_units(name: str, model: Model, live: Live) -> tuple[DoubleArray, DoubleArray]:
    old = live.release.models[name]
    here, there = live.shared(name, model.learned)
    return unit_rows(model.vectors[here]).astype(np.float64), unit_rows(old.vectors[there]).astype(np.float64)


def _turned(vectors: FloatArray, turn: DoubleArray) -> FloatArray:
    turned: FloatArray = (vectors.astype(np.float64) @ turn).astype(np.float32)
    return turned
