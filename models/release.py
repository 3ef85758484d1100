"""What a release is: a folder of plain arrays and JSON, and a frozen description of it (format 1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import files
from models.catalogue import Catalogue
from models.errors import IntegrityError
from models.manifest import Manifest, content_hash, read_manifest
from models.scores import BoolArray, FloatArray

MODEL_NAMES = ("item2vec", "deepwalk", "node2vec")
MAX_NEIGHBOURS = 100
_MODEL_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, eq=False)
class Model:
    """One recipe's embedding of every movie of the catalogue.

    Attributes:
        vectors: float32 (n_movies, dim), finite: learned where `learned`, else inferred from metadata.
        learned: bool (n_movies,), True where the vector was learned from viewers.
        neighbour_rows: int32 (n_movies, k), the k <= 100 most similar learned movies, best first, never the
            movie itself; -1 fills the end where there are fewer.
        neighbour_scores: float32 (n_movies, k), their cosines, six significant digits; 0 beside -1.
        output: float32 (n_movies, dim), context vectors for "watched next"; rows of movies not learned are
            zero; None where the training has none (no negative sampling).
    """

    vectors: FloatArray
    learned: BoolArray
    neighbour_rows: npt.NDArray[np.int32]
    neighbour_scores: FloatArray
    output: FloatArray | None = None

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return int(self.vectors.shape[1])


@dataclass(frozen=True, eq=False)
class Release:
    """A loaded release; arrays are memory-mapped and read-only."""

    manifest: Manifest
    catalogue: Catalogue
    models: Mapping[str, Model] = field(repr=False)

    @property
    def id(self) -> str:
        """The version's name."""
        return self.manifest.id


def save(
    folder: Path,
    catalogue: Catalogue,
    models: Mapping[str, Model],
    *,
    created_at: str,
    default_model: str,
    settings: Mapping[str, Any],
    data: Mapping[str, Any],
    metrics: Mapping[str, Any] | None = None,
    libraries: Mapping[str, str] | None = None,
) -> Manifest:
    """Write a release into an empty folder, manifest last; without manifest.json it is no release.

    Raises:
        IntegrityError: the arrays do not fit each other; nothing was written.
    """
    if default_model not in models:
        raise IntegrityError(f"default model {default_model!r} is not among {', '.join(models)}")
    for name, model in models.items():
        _check_model(name, model, len(catalogue))
    described = {"catalogue.json": files.write_json(folder / "catalogue.json", catalogue.to_json())}
    for name, model in models.items():
        for file, array in _arrays(model).items():
            described[f"{name}/{file}"] = files.write_array(folder / name / file, array)
        files.flush_folder(folder / name)
    content = content_hash(described, settings)
    manifest = Manifest(
        id=f"{re.sub('[-:]', '', created_at)}-{content[:8]}",
        created_at=created_at,
        content_hash=content,
        default_model=default_model,
        settings=settings,
        data=data,
        metrics=metrics or {},
        libraries=libraries or {},
        files=described,
    )
    files.write_json(folder / "manifest.json", vars(manifest))
    files.flush_folder(folder)
    return manifest


def load(folder: Path, *, check_hashes: bool = True) -> Release:
    """Load a release, arrays memory-mapped, after checking all of it against its manifest.

    Args:
        folder: `<models dir>/versions/<id>`.
        check_hashes: also read every byte; False only where the same process has just done so.

    Raises:
        FormatVersionError: written in another format.
        IntegrityError: a file is missing, damaged or of the wrong dtype or shape.
    """
    try:
        return _load(folder, check_hashes)
    except OSError as error:
        raise IntegrityError(f"{folder.name}: cannot be read: {error}") from error


def _load(folder: Path, check_hashes: bool) -> Release:
    manifest = read_manifest(folder)
    if check_hashes:
        files.check(folder, manifest.files)
        if content_hash(manifest.files, manifest.settings) != manifest.content_hash:
            raise IntegrityError(f"{folder.name}: settings or file list do not fit the content hash")
    if "catalogue.json" not in manifest.files:
        raise IntegrityError("manifest.json: expected a file catalogue.json, found none")
    catalogue = Catalogue.from_json(files.read_json(folder / "catalogue.json"))
    names = sorted({name.split("/")[0] for name in manifest.files if name.endswith("/vectors.npy")})
    models = {name: _load_model(folder, name, manifest, len(catalogue)) for name in _in_order(names)}
    if manifest.default_model not in models:
        raise IntegrityError(f"manifest.json: default model {manifest.default_model!r} is not in the release")
    return Release(manifest, catalogue, models)


def _load_model(folder: Path, name: str, manifest: Manifest, n_movies: int) -> Model:
    def array(file: str, dtype: str, *columns: int | None) -> npt.NDArray[Any]:
        path = f"{name}/{file}"
        described = manifest.files.get(path)
        if described is None:
            raise IntegrityError(f"manifest.json: expected a file {path}, found none")
        shape = described.get("shape")
        own = shape[1] if isinstance(shape, list) and len(shape) == 2 else 0
        expected = (n_movies, *(own if wide is None else wide for wide in columns))
        if described.get("dtype") != dtype or shape != list(expected):
            found = f"{described.get('dtype')} {shape} in manifest.json"
            raise IntegrityError(f"{path}: expected {dtype} {expected}, found {found}")
        return files.map_array(folder / path, path, dtype, expected)

    vectors = array("vectors.npy", "float32", None)
    rows = array("neighbours.rows.npy", "int32", None)
    output = array("output.npy", "float32", vectors.shape[1]) if f"{name}/output.npy" in manifest.files else None
    scores = array("neighbours.scores.npy", "float32", rows.shape[1])
    model = Model(vectors, array("learned.npy", "bool"), rows, scores, output)
    _check_model(name, model, n_movies)
    return model


def _check_model(name: str, model: Model, n_movies: int) -> None:
    """Refuse arrays that do not fit each other or hold impossible values."""
    if not _MODEL_NAME.fullmatch(name):
        raise IntegrityError(f"{name!r} is not a model's name: expected lower-case letters, digits, - and _")
    shapes = {file: (str(array.dtype), array.shape) for file, array in _arrays(model).items()}
    dim, k = model.vectors.shape[-1], model.neighbour_rows.shape[-1]
    expected = {
        "vectors.npy": ("float32", (n_movies, dim)),
        "learned.npy": ("bool", (n_movies,)),
        "neighbours.rows.npy": ("int32", (n_movies, k)),
        "neighbours.scores.npy": ("float32", (n_movies, k)),
        "output.npy": ("float32", (n_movies, dim)),
    }
    for file, found in shapes.items():
        if found != expected[file]:
            raise IntegrityError(f"{name}/{file}: expected {expected[file]}, found {found}")
    if dim < 1 or k > MAX_NEIGHBOURS:
        raise IntegrityError(f"{name}: expected dim >= 1 and k <= {MAX_NEIGHBOURS}, found {dim} and {k}")
    for file in ("vectors.npy", "neighbours.scores.npy", "output.npy"):
        if file in shapes and not np.isfinite(_arrays(model)[file]).all():
            raise IntegrityError(f"{name}/{file}: expected finite numbers, found NaN or infinity")
    rows = model.neighbour_rows
    if rows.size and (rows.min() < -1 or rows.max() >= n_movies):
        raise IntegrityError(f"{name}/neighbours.rows.npy: expected rows -1..{n_movies - 1}")


def _arrays(model: Model) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {
        "vectors.npy": model.vectors,
        "learned.npy": model.learned,
        "neighbours.rows.npy": model.neighbour_rows,
        "neighbours.scores.npy": model.neighbour_scores,
    }
    return arrays if model.output is None else {**arrays, "output.npy": model.output}


def _in_order(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (MODEL_NAMES.index(name) if name in MODEL_NAMES else 99, name))
