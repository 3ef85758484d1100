"""One short file per noun; what they share stands here."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor

from app.errors import NotReadyError, UnknownMovieError
from app.observed import RELEASE
from app.queries import Parameters
from app.schemas import Problem
from app.state import Loaded
from app.suggest import nearest_to


class IdConvertor(Convertor[str]):
    """Any text as an id: slashes and line ends too, which `path` and `str` leave out."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Path -> id."""
        return value

    def to_string(self, value: str) -> str:
        """Id -> path."""
        return value


# before any route that says {movieId:id} is declared
register_url_convertor("id", IdConvertor())

MovieId = Annotated[str, Path(alias="movieId", description="Id of a movie, as in the ratings file.", examples=["592"])]

_MEANING = {
    404: "Unknown movie (with suggestions), model (with the models there are) or user, or a model without a map.",
    409: "The release that the store names was refused; the one before keeps answering.",
    413: "The body is larger than the service takes.",
    414: "The URL is longer than the service takes.",
    422: "A parameter is malformed or unknown; `errors` names it.",
    500: "The service failed; its log says why.",
    503: "No release is loaded yet, or there is too much to do; `Retry-After` says when to ask again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for the documentation."""
    return {status: {"model": Problem, "description": _MEANING[status]} for status in (*statuses, 414, 500, 503)}


async def loaded_release(request: Request) -> Loaded:
    """The release this request is answered from, from start to end.

    Raises:
        NotReadyError: there is none yet.
    """
    loaded: Loaded | None = request.state.live.loaded
    if loaded is None:
        raise NotReadyError(request.state.retry_seconds)
    request.scope[RELEASE] = loaded.release.id
    return loaded


async def no_parameters(parameters: Annotated[Parameters, Query()]) -> None:
    """Refuse query parameters where a route has none."""


LoadedDep = Annotated[Loaded, Depends(loaded_release)]
NO_PARAMETERS = [Depends(no_parameters)]


async def row_of(loaded: Loaded, movie_id: str) -> int:
    """The row of a movie.

    Raises:
        UnknownMovieError: with suggestions.
    """
    row = loaded.catalogue.row_of.get(movie_id)
    if row is None:
        raise await unknown_movie(loaded, movie_id)
    return row


async def unknown_movie(loaded: Loaded, movie_id: str) -> UnknownMovieError:
    """The error for an unknown id; finding suggestions takes a thread."""
    return UnknownMovieError(movie_id, await run_in_threadpool(nearest_to, loaded, movie_id))
