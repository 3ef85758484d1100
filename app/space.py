"""One model made ready for searching, and the product that every search begins with."""

import numpy as np
import numpy.typing as npt

from models import Model
from models.model import assemble
from models.scores import DoubleArray, FloatArray, unit_rows

# OpenBLAS takes more threads from a matrix of 9,216 numbers on.
_BLAS_ALONE = 8192
# Lengths whose inverses and products stay ordinary float32 numbers.
_ORDINARY = (1e-15, 1e15)


class Space:
    """One model made ready for searching: built once per release, then only read.

    Attributes:
        model: the model itself.
        learned_count: how many movies have a learned vector.
        answers: for each relation, bool (n_movies,), which movies can be answers.
        totals: for each relation, how many.
        longest: length of the longest output vector, 0 where there are none.
    """

    def __init__(self, model: Model) -> None:
        """Measure all vectors; keeps 4 bytes a movie, the vectors stay shared between processes."""
        # plain views of what is memory-mapped: a slice of the map itself takes ten times as long
        self.model = assemble({file: array.view(np.ndarray) for file, array in model.arrays().items()})
        self.learned_count = int(np.count_nonzero(model.learned))
        self.answers = {relation: model.answers(relation) for relation in model.relations}
        self.totals = {relation: int(np.count_nonzero(able)) for relation, able in self.answers.items()}
        self.longest = 0.0 if model.output is None else float(lengths(model.output).max(initial=0.0))
        found = lengths(model.vectors)
        usual = found[found > 0]
        ordinary = usual.size == 0 or (usual.min() > _ORDINARY[0] and usual.max() < _ORDINARY[1])
        self._vectors = model.vectors if ordinary else unit_rows(model.vectors)
        measured = found if ordinary else np.where(found > 0, 1.0, 0.0)
        inverse = np.divide(1.0, measured, out=np.zeros_like(measured), where=measured > 0)
        self._inverse: FloatArray = inverse.astype(np.float32)

    def rough_cosines(self, vector: npt.NDArray[np.floating]) -> FloatArray:
        """Cosine of `vector` (dim,) with every movie, as one float32 product: float32 (n_movies,)."""
        product = products(self._vectors, vector)
        product *= self._inverse
        return product


def products(vectors: FloatArray, vector: npt.NDArray[np.floating]) -> FloatArray:
    """Products of all vectors (n, dim) with `vector` (dim,) at length one: float32 (n,).

    A few rows at a time, which keeps BLAS to the thread it is called in. Its threads, where all cores are busy, spend
    more time waiting for each other than the product takes: 20 ms in place of 1.
    """
    unit = unit_rows(vector[None])[0]
    together = max(1, _BLAS_ALONE // len(unit))
    whole = len(vectors) // together * together
    product = np.empty(len(vectors), dtype=np.float32)
    np.matmul(vectors[:whole].reshape(-1, together, len(unit)), unit, out=product[:whole].reshape(-1, together))
    np.matmul(vectors[whole:], unit, out=product[whole:])
    return product


def lengths(vectors: FloatArray) -> DoubleArray:
    """Of the rows of (n, dim): float64 (n,)."""
    found: DoubleArray = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    return found
