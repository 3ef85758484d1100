"""What a release says of its movies and models, as the wire shows it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from app.errors import UnknownModelError
from app.queries import VectorsBody
from app.schemas import (
    ModelDetail,
    ModelList,
    ModelSummary,
    Movie,
    MovieDetail,
    MovieName,
    MovieVector,
    MovieVectors,
    Source,
    VectorEntry,
)
from app.space import Space
from app.state import Loaded
from models import Catalogue
from models.camel import camel_keys
from models.catalogue import NO_YEAR
from models.scores import six_digits


def movie(catalogue: Catalogue, row: int) -> Movie:
    """One movie as the wire shows it."""
    return Movie(**facts_of(catalogue, row))


def name_of(catalogue: Catalogue, row: int) -> dict[str, object]:
    """Enough of a movie to recognise it, in the words of the wire."""
    return MovieName(**_name(catalogue, row)).model_dump(by_alias=True)


def facts_of(catalogue: Catalogue, row: int) -> dict[str, Any]:
    """All of a movie, by our own names."""
    return {
        **_name(catalogue, row),
        "genres": list(catalogue.genres[row]),
        "likes": int(catalogue.likes[row]),
    }


def movie_detail(loaded: Loaded, row: int) -> MovieDetail:
    """The answer of GET /movies/{movieId}."""
    sources = {name: source_of(space, row) for name, space in loaded.spaces.items()}
    return MovieDetail(**facts_of(loaded.catalogue, row), sources=sources)


def space_of(loaded: Loaded, name: str | None) -> tuple[str, Space]:
    """The named model, the release's default one if none is named.

    Raises:
        UnknownModelError: listing the models.
    """
    name = name or loaded.release.manifest.default_model
    space = loaded.spaces.get(name)
    if space is None:
        raise UnknownModelError(name, list(loaded.spaces))
    return name, space


def source_of(space: Space, *rows: int) -> Source:
    """Learned if all of the rows are."""
    return "learned" if all(space.model.learned[row] for row in rows) else "inferred"


def vector_of(loaded: Loaded, name: str, space: Space, row: int) -> MovieVector:
    """One movie's vector in one model."""
    return MovieVector(
        movie_id=loaded.catalogue.ids[row],
        model=name,
        release=loaded.release.id,
        dimension=space.model.dimension,
        source=source_of(space, row),
        vector=_numbers(space.model.vectors[row]),
    )


def vectors_of(loaded: Loaded, asked: VectorsBody) -> MovieVectors:
    """The answer of POST /vectors; an id asked for twice is answered once."""
    name, space = space_of(loaded, asked.model)
    entries = []
    for movie_id in known(loaded.catalogue, asked.movie_ids):
        row = loaded.catalogue.row_of[movie_id]
        vector = _numbers(space.model.vectors[row])
        entries.append(VectorEntry(movie_id=movie_id, source=source_of(space, row), vector=vector))
    return MovieVectors(
        model=name,
        release=loaded.release.id,
        dimension=space.model.dimension,
        vectors=entries,
        unknown=unknown(loaded.catalogue, asked.movie_ids),
    )


def model_list(loaded: Loaded) -> ModelList:
    """The answer of GET /models."""
    manifest = loaded.release.manifest
    return ModelList(
        release=manifest.id,
        created_at=manifest.created_at,
        default=manifest.default_model,
        data=camel_keys(dict(manifest.data)),
        models=[ModelSummary(**_summary(loaded, name)) for name in loaded.spaces],
        users=len(loaded.release.viewers or ()),
    )


def model_detail(loaded: Loaded, name: str) -> ModelDetail:
    """The answer of GET /models/{name}.

    Raises:
        UnknownModelError: listing the models.
    """
    if name not in loaded.spaces:
        raise UnknownModelError(name, list(loaded.spaces))
    manifest, folder = loaded.release.manifest, f"{name}/"
    return ModelDetail(
        **_summary(loaded, name),
        release=manifest.id,
        settings=camel_keys(manifest.settings.get(name, {})),
        metrics=_metrics(manifest.metrics, name),
        sizes={
            file.removeprefix(folder): described["bytes"]
            for file, described in manifest.files.items()
            if file.startswith(folder)
        },
    )


def _metrics(measured: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The held-out table as far as it concerns one model: its own rows, and those of the baselines."""
    rows = measured.get("rows", [])
    if not rows:
        return {}
    about: dict[str, Any] = camel_keys({key: value for key, value in measured.items() if key != "rows"})
    about["rows"] = [camel_keys(row) for row in rows if row["kind"] == "model" and row["name"] == name]
    about["baselines"] = [camel_keys(row) for row in rows if row["kind"] == "baseline"]
    return about


def known(catalogue: Catalogue, movie_ids: list[str]) -> list[str]:
    """Those of the ids that the release knows, each once, in the order sent."""
    return [movie_id for movie_id in dict.fromkeys(movie_ids) if movie_id in catalogue.row_of]


def unknown(catalogue: Catalogue, movie_ids: list[str]) -> list[str]:
    """Those of the ids that the release does not know, each once, in the order sent."""
    return [movie_id for movie_id in dict.fromkeys(movie_ids) if movie_id not in catalogue.row_of]


def _numbers(vector: npt.NDArray[np.floating]) -> list[float]:
    digits: list[float] = six_digits(vector).tolist()
    return digits


def _summary(loaded: Loaded, name: str) -> dict[str, Any]:
    space = loaded.spaces[name]
    return {
        "name": name,
        "dimension": space.model.dimension,
        "movies": len(loaded.catalogue),
        "learned": space.learned_count,
        "relations": list(space.model.relations),
        "default": name == loaded.release.manifest.default_model,
    }


def _name(catalogue: Catalogue, row: int) -> dict[str, Any]:
    year = int(catalogue.years[row])
    return {
        "movie_id": catalogue.ids[row],
        "title": catalogue.titles[row],
        "year": None if year == NO_YEAR else year,
    }
