"""The contract between training and serving: what a release is, where it lives, what a score means.

NumPy and the standard library only. This package alone knows the format on disk (docs/release-format.md).
"""

from models.catalogue import Catalogue
from models.errors import (
    BusyError,
    FormatVersionError,
    IntegrityError,
    KindredError,
    NoReleaseError,
    ReleaseError,
    UnknownVersionError,
)
from models.evidence import Evidence, Pairs
from models.manifest import Manifest
from models.model import Links, Model
from models.opening import open_registry
from models.registry import Registry
from models.release import BLEND, MODEL_NAMES, Release, load, save
from models.store import Pruned, Store
from models.viewers import Viewers

__all__ = [
    "BLEND",
    "MODEL_NAMES",
    "BusyError",
    "Catalogue",
    "Evidence",
    "FormatVersionError",
    "IntegrityError",
    "KindredError",
    "Links",
    "Manifest",
    "Model",
    "NoReleaseError",
    "Pairs",
    "Pruned",
    "Registry",
    "Release",
    "ReleaseError",
    "Store",
    "UnknownVersionError",
    "Viewers",
    "load",
    "open_registry",
    "save",
]
