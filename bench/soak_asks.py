"""What a soak asks, and what each release answers to it: worked out beforehand, body for body."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote

import numpy as np

from app.metrics import Metrics
from app.settings import Settings
from app.state import Live, Loaded
from bench.inprocess import InProcess
from bench.soak_store import VIEWERS
from models import Registry

Random = np.random.Generator
FAILED, MIXED, ANY = -3, -2, -1
HOT = 50


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        wire: as it is sent.
        what: its kind and its first line, for people.
        answers: of each release, the status and a digest of the body; without a digest only the status counts.
        tagged: it names what the asker has already, so that 304 is an answer too.
    """

    wire: bytes
    what: str
    answers: tuple[tuple[int, bytes], ...]
    tagged: bool = False

    def release_of(self, status: int, body: bytes) -> int:
        """Which release answered so: its place, ANY where several answer alike, MIXED none, FAILED another status."""
        if status == 304 and self.tagged:
            return ANY
        if all(status != expected for expected, _ in self.answers):
            return FAILED
        digest = digest_of(body)
        fit = [place for place, (_, known) in enumerate(self.answers) if known in (b"", digest)]
        return MIXED if not fit else fit[0] if len(fit) == 1 else ANY


def digest_of(body: bytes) -> bytes:
    """16 bytes of hash."""
    return blake2b(body, digest_size=16).digest()


class Asking:
    """Makes requests of each kind; ids are those that all releases have."""

    def __init__(self, ids: Sequence[str], seed: int) -> None:
        """Ask about these films."""
        self._ids, self._random = list(ids), np.random.default_rng(seed)

    def kinds(self) -> dict[str, tuple[float, Callable[[], tuple[str, str, bytes]]]]:
        """Of each kind its share of the traffic, and a maker of method, target and body."""
        film, pick, number = self._film, self._pick, self._number
        return {
            "hot film": (25, lambda: ("GET", f"/similar/{self._ids[number(HOT)]}", b"")),
            "any film": (18, lambda: ("GET", f"/similar/{film()}?limit={1 + number(100)}", b"")),
            "filtered": (8, lambda: ("GET", f"/similar/{film()}?genre={pick('Action', 'Drama')}&yearFrom=1980", b"")),
            "dials": (4, lambda: ("GET", f"/similar/{film()}?diversity=0.4&popularity=-0.5", b"")),
            "next": (5, lambda: ("GET", f"/similar/{film()}?relation=next&model=item2vec", b"")),
            "history": (10, lambda: ("POST", "/similar", self._body(likes=self._films(8), dislikes=self._films(2)))),
            "vector": (5, lambda: ("GET", f"/vectors/{film()}?model={pick('item2vec', 'deepwalk')}", b"")),
            "vectors": (2, lambda: ("POST", "/vectors", self._body(movieIds=self._films(20)))),
            "search": (6, lambda: ("GET", f"/movies?query={quote(f'a flim of numbr {film()}')}", b"")),
            "film": (3, lambda: ("GET", f"/movies/{film()}", b"")),
            "explain": (4, lambda: ("GET", f"/explain/{film()}/{film()}", b"")),
            "compare": (2, lambda: ("GET", f"/compare/{film()}?limit=20", b"")),
            "viewer": (3, lambda: ("GET", f"/users/{number(VIEWERS)}/recommendations", b"")),
            "models": (2, lambda: ("GET", f"/models{pick('', '/item2vec', '/deepwalk')}", b"")),
            "map": (0.2, lambda: ("GET", f"/map?model={pick('item2vec', 'deepwalk')}", b"")),
            "page": (3, lambda: ("GET", f"/{pick('', 'ui/dom.js', 'ui/map.js', 'ui/route.js')}", b"")),
            "unknown": (2, lambda: ("GET", f"/{pick('similar', 'movies', 'vectors')}/no-{number(99)}", b"")),
            "malformed": (1, lambda: ("GET", f"/similar/{film()}?limit=-{1 + number(9)}", b"")),
            "no JSON": (0.5, lambda: ("POST", "/similar", b'{"likes": [')),
            "health": (1, lambda: ("GET", f"/{pick('livez', 'readyz', 'metrics', 'releases')}", b"")),
        }

    def _film(self) -> str:
        return self._ids[self._number(len(self._ids))]

    def _films(self, count: int) -> list[str]:
        return [self._film() for _ in range(count)]

    def _pick(self, *texts: str) -> str:
        return texts[self._number(len(texts))]

    def _number(self, below: int) -> int:
        return int(self._random.integers(below))

    def _body(self, **values: list[str]) -> bytes:
        return json.dumps(values).encode()


def asks_of(registry: Registry, versions: Sequence[str], most: int, seed: int) -> tuple[list[Ask], list[float]]:
    """About `most` different requests with what each version answers, and how often each is to be sent."""
    live = Live(registry, Metrics())
    ids = registry.load(versions[0]).catalogue.ids
    kinds = Asking(ids, seed).kinds()
    total = sum(share for share, _ in kinds.values())
    plans = []
    for kind, (share, make) in kinds.items():
        made = list(dict.fromkeys(make() for _ in range(max(4, round(most * share / total)))))
        plans += [(kind, share / len(made), one) for one in made]
    found: list[list[tuple[int, bytes]]] = [[] for _ in plans]
    tags: list[str | None] = [None] * len(plans)
    with InProcess(Settings(models=registry.folder, poll_seconds=0), live) as app:
        for version in versions:
            live.loaded, live.trouble = Loaded(registry.load(version)), None
            for place, (kind, _, (method, target, body)) in enumerate(plans):
                answer = app.ask(method, target, body, _headers(body))
                found[place].append((answer.status, b"" if kind == "health" else digest_of(answer.body)))
                tags[place] = answer.headers.get("etag")
    asks, weights = [], []
    for (kind, weight, (method, target, body)), answers, tag in zip(plans, found, tags, strict=True):
        asks.append(Ask(_wire(method, target, body), f"{kind}: {method} {target}", tuple(answers)))
        weights.append(weight)
        if tag is not None and kind in ("hot film", "page"):
            asks.append(
                Ask(_wire(method, target, body, f"If-None-Match: {tag}"), f"tagged: {target}", tuple(answers), True)
            )
            weights.append(weight / 4)
    return asks, weights


def _headers(body: bytes) -> list[tuple[str, str]]:
    known = [("host", "127.0.0.1")]
    return [*known, ("content-type", "application/json"), ("content-length", str(len(body)))] if body else known


def _wire(method: str, target: str, body: bytes, *more: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in _headers(body)), *more, "", ""]
    return "\r\n".join(lines).encode() + body
