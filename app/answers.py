"""From a release and a question to its nearest movies; the same for HTTP and the command line."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app import facts
from app.errors import ParameterError, fault
from app.neighbours import Page, Question, page, pooled
from app.queries import RecommendationParameters, SimilarBody, SimilarParameters
from app.schemas import ModelRef, SimilarMovie, SimilarToHistory, SimilarToMovie
from app.schemas_users import SimilarToUser, UserName
from app.space import Space
from app.state import Loaded
from app.viewers import Viewer
from models import Catalogue
from models.scores import DoubleArray

_SMALLEST = 1e-30


def similar_to_movie(loaded: Loaded, row: int, asked: SimilarParameters) -> SimilarToMovie:
    """The answer of GET /similar/{movieId}."""
    name, space = space_for(loaded, asked)
    found = found_for(loaded, space, row, asked)
    return SimilarToMovie(
        movie=facts.movie(loaded.catalogue, row),
        model=ModelRef(name=name, release=loaded.release.id),
        relation=asked.relation,
        source=facts.source_of(space, row),
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        similar=_ranked(loaded.catalogue, space, found, asked.offset),
    )


def found_for(loaded: Loaded, space: Space, row: int, asked: SimilarParameters) -> Page:
    """What a model finds for a movie."""
    question = Question.about(space.model, row)
    return page(space, loaded.catalogue, question, asked.filters, asked.dials, asked.offset, asked.limit)


def similar_to_history(loaded: Loaded, asked: SimilarBody) -> SimilarToHistory:
    """The answer of POST /similar; the caller has seen to it that there is a known like or a vector."""
    name, space = space_for(loaded, asked)
    row_of = loaded.catalogue.row_of
    # of an id sent twice the later counts, as of ratings
    likes = facts.known(loaded.catalogue, asked.likes[::-1])[::-1]
    dislikes = facts.known(loaded.catalogue, asked.dislikes)
    liked, disliked = [row_of[movie_id] for movie_id in likes], [row_of[movie_id] for movie_id in dislikes]
    if asked.vector is None:
        question, sources = pooled(space.model, liked, disliked, asked.half_life), (*liked, *disliked)
    else:
        question, sources = Question(_given(asked.vector, space), excluded=(*liked, *disliked)), ()
    return SimilarToHistory(
        likes=likes,
        dislikes=dislikes,
        unknown=facts.unknown(loaded.catalogue, [*asked.likes, *asked.dislikes]),
        model=ModelRef(name=name, release=loaded.release.id),
        **_answered(loaded, space, question, sources, asked),
    )


def recommended(loaded: Loaded, viewer: Viewer, asked: RecommendationParameters) -> SimilarToUser:
    """The answer of GET /users/{userId}/recommendations: that of POST /similar to the same likes."""
    name, space = space_for(loaded, asked)
    question = pooled(space.model, viewer.likes, [], asked.half_life)
    return SimilarToUser(
        user=UserName(user_id=viewer.user_id, likes=len(viewer.likes)),
        likes=[loaded.catalogue.ids[row] for row in viewer.likes],
        dislikes=[],
        unknown=[],
        model=ModelRef(name=name, release=loaded.release.id),
        **_answered(loaded, space, question, viewer.likes, asked),
    )


def _answered(
    loaded: Loaded,
    space: Space,
    question: Question,
    sources: Sequence[int],
    asked: SimilarBody | RecommendationParameters,
) -> dict[str, Any]:
    """What answers to histories have in common."""
    found = page(space, loaded.catalogue, question, asked.filters, asked.dials, asked.offset, asked.limit)
    return {
        "relation": asked.relation,
        "source": facts.source_of(space, *sources),
        "total": found.total,
        "limit": asked.limit,
        "offset": asked.offset,
        "similar": _ranked(loaded.catalogue, space, found, asked.offset),
    }


def space_for(loaded: Loaded, asked: SimilarParameters | SimilarBody | RecommendationParameters) -> tuple[str, Space]:
    """The model that is asked, by name too.

    Raises:
        UnknownModelError: there is none of this name.
        ParameterError: it cannot be asked for the relation.
    """
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


def _ranked(catalogue: Catalogue, space: Space, found: Page, offset: int) -> list[SimilarMovie]:
    places = zip(found.rows.tolist(), found.scores.tolist(), strict=True)
    return [
        SimilarMovie(**facts.facts_of(catalogue, row), source=facts.source_of(space, row), score=score, rank=rank)
        for rank, (row, score) in enumerate(places, start=offset + 1)
    ]
