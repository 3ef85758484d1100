"""From a release and a question to its nearest movies; the same for HTTP and the command line."""

import numpy as np

from app import facts
from app.errors import ParameterError, fault
from app.neighbours import Page, Question, Space, page, pooled
from app.queries import SimilarBody, SimilarParameters
from app.schemas import ModelRef, SimilarMovie, SimilarToHistory, SimilarToMovie
from app.state import Loaded
from models import Catalogue
from models.scores import DoubleArray

_SMALLEST = 1e-30


def similar_to_movie(loaded: Loaded, row: int, asked: SimilarParameters) -> SimilarToMovie:
    """The answer of GET /similar/{movieId}."""
    name, space = _space_for(loaded, asked)
    question = Question(space.model.vectors[row], excluded=(row,), row=row)
    found = page(space, loaded.catalogue, question, asked.filters, asked.dials, asked.offset, asked.limit)
    return SimilarToMovie(
        movie=facts.movie(loaded.catalogue, row),
        model=ModelRef(name=name, release=loaded.release.id),
        relation=asked.relation,
        source=facts.source_of(space, row),
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        similar=_ranked(loaded.catalogue, found, asked.offset),
    )


def similar_to_history(loaded: Loaded, asked: SimilarBody) -> SimilarToHistory:
    """The answer of POST /similar; the caller has seen to it that there is a known like or a vector."""
    name, space = _space_for(loaded, asked)
    row_of = loaded.catalogue.row_of
    likes, dislikes = facts.known(loaded.catalogue, asked.likes), facts.known(loaded.catalogue, asked.dislikes)
    liked, disliked = [row_of[movie_id] for movie_id in likes], [row_of[movie_id] for movie_id in dislikes]
    if asked.vector is None:
        vector, sources = pooled(space.model.vectors, liked, disliked), (*liked, *disliked)
    else:
        vector, sources = _given(asked.vector, space), ()
    question = Question(vector, excluded=(*liked, *disliked))
    found = page(space, loaded.catalogue, question, asked.filters, asked.dials, asked.offset, asked.limit)
    return SimilarToHistory(
        likes=likes,
        dislikes=dislikes,
        unknown=facts.unknown(loaded.catalogue, [*asked.likes, *asked.dislikes]),
        model=ModelRef(name=name, release=loaded.release.id),
        relation=asked.relation,
        source=facts.source_of(space, *sources),
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        similar=_ranked(loaded.catalogue, found, asked.offset),
    )


def _space_for(loaded: Loaded, asked: SimilarParameters | SimilarBody) -> tuple[str, Space]:
    name, space = facts.space_of(loaded, asked.model)
    if asked.relation == "next" and space.model.output is None:
        message = f"model {name} was trained without output vectors, expected similar"
        raise ParameterError(fault("relation", message, asked.relation))
    return name, space


def _given(vector: list[float], space: Space) -> DoubleArray:
    expected, found = space.model.dimension, len(vector)
    if found != expected:
        raise ParameterError(fault("vector", f"expected {expected} numbers, the model's dimension", found))
    given = np.array(vector, dtype=np.float64)
    # the squares of smaller numbers are lost, and with them the cosine
    given[np.abs(given) < _SMALLEST] = 0.0
    return given


def _ranked(catalogue: Catalogue, found: Page, offset: int) -> list[SimilarMovie]:
    places = zip(found.rows.tolist(), found.scores.tolist(), strict=True)
    return [
        SimilarMovie(**facts.facts_of(catalogue, row), score=score, rank=rank)
        for rank, (row, score) in enumerate(places, start=offset + 1)
    ]
