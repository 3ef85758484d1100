"""New movies for the live release, without ratings and without training: what was learned stays bit by bit.

The regression is fitted again on the release's own learned vectors, so a release is all that is needed. The catalogue
is sorted by id, so that new movies move the rows of old ones: every array is moved along.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import Links, Model, Release, Store, files, save
from models.catalogue import NO_YEAR, Catalogue
from models.scores import unit_rows
from training.align import rotation
from training.blend import Weights, listed, scales, weights_of
from training.catalogue import Film, read_movies
from training.coldstart import with_inferred
from training.content import content
from training.errors import DataError
from training.live import beside, created_at
from training.maps import Drawing, with_maps
from training.neighbours import with_nearest
from training.places import placed
from training.progress import Steps
from training.records import Rejects
from training.settings import Settings
from training.tags import Tags, read_tags, shared

Rows = npt.NDArray[np.intp]


def update(registry: Store, movies_path: Path, tags_path: Path | None, steps: Steps) -> tuple[str, dict[str, Any]]:
    """Add a release made of the live one and a movies file; it is not promoted.

    Movies that are not there are added, with an inferred vector in every model. Of those that are, title, year, genres
    and tags become what the files say, where they say anything.

    Returns:
        The new release's id, and what the manifest says of the update.

    Raises:
        DataError: a file cannot be used, or has nothing new.
        ReleaseError: there is no live release, or it is damaged.
    """
    live = registry.load()
    drawing = drawing_of(live)
    films, rejects = read_movies(movies_path)
    tags, tag_rejects = read_tags(tags_path) if tags_path else ({}, Rejects())
    catalogue = grow(live.catalogue, films, tags)
    facts = {
        "from": live.id,
        "movies_file": {"name": movies_path.name, "sha256": files.sha256(movies_path)},
        "movies_rejected": rejects.to_json(),
        "tags_file": {"name": tags_path.name, "sha256": files.sha256(tags_path)} if tags_path else None,
        "tags_rejected": tag_rejects.to_json(),
        "added": len(catalogue) - len(live.catalogue),
        "changed": changed(live.catalogue, catalogue),
    }
    for file, turned_away in (("movies", rejects), ("tags", tag_rejects)):
        for reason, first in turned_away.by_reason.items():
            steps.say(f"{file}: {first.count:,} rows left out: {reason} (first at line {first.line}: {first.value!r})")
    if not facts["added"] and not facts["changed"]:
        raise DataError(f"{movies_path}: nothing new: all {len(films)} movies are in {live.id} as they are")
    steps.say(f"{facts['added']:,} movies added, {facts['changed']:,} changed")
    return _publish(registry, live, catalogue, drawing, facts, steps), facts


def drawing_of(release: Release) -> Drawing | None:
    """How the release's maps were made; None where it has none."""
    said = release.manifest.data.get("map")
    return None if said is None else Drawing(said["method"], said.get("seed", Settings.seed))


def grow(old: Catalogue, films: list[Film], tags: Tags) -> Catalogue:
    """The catalogue with these movies and tags; a film without year or genres keeps those it had."""
    known = dict(
        zip(old.ids, zip(old.titles, old.years.tolist(), old.genres, old.likes.tolist(), strict=True), strict=True)
    )
    for film in films:
        title, year, genres, likes = known.get(film.movie_id, (film.movie_id, NO_YEAR, (), 0))
        known[film.movie_id] = (film.title or title, film.year or year, film.genres or genres, likes)
    ids = sorted(known)
    titles, years, genre_lists, counts = zip(*(known[movie_id] for movie_id in ids), strict=True)
    named = shared(dict(zip(old.ids, old.tags, strict=False)) | {name: tags[name] for name in tags if name in known})
    return Catalogue(
        ids=tuple(ids),
        titles=titles,
        years=np.array(years, dtype=np.int16),
        genres=genre_lists,
        likes=np.array(counts, dtype=np.int32),
        tags=tuple(named.get(movie_id, ()) for movie_id in ids) if any(named.values()) else (),
    )


def changed(old: Catalogue, new: Catalogue) -> int:
    """How many movies of the old catalogue are described otherwise in the new one."""

    def described(catalogue: Catalogue, row: int) -> tuple[object, ...]:
        tags = catalogue.tags[row] if catalogue.tags else ()
        return catalogue.titles[row], int(catalogue.years[row]), catalogue.genres[row], tags

    pairs = ((row, new.row_of[movie_id]) for row, movie_id in enumerate(old.ids))
    return sum(described(old, row) != described(new, now) for row, now in pairs)


def moved(model: Model, rows: Rows, n_movies: int) -> Model:
    """What the model has learned, in a catalogue with more movies: the rest is empty, neighbours and map are not made.

    Args:
        model: of the old catalogue.
        rows: intp (n_movies before,), ascending: where each movie stands now.
        n_movies: how many movies there are now.
    """

    def spread(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        wide = np.zeros((n_movies, *array.shape[1:]), dtype=array.dtype)
        wide[rows] = array
        return wide

    none = np.empty((n_movies, 0), dtype=np.int32)
    return Model(
        spread(model.vectors),
        spread(model.learned),
        none,
        none.astype(np.float32),
        output=None if model.output is None else spread(model.output),
        priors=None if model.priors is None else np.ascontiguousarray(spread(np.asarray(model.priors).T).T),
        links=None if model.links is None else _moved_links(model.links, rows, n_movies),
    )


def _moved_links(links: Links, rows: Rows, n_movies: int) -> Links:
    counts = np.zeros(n_movies, dtype=np.int64)
    counts[rows] = np.diff(links.indptr)
    return Links(np.append(0, np.cumsum(counts)), rows[links.indices].astype(np.int32), np.asarray(links.values))


def _publish(
    registry: Store,
    live: Release,
    catalogue: Catalogue,
    drawing: Drawing | None,
    facts: Mapping[str, Any],
    steps: Steps,
) -> str:
    rows = np.array([catalogue.row_of[movie_id] for movie_id in live.catalogue.ids], dtype=np.intp)
    models: dict[str, Model] = {}
    settings = dict(live.manifest.settings)
    for name, model in live.models.items():
        with steps.step(f"{name}: neighbours", total=2 * len(catalogue)) as advance:
            wide = moved(model, rows, len(catalogue))
            said = dict(settings.get(name, {}))
            if parts := said.get("parts"):
                models[name] = with_nearest(
                    _side_by_side(wide, {part: models[part] for part in parts}, catalogue, weights_of(said))
                )
            else:
                inferred, fit = with_inferred(wide, catalogue)
                models[name] = with_nearest(inferred, tell=advance)
                settings[name] = said | {"inferred": fit.to_json()}
    manifest = live.manifest
    data = {**manifest.data, "movies": len(catalogue), "updated": facts}
    models = with_maps(models, drawing, beside(live, catalogue), steps)
    if drawing is not None:
        data["map"] = drawing.to_json()
    with steps.step("release"):
        return registry.add(
            lambda folder: save(
                folder,
                catalogue,
                models,
                created_at=created_at(registry),
                default_model=manifest.default_model,
                settings=settings,
                data=data,
                metrics=manifest.metrics,
                libraries=manifest.libraries,
                evidence=None if live.evidence is None else live.evidence.moved(rows, len(catalogue)),
                viewers=None if live.viewers is None else live.viewers.moved(rows),
                details=None if live.details is None else live.details.moved(rows, len(catalogue)),
            )
        )


def _side_by_side(model: Model, parts: Mapping[str, Model], catalogue: Catalogue, weights: Weights) -> Model:
    """A blend with the vectors that its parts inferred, and what movies are about on the axes it had (blend.py)."""
    blocks, width = [unit_rows(part.vectors) for part in parts.values()], sum(part.dimension for part in parts.values())
    known = np.flatnonzero(model.learned)
    old = model.vectors[:, width:]
    about = content(catalogue, model.learned) if old.shape[1] else None
    if about is not None:
        blocks.append(unit_rows((about @ rotation(about[known], old[known])).astype(np.float32)))
    scale = scales(len(parts), None if about is None else weights.content)
    joined = np.zeros_like(model.vectors)
    inferred = np.hstack([by * one for by, one in zip(scale, blocks, strict=True)])
    joined[:, : inferred.shape[1]] = inferred
    vectors = np.where(model.learned[:, None], model.vectors, joined)
    return placed(replace(model, vectors=vectors), listed(parts), catalogue.likes, weights.inferred_places)
