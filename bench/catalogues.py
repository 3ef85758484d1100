"""A synthetic release to be served, and its answers as ready bytes."""

import hashlib
import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np

from app import answers
from app.queries import SimilarParameters
from app.state import Loaded
from bench.data import BUILD, SEED
from bench.neighbours import clustered, unsearched
from models import Catalogue, Registry, save
from training.neighbours import nearest

GENRES = ("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Drama", "Fantasy", "Horror", "Thriller")
DIM = 64


def synthetic_store(n_movies: int, folder: Path = BUILD) -> Path:
    """A folder of releases whose live one has n_movies x 64; made once for each version of this file."""
    source = hashlib.sha256(Path(__file__).read_bytes() + inspect.getsource(clustered).encode()).hexdigest()[:8]
    store = folder / f"store-{n_movies}-{source}"
    registry = Registry(store)
    if registry.current() is None:
        model = unsearched(clustered(n_movies, DIM, SEED))
        rows, scores = nearest(model)
        models = {"item2vec": replace(model, neighbour_rows=rows, neighbour_scores=scores)}
        version = registry.add(
            lambda target: save(
                target,
                catalogue_of(n_movies),
                models,
                created_at="2026-11-24T00:00:00Z",
                default_model="item2vec",
                settings={"item2vec": {"seed": SEED}},
                data={"label": "synthetic, for the benchmark"},
            )
        )
        registry.promote(version)
    return store


def ready_bytes(store: Path) -> tuple[Path, Path]:
    """Every answer of `GET /similar/{movieId}` as the service writes it: one file of bodies, one of their bounds.

    Always made anew, so that they are what today's code answers; about 10,000 movies a second.
    """
    loaded, asked = Loaded(Registry(store).load()), SimilarParameters()
    bodies = [
        answers.similar_to_movie(loaded, row, asked).model_dump_json(by_alias=True).encode()
        for row in range(len(loaded.catalogue))
    ]
    bodies_path, bounds_path = store / "bodies.bin", store / "bounds.npy"
    bodies_path.write_bytes(b"".join(bodies))
    np.save(bounds_path, np.append(0, np.cumsum([len(body) for body in bodies])))
    return bodies_path, bounds_path


def catalogue_of(n_movies: int) -> Catalogue:
    """Films with made-up titles, years, genres and likes."""
    rng = np.random.default_rng(SEED)
    ids = sorted(str(10 + 3 * number) for number in range(n_movies))
    names = np.array(GENRES)
    return Catalogue(
        ids=tuple(ids),
        titles=tuple(f"A Film of Number {movie_id}" for movie_id in ids),
        years=rng.integers(1930, 2020, n_movies).astype(np.int16),
        genres=tuple(tuple(names[rng.permutation(10)[: rng.integers(1, 4)]].tolist()) for _ in ids),
        likes=(1e5 / (rng.permutation(n_movies) + 12)).astype(np.int32),
    )
