"""Files of a release: written whole, described by hash, dtype and shape, read back only if they fit."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import IntegrityError

MAX_JSON_BYTES = 1 << 30
_FILE_NAME = re.compile(r"([a-z0-9][a-z0-9_-]*/)?[a-z0-9][a-z0-9_.-]*")


def write_json(path: Path, value: Any) -> dict[str, Any]:
    """Write `value` as UTF-8 JSON, flushed to disk; returns the file's description."""
    return _write(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=None).encode())


def write_array(path: Path, array: npt.NDArray[Any]) -> dict[str, Any]:
    """Write `array` as .npy in C order, flushed to disk; returns its description with dtype and shape."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        _flush(file.fileno())
    return {
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "dtype": str(array.dtype),
        "shape": list(array.shape),
    }


def read_json(path: Path) -> Any:
    """Read a JSON file of bounded size.

    Raises:
        IntegrityError: missing, too large, or not JSON.
    """
    try:
        size = _regular_size(path)
        if size > MAX_JSON_BYTES:
            raise IntegrityError(f"{path.name}: expected at most {MAX_JSON_BYTES} bytes, found {size}")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise IntegrityError(f"{path.name}: cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{path.name}: not JSON: {error}") from error


def map_array(path: Path, name: str, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Memory-map a .npy file that must have exactly this dtype and shape.

    Raises:
        IntegrityError: missing, damaged, of another dtype or shape.
    """
    _regular_size(path)
    try:
        # np.load would take archives as well; this reads .npy and nothing else, and never a pickle
        array: npt.NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # a header is parsed as Python: there is no end of what may be wrong with it
        raise IntegrityError(f"{name}: not a plain .npy array: {error}") from error
    if str(array.dtype) != dtype or array.shape != shape:
        raise IntegrityError(f"{name}: expected {dtype} {shape}, found {array.dtype} {array.shape}")
    return array


# files read at once; hashing lets other threads run
HASHING = 4


def check(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Compare each file with its description: name, size and SHA-256.

    Raises:
        IntegrityError: naming the file, the expected and the found.
    """
    for name, described in files.items():
        if not _FILE_NAME.fullmatch(name):
            raise IntegrityError(f"manifest.json: {name!r} is not a file name of a release")
        path = folder / name
        if path.parent.is_symlink():
            raise IntegrityError(f"{name}: its folder is a link, expected a plain folder")
        found: object = _regular_size(path, name)
        if found != described.get("bytes"):
            raise IntegrityError(f"{name}: expected {described.get('bytes')} bytes, found {found}")
    with ThreadPoolExecutor(HASHING) as pool:
        digests = list(pool.map(lambda name: sha256(folder / name), files))
    for (name, described), found in zip(files.items(), digests, strict=True):
        if found != described.get("sha256"):
            raise IntegrityError(f"{name}: expected sha256 {described.get('sha256')}, found {found}")


def sha256(path: Path) -> str:
    """Hex digest of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush_folder(folder: Path) -> None:
    """Make the folder's entries (new names, renames) survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


def replace_text(path: Path, text: str, fresh: Path) -> None:
    """Replace a small file in one step, by way of `fresh`: readers see the old text or the new, never a part."""
    _write(fresh, text.encode())
    fresh.replace(path)
    flush_folder(path.parent)


def _write(path: Path, data: bytes) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        _flush(file.fileno())
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _flush(handle: int) -> None:
    os.fsync(handle)


def _regular_size(path: Path, name: str | None = None) -> int:
    if path.is_symlink() or not path.is_file():
        raise IntegrityError(f"{name or path.name}: expected a file, found {'a link' if path.is_symlink() else 'none'}")
    return path.stat().st_size
