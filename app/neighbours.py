"""Filters, dials and the best rows: pure functions over one model of a release."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.diversity import POOL, diverse
from app.space import Space, lengths, products
from models import Catalogue, Model
from models.catalogue import NO_YEAR
from models.model import Relation
from models.scores import BoolArray, DoubleArray, FloatArray, RowArray, best, six_digits
from models.viewers import HALF_LIFE, recency

# How much the popularity dial, fully turned, adds for each factor e in the number of likes.
POPULARITY_WEIGHT = 0.1
DISLIKE_WEIGHT = 0.5


@dataclass(frozen=True)
class Filters:
    """Which movies may be answered; None, 0 and False let everything pass.

    Attributes:
        learned_only: no inferred movies, where the model has any among its answers.
    """

    genre: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    min_likes: int = 0
    learned_only: bool = False


@dataclass(frozen=True)
class Dials:
    """How answers are scored and ordered; all zero is plain similarity.

    Attributes:
        diversity: 0..1, how much likeness to answers already given counts against a movie.
        popularity: -1..1, negative for hidden gems, positive for favourites.
        relation: "similar", or "next" for what is watched right after.
    """

    diversity: float = 0.0
    popularity: float = 0.0
    relation: Relation = "similar"

    @property
    def at_rest(self) -> bool:
        """Whether the scores are the model's own, in their own order."""
        return not self.diversity and not self.popularity


NO_FILTERS = Filters()


@dataclass(frozen=True, eq=False)
class Question:
    """What to find movies for.

    Attributes:
        vector: float (dim,), the point in the model's space to search from.
        excluded: rows that are never an answer.
        sources: the movies it is made of, as row and weight: what their links add is added.
        row: the movie it is about, None where it is pooled or given.
    """

    vector: npt.NDArray[np.floating]
    excluded: tuple[int, ...] = ()
    sources: tuple[tuple[int, float], ...] = ()
    row: int | None = None

    @classmethod
    def about(cls, model: Model, row: int) -> "Question":
        """What is like this movie?"""
        return cls(model.vectors[row], (row,), ((row, 1.0),), row)


@dataclass(frozen=True, eq=False)
class Page:
    """Rows (m,) and published scores (m,) of one page, best first, of `total` movies that pass."""

    rows: npt.NDArray[np.integer]
    scores: DoubleArray
    total: int


def page(space: Space, catalogue: Catalogue, question: Question, filters: Filters, dials: Dials,
         offset: int, limit: int) -> Page:  # fmt: skip
    """One page of the ranking; pages of any size put together give the same ranking.

    O(n_movies * dim) unless the neighbours stored in the release are enough.
    """
    if question.row is not None and filters == NO_FILTERS and dials.at_rest:
        found = stored(space, question.row, dials.relation, offset, limit)
        if found is not None:
            return Page(found[0], six_digits(found[1]), found[2])
    allowed = candidates(space, catalogue, filters, dials, question.excluded)
    total = int(np.count_nonzero(allowed))
    end = min(offset + limit, total)
    if offset >= end:
        return Page(np.empty(0, dtype=np.intp), np.empty(0), total)
    mixed = dials.diversity > 0 and offset < POOL
    rough, exact = scoring(space, catalogue, question, dials)
    _bar(rough, allowed)
    rows, scores = best(rough, exact, max(end, POOL) if mixed else end)
    if mixed:
        vectors = space.model.vectors[rows[:POOL]]
        order = diverse(rows[:POOL], scores[:POOL], vectors, dials.diversity, min(end, POOL))
        order = np.concatenate([order, np.arange(POOL, max(end, POOL))])
        rows, scores = rows[order[:end]], scores[order[:end]]
    return Page(rows[offset:end], scores[offset:end], total)


def candidates(
    space: Space, catalogue: Catalogue, filters: Filters, dials: Dials, excluded: tuple[int, ...]
) -> BoolArray:
    """Bool (n_movies,), True where a movie may be answered: an answer of the model, not excluded, passing all filters.

    With a negative popularity only learned movies are: of the others nobody knows whether they are gems.
    """
    only_learned = filters.learned_only or dials.popularity < 0
    allowed: BoolArray = np.array(space.model.learned if only_learned else space.answers[dials.relation])
    if filters.genre is not None:
        allowed &= catalogue.with_genre(filters.genre)
    if filters.year_from is not None:
        allowed &= (catalogue.years >= filters.year_from) & (catalogue.years != NO_YEAR)
    if filters.year_to is not None:
        allowed &= (catalogue.years <= filters.year_to) & (catalogue.years != NO_YEAR)
    if filters.min_likes > 0:
        allowed &= catalogue.likes >= filters.min_likes
    allowed[list(excluded)] = False
    return allowed


def pooled(model: Model, likes: list[int], dislikes: list[int], half_life: float = HALF_LIFE) -> Question:
    """Average pooling of a history: weighted mean of the liked unit vectors less half the mean of the disliked.

    The same for both relations (docs/decisions/0012-viewers.md).

    Args:
        model: whose vectors.
        likes: rows, at least one, oldest first.
        dislikes: rows, all weighing alike.
        half_life: likes after which a like counts half; 0: all count alike.
    """
    weights = recency(len(likes), half_life)
    mean: DoubleArray = np.einsum("i,ij->j", weights, _units(model.vectors[likes]))
    sources = list(zip(likes, weights.tolist(), strict=True))
    if dislikes:
        mean -= DISLIKE_WEIGHT * _units(model.vectors[dislikes]).mean(axis=0)
        sources += [(row, -DISLIKE_WEIGHT / len(dislikes)) for row in dislikes]
    return Question(mean, (*likes, *dislikes), tuple(sources))


def stored(
    space: Space, row: int, relation: Relation, offset: int, limit: int
) -> tuple[npt.NDArray[np.int32], FloatArray, int] | None:
    """Rows and scores as stored, and the total, of a page without filters and dials; None where they end before it."""
    lists = space.model.stored(relation)
    if lists is None:
        return None
    rows, scores = lists[0][row], lists[1][row]
    total = space.totals[relation] - int(space.answers[relation][row])
    end = min(offset + limit, total)
    if end > len(rows) or (end > 0 and rows[end - 1] < 0):
        return None
    return rows[offset:end], scores[offset:end], total


def scoring(
    space: Space, catalogue: Catalogue, question: Question, dials: Dials
) -> tuple[FloatArray, Callable[[RowArray], DoubleArray]]:
    """What `scores.best` needs: rough scores of all rows on a scale of about one, exact scores of some."""
    model, vector, relation = space.model, question.vector, dials.relation
    added = model.added(relation, question.sources)
    if dials.popularity:
        # score + 0.1 * popularity * ln(1 + likes)
        bonus = POPULARITY_WEIGHT * dials.popularity * np.log1p(catalogue.likes, dtype=np.float64)
        added = bonus if added is None else bonus + added
    if relation == "next" and model.output is not None:
        # divided by the largest product there can be, for the tolerance of `best` is one of numbers about one
        scale = float(np.linalg.norm(vector)) * space.longest or 1.0
        rough = products(model.output, vector) / np.float32(space.longest or 1.0)
    else:
        scale, rough = 1.0, space.rough_cosines(vector)
    if added is not None:
        rough += (added / scale).astype(np.float32)
    return rough, model.scores(relation, vector, added)


def _bar(rough: FloatArray, allowed: BoolArray) -> None:
    """Set what is not allowed to -inf, in the same time whatever the mask: row by row it can take ten times that."""
    limit = allowed.astype(np.float32)
    limit -= np.float32(0.5)
    limit *= np.float32(np.inf)
    np.minimum(rough, limit, out=rough)


def _units(vectors: FloatArray) -> DoubleArray:
    long = lengths(vectors)[:, None]
    units: DoubleArray = np.divide(vectors, long, out=np.zeros(vectors.shape), where=long > 0)
    return units
