"""Files of a release: written whole, described by hash, dtype and shape, read back only if they fit."""

import errno
import hashlib
import json
import math
import os
import re
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import IntegrityError

MAX_JSON_BYTES = 1 << 30
MAX_SMALL_BYTES = 1 << 26
_FILE_NAME = re.compile(r"([a-z0-9][a-z0-9_-]*/)?[a-z0-9][a-z0-9_.-]*")
_HALF_LETTER = re.compile(r"\\u[dD][89a-fA-F]")


def write_json(path: Path, value: Any) -> dict[str, Any]:
    """Write `value` as UTF-8 JSON, flushed to disk; returns the file's description."""
    return _write(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=None).encode())


def write_array(path: Path, array: npt.NDArray[Any]) -> dict[str, Any]:
    """Write `array` as .npy in C order, flushed to disk; returns its description with dtype and shape."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        try:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        except OSError as error:
            if error.errno is not None:
                raise
            # NumPy tells how many items were written, and not why no more
            raise OSError(errno.ENOSPC, f"no room for {path.name}: {error}") from error
        _flush(file.fileno())
    return {
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "dtype": str(array.dtype),
        "shape": list(array.shape),
    }


def read_json(path: Path, most: int | None = None) -> Any:
    """Read a JSON file of at most so many bytes.

    Stricter than Python's: UTF-8 only, no key twice, no number beyond float64, no half of a letter (a lone surrogate).

    Raises:
        IntegrityError: missing, too large, or not JSON.
    """
    most = MAX_JSON_BYTES if most is None else most
    try:
        size = _regular_size(path)
        if size > most:
            raise IntegrityError(f"{path.name}: expected at most {most} bytes, found {size}")
        return parse_json(path.read_bytes())
    except OSError as error:
        raise IntegrityError(f"{path.name}: cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{path.name}: not JSON: {error}") from error


def parse_json(content: bytes) -> Any:
    """What `read_json` takes for JSON.

    Raises:
        ValueError: it is something else.
        RecursionError: it is nested too deep.
    """
    text = content.decode()
    value = json.loads(text, object_pairs_hook=_each_once, parse_float=_finite, parse_constant=_finite)
    if _HALF_LETTER.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # what cannot be written again is none
    return value


def read_small(path: Path) -> bytes:
    """A small file; a link is not followed, a pipe or a device not waited for.

    Raises:
        FileNotFoundError: there is none.
        OSError: it is something else, or larger than it can be.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "expected a file, found a link")
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "expected a file, found something else")
        content = file.read(MAX_SMALL_BYTES + 1)
    if len(content) > MAX_SMALL_BYTES:
        raise OSError(errno.EFBIG, f"expected at most {MAX_SMALL_BYTES} bytes, found more")
    return content


def map_array(path: Path, name: str, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Memory-map a .npy file that must have exactly this dtype and shape.

    Raises:
        IntegrityError: missing, damaged, of another dtype or shape.
    """
    size = _regular_size(path)
    try:
        # np.load would take archives as well; this reads .npy and nothing else, and never a pickle
        array = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # a header is parsed as Python: there is no end of what may be wrong with it
        said = " ".join(f"{error}".split())[:200]  # some of it may be from the file
        raise IntegrityError(f"{name}: not a plain .npy array: {said}") from error
    if str(array.dtype) != dtype or array.shape != shape:
        raise IntegrityError(f"{name}: expected {dtype} {shape}, found {array.dtype} {array.shape}")
    if not array.flags.c_contiguous:
        raise IntegrityError(f"{name}: expected C order, found Fortran order")
    if size != array.offset + array.nbytes:
        raise IntegrityError(f"{name}: expected {array.offset + array.nbytes} bytes, found {size}")
    return array


# files read at once; hashing lets other threads run
HASHING = 4


def check(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Compare each file with its description: name, size and SHA-256.

    Raises:
        IntegrityError: naming the file, the expected and the found.
    """
    for name, described in files.items():
        check_name(name)
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


def check_name(name: str) -> None:
    """Raise IntegrityError unless it is a name that a file of a release may have, below the release's folder."""
    if not _FILE_NAME.fullmatch(name):
        raise IntegrityError(f"manifest.json: {name!r} is not a file name of a release")


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
    try:
        _write(fresh, text.encode())
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise
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


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"expected each key once, found {key[:80]!r} twice")
        found[key] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"expected numbers of float64, found {text[:80]}")
    return number


def _regular_size(path: Path, name: str | None = None) -> int:
    if path.is_symlink() or not path.is_file():
        raise IntegrityError(f"{name or path.name}: expected a file, found {'a link' if path.is_symlink() else 'none'}")
    return path.stat().st_size
