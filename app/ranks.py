"""Where one movie stands in the list of another, to any depth."""

from dataclasses import dataclass

import numpy as np

from app.neighbours import NO_FILTERS, Dials, Question, candidates, page, scoring
from app.space import Space
from models import Catalogue
from models.model import MAX_NEIGHBOURS, Relation
from models.scores import rank, six_digits


@dataclass(frozen=True)
class Place:
    """Score and rank as a page of all movies would have them; no rank where the movie is never an answer."""

    score: float
    rank: int | None
    total: int


def place_of(space: Space, catalogue: Catalogue, relation: Relation, row: int, other: int) -> Place:
    """The place of `other` among the answers for `row`: O(n_movies * dim) unless it is among the stored neighbours."""
    question, dials = Question.about(space.model, row), Dials(relation=relation)
    first = page(space, catalogue, question, NO_FILTERS, dials, 0, MAX_NEIGHBOURS)
    for place in np.flatnonzero(first.rows == other).tolist():
        return Place(float(first.scores[place]), place + 1, first.total)
    allowed = candidates(space, catalogue, NO_FILTERS, dials, question.excluded)
    rough, exact = scoring(space, catalogue, question, dials)
    if not allowed[other]:
        return Place(float(six_digits(exact(np.array([other])))[0]), None, first.total)
    rough[~allowed] = -np.inf
    place, score = rank(rough, exact, other)
    return Place(score, place, first.total)
