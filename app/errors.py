"""What can go wrong with a request, and how it is told: RFC 9457 problem details.

KindredError                models/errors.py
└── ProblemError            an answer with a status, a type and what helps
    ├── UnknownMovieError   404, with suggestions
    ├── UnknownModelError   404, with the models there are
    ├── UnknownUserError    404, and no other viewer is named
    ├── NoUsersError        404, the release holds no viewers
    ├── NoMapError          404, the release holds no map of a model
    ├── ParameterError      422, naming the parameters
    ├── NotReadyError       503, no release is loaded
    └── RefusedError        409, what the store names cannot answer
"""

import json
import reprlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.correlation import REQUEST_ID
from app.headers import ALWAYS
from models import KindredError

MEDIA_TYPE = "application/problem+json"
# Errors named one by one in an answer, and characters shown of a value or a path.
MAX_ERRORS, MAX_SHOWN, MAX_INSTANCE = 20, 80, 200

_HEADERS = {name.decode("ascii"): value.decode("ascii") for name, value in ALWAYS}

_short = reprlib.Repr()
_short.maxlevel, _short.maxlong, _short.maxother = 3, 40, MAX_SHOWN


class ProblemError(KindredError):
    """A request that cannot be answered; `str()` of it is the detail."""

    status: ClassVar[int]
    type: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **extra: Any) -> None:
        """Take the sentence for the user and what else helps, in the words of the wire."""
        super().__init__(detail)
        self.extra = extra
        self.headers: dict[str, str] = {}


class UnknownMovieError(ProblemError):
    """The release knows no such movie."""

    status, type, title = 404, "/problems/unknown-movie", "Unknown movie"

    def __init__(self, movie_id: str, suggestions: Sequence[Mapping[str, Any]]) -> None:
        """Name what was asked for and the nearest there is."""
        near = ", ".join(f"{film['movieId']} ({film['title']})" for film in suggestions[:3])
        super().__init__(
            f"no movie {shown(movie_id)} in this release" + (f"; nearest: {near}" if near else ""),
            suggestions=list(suggestions),
        )


class UnknownModelError(ProblemError):
    """The release holds no such model."""

    status, type, title = 404, "/problems/unknown-model", "Unknown model"

    def __init__(self, name: str, models: Sequence[str]) -> None:
        """Name what was asked for and what there is."""
        super().__init__(f"no model {shown(name)} in this release; there are: {', '.join(models)}", models=list(models))


class UnknownUserError(ProblemError):
    """The release knows no such viewer."""

    status, type, title = 404, "/problems/unknown-user", "Unknown user"

    def __init__(self, user_id: str) -> None:
        """Name what was asked for, and nobody else."""
        super().__init__(f"no user {shown(user_id)} in this release")


class NoUsersError(ProblemError):
    """The release holds no viewers, for nobody asked for them."""

    status, type, title = 404, "/problems/no-users", "No users in this release"

    def __init__(self) -> None:
        """Say how to get them."""
        super().__init__("this release was trained without --users; POST /similar answers to any history")


class NoMapError(ProblemError):
    """The release holds no map of this model: it is older than maps, or was trained without."""

    status, type, title = 404, "/problems/no-map", "No map in this release"

    def __init__(self, name: str) -> None:
        """Name the model and say how to get one."""
        super().__init__(f"this release holds no map of {name}; the next one does, unless trained with --map none")


class ParameterError(ProblemError):
    """A parameter does not hold what it should."""

    status, type, title = 422, "/problems/invalid-parameter", "Invalid parameter"

    def __init__(self, *errors: Mapping[str, str]) -> None:
        """Take what `fault` gives, at least one."""
        first, more = errors[0], len(errors) - 1
        super().__init__(
            f"{first['parameter']}: {first['message']}, found {first['found'] or 'nothing'}"
            + (f" (and {more} more)" if more else ""),
            errors=list(errors[:MAX_ERRORS]),
        )


class NotReadyError(ProblemError):
    """Nothing is loaded yet."""

    status, type, title = 503, "/problems/no-release", "No release loaded"

    def __init__(self, retry_seconds: int) -> None:
        """Say when the service will have looked again."""
        super().__init__("no release is loaded yet: train and promote one, it is picked up by itself")
        self.headers = {"retry-after": str(retry_seconds)}


class RefusedError(ProblemError):
    """The release that the store names was refused; the one before keeps answering."""

    status, type, title = 409, "/problems/release-refused", "Release refused"

    def __init__(self, refused: str | None, reason: str, release: str | None) -> None:
        """Name what was refused, why, and what answers."""
        super().__init__(
            f"release {refused or '?'} not loaded, serving {release or 'nothing'}: {reason}",
            refused=refused,
            release=release,
        )


def shown(value: object) -> str:
    """A value as a sentence shows it: of bounded length and depth, whatever was sent."""
    return repr(_cut(value)) if isinstance(value, str) else _short.repr(value)[: 2 * MAX_SHOWN]


def fault(parameter: str, message: str, found: object) -> dict[str, str]:
    """One entry of `errors`."""
    text = _cut(found) if isinstance(found, str) else shown(found)
    return {"parameter": _cut(parameter), "message": message, "found": text}


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def problem(path: str, status: int, detail: str, kind: tuple[str, str] | None = None, **extra: Any) -> Response:
    """An answer in problem+json; `kind` is its type and title where the status does not say all."""
    name, title = kind or ("about:blank", HTTPStatus(status).phrase)
    content = {
        "type": name,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(path[:MAX_INSTANCE], errors="replace"),
        **extra,
    }
    # what was sent may hold lone surrogates, which no UTF-8 can carry
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(text, status, _HEADERS, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101
    kind = (error.type, error.title)
    answer = problem(request.scope["path"], error.status, str(error), kind, **error.extra)
    answer.headers.update(error.headers)
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return await _problem(request, ParameterError(*(_fault(one) for one in error.errors())))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == HTTPStatus.BAD_REQUEST:
        # the framework's word for a body it could not parse: bad UTF-8, nested too deep, a number too long
        return await _problem(request, ParameterError(fault("body", "expected JSON in UTF-8", "something else")))
    answer = problem(request.scope["path"], error.status_code, _detail(request, error))
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return failure(request.scope)


def failure(scope: Scope) -> Response:
    """The answer of 500, with the id by which the log tells of it."""
    named = {"requestId": scope[REQUEST_ID]} if REQUEST_ID in scope else {}
    return problem(scope["path"], 500, "the service failed on this request; the log says why", **named)


def _detail(request: Request, error: HTTPException) -> str:
    path = shown(request.scope["path"])
    return {
        404: f"nothing is served at {path}",
        405: f"{request.method[:MAX_SHOWN]} is not possible at {path}",
    }.get(error.status_code, str(error.detail))


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    """What pydantic says, in our words: the parameter as the caller wrote it, the message, what was found."""
    location = [str(part) for part in error["loc"]]
    found = error.get("input")
    if error["type"] == "json_invalid":
        return fault("body", f"not JSON at character {location[-1]}: {error['ctx']['error']}", "something else")
    parameter = ".".join(location[1:]) or location[0]
    if location == ["body"] and isinstance(found, bytes):
        return fault(parameter, "expected JSON, sent with content-type: application/json", found)
    message = "not a parameter of this route" if error["type"] == "extra_forbidden" else error["msg"]
    return fault(parameter, message, found)
