"""Releases to look at: a small training of the sample, and what is made of it."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

import kindred
from bench.catalogues import catalogue_of
from models import Catalogue, Model, Registry, Release, save
from tests.small import sample_ratings, train_arguments

VIEWERS = 300
LATER = "2026-12-24T12:00:00Z"
LABEL = "simulated viewers (test)"


def train(folder: Path) -> Path:
    """All four models of the sample's films, learned from few viewers in a few seconds; live."""
    ratings = sample_ratings(folder, VIEWERS)
    store = folder / "store"
    assert kindred.main(train_arguments(ratings, store, "--label", LABEL, "--deterministic")) == 0
    return store


def copied(store: Path, folder: Path) -> Path:
    """The same releases in a folder of their own, to be changed."""
    shutil.copytree(store, folder)
    return folder


def add(
    store: Path,
    release: Release,
    catalogue: Catalogue,
    *,
    models: Mapping[str, Model] | None = None,
    label: str = LABEL,
    created_at: str = LATER,
) -> str:
    """Add a release like another one, without promoting it; its id."""
    manifest = release.manifest
    return Registry(store).add(
        lambda target: save(
            target,
            catalogue,
            models or release.models,
            created_at=created_at,
            default_model=manifest.default_model,
            settings=manifest.settings,
            data={**manifest.data, "label": label},
            metrics=manifest.metrics,
            libraries=manifest.libraries,
            evidence=release.evidence,
            viewers=release.viewers,
        )
    )


def retitled(catalogue: Catalogue, title: Callable[[str], str]) -> Catalogue:
    """The same films under other names."""
    return replace(catalogue, titles=tuple(map(title, catalogue.titles)), _masks={})


def turned(release: Release) -> dict[str, Model]:
    """The same models, each under the name of another: every answer changes."""
    names = list(release.models)
    return {name: release.models[other] for name, other in zip(names, [*names[1:], names[0]], strict=True)}


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "\"'><svg/onload=alert(3)>",
    "\u202etxet desreveR\u202c",
    "javascript:alert(4)",
    "${alert(5)} {{7*7}} %3Cb%3E &lt;b&gt; &amp;",
    "W" * 500,
    "Zalgo\u0301\u0301\u0301\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3ac \u0000\ufffd",
    "a\tb\r\nc",
)
HOSTILE_GENRE = "<b onmouseover=alert(6)>Genre</b>"
HOSTILE_LABEL = "<img src=x onerror=alert(7)>"


def hostile(release: Release, around: str) -> tuple[Catalogue, dict[str, str]]:
    """The film `around` and those most like it get hostile names; ids and names of these, best first."""
    row = release.catalogue.row_of[around]
    model = release.models[release.manifest.default_model]
    rows = [row, *model.neighbour_rows[row][: len(HOSTILE) - 1].tolist()]
    titles, genres = list(release.catalogue.titles), list(release.catalogue.genres)
    years = np.array(release.catalogue.years)
    for place, name in zip(rows, HOSTILE, strict=True):
        titles[place] = name
        genres[place] = (HOSTILE_GENRE, *genres[place])
    years[rows[3]] = 0
    changed = replace(release.catalogue, titles=tuple(titles), genres=tuple(genres), years=years, _masks={})
    return changed, {release.catalogue.ids[place]: titles[place] for place in rows}


def large(folder: Path, n: int = 60_000) -> Path:
    """A release of many films with a map; neighbours are made up, as everything that is not looked at."""
    random = np.random.default_rng(592)
    rows = random.integers(n, size=(n, 20), dtype=np.int32)
    rows = np.where(rows == np.arange(n, dtype=np.int32)[:, None], (rows + 1) % n, rows).astype(np.int32)
    scores = np.ascontiguousarray(np.broadcast_to(np.linspace(0.9, 0.1, 20, dtype=np.float32), rows.shape))
    vectors = random.normal(size=(n, 8)).astype(np.float32)
    model = Model(vectors, np.full(n, True), rows, scores, map=vectors[:, :2].copy())
    registry = Registry(folder)
    registry.promote(
        registry.add(
            lambda target: save(
                target,
                catalogue_of(n),
                {"item2vec": model},
                created_at=LATER,
                default_model="item2vec",
                settings={"item2vec": {"seed": 592}},
                data={"label": "synthetic", "map": {"method": "pca"}},
            )
        )
    )
    return folder


def plain(text: str) -> str:
    """A text as a person reads it off the screen: blanks and line breaks are one blank."""
    return re.sub(r"\s+", " ", text).strip()
