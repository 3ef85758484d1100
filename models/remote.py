"""Files at an address that fsspec understands (s3://, gs://): the one file that imports it, and only when asked.

Who may read and write is the library's business, as its own configuration says (AWS_*, GOOGLE_*, FSSPEC_*). It tries
again by itself, a bounded number of times, what fails for a moment.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.errors import KindredError, ReleaseError

# by what an address begins with: the extra that knows it
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
# transfers at once
ABREAST = 4
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Entry:
    """A file that is there: its size in bytes, and when it was written, in seconds since 1970 (None: not told)."""

    size: int
    modified: float | None


class Bucket:
    """Files below an address, by their names relative to it. What goes wrong is a ReleaseError that names the file."""

    def __init__(self, address: str) -> None:
        """Name it; nothing is read yet."""
        self.address = address

    def read(self, name: str, most: int) -> bytes | None:
        """A small file; None where there is none.

        Raises:
            ReleaseError: it cannot be read, or has more than `most` bytes.
        """
        with self._told(name):
            try:
                system, path = self._open(name)
                content: bytes = system.cat_file(path, start=0, end=most + 1)
            except FileNotFoundError as error:
                if _code(error) == "NoSuchBucket":
                    raise
                return None
        if len(content) > most:
            raise ReleaseError(f"{self.address}/{name}: expected at most {most} bytes, found more")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a small file in one step: readers see what was there or all of this."""
        with self._told(name):
            system, path = self._open(name)
            system.pipe_file(path, content)

    def create(self, name: str, content: bytes) -> bool:
        """Write a small file unless there is one, where the store can do both in one step; whether it was written."""
        with self._told(name):
            system, path = self._open(name)
            try:
                system.pipe_file(path, content, mode="create")
            except FileExistsError:
                return False
        return True

    def entries(self, below: str) -> dict[str, Entry]:
        """All files below a folder, by their names relative to it."""
        with self._told(below):
            system, path = self._open(below)
            system.invalidate_cache()
            try:
                found: dict[str, dict[str, Any]] = system.find(path, detail=True)
            except FileNotFoundError as error:
                if _code(error) == "NoSuchBucket":
                    raise
                found = {}
        start = len(path.lstrip("/")) + 1
        return {name.lstrip("/")[start:]: Entry(int(one["size"]), _seconds(one)) for name, one in found.items()}

    def fetch(self, files: Iterable[tuple[str, Path]]) -> None:
        """Copy files here, some at once: each its name there and its place here, in a folder that is there."""

        def one(pair: tuple[str, Path]) -> None:
            with self._told(pair[0]):
                system, path = self._open(pair[0])
                system.get_file(path, str(pair[1]))

        with ThreadPoolExecutor(ABREAST) as pool:
            list(pool.map(one, files))

    def put(self, files: Iterable[tuple[Path, str]]) -> None:
        """Copy files there, some at once: each its place here and its name there."""

        def one(pair: tuple[Path, str]) -> None:
            with self._told(pair[1]):
                system, path = self._open(pair[1])
                system.put_file(str(pair[0]), path)

        with ThreadPoolExecutor(ABREAST) as pool:
            list(pool.map(one, files))

    def blocks(self, name: str) -> Iterator[bytes]:
        """A file, piece by piece."""
        with self._told(name):
            system, path = self._open(name)
            with system.open(path, "rb", block_size=_BLOCK, cache_type="readahead") as file:
                while block := file.read(_BLOCK):
                    yield block

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, one after the other; one that is not there is no fault."""
        for name in names:
            with self._told(name):
                system, path = self._open(name)
                try:
                    system.rm_file(path)
                except FileNotFoundError:
                    continue

    def _open(self, name: str) -> tuple[Any, str]:
        """What knows such addresses, and the path there. It is asked for each time: it does not survive a fork."""
        from fsspec.core import url_to_fs

        system, path = url_to_fs(f"{self.address}/{name}" if name else self.address)
        return system, path

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """What goes wrong, in one clear line."""
        try:
            yield
        except KindredError:
            raise
        except Exception as error:  # each library has its own
            raise ReleaseError(f"{self.address}/{name}: {_why(error, self.address)}") from error


def _why(error: Exception, address: str) -> str:
    scheme = address.partition("://")[0]
    if isinstance(error, ImportError) or "protocol not known" in str(error).lower():
        extra = EXTRAS.get(scheme)
        if extra is None:
            return f"expected an address of {', '.join(f'{one}://' for one in EXTRAS)} or file://, found {scheme}://"
        return f"expected the extra that reads {scheme}://, found none: pip install 'kindred[{extra}]'"
    if _code(error) == "NoSuchBucket":
        return f"no such bucket: {address.partition('://')[2].partition('/')[0]}"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    said = str(error).partition("\n")[0] or type(error).__name__
    if "credential" in said.lower() or "Credential" in type(error).__name__:
        return f"no credentials: {said}"
    if isinstance(error, PermissionError):
        return f"not allowed: {said}"
    return f"cannot be reached: {said}"


def _code(error: BaseException) -> object:
    """What the store itself called a fault, where it did."""
    response = getattr(error.__cause__, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None


def _seconds(entry: dict[str, Any]) -> float | None:
    for key in ("LastModified", "updated", "mtime", "created"):
        value = entry.get(key)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return None
