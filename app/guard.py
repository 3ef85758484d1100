"""Who may come in: requests without a good key are refused before anything is known about what they ask for."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import MEDIA_TYPE, problem, shown
from app.keys import Keys

# For whoever starts the service and looks whether it lives; they have no keys, and learn nothing about movies.
OPEN = frozenset({"/livez", "/readyz"})
_ADMIN = "/admin"
_SCHEME = "key"


class Guard:
    """ASGI middleware that asks for a key: for everything but `OPEN`, or for /admin alone.

    Without keys nothing is guarded, and /admin is as if it were not there.
    """

    def __init__(self, app: ASGIApp, keys: Keys | None, refuse: Callable[[str], None],
                 seen: Callable[[ASGIApp], ASGIApp] | None = None, *, everything: bool) -> None:  # fmt: skip
        """Wrap an app.

        Args:
            app: answers whoever may come in.
            keys: those that are good; None: there are none.
            refuse: counts who is refused, by reason.
            seen: put around refusals; what is not refused is not seen here.
            everything: whether to ask for a key wherever there is one.
        """
        self.app = app
        self._keys = keys
        self._count = refuse
        self._seen = seen
        self._everything = everything

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        refused = self._refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self.app(scope, receive, send)
        else:
            await (self._seen(refused) if self._seen else refused)(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        admin = path == _ADMIN or path.startswith(_ADMIN + "/")
        if admin and self._keys is None:
            return problem(scope["path"], 404, f"nothing is served at {shown(scope['path'])}")
        if self._keys is None or not (admin or self._everything) or path in OPEN:
            return None
        if self._keys.admit(scope["headers"]):
            return None
        self._count("key")
        answer = problem(scope["path"], 401, "expected one of the service's keys, as Authorization: Bearer KEY")
        answer.headers["www-authenticate"] = 'Bearer realm="kindred"'
        return answer


def documented(document: dict[str, Any], *, everything: bool) -> dict[str, Any]:
    """The OpenAPI document with the scheme, and where it applies."""
    document["components"]["securitySchemes"] = {
        _SCHEME: {"type": "http", "scheme": "bearer", "description": "One of the keys that the service was given."}
    }
    for path, operations in document["paths"].items():
        if path not in OPEN and (everything or path.startswith(_ADMIN)):
            for operation in operations.values():
                operation["security"] = [{_SCHEME: []}]
                operation["responses"]["401"] = _problem("No good key came with the request.")
                if path.startswith(_ADMIN):
                    operation["responses"].setdefault("404", _problem("The service has no keys."))
    return document


def _problem(description: str) -> Mapping[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
