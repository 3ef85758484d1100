"""The response cache: what was answered before goes out as bytes, before any framework has a say.

A request meets two layers. `AnsweredBefore` stands in front of everything: one look into a dictionary. `FirstTime`
stands directly before the router: it lets the request be answered, once, and keeps the answer if it is 200, the same
for everybody, and of the release that is still live (docs/decisions/0017-response-cache.md).
"""

from collections.abc import Awaitable, Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.answer import Answer
from app.canonical import meaning, model_of, read
from app.correlation import REQUEST_ID_HEADER
from app.metrics import TEMPLATE, template
from app.observed import CACHED, PARTS, RELEASE, Observed
from app.queries import Parameters
from app.state import Live, Loaded

# A short cut past the framework: the body of 200, or None where the framework is to answer, errors above all.
ShortCut = Callable[[Loaded, Scope, Parameters], Awaitable[bytes | None]]

_BODY = frozenset({b"content-length", b"transfer-encoding"})
_HEEDED = _BODY | {REQUEST_ID_HEADER}
# Where in the scope an answer from memory waits to be sent.
_ANSWER = "kindred.answer"


class AnsweredBefore:
    """ASGI middleware, the outermost: answers what the live release has answered before."""

    def __init__(self, app: Observed, live: Live) -> None:
        """Wrap an app."""
        self.app = app
        self._live = live
        self._metrics = live.metrics
        self._observed = app.around(_send_kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        loaded = self._live.loaded
        answer = None if loaded is None else _find(loaded, scope)
        if loaded is None or answer is None:
            await self.app(scope, receive, send)
            return
        seen = self._observed.every
        for name, _ in scope["headers"]:
            if name in _HEEDED:
                if name in _BODY:  # may be too large, which others decide
                    await self.app(scope, receive, send)
                    return
                seen = True
        self._metrics.hit()
        if seen:
            scope[_ANSWER], scope[TEMPLATE] = answer, answer.route
            scope[RELEASE], scope[CACHED] = loaded.release.id, True
            await self._observed(scope, receive, send)
            return
        started = perf_counter()
        head, body = answer.messages(scope)
        await send(head)
        await send(body)
        self._metrics.observe(scope["method"], answer.route, head["status"], perf_counter() - started)


class FirstTime:
    """ASGI middleware, the innermost: lets a request be answered, and keeps the answer."""

    def __init__(self, app: ASGIApp, live: Live, short_cuts: dict[type[Parameters], ShortCut],
                 cache_bytes: int, cache_control: str) -> None:  # fmt: skip
        """Wrap an app; `cache_bytes` of 0 keeps nothing."""
        self.app = app
        self._live = live
        self._short_cuts = short_cuts
        self._most = cache_bytes
        self._cache_control = ((b"cache-control", cache_control.encode("ascii")),) if cache_control else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        loaded = self._live.loaded
        model = None
        if loaded is not None and scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            model = model_of(scope["path"].removeprefix(scope.get("root_path", "")))
        if loaded is None or model is None:
            await self.app(scope, receive, send)
            return
        asked = read(model, scope["query_string"])
        if asked is None:
            await _as_get(self.app, scope, receive, send)
            return
        key = meaning(scope["path"], asked, loaded.release.manifest.default_model)
        answer = loaded.kept.meaning(key)
        scope[RELEASE], scope[CACHED] = loaded.release.id, answer is not None
        if answer is None:
            started = perf_counter()
            answer = await self._answered(loaded, scope, receive, send, asked)
            if answer is None:
                return
            scope.setdefault(PARTS, []).append(("find", perf_counter() - started))
            self._live.metrics.miss()
        else:
            self._live.metrics.hit()
        scope[TEMPLATE] = answer.route
        # an answer may have been worked out while another release took over: then it is sent, and not kept
        if self._live.loaded is loaded:
            let_go = loaded.kept.add((scope["path"], scope["query_string"]), key, answer, self._most)
            self._live.metrics.show_kept(loaded.kept, let_go)
        for message in answer.messages(scope):
            await send(message)

    async def _answered(self, loaded: Loaded, scope: Scope, receive: Receive, send: Send,
                        asked: Parameters) -> Answer | None:  # fmt: skip
        """The answer worked out; None where the framework has sent something other than 200."""
        short_cut = self._short_cuts.get(type(asked))
        if short_cut is not None:
            body = await short_cut(loaded, scope, asked)
            if body is not None:
                return Answer(template(scope), body, self._cache_control)
        held: list[bytes] = []
        holding = False

        async def hold(message: Message) -> None:
            nonlocal holding
            if message["type"] == "http.response.start" and message["status"] == 200:
                holding = True
            elif holding:
                held.append(message.get("body", b""))
            else:
                await send(message)

        await _as_get(self.app, scope, receive, hold)
        return Answer(template(scope), b"".join(held), self._cache_control) if holding else None


def _find(loaded: Loaded, scope: Scope) -> Answer | None:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    return loaded.kept.find((scope["path"], scope["query_string"]))


async def _send_kept(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    answer: Answer = scope[_ANSWER]
    for message in answer.messages(scope):
        await send(message)


async def _as_get(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let HEAD be answered as GET is; without the body."""
    if scope["method"] == "GET":
        await app(scope, receive, send)
        return

    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    method, scope["method"] = scope["method"], "GET"
    try:
        await app(scope, receive, without_body)
    finally:
        scope["method"] = method
