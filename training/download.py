"""Fetch a MovieLens data set from GroupLens: whole, checked, and under its own licence."""

import hashlib
import http.client
import shutil
import sys
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from models.tidy import temporary_folder
from training.errors import DataError

ADDRESS = "https://files.grouplens.org/datasets/movielens"
MAX_UNPACKED = 4 << 30
# what urllib and zipfile raise for a bad answer, and for an archive that is damaged, encrypted or packed otherwise
_UNUSABLE = (OSError, EOFError, RuntimeError, http.client.HTTPException, zipfile.BadZipFile, zlib.error)
_TIMEOUT = 60.0
_BLOCK = 1 << 20


@dataclass(frozen=True)
class DataSet:
    """What is known of a data set beforehand.

    Attributes:
        md5: of the zip file, as GroupLens publishes it, or None where it publishes none.
        sha256: of files in it, by name.
    """

    md5: str | None
    sha256: dict[str, str]


DATA_SETS = {
    "ml-latest-small": DataSet(
        None,
        {
            "movies.csv": "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07",
            "ratings.csv": "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646",
        },
    ),
    "ml-25m": DataSet("6b51fb2759a8657d3bfcbfc42b592ada", {}),
    "ml-32m": DataSet("d472be332d4daa821edc399621853b57", {}),
}


def download(name: str, folder: Path, address: str = ADDRESS) -> Path:
    """Fetch, check and unpack a data set; what is there already is kept.

    Returns:
        The folder with ratings.csv and movies.csv; it appears whole or not at all.

    Raises:
        DataError: it cannot be fetched, or is not what GroupLens published.
    """
    known, target = DATA_SETS[name], folder / name
    if target.exists():
        _check_files(target, known)
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with temporary_folder(f".{name}-", folder) as temporary:
            archive = temporary / f"{name}.zip"
            _fetch(f"{address}/{name}.zip", archive, known)
            _unpack(archive, temporary / name)
            _check_files(temporary / name, known)
            (temporary / name).rename(target)
    except _UNUSABLE as error:
        raise DataError(f"{name}: cannot be fetched: {error}") from error
    readme = next(iter(sorted(target.glob("README*"))), target)
    print(f"{name} is under a licence of its own: read {readme}", file=sys.stderr)
    return target


def _fetch(address: str, archive: Path, known: DataSet) -> None:
    # only the addresses above (and a test's) are ever opened; a mirror may be http
    digest = hashlib.md5(usedforsecurity=False)
    with urllib.request.urlopen(address, timeout=_TIMEOUT) as answer, archive.open("wb") as file:  # noqa: S310
        while block := answer.read(_BLOCK):
            digest.update(block)
            file.write(block)
    if known.md5 not in (None, digest.hexdigest()):
        raise DataError(f"{address}: expected MD5 {known.md5}, found {digest.hexdigest()}")


def _unpack(archive: Path, target: Path) -> None:
    """Unpack plain files of one folder, by their last name only, so that nothing lands elsewhere."""
    target.mkdir()
    with zipfile.ZipFile(archive) as zipped:
        entries = [entry for entry in zipped.infolist() if not entry.is_dir()]
        size = sum(entry.file_size for entry in entries)
        if size > MAX_UNPACKED:
            raise DataError(f"{archive.name}: expected at most {MAX_UNPACKED} bytes unpacked, found {size}")
        for entry in entries:
            with zipped.open(entry) as source, (target / Path(entry.filename).name).open("wb") as file:
                shutil.copyfileobj(source, file, _BLOCK)


def _check_files(folder: Path, known: DataSet) -> None:
    for name in ("ratings.csv", "movies.csv"):
        path = folder / name
        if not path.is_file():
            raise DataError(f"{folder}: expected a file {name}, found none")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if known.sha256.get(name, found) != found:
            raise DataError(f"{path}: expected SHA-256 {known.sha256[name]}, found {found}")
