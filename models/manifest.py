"""manifest.json: what a release says of itself, written last."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import files
from models.errors import FormatVersionError, IntegrityError

FORMAT_VERSION = 1
MAX_BYTES = 1 << 26
# How deep anything in it may be nested; what is deeper would break those who show it.
MAX_DEPTH = 32
_HASH = "manifest_hash"


@dataclass(frozen=True)
class Manifest:
    """What manifest.json says, written last; keys on disk are the names of the attributes.

    Attributes:
        id: name of the version, <UTC time>-<first 8 of content_hash>.
        created_at: UTC, ISO 8601.
        content_hash: SHA-256 over the hashes of all files and the settings; the same for the same content.
        default_model: the model the service answers with when none is named.
        settings: for each model, all settings of its training with the seed.
        data: fingerprint and counts of the ratings read.
        metrics: for each model, held-out numbers (empty where none were taken).
        libraries: versions of what computed the release.
        files: for each file its sha256 and bytes, for arrays dtype and shape too.
    """

    id: str
    created_at: str
    content_hash: str
    default_model: str
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    metrics: Mapping[str, Any]
    libraries: Mapping[str, str]
    files: Mapping[str, Mapping[str, Any]]
    format_version: int = FORMAT_VERSION


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json with the hash of all it says."""
    files.write_json(folder / "manifest.json", vars(manifest) | {_HASH: manifest_hash(vars(manifest))})


def read_manifest(folder: Path) -> Manifest:
    """Read and check manifest.json alone.

    Raises:
        FormatVersionError: written in another format.
        IntegrityError: missing, not a manifest, or changed since it was written.
    """
    if folder.is_symlink():
        raise IntegrityError(f"{folder.name}: expected a folder, found a link")
    return parse_manifest(files.read_json(folder / "manifest.json", MAX_BYTES), folder.name)


def parse_manifest(content: Any, where: str) -> Manifest:
    """What a parsed manifest.json says; `where` is for the message; errors as `read_manifest`."""
    if not isinstance(content, dict):
        raise IntegrityError("manifest.json: expected an object")
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise FormatVersionError(f"{where}/manifest.json: expected format_version {FORMAT_VERSION}, found {version!r}")
    for key, kind in Manifest.__annotations__.items():
        expected = {str: str, int: int}.get(kind, dict)
        if not isinstance(content.get(key), expected):
            found = type(content.get(key)).__name__
            raise IntegrityError(f"manifest.json: expected {expected.__name__} at {key}, found {found}")
    for name, described in content["files"].items():
        if not isinstance(described, dict) or not isinstance(described.get("bytes"), int):
            raise IntegrityError(f"manifest.json: expected an object with bytes for {name!r}, found {described!r:.80}")
    if not _at_most(MAX_DEPTH, content):
        raise IntegrityError(f"manifest.json: expected at most {MAX_DEPTH} levels, found more")
    # releases that are older than this hash have none
    written, found = content.pop(_HASH, None), manifest_hash(content)
    if written not in (None, found):
        raise IntegrityError(f"manifest.json: expected content of sha256 {written!r:.80}, found {found}")
    _check_shown(content)
    return Manifest(**{key: content[key] for key in Manifest.__annotations__})


def content_hash(described: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> str:
    """SHA-256 over the hashes of all files and the settings."""
    content = [[name, described[name].get("sha256")] for name in sorted(described)]
    return hashlib.sha256(json.dumps([content, settings], sort_keys=True).encode()).hexdigest()


def manifest_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over everything that a manifest says."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def check_id(manifest: Manifest) -> None:
    """Raise IntegrityError unless the id is made of the manifest's own time and content hash."""
    expected = id_of(manifest.created_at, manifest.content_hash)
    if manifest.id != expected:
        raise IntegrityError(f"manifest.json: expected id {expected[:80]}, found {manifest.id[:80]!r}")


def id_of(created_at: str, content: str) -> str:
    """The name of a version: <UTC time>-<first 8 of the content hash>."""
    return f"{re.sub('[-:]', '', created_at)}-{content[:8]}"


def _check_shown(content: Mapping[str, Any]) -> None:
    """What is shown to people and programs must be of the form that they know."""
    for name, settings in content["settings"].items():
        if not isinstance(settings, dict):
            raise IntegrityError(f"manifest.json: expected an object at settings {name[:80]!r}, found {settings!r:.80}")
    rows = content["metrics"].get("rows", [])
    for row in rows if isinstance(rows, list) else [rows]:
        named = isinstance(row, dict) and {"name", "kind", "relation", "task"} <= row.keys()
        if not named or not (isinstance(row["name"], str) and isinstance(row["kind"], str)):
            raise IntegrityError(f"manifest.json: expected rows with name, kind, relation and task, found {row!r:.80}")


def _at_most(depth: int, value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth >= 0 and all(_at_most(depth - 1, one) for one in inner)
