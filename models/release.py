"""What a release is: a folder of plain arrays and JSON, and a frozen description of it (format 1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import files
from models.catalogue import Catalogue
from models.details import Details, check_details, read_details, write_details
from models.errors import IntegrityError
from models.evidence import Evidence, check_evidence, read_evidence, write_evidence
from models.lease import Lease
from models.manifest import Manifest, check_id, content_hash, id_of, read_manifest, write_manifest
from models.model import LAYOUT, REQUIRED, TOGETHER, Model, assemble, check_model, expected_shape, sizes_of
from models.viewers import Viewers, check_viewers, read_viewers, write_viewers

# the recipes, and blend, which is made of them
MODEL_NAMES = ("item2vec", "deepwalk", "node2vec")
BLEND = "blend"
_ORDER = (*MODEL_NAMES, BLEND)


@dataclass(frozen=True, eq=False)
class Release:
    """A loaded release; arrays are memory-mapped and read-only.

    Attributes:
        lease: what keeps it from being removed for as long as it is loaded.
    """

    manifest: Manifest
    catalogue: Catalogue
    models: Mapping[str, Model] = field(repr=False)
    evidence: Evidence | None = field(default=None, repr=False)
    viewers: Viewers | None = field(default=None, repr=False)
    lease: Lease | None = field(default=None, repr=False)
    details: Details | None = field(default=None, repr=False)

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
    evidence: Evidence | None = None,
    viewers: Viewers | None = None,
    details: Details | None = None,
) -> Manifest:
    """Write a release into an empty folder, manifest last; without manifest.json it is no release.

    Raises:
        IntegrityError: the arrays do not fit each other; nothing was written.
    """
    if default_model not in models:
        raise IntegrityError(f"default model {default_model!r} is not among {', '.join(models)}")
    for name, model in models.items():
        check_model(name, model, len(catalogue))
    if evidence is not None:
        check_evidence(evidence, catalogue.likes)
    if viewers is not None:
        check_viewers(viewers, len(catalogue))
    if details is not None:
        check_details(details, len(catalogue), len(viewers or ()))
    described = {"catalogue.json": files.write_json(folder / "catalogue.json", catalogue.to_json())}
    for name, model in models.items():
        for file, array in model.arrays().items():
            described[f"{name}/{file}"] = files.write_array(folder / name / file, array)
        files.flush_folder(folder / name)
    if evidence is not None:
        described |= write_evidence(folder, evidence)
    if viewers is not None:
        described |= write_viewers(folder, viewers)
    if details is not None:
        described |= write_details(folder, details)
    content = content_hash(described, settings)
    manifest = Manifest(
        id=id_of(created_at, content),
        created_at=created_at,
        content_hash=content,
        default_model=default_model,
        settings=settings,
        data=data,
        metrics=metrics or {},
        libraries=libraries or {},
        files=described,
    )
    write_manifest(folder, manifest)
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
    lease = Lease.take(folder)
    manifest = read_manifest(folder)
    if check_hashes:
        files.check(folder, manifest.files)
        if content_hash(manifest.files, manifest.settings) != manifest.content_hash:
            raise IntegrityError(f"{folder.name}: settings or file list do not fit the content hash")
        check_id(manifest)
    if "catalogue.json" not in manifest.files:
        raise IntegrityError("manifest.json: expected a file catalogue.json, found none")
    catalogue = Catalogue.from_json(files.read_json(folder / "catalogue.json"))
    names = sorted({name.split("/")[0] for name in manifest.files if name.endswith("/vectors.npy")})
    models = {name: _load_model(folder, name, manifest, len(catalogue)) for name in _in_order(names)}
    if manifest.default_model not in models:
        raise IntegrityError(f"manifest.json: default model {manifest.default_model!r} is not in the release")
    evidence = read_evidence(folder, manifest.files, catalogue.likes)
    viewers = read_viewers(folder, manifest.files, len(catalogue))
    details = read_details(folder, manifest.files, len(catalogue), len(viewers or ()))
    return Release(manifest, catalogue, models, evidence, viewers, lease, details)


def _load_model(folder: Path, name: str, manifest: Manifest, n_movies: int) -> Model:
    sizes = sizes_of(n_movies)
    there = [file for file in LAYOUT if f"{name}/{file}" in manifest.files]
    for group in (REQUIRED, *(group for group in TOGETHER if set(group) & set(there))):
        for file in group:
            if file not in there:
                raise IntegrityError(f"manifest.json: expected a file {name}/{file}, found none")
    arrays = {}
    for file in there:
        path, dtype = f"{name}/{file}", LAYOUT[file][0]
        described = manifest.files[path]
        expected = expected_shape(file, described.get("shape"), sizes)
        if described.get("dtype") != dtype or described.get("shape") != list(expected):
            found = f"{described.get('dtype')} {described.get('shape')} in manifest.json"
            raise IntegrityError(f"{path}: expected {dtype} {expected}, found {found}")
        arrays[file] = files.map_array(folder / path, path, dtype, expected)
    model = assemble(arrays)
    check_model(name, model, n_movies)
    return model


def _in_order(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else 99, name))
