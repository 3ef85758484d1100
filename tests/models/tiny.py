"""Releases of six films, whose cosines can be worked out by hand."""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models import Catalogue, Manifest, Model, Registry, files, save
from models.manifest import content_hash, id_of, manifest_hash

FIRST, SECOND, THIRD = (f"2026-01-0{day}T00:00:00Z" for day in (1, 2, 3))

# id, title, year, genres, likes, vector, learned
FILMS: list[tuple[str, str, int, tuple[str, ...], int, tuple[int, ...], bool]] = [
    ("1", "Toy Story", 1995, ("Adventure", "Comedy"), 215, (0, 1, 0, 0), True),
    ("2571", "Matrix, The", 1999, ("Action", "Sci-Fi"), 278, (1, 1, 0, 0), True),
    ("592", "Batman", 1989, ("Action", "Crime"), 189, (1, 0, 0, 0), True),
    ("593", "Silence of the Lambs, The", 1991, ("Crime", "Horror"), 279, (3, 4, 0, 0), True),
    ("85123A", "85123A", 0, (), 0, (0, 0, 2, 0), False),
    ("ü 7", "Amélie", 2001, ("Comedy",), 120, (-1, 0, 0, 0), True),
]


def catalogue() -> Catalogue:
    ids, titles, years, genres, likes, _, _ = zip(*FILMS, strict=True)
    return Catalogue(ids, titles, np.array(years, dtype=np.int16), genres, np.array(likes, dtype=np.int32))


def model(scale: float = 1, *, output: bool = True, k: int = 3) -> Model:
    vectors = np.array([film[5] for film in FILMS], dtype=np.float32) * np.float32(scale)
    learned = np.array([film[6] for film in FILMS])
    rows = np.full((len(FILMS), k), -1, dtype=np.int32)
    scores = np.zeros((len(FILMS), k), dtype=np.float32)
    for row, vector in enumerate(vectors.tolist()):
        others = [other for other in np.flatnonzero(learned).tolist() if other != row]
        scored = [(float(f"{cosine(vector, vectors[other].tolist()):.6g}"), other) for other in others]
        found = sorted(scored, key=lambda one: (-one[0], one[1]))[:k]
        rows[row, : len(found)] = [other for _, other in found]
        scores[row, : len(found)] = [score for score, _ in found]
    context = np.where(learned[:, None], vectors[:, ::-1], 0).astype(np.float32)
    return Model(vectors, learned, rows, scores, context if output else None)


def cosine(left: list[float], right: list[float]) -> float:
    product = sum(a * b for a, b in zip(left, right, strict=True))
    return product / (math.hypot(*left) * math.hypot(*right))


def write(folder: Path, created_at: str = FIRST, scale: float = 1, **changes: Any) -> Manifest:
    """`save` of both models into `folder`."""
    given: dict[str, Any] = {
        "default_model": "item2vec",
        "settings": {"item2vec": {"seed": 592}, "deepwalk": {"seed": 592}},
        "data": {"label": "made by hand", "users": 3},
        "metrics": {"item2vec": {"hr@10": 0.25}},
        "libraries": {"numpy": "2"},
        "models": {"item2vec": model(scale), "deepwalk": model(2 * scale, output=False)},
    } | changes
    return save(folder, catalogue(), given.pop("models"), created_at=created_at, **given)


def publish(registry: Registry, created_at: str = FIRST, scale: float = 1) -> str:
    """Add a release without promoting it."""
    return registry.add(lambda folder: write(folder, created_at, scale))


def flip(path: Path, position: int = -1, bits: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= bits
    path.write_bytes(content)


def forge(folder: Path, change: Callable[[dict[str, Any]], object] = lambda manifest: manifest) -> None:
    """Change the manifest by a hand that knows the format: every hash is right again."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    for name, described in manifest["files"].items():
        if (folder / name).is_file():
            content = (folder / name).read_bytes()
            described |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["content_hash"] = content_hash(manifest["files"], manifest["settings"])
    manifest["id"] = id_of(manifest["created_at"], manifest["content_hash"])
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same with its own hash right again."""
    content = {key: value for key, value in manifest.items() if key != "manifest_hash"}
    return content | {"manifest_hash": manifest_hash(content)}


def forge_array(folder: Path, name: str, array: np.ndarray) -> None:
    described = files.write_array(folder / name, array)
    forge(folder, lambda manifest: manifest["files"].update({name: described}))
