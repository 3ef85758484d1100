"""The page to look at it all with: static files, with a release or without."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.answer import Answer
from app.explorer import INDEX, File

# no part of what programs ask for
router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD"]


class Ready(Response):
    """An answer that was made beforehand, as a route returns it."""

    def __init__(self, answer: Answer) -> None:
        """Take the answer; what the request has already decides what is sent of it."""
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it, whole or as 304."""
        for message in self._answer.messages(scope):
            await send(message)


@router.api_route("/", methods=_METHODS)
async def page(request: Request) -> Response:
    """The explorer."""
    return _ready(request, INDEX)


@router.api_route("/ui/{file}", methods=_METHODS)
async def file(request: Request, file: str) -> Response:
    """What the page loads."""
    # its addresses are relative to the page's own place, which is not here
    return _ready(request, "" if file == INDEX else file)


def _ready(request: Request, name: str) -> Response:
    """A file by its name among those read at the start: no path is ever looked up."""
    there: File | None = request.state.explorer.get(name)
    if there is None:
        raise HTTPException(404)
    return Ready(there.for_request(request.scope))
