"""What one model is: a vector of every movie, what else its scores are made of, and the nearest it has stored."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from models.errors import IntegrityError
from models.scores import BoolArray, DoubleArray, FloatArray, RowArray, cosines, dots

Relation = Literal["similar", "next"]
RELATIONS: tuple[Relation, ...] = ("similar", "next")
MAX_NEIGHBOURS = 100
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")

# file -> dtype and shape; n movies, d dimensions, k and j stored neighbours, m links, r relations, s kinds of source,
# c coordinates
LAYOUT: dict[str, tuple[str, tuple[str, ...]]] = {
    "vectors.npy": ("float32", ("n", "d")),
    "learned.npy": ("bool", ("n",)),
    "neighbours.rows.npy": ("int32", ("n", "k")),
    "neighbours.scores.npy": ("float32", ("n", "k")),
    "output.npy": ("float32", ("n", "d")),
    "next.rows.npy": ("int32", ("n", "j")),
    "next.scores.npy": ("float32", ("n", "j")),
    "priors.npy": ("float32", ("r", "n")),
    "links.indptr.npy": ("int64", ("n + 1",)),
    "links.indices.npy": ("int32", ("m",)),
    "links.values.npy": ("float32", ("r", "m")),
    "listed.npy": ("bool", ("n",)),
    "lifts.npy": ("float32", ("s",)),
    "map.npy": ("float32", ("n", "c")),
}
REQUIRED = tuple(LAYOUT)[:4]
# files that are there all together or not at all
TOGETHER = (
    ("next.rows.npy", "next.scores.npy"),
    ("links.indptr.npy", "links.indices.npy", "links.values.npy"),
    ("listed.npy", "lifts.npy"),
)


@dataclass(frozen=True, eq=False)
class Links:
    """What single pairs of movies add to a score, compressed by row: co-occurrence that no short vector holds.

    Attributes:
        indptr: int64 (n_movies + 1,), the links of movie a stand at indptr[a]:indptr[a + 1].
        indices: int32 (n_links,), the movies they lead to.
        values: float32 (2, n_links), what each adds to `similar` and to `next`.
    """

    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Model:
    """One recipe's embedding of every movie of the catalogue.

    Attributes:
        vectors: float32 (n_movies, dim), finite: learned where `learned`, else inferred from metadata.
        learned: bool (n_movies,), True where the vector was learned from viewers.
        neighbour_rows: int32 (n_movies, k), the k <= 100 most similar of `answers`, best first, never the movie
            itself; -1 fills the end where there are fewer.
        neighbour_scores: float32 (n_movies, k), their scores, six significant digits; 0 beside -1.
        output: float32 (n_movies, dim), context vectors for "watched next"; rows of movies not learned are
            zero; None where the training has none (no negative sampling).
        priors: float32 (2, n_movies), what each movie adds to its own scores for `similar` and `next`; None: nothing.
        links: what pairs of movies add; None: nothing.
        next_rows, next_scores: as the neighbours, for `next`; None: not stored.
        listed: bool (n_movies,), inferred movies that may be answers to `similar`; None: none.
        lifts: float32 (2,), what is added to their scores, asked from a learned movie and from an inferred one.
        map: float32 (n_movies, 2), each movie's place in a picture of all, which no score is made of; None: no map.
    """

    vectors: FloatArray
    learned: BoolArray
    neighbour_rows: npt.NDArray[np.int32]
    neighbour_scores: FloatArray
    output: FloatArray | None = None
    priors: FloatArray | None = None
    links: Links | None = None
    next_rows: npt.NDArray[np.int32] | None = None
    next_scores: FloatArray | None = None
    listed: BoolArray | None = None
    lifts: FloatArray | None = None
    map: FloatArray | None = None

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return int(self.vectors.shape[1])

    @property
    def relations(self) -> tuple[Relation, ...]:
        """What it can be asked for."""
        return RELATIONS[:1] if self.output is None else RELATIONS

    def stored(self, relation: Relation) -> tuple[npt.NDArray[np.int32], FloatArray] | None:
        """Rows and scores (n_movies, k) of the nearest stored for a relation, or None."""
        if relation == "similar":
            return self.neighbour_rows, self.neighbour_scores
        return None if self.next_rows is None or self.next_scores is None else (self.next_rows, self.next_scores)

    def answers(self, relation: Relation) -> BoolArray:
        """Bool (n_movies,), a fresh array: True where a movie may be an answer, for it is learned or listed.

        Only to `similar`: nobody has watched an inferred movie after anything.
        """
        allowed: BoolArray = np.array(self.learned)
        if relation == "similar" and self.listed is not None:
            allowed |= self.listed
        return allowed

    def added(self, relation: Relation, sources: Iterable[tuple[int, float]]) -> DoubleArray | None:
        """What priors, links and lifts add to the score of every movie: float64 (n_movies,), or None for nothing.

        Args:
            relation: which score.
            sources: the movies asked from, as row and weight.
        """
        side = RELATIONS.index(relation)
        if self.priors is None and self.links is None and self.listed is None:
            return None
        total = np.zeros(len(self.vectors)) if self.priors is None else self.priors[side].astype(np.float64)
        sources = list(sources)
        links = self.links
        if links is not None:
            for row, weight in sources:
                part = slice(int(links.indptr[row]), int(links.indptr[row + 1]))
                total[links.indices[part]] += weight * links.values[side, part].astype(np.float64)
        if self.listed is not None and self.lifts is not None:
            inferred = bool(sources) and not any(self.learned[row] for row, _ in sources)
            total[self.listed] += float(self.lifts[int(inferred)])
        return total

    def scores(
        self, relation: Relation, vector: npt.NDArray[Any], added: DoubleArray | None
    ) -> Callable[[RowArray], DoubleArray]:
        """The scores, in float64, of the rows that the result is called with.

        similar: cosine of `vector` (dim,) and the movie's vector; next: their product, with the movie's output vector;
        plus what `added` gave.
        """

        def exact(rows: RowArray) -> DoubleArray:
            if relation == "next" and self.output is not None:
                score = dots(vector, self.output[rows])
            else:
                score = cosines(vector, self.vectors[rows])
            return score if added is None else score + added[rows]

        return exact

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Its arrays by file name, as far as it has them."""
        links = self.links
        given: dict[str, npt.NDArray[Any] | None] = {
            "vectors.npy": self.vectors,
            "learned.npy": self.learned,
            "neighbours.rows.npy": self.neighbour_rows,
            "neighbours.scores.npy": self.neighbour_scores,
            "output.npy": self.output,
            "next.rows.npy": self.next_rows,
            "next.scores.npy": self.next_scores,
            "priors.npy": self.priors,
            "links.indptr.npy": None if links is None else links.indptr,
            "links.indices.npy": None if links is None else links.indices,
            "links.values.npy": None if links is None else links.values,
            "listed.npy": self.listed,
            "lifts.npy": self.lifts,
            "map.npy": self.map,
        }
        return {file: array for file, array in given.items() if array is not None}


def assemble(arrays: Mapping[str, npt.NDArray[Any]]) -> Model:
    """The model out of its arrays by file name; the opposite of `Model.arrays`."""
    links = None
    if "links.values.npy" in arrays:
        links = Links(*(arrays[f"links.{part}.npy"] for part in ("indptr", "indices", "values")))
    vectors, learned, rows, scores = (arrays[file] for file in REQUIRED)
    return Model(
        vectors,
        learned,
        rows,
        scores,
        output=arrays.get("output.npy"),
        priors=arrays.get("priors.npy"),
        links=links,
        next_rows=arrays.get("next.rows.npy"),
        next_scores=arrays.get("next.scores.npy"),
        listed=arrays.get("listed.npy"),
        lifts=arrays.get("lifts.npy"),
        map=arrays.get("map.npy"),
    )


def expected_shape(file: str, found: object, sizes: dict[str, int]) -> tuple[int, ...]:
    """The shape that `file` must have; sizes met for the first time are taken from `found` and remembered."""
    letters = LAYOUT[file][1]
    shape = found if isinstance(found, list | tuple) and len(found) == len(letters) else [0] * len(letters)
    for letter, size in zip(letters, shape, strict=True):
        if letter not in sizes:
            sizes[letter] = size if isinstance(size, int) else 0
    return tuple(sizes[letter] for letter in letters)


def sizes_of(n_movies: int) -> dict[str, int]:
    """The sizes that are known beforehand."""
    return {"n": n_movies, "n + 1": n_movies + 1, "r": len(RELATIONS), "s": 2, "c": 2}


def check_model(name: str, model: Model, n_movies: int) -> None:
    """Raise IntegrityError where arrays do not fit each other or hold impossible values."""
    if not _NAME.fullmatch(name):
        raise IntegrityError(f"{name!r} is not a model's name: expected lower-case letters, digits, - and _")
    sizes, arrays = sizes_of(n_movies), model.arrays()
    for file, array in arrays.items():
        expected = LAYOUT[file][0], expected_shape(file, array.shape, sizes)
        if (str(array.dtype), array.shape) != expected:
            raise IntegrityError(f"{name}/{file}: expected {expected}, found {(str(array.dtype), array.shape)}")
    if sizes["d"] < 1 or max(sizes["k"], sizes.get("j", 0)) > MAX_NEIGHBOURS:
        found = f"{sizes['d']} and {max(sizes['k'], sizes.get('j', 0))}"
        raise IntegrityError(f"{name}: expected dim >= 1 and k <= {MAX_NEIGHBOURS}, found {found}")
    for file, array in arrays.items():
        if array.dtype == np.float32 and not np.isfinite(array).all():
            raise IntegrityError(f"{name}/{file}: expected finite numbers, found NaN or infinity")
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise IntegrityError(f"{name}/{file}: expected bytes 0 and 1, found others")
        least = {"neighbours.rows.npy": -1, "next.rows.npy": -1, "links.indices.npy": 0}.get(file)
        if least is not None and array.size and (array.min() < least or array.max() >= n_movies):
            raise IntegrityError(f"{name}/{file}: expected rows {least}..{n_movies - 1}")
    if model.links is not None:
        indptr = model.links.indptr
        if indptr[0] != 0 or indptr[-1] != len(model.links.indices) or (np.diff(indptr) < 0).any():
            raise IntegrityError(f"{name}/links.indptr.npy: expected 0 to {len(model.links.indices)}, never falling")
    if model.listed is not None and (model.listed & model.learned).any():
        raise IntegrityError(f"{name}/listed.npy: expected inferred movies only, found learned ones")
