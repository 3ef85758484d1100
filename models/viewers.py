"""Viewers: who liked what, in a release only where training was asked for it (`--users`)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import files
from models.errors import IntegrityError
from models.scores import DoubleArray

# Likes after which a like counts half, unless asked otherwise (docs/decisions/0012-viewers.md).
HALF_LIFE = 1.0
# file -> dtype; all have one dimension
LAYOUT = {
    "users.ids.npy": "uint8",
    "users.ids.indptr.npy": "int64",
    "users.likes.npy": "int32",
    "users.likes.indptr.npy": "int64",
}


@dataclass(frozen=True, eq=False)
class Viewers:
    """The history of every viewer; vectors are made of it when they are asked for, so none is stored.

    A viewer's *place* is the position among the sorted ids. All arrays may be memory-mapped: 16 bytes for each
    viewer beside the id and 4 for each like, shared by all processes.

    Attributes:
        ids: uint8 (n_bytes,), all ids in UTF-8 one behind the other, sorted by code point, each once, none empty.
        id_indptr: int64 (n_viewers + 1,), the id at place v is ids[id_indptr[v]:id_indptr[v + 1]].
        likes: int32 (n_likes,), catalogue rows, each viewer's oldest first.
        like_indptr: int64 (n_viewers + 1,), the likes at place v are likes[like_indptr[v]:like_indptr[v + 1]].
    """

    ids: npt.NDArray[np.uint8]
    id_indptr: npt.NDArray[np.int64]
    likes: npt.NDArray[np.int32]
    like_indptr: npt.NDArray[np.int64]

    @classmethod
    def of(cls, user_ids: Sequence[str], rows: npt.NDArray[np.integer], offsets: npt.NDArray[np.integer]) -> "Viewers":
        """Put histories in the order of their viewers' ids.

        >>> made = Viewers.of(["b", "a"], np.array([7, 8, 9]), np.array([0, 1, 3]))
        >>> made.place_of("a"), made.likes_at(0).tolist()
        (0, [8, 9])

        Args:
            user_ids: whose history it is, each id once.
            rows: int (n_likes,), all histories one behind the other, each oldest first.
            offsets: int (len(user_ids) + 1,), history i is rows[offsets[i]:offsets[i + 1]].
        """
        names = [user_id.encode() for user_id in user_ids]
        order = sorted(range(len(names)), key=names.__getitem__)
        parts = [rows[offsets[index] : offsets[index + 1]] for index in order]
        return cls(
            ids=np.frombuffer(b"".join(names[index] for index in order), dtype=np.uint8),
            id_indptr=_indptr([len(names[index]) for index in order]),
            likes=np.concatenate(parts, dtype=np.int32) if parts else np.empty(0, dtype=np.int32),
            like_indptr=_indptr([len(part) for part in parts]),
        )

    def __len__(self) -> int:
        """How many viewers there are."""
        return len(self.id_indptr) - 1

    def place_of(self, user_id: str) -> int | None:
        """Where a viewer stands, or None; O(log n_viewers), without a table in memory."""
        wanted = user_id.encode(errors="surrogatepass")
        place = bisect_left(range(len(self)), wanted, key=self._bytes)
        return place if place < len(self) and self._bytes(place) == wanted else None

    def id_at(self, place: int) -> str:
        """The id of the viewer at a place."""
        return self._bytes(place).decode()

    def likes_at(self, place: int) -> npt.NDArray[np.int32]:
        """int32 (n,), the rows of what the viewer at a place liked, oldest first."""
        return self.likes[self.like_indptr[place] : self.like_indptr[place + 1]]

    def moved(self, rows: npt.NDArray[np.integer]) -> "Viewers":
        """The same in another catalogue.

        Args:
            rows: int (n_movies before,), where each movie stands now.
        """
        return replace(self, likes=rows[self.likes].astype(np.int32))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Its arrays by file name."""
        return dict(zip(LAYOUT, (self.ids, self.id_indptr, self.likes, self.like_indptr), strict=True))

    def _bytes(self, place: int) -> bytes:
        return self.ids[self.id_indptr[place] : self.id_indptr[place + 1]].tobytes()


def recency(count: int, half_life: float) -> DoubleArray:
    """What each like of a history counts: float64 (count,), oldest first, together 1.

    A like counts half as much as one that came `half_life` likes later; 0: all count alike.

    >>> recency(3, 1.0).tolist() == [1 / 7, 2 / 7, 4 / 7]
    True
    """
    if not half_life:
        return np.full(count, 1.0 / count)
    # w_i = 2 ** (-age_i / half_life); for the tiniest of half-lives only the latest counts
    with np.errstate(over="ignore", under="ignore"):
        weights = np.exp2(-np.arange(count - 1, -1, -1) / half_life)
    total: DoubleArray = weights / weights.sum()
    return total


def write_viewers(folder: Path, viewers: Viewers) -> dict[str, dict[str, Any]]:
    """Write the viewers of a release; returns the descriptions of their files."""
    return {file: files.write_array(folder / file, array) for file, array in viewers.arrays().items()}


def read_viewers(folder: Path, described: Mapping[str, Mapping[str, Any]], n_movies: int) -> Viewers | None:
    """Map the viewers of a release into memory; None where it has none.

    Args:
        folder: of the release.
        described: the files of its manifest.
        n_movies: in its catalogue.

    Raises:
        IntegrityError: a file is missing or damaged, or does not fit the others.
    """
    if not LAYOUT.keys() & described.keys():
        return None
    arrays = []
    for file, dtype in LAYOUT.items():
        if file not in described:
            raise IntegrityError(f"manifest.json: expected a file {file}, found none")
        shape = described[file].get("shape")
        if described[file].get("dtype") != dtype or not isinstance(shape, list) or len(shape) != 1:
            found = f"{described[file].get('dtype')} {shape} in manifest.json"
            raise IntegrityError(f"{file}: expected {dtype} of one dimension, found {found}")
        arrays.append(files.map_array(folder / file, file, dtype, tuple(shape)))
    viewers = Viewers(*arrays)
    check_viewers(viewers, n_movies)
    return viewers


def check_viewers(viewers: Viewers, n_movies: int) -> None:
    """Raise IntegrityError where arrays do not fit each other or hold impossible values."""
    for file, array in viewers.arrays().items():
        if str(array.dtype) != LAYOUT[file] or array.ndim != 1:
            found = f"{array.dtype} {array.shape}"
            raise IntegrityError(f"{file}: expected {LAYOUT[file]} of one dimension, found {found}")
    if len(viewers.id_indptr) != len(viewers.like_indptr):
        expected, found = len(viewers.id_indptr), str(len(viewers.like_indptr))
        raise IntegrityError(f"users.likes.indptr.npy: expected {expected} numbers, found {found}")
    _check_indptr("users.ids.indptr.npy", viewers.id_indptr, len(viewers.ids))
    _check_indptr("users.likes.indptr.npy", viewers.like_indptr, len(viewers.likes))
    if len(viewers.likes) and (viewers.likes.min() < 0 or viewers.likes.max() >= n_movies):
        raise IntegrityError(f"users.likes.npy: expected rows 0..{n_movies - 1}")
    _check_ids(viewers)


def _check_indptr(file: str, indptr: npt.NDArray[np.int64], end: int) -> None:
    """No id is empty, and a viewer without likes is none: each part has a length."""
    if not len(indptr) or indptr[0] != 0 or indptr[-1] != end or (indptr[1:] <= indptr[:-1]).any():
        raise IntegrityError(f"{file}: expected 0 to {end}, always rising")


def _check_ids(viewers: Viewers) -> None:
    before = ""
    for place in range(len(viewers)):
        try:
            user_id = viewers.id_at(place)
        except UnicodeDecodeError as error:
            raise IntegrityError(f"users.ids.npy: expected UTF-8 at place {place}: {error.reason}") from error
        # the order of UTF-8 is that of code points
        if user_id <= before:
            raise IntegrityError(f"users.ids.npy: expected ids sorted and unique, found others at place {place}")
        before = user_id


def _indptr(lengths: list[int]) -> npt.NDArray[np.int64]:
    return np.append(0, np.cumsum(lengths, dtype=np.int64)).astype(np.int64)
