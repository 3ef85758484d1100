"""A small release with real titles and seeded arrays, and the service over it."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.main import create_app
from app.settings import Settings
from models import Catalogue, Evidence, Model, Registry, Viewers, save
from models.scores import best, cosines, unit_rows
from tests.serving import Running

with warnings.catch_warnings():
    # it would rather have httpx2, and takes httpx as well
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from fastapi.testclient import TestClient

STORED = 10
METRIC_ROWS = [
    {"name": "item2vec", "kind": "model", "relation": "similar", "task": "A", "hr@10": 0.25, "hr@10_se": 0.01},
    {"name": "deepwalk", "kind": "model", "relation": "similar", "task": "A", "hr@10": 0.2, "hr@10_se": 0.01},
    {"name": "item2vec", "kind": "model", "relation": "next", "task": "A", "hr@10": 0.5, "hr@10_se": 0.01},
    {"name": "popularity", "kind": "baseline", "relation": None, "task": "A", "hr@10": 0.05, "hr@10_se": 0.01},
]

# id|title|year|genres|likes; 0 where no year is known
FILMS = """
1|Toy Story|1995|Adventure,Animation,Children,Comedy,Fantasy|215
2|Jumanji|1995|Adventure,Children,Fantasy|110
6|Heat|1995|Action,Crime,Thriller|102
32|Twelve Monkeys (a.k.a. 12 Monkeys)|1995|Mystery,Sci-Fi,Thriller|177
47|Seven (a.k.a. Se7en)|1995|Mystery,Thriller|203
50|Usual Suspects, The|1995|Crime,Mystery,Thriller|204
110|Braveheart|1995|Action,Drama,War|237
153|Batman Forever|1995|Action,Adventure,Comedy,Crime|61
260|Star Wars: Episode IV - A New Hope|1977|Action,Adventure,Sci-Fi|251
296|Pulp Fiction|1994|Comedy,Crime,Drama,Thriller|307
318|Shawshank Redemption, The|1994|Crime,Drama|317
356|Forrest Gump|1994|Comedy,Drama,Romance,War|329
364|Lion King, The|1994|Adventure,Animation,Children,Drama,Musical|172
480|Jurassic Park|1993|Action,Adventure,Sci-Fi,Thriller|238
527|Schindler's List|1993|Drama,War|220
541|Blade Runner|1982|Action,Sci-Fi,Thriller|124
588|Aladdin|1992|Adventure,Animation,Children,Comedy,Musical|183
589|Terminator 2: Judgment Day|1991|Action,Sci-Fi|224
592|Batman|1989|Action,Crime,Thriller|189
593|Silence of the Lambs, The|1991|Crime,Horror,Thriller|279
608|Fargo|1996|Comedy,Crime,Drama,Thriller|181
858|Godfather, The|1972|Crime,Drama|192
924|2001: A Space Odyssey|1968|Adventure,Drama,Sci-Fi|109
1097|E.T. the Extra-Terrestrial|1982|Children,Drama,Sci-Fi|122
1196|Star Wars: Episode V - The Empire Strikes Back|1980|Action,Adventure,Sci-Fi|211
1200|Aliens|1986|Action,Adventure,Horror,Sci-Fi|126
1214|Alien|1979|Horror,Sci-Fi|146
1221|Godfather: Part II, The|1974|Crime,Drama|129
1377|Batman Returns|1992|Action,Crime|70
1721|Titanic|1997|Drama,Romance|140
2571|Matrix, The|1999|Action,Sci-Fi,Thriller|278
2858|American Beauty|1999|Drama,Romance|204
2959|Fight Club|1999|Action,Crime,Drama,Thriller|218
4886|Monsters, Inc.|2001|Adventure,Animation,Children,Comedy,Fantasy|132
4973|Amélie (Fabuleux destin d'Amélie Poulain, Le)|2001|Comedy,Romance|120
5349|Spider-Man|2002|Action,Adventure,Sci-Fi,Thriller|122
5618|Spirited Away (Sen to Chihiro no kamikakushi)|2001|Adventure,Animation,Fantasy|87
7153|Lord of the Rings: The Return of the King, The|2003|Action,Adventure,Drama,Fantasy|185
33794|Batman Begins|2005|Action,Crime|116
58559|Dark Knight, The|2008|Action,Crime,Drama|149
60069|WALL·E|2008|Adventure,Animation,Children,Romance,Sci-Fi|104
68954|Up|2009|Adventure,Animation,Children,Drama|105
79132|Inception|2010|Action,Crime,Drama,Mystery,Sci-Fi,Thriller|143
171749|Death Note: Desu nôto|0||0
a/b c|Pilot Reel|0||3
ü%|Oddity|2019|Drama|3
"""


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    rows = sorted(line.split("|") for line in FILMS.strip().splitlines())
    return Catalogue(
        ids=tuple(row[0] for row in rows),
        titles=tuple(row[1] for row in rows),
        years=np.array([row[2] for row in rows], dtype=np.int16),
        genres=tuple(tuple(row[3].split(",")) if row[3] else () for row in rows),
        likes=np.array([row[4] for row in rows], dtype=np.int32),
    )


def with_neighbours(vectors: np.ndarray, learned: np.ndarray, output: np.ndarray | None, k: int) -> Model:
    rows = np.full((len(vectors), k), -1, dtype=np.int32)
    scores = np.zeros((len(vectors), k), dtype=np.float32)
    units = unit_rows(vectors)
    for row, vector in enumerate(vectors):
        rough = np.where(learned, units @ units[row], -np.inf)
        rough[row] = -np.inf
        found, score = best(rough, lambda some, vector=vector: cosines(vector, vectors[some]), k)
        rows[row, : len(found)], scores[row, : len(found)] = found, score
    return Model(vectors, learned, rows, scores, output)


@pytest.fixture(scope="session")
def make_model(catalogue: Catalogue) -> Callable[..., Model]:
    """A seeded model; movies 2 and 3 share a vector, one is zero, every ninth movie is inferred."""

    def make(seed: int = 0, dimension: int = 8, *, output: bool = True, k: int = STORED) -> Model:
        random = np.random.default_rng(seed)
        count = len(catalogue)
        vectors = random.normal(size=(count, dimension)).astype(np.float32)
        vectors[3] = vectors[2]
        vectors[20] = 0
        learned = np.arange(count) % 9 != 4
        context = random.normal(size=(count, dimension)).astype(np.float32) * learned[:, None]
        made = with_neighbours(vectors, learned, context.astype(np.float32) if output else None, k)
        return replace(made, map=random.normal(size=(count, 2)).astype(np.float32))

    return make


# of viewers, oldest first; "42" is the one of the documentation
HISTORIES = {
    "42": ["592", "593", "1", "2571"],
    "7": ["a/b c"],
    "a/b": ["1", "2"],
    "a/b/recommendations": ["589"],
    "a/b/vector": ["588"],
    "recommendations": ["47"],
    "ü %?#\n": ["318", "296"],
}


def viewers_of(catalogue: Catalogue, histories: dict[str, list[str]]) -> Viewers:
    """The viewers of a release, from movie ids."""
    rows = [[catalogue.row_of[movie_id] for movie_id in likes] for likes in histories.values()]
    offsets = np.cumsum([0, *map(len, rows)])
    return Viewers.of(list(histories), np.array(sum(rows, []), dtype=np.int32), offsets)  # noqa: RUF017


@pytest.fixture(scope="session")
def publish(catalogue: Catalogue, make_model: Callable[..., Model]) -> Callable[..., str]:
    """Add a release to a folder, and promote it; the id."""

    def run(
        folder: Path,
        seed: int = 0,
        *,
        promote: bool = True,
        created_at: str = "2026-01-01T00:00:00Z",
        viewers: Viewers | None = None,
        evidence: Evidence | None = None,
    ) -> str:
        models = {"item2vec": make_model(seed), "deepwalk": make_model(seed + 1, 4, output=False)}
        registry = Registry(folder)
        version = registry.add(
            lambda target: save(
                target,
                catalogue,
                models,
                created_at=created_at,
                default_model="item2vec",
                settings={"item2vec": {"seed": seed, "window": 5}, "deepwalk": {"seed": seed}},
                data={"label": "simulated viewers (test)", "users": 3, "map": {"method": "umap"}},
                metrics={"protocol": "leave-last-one", "rows": METRIC_ROWS},
                viewers=viewers,
                evidence=evidence,
            )
        )
        if promote:
            registry.promote(version)
        return version

    return run


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., str], catalogue: Catalogue) -> Path:
    """Where the release lives that most tests only read."""
    path = tmp_path_factory.mktemp("store")
    publish(path, viewers=viewers_of(catalogue, HISTORIES))
    return path


@pytest.fixture(scope="session")
def model(make_model: Callable[..., Model]) -> Model:
    """The default model of `folder`."""
    return make_model()


@contextmanager
def service(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def serve() -> Callable[[Settings], object]:
    return service


@pytest.fixture(scope="session")
def client(folder: Path) -> Iterator[TestClient]:
    with service(Settings(models=folder, max_body_bytes=200_000)) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TestClient]:
    """The service with nothing to serve."""
    with service(Settings(models=tmp_path / "none", poll_seconds=3)) as made:
        yield made


@pytest.fixture(scope="session")
def run_service() -> Iterator[Callable[..., Running]]:
    """Start services that end with the tests."""
    started: list[Running] = []

    def start(folder: Path, *options: str, **environment: str) -> Running:
        running = Running(folder, *options, **environment)
        started.append(running)
        running.wait()
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            running.stop()


@pytest.fixture(scope="session")
def without_output(model: Model) -> Model:
    return replace(model, output=None)
