"""A small release with every optional file in it, and what the service answers from it."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from app.metrics import Metrics
from app.settings import Settings
from app.state import Live, Loaded
from bench.inprocess import InProcess
from models import Manifest, Model, Registry, Release, Viewers, save
from models.details import MOST, Details, Top
from tests.models.test_format_1_blend import HISTORIES, blended, counted
from tests.models.tiny import FIRST, SECOND, catalogue, model

OLD_STORES = ("format-1", "format-1-blend", "format-1-map")
MODELS = Path(__file__).parents[1] / "models"
ROWS = [
    {"name": name, "kind": kind, "relation": "similar", "task": "A", "hr@10": number, "hr@10_se": 0.0125}
    for name, kind, number in (
        ("blend", "model", 0.25),
        ("item2vec", "model", 0.125),
        ("popularity", "baseline", 0.0625),
    )
]
FILMS = ("1", "2571", "592", "593", "85123A", "%C3%BC%207")
ABOUT_FILMS = (
    *(f"/similar/{film}{query}" for film in FILMS for query in ("", "?model=item2vec", "?yearFrom=1900&popularity=1")),
    *(f"/similar/{film}?relation=next" for film in FILMS),
    *(f"/{kind}/{film}" for film in FILMS for kind in ("vectors", "movies", "compare")),
    *(f"/explain/592/{film}" for film in FILMS),
    *(f"/users/{user}{what}" for user in ("42", "7", "%C3%BC") for what in ("", "/vector", "/recommendations")),
    "/movies?query=matrix",
    "/catalogue",
)
# a map says how it was made, and the manifest knows
ASKED = (
    *ABOUT_FILMS,
    "/map",
    "/map?model=item2vec",
    "/getmovie?id=592",
    "/getsimilarmovie?movieId=592&size=5&model=emb",
)
ABOUT_MODELS = ("/models", "/models/blend", "/models/item2vec")


@cache
def _parts() -> tuple[Model, Model]:
    return blended(), model()


def write(folder: Path, created_at: str = FIRST, scale: float = 1) -> Manifest:
    """All there can be in a release: two models, one a blend, maps, tags, evidence, viewers, details, metrics."""
    films, seen = catalogue(), list(HISTORIES.values())
    tags = tuple(("space", "toys") if row % 2 else ("crime",) for row in range(len(films)))
    users = np.full((len(films), MOST), -1, dtype=np.int32)
    users[:, :2] = 1, 0
    top = Top(users, (users >= 0) * np.float32(4.5), (users >= 0) * 1e9)
    details = Details(films.likes, np.full(len(films), 4, dtype=np.float32), ("0112",) * 6, ("8",) * 6, top)
    rows, lengths = np.concatenate([np.array(one) for one in seen]), [len(one) for one in seen]
    return save(
        folder,
        replace(films, tags=tags),
        {"item2vec": _mapped(model(scale), 1), "blend": _mapped(_parts()[0], 2)},
        created_at=created_at,
        default_model="blend",
        settings={"item2vec": {"seed": 592}, "blend": {"parts": ["item2vec"], "popularity": 0.125}},
        data={"label": "made by hand", "users": 3, "map": {"method": "pca"}, "last_time": "2026-01-01T00:00:00Z"},
        metrics={"protocol": "leave-last-one", "questions": 600, "rows": ROWS},
        libraries={"numpy": "2", "gensim": "4.4"},
        evidence=counted(),
        viewers=Viewers.of(list(HISTORIES), rows, np.cumsum([0, *lengths])),
        details=details,
    )


def _mapped(made: Model, seed: int) -> Model:
    return replace(made, map=np.random.default_rng(seed).normal(size=(len(made.vectors), 2)).astype(np.float32))


def whole_store(folder: Path) -> Registry:
    """Two such releases; the second is live, the first was before it."""
    registry = Registry(folder)
    for created_at, scale in ((FIRST, 2), (SECOND, 1)):
        registry.promote(registry.add(lambda target, at=created_at, by=scale: write(target, at, by)))  # type: ignore[misc]
    return registry


def old_store(folder: Path, name: str) -> Registry:
    """A copy of a committed store, as releases were first written."""
    shutil.copytree(MODELS / name, folder)
    return Registry(folder)


class Answers:
    """One app, and any release that it is to answer from."""

    def __init__(self, registry: Registry) -> None:
        self._live = Live(registry, Metrics())
        self._app = InProcess(Settings(models=registry.folder, poll_seconds=0, compat="sparrow"), self._live)  # type: ignore[arg-type]
        self._app.__enter__()

    def of(self, release: Release, asked: tuple[str, ...] = ASKED) -> list[tuple[int, bytes]]:
        """Status and body of each answer."""
        self._live.loaded = Loaded(release)
        found = (self._app.ask("GET", target, headers=[("host", "here")]) for target in asked)
        return [(answer.status, answer.body) for answer in found]
