"""Why it is like it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool

from app import explanations
from app.routes import NO_PARAMETERS, LoadedDep, MovieId, problems, row_of
from app.schemas_evidence import Explanation

router = APIRouter(tags=["evidence"])

# More slashes than any pair of ids has; bounds the work that a path can ask for.
_MAX_SLASHES = 20

OtherId = Annotated[str, Path(alias="otherId", description="Id of another movie.", examples=["593"])]


@router.get(
    "/explain/{movieId:id}/{otherId:id}",
    summary="Why one movie is like another",
    responses=problems(404, 422),
    dependencies=NO_PARAMETERS,
)
async def explain(loaded: LoadedDep, movie_id: MovieId, other_id: OtherId) -> Explanation:
    """How many viewers liked both, against chance; what followed what; and where each model ranks the other."""
    movie_id, other_id = _told_apart(loaded.catalogue.row_of, movie_id, other_id)
    row, other = await row_of(loaded, movie_id), await row_of(loaded, other_id)
    return await run_in_threadpool(explanations.explanation, loaded, row, other)


def _told_apart(row_of: Mapping[str, int], movie_id: str, other_id: str) -> tuple[str, str]:
    """The two ids of a path: an id may hold slashes too, so that where it is cut depends on what is known."""
    parts = f"{movie_id}/{other_id}".split("/")
    for cut in range(1, min(len(parts), _MAX_SLASHES)):
        first, second = "/".join(parts[:cut]), "/".join(parts[cut:])
        if first in row_of and second in row_of:
            return first, second
    return movie_id, other_id
