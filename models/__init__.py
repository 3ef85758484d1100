"""The contract between training and serving: what a release is, where it lives, what a score means.

NumPy and the standard library only. This package alone knows the format on disk (docs/release-format.md).
"""

from models.catalogue import Catalogue
from models.errors import (
    FormatVersionError,
    IntegrityError,
    KindredError,
    NoReleaseError,
    ReleaseError,
    UnknownVersionError,
)
from models.manifest import Manifest
from models.registry import Registry
from models.release import MODEL_NAMES, Model, Release, load, save

__all__ = [
    "MODEL_NAMES",
    "Catalogue",
    "FormatVersionError",
    "IntegrityError",
    "KindredError",
    "Manifest",
    "Model",
    "NoReleaseError",
    "Registry",
    "Release",
    "ReleaseError",
    "UnknownVersionError",
    "load",
    "save",
]
