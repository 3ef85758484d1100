"""Releases that a soak switches between, each known by its answers, and releases that nobody must load."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from bench.catalogues import catalogue_of
from bench.neighbours import clustered, unsearched
from models import Model, Registry, Viewers, files, save
from models.manifest import content_hash, id_of, manifest_hash
from training.cooccurrence import evidence
from training.neighbours import with_nearest
from training.sequences import Sequences

DIM, VIEWERS, LIKES = 32, 400, 30
Manifest = dict[str, Any]


def add_release(registry: Registry, n_films: int, seed: int, created_at: str) -> str:
    """A release with everything in it; another seed is another answer to nearly every question."""
    rng = np.random.default_rng(seed)
    seen = [rng.choice(n_films, LIKES, replace=False) for _ in range(VIEWERS)]
    rows, offsets = np.concatenate(seen).astype(np.int32), np.arange(VIEWERS + 1, dtype=np.int64) * LIKES
    likes = np.bincount(rows, minlength=n_films).astype(np.int32)
    catalogue = replace(catalogue_of(n_films), likes=likes)
    models = {"item2vec": _model(n_films, seed, output=True), "deepwalk": _model(n_films, seed + 1, output=False)}
    return registry.add(
        lambda target: save(
            target,
            catalogue,
            models,
            created_at=created_at,
            default_model="item2vec",
            settings={name: {"seed": seed} for name in models},
            data={"label": f"synthetic, for the soak, {seed}", "map": {"method": "pca"}},
            metrics={"protocol": "leave-last-one", "rows": [_row(name, seed) for name in models]},
            evidence=evidence(Sequences(rows, offsets), n_films),
            viewers=Viewers.of([str(number) for number in range(VIEWERS)], rows, offsets),
        )
    )


def _model(n_films: int, seed: int, *, output: bool) -> Model:
    rng = np.random.default_rng(seed)
    plain = unsearched(clustered(n_films, DIM, seed))
    context = rng.normal(size=(n_films, DIM)).astype(np.float32) if output else None
    place = rng.normal(size=(n_films, 2)).astype(np.float32)
    return with_nearest(replace(plain, output=context, map=place))


def _row(name: str, seed: int) -> dict[str, Any]:
    return {"name": name, "kind": "model", "relation": "similar", "task": "A", "hr@10": seed / 1e3, "hr@10_se": 0.01}


def forged(folder: Path, change: Callable[[Manifest], object] = lambda manifest: manifest) -> Path:
    """The release of a folder with every hash made right again, under the name that is right then; where it is now."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    for name, described in manifest["files"].items():
        if (folder / name).is_file():
            content = (folder / name).read_bytes()
            described |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    manifest["content_hash"] = content_hash(manifest["files"], manifest["settings"])
    manifest["id"] = id_of(manifest["created_at"], manifest["content_hash"])
    manifest.pop("manifest_hash", None)
    manifest["manifest_hash"] = manifest_hash(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder.rename(folder.parent / manifest["id"])


def harm(registry: Registry, version: str, kind: str) -> str:
    """Damage a version in place, in one of KINDS; its name then."""
    folder = KINDS[kind](registry.folder / "versions" / version)
    return folder.name


def _flipped(folder: Path) -> Path:
    return _rewritten(folder, "item2vec/vectors.npy", lambda content: content[:-1] + bytes([content[-1] ^ 1]))


def _cut(folder: Path) -> Path:
    return _rewritten(folder, "item2vec/neighbours.rows.npy", lambda content: content[:-1])


def _missing(folder: Path) -> Path:
    (folder / "catalogue.json").unlink()
    return folder


def _future(folder: Path) -> Path:
    return forged(folder, lambda manifest: manifest.update(format_version=2))


def _half_a_manifest(folder: Path) -> Path:
    return _rewritten(folder, "manifest.json", lambda content: content[: len(content) // 2])


def _emptied(folder: Path) -> Path:
    (folder / "manifest.json").unlink()
    return folder


def _other_numbers(folder: Path) -> Path:
    return _rewritten(folder, "manifest.json", lambda content: content.replace(b'"hr@10": 0.', b'"hr@10": 1.', 1))


def _not_finite(folder: Path) -> Path:
    vectors = np.load(folder / "item2vec/vectors.npy")
    vectors[0, 0] = np.nan
    files.write_array(folder / "item2vec/vectors.npy", vectors)
    return forged(folder)


def _out_of_range(folder: Path) -> Path:
    rows = np.load(folder / "item2vec/neighbours.rows.npy")
    rows[0, 0] = len(rows)
    files.write_array(folder / "item2vec/neighbours.rows.npy", rows)
    return forged(folder)


def _objects(folder: Path) -> Path:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([{"a": 1}], dtype=object), version=(1, 0))
    (folder / "item2vec/vectors.npy").write_bytes(file.getvalue())
    return forged(folder)


def _archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "item2vec/vectors.npy", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("array.npy", bytes(1 << 20))
    return forged(folder)


def _link(folder: Path) -> Path:
    path = folder / "catalogue.json"
    path.rename(folder / "elsewhere.json")
    path.symlink_to(folder / "elsewhere.json")
    return folder


def _pipe(folder: Path) -> Path:
    (folder / "catalogue.json").unlink()
    os.mkfifo(folder / "catalogue.json")
    return folder


def _rewritten(folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    return folder


KINDS: dict[str, Callable[[Path], Path]] = {
    "a bit flipped": _flipped,
    "numbers that are none, hashes right": _not_finite,
    "a manifest of a future format": _future,
    "a file one byte short": _cut,
    "rows out of range, hashes right": _out_of_range,
    "half a manifest": _half_a_manifest,
    "a pipe in place of a file": _pipe,
    "no manifest": _emptied,
    "an array of objects, hashes right": _objects,
    "a link in place of a file": _link,
    "a zip archive in place of an array, hashes right": _archive,
    "other numbers in the manifest": _other_numbers,
    "a file that is gone": _missing,
}
