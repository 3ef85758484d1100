"""What is different between two releases: numbers, settings, films, neighbours, vectors."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.catalogue import Catalogue
from models.model import Model
from models.release import Release
from models.scores import unit_rows

_SIDES = ("before", "after")
METRICS = ("hr@10", "hr@20", "ndcg@10", "mrr")
SHOWN = 20
LIST = 10

Rows = npt.NDArray[np.intp]


def diff(one: Release, other: Release) -> dict[str, Any]:
    """Two releases side by side, as `kindred diff --json` prints it (keys in snake_case).

    Args:
        one: the earlier, say; its values stand under `before`.
        other: the later; its values stand under `after`.

    Returns:
        before, after: ids; default_model, protocol: of each; metrics, settings: what `_metrics` and `_settings` say;
        added, gone: how many films and the first SHOWN; neighbours: mean overlap@10 of one model's stored lists over
        the films that both have learned, and the SHOWN films whose lists have least in common; vectors: for each model
        in both the mean cosine of a film's two vectors (near 0 where axes differ), None where dimensions differ.
    """
    here, there = _shared(one.catalogue, other.catalogue)
    manifests = {"before": one.manifest, "after": other.manifest}
    return {
        "before": one.id,
        "after": other.id,
        "default_model": {side: manifest.default_model for side, manifest in manifests.items()},
        "protocol": {side: manifest.metrics.get("protocol") for side, manifest in manifests.items()},
        "metrics": _metrics(one.manifest.metrics, other.manifest.metrics),
        "settings": _settings(one.manifest.settings, other.manifest.settings),
        "added": _films(other.catalogue, np.setdiff1d(np.arange(len(other.catalogue)), there)),
        "gone": _films(one.catalogue, np.setdiff1d(np.arange(len(one.catalogue)), here)),
        "neighbours": _neighbours(one, other, here, there),
        "vectors": {
            name: _vectors(model, other.models[name], here, there)
            for name, model in one.models.items()
            if name in other.models
        },
    }


def overlaps(
    before: npt.NDArray[np.integer], after: npt.NDArray[np.integer], moved: npt.NDArray[np.integer], k: int = LIST
) -> npt.NDArray[np.float64]:
    """float64 (n,), the share of movies that two lists have in common, line by line.

    overlap@k = |first k before, first k after| / max(their lengths): 1 the same movies in any order, 0 none.

    Args:
        before: int (n, >=k), rows of the one release, -1 behind the end.
        after: int (n, >=k), rows of the other.
        moved: int (n_movies of the one,), where a row stands in the other release, -1 where it is gone.
        k: how many of the best.
    """
    before, after = before[:, :k], after[:, :k]
    known = np.where(before >= 0, moved[np.maximum(before, 0)], -1)
    same = ((known[:, :, None] == after[:, None, :]) & (known[:, :, None] >= 0)).any(axis=2).sum(axis=1)
    lengths = np.maximum((before >= 0).sum(axis=1), (after >= 0).sum(axis=1))
    share: npt.NDArray[np.float64] = np.where(lengths > 0, same / np.maximum(1, lengths), 1.0)
    return share


def _shared(one: Catalogue, other: Catalogue) -> tuple[Rows, Rows]:
    """Rows in each of the movies that both have, in order of ids."""
    here = [row for row, movie_id in enumerate(one.ids) if movie_id in other.row_of]
    return np.array(here, dtype=np.intp), np.array([other.row_of[one.ids[row]] for row in here], dtype=np.intp)


def _metrics(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every model, relation and task of either: {"name", "relation", "task", "hr@10": {"before", "after"}, ..}."""
    tables = [
        {(row["name"], row["relation"], row["task"]): row for row in metrics.get("rows", ()) if row["kind"] == "model"}
        for metrics in (before, after)
    ]
    return [
        {
            **dict(zip(("name", "relation", "task"), key, strict=True)),
            **{
                metric: {side: table.get(key, {}).get(metric) for side, table in zip(_SIDES, tables, strict=True)}
                for metric in METRICS
            },
        }
        for key in dict.fromkeys(key for table in tables for key in table)
    ]


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each setting that differs, of the models in both; a model in one alone is one line without a setting."""
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            found.append({"model": name, "setting": None, "before": name in before, "after": name in after})
            continue
        one, other = before[name], after[name]
        found += [
            {"model": name, "setting": key, "before": one.get(key), "after": other.get(key)}
            for key in dict.fromkeys([*one, *other])
            if one.get(key) != other.get(key)
        ]
    return found


def _neighbours(one: Release, other: Release, here: Rows, there: Rows) -> dict[str, Any] | None:
    """Of the later default model, or the first that both have; None where there is none."""
    names = [name for name in other.models if name in one.models]
    names.sort(key=lambda name: name != other.manifest.default_model)
    if not names:
        return None
    before, after = one.models[names[0]], other.models[names[0]]
    both = before.learned[here] & after.learned[there]
    moved = np.full(len(one.catalogue), -1, dtype=np.intp)
    moved[here] = there
    here, there = here[both], there[both]
    shares = overlaps(before.neighbour_rows[here], after.neighbour_rows[there], moved)
    # of equal ones first those that most people will notice
    order = np.lexsort((there, -other.catalogue.likes[there].astype(np.int64), shares))[:SHOWN]
    changed = [
        _film(other.catalogue, int(there[place])) | {"overlap": round(float(shares[place]), 6)} for place in order
    ]
    mean = round(float(shares.mean()), 6) if len(shares) else None
    return {"model": names[0], "movies": len(shares), "overlap": mean, "changed": changed}


def _vectors(before: Model, after: Model, here: Rows, there: Rows) -> dict[str, Any]:
    both = before.learned[here] & after.learned[there]
    mean = None
    if before.dimension == after.dimension and both.any():
        left, right = unit_rows(before.vectors[here[both]]), unit_rows(after.vectors[there[both]])
        mean = round(float(np.einsum("ij,ij->i", left, right, dtype=np.float64).mean()), 6)
    dimension = {"before": before.dimension, "after": after.dimension}
    return {"movies": int(both.sum()), "dimension": dimension, "cosine": mean}


def _films(catalogue: Catalogue, rows: Rows) -> dict[str, Any]:
    return {"count": len(rows), "movies": [_film(catalogue, int(row)) for row in rows[:SHOWN]]}


def _film(catalogue: Catalogue, row: int) -> dict[str, Any]:
    year = int(catalogue.years[row]) or None
    likes = int(catalogue.likes[row])
    return {"movie_id": catalogue.ids[row], "title": catalogue.titles[row], "year": year, "likes": likes}
