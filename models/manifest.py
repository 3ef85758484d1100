"""manifest.json: what a release says of itself, written last."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import files
from models.errors import FormatVersionError, IntegrityError

FORMAT_VERSION = 1


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


def read_manifest(folder: Path) -> Manifest:
    """Read and check manifest.json alone.

    Raises:
        FormatVersionError: written in another format.
        IntegrityError: missing, or not a manifest.
    """
    content = files.read_json(folder / "manifest.json")
    if not isinstance(content, dict):
        raise IntegrityError("manifest.json: expected an object")
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise FormatVersionError(
            f"{folder.name}/manifest.json: expected format_version {FORMAT_VERSION}, found {version!r}"
        )
    for key, kind in Manifest.__annotations__.items():
        expected = {str: str, int: int}.get(kind, dict)
        if not isinstance(content.get(key), expected):
            found = type(content.get(key)).__name__
            raise IntegrityError(f"manifest.json: expected {expected.__name__} at {key}, found {found}")
    for name, described in content["files"].items():
        if not isinstance(described, dict) or not isinstance(described.get("bytes"), int):
            raise IntegrityError(f"manifest.json: expected an object with bytes for {name!r}, found {described!r:.80}")
    return Manifest(**{key: content[key] for key in Manifest.__annotations__})


def content_hash(described: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> str:
    """SHA-256 over the hashes of all files and the settings."""
    content = [[name, described[name].get("sha256")] for name in sorted(described)]
    return hashlib.sha256(json.dumps([content, settings], sort_keys=True).encode()).hexdigest()
