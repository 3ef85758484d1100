"""GET /similar/{movieId} past the framework: the bytes that the route's model would be written as, from ready pieces.

The route in app/routes/similar.py says what is answered and answers whatever is out of the ordinary; tests hold the two
against each other byte by byte.
"""

import numpy as np
import numpy.typing as npt
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from app import answers, facts
from app.errors import ProblemError
from app.metrics import TEMPLATE
from app.neighbours import stored
from app.queries import Parameters, SimilarParameters
from app.space import Space
from app.state import Loaded

Rows = npt.NDArray[np.integer]

_PREFIX = "/similar/"
_PLACE = b'%b,"source":"%b","score":%b,"rank":%d}'
_ANSWER = (
    b'{"movie":%b},"model":%b,"relation":"%b","source":"%b",'
    b'"total":%d,"limit":%d,"offset":%d,"similar":[%b]}'
)  # fmt: skip


async def similar(loaded: Loaded, scope: Scope, asked: Parameters) -> bytes | None:
    """The answer's body, or None where there is an error to be told."""
    assert isinstance(asked, SimilarParameters)  # noqa: S101
    movie_id = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(_PREFIX)
    row = loaded.catalogue.row_of.get(movie_id)
    if row is None:
        return None
    scope[TEMPLATE] = "/similar/{movieId}"
    try:
        if asked.is_lookup:
            return similar_to_movie(loaded, row, asked)
        return await run_in_threadpool(similar_to_movie, loaded, row, asked)
    except ProblemError:
        return None


def similar_to_movie(loaded: Loaded, row: int, asked: SimilarParameters) -> bytes:
    """What `answers.similar_to_movie(...)` is as JSON."""
    name, space = answers.space_for(loaded, asked)
    rows, scores, total = _found(loaded, space, row, asked)
    movie, *near = loaded.pieces.of([row, *rows.tolist()])
    sources = [b"learned" if sure else b"inferred" for sure in space.model.learned[rows].tolist()]
    places = zip(near, sources, scores, range(asked.offset + 1, asked.offset + 1 + len(near)), strict=True)
    return _ANSWER % (
        movie,
        to_json({"name": name, "release": loaded.release.id}),
        asked.relation.encode(),
        facts.source_of(space, row).encode(),
        total,
        asked.limit,
        asked.offset,
        b",".join([_PLACE % place for place in places]),
    )


def _found(loaded: Loaded, space: Space, row: int, asked: SimilarParameters) -> tuple[Rows, list[bytes], int]:
    """Rows, scores as JSON, and how many there are."""
    if asked.is_lookup:
        there = stored(space, row, asked.relation, asked.offset, asked.limit)
        if there is not None:
            return there[0], _six_digits(there[1].tolist()), there[2]
    found = answers.found_for(loaded, space, row, asked)
    return found.rows, _written(found.scores.tolist()), found.total


def _six_digits(scores: list[float]) -> list[bytes]:
    """Stored scores, which have six digits but for what float32 loses, as JSON."""
    text = (b"%.6g," * len(scores)) % tuple(scores)
    if b"e" in text or text.count(b".") < len(scores):
        # whole numbers, very small and very large ones are left to who writes the models
        return _written([float(score) for score in text.split(b",")[:-1]])
    return text.split(b",")[:-1]


def _written(numbers: list[float]) -> list[bytes]:
    return to_json(numbers)[1:-1].split(b",") if numbers else []
