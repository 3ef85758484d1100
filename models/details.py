"""What the course's pages show of a movie beside its title, in a release only where training was asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import files
from models.errors import IntegrityError

# ratings of a movie that are kept one by one
MOST = 10
# file -> dtype; those of TOP have MOST columns
LAYOUT = {"details.counts.npy": "int32", "details.means.npy": "float32"}
TOP = {"details.top.users.npy": "int32", "details.top.scores.npy": "float32", "details.top.times.npy": "float64"}
LINKS = "details.links.json"


@dataclass(frozen=True, eq=False)
class Top:
    """The highest ratings of each movie, best first, of the viewers that the release holds: personal data.

    Attributes:
        users: int32 (n_movies, MOST), places of viewers; -1 behind the end.
        scores: float32 (n_movies, MOST), what they gave; 0 behind the end.
        times: float64 (n_movies, MOST), when, in seconds since 1970; 0 behind the end.
    """

    users: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    times: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Details:
    """Columns beside the catalogue's.

    Attributes:
        counts: int32 (n_movies,), viewers who rated the movie, whatever they gave.
        means: float32 (n_movies,), the mean of what they gave; 0 where nobody did, or where there are no ratings.
        imdb: id of each movie there; "" where unknown.
        tmdb: the same of the other.
        top: None in a release without viewers.
    """

    counts: npt.NDArray[np.int32]
    means: npt.NDArray[np.float32]
    imdb: tuple[str, ...]
    tmdb: tuple[str, ...]
    top: Top | None = None

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Its arrays by file name."""
        arrays: list[npt.NDArray[Any]] = [self.counts, self.means]
        if self.top is not None:
            arrays += [self.top.users, self.top.scores, self.top.times]
        return dict(zip((*LAYOUT, *TOP), arrays, strict=False))

    def moved(self, rows: npt.NDArray[np.integer], n_movies: int) -> "Details":
        """The same in another catalogue, where new movies have nothing.

        Args:
            rows: int (n_movies before,), where each movie stands now.
            n_movies: how many there are now.
        """

        def spread(array: npt.NDArray[Any], empty: int = 0) -> npt.NDArray[Any]:
            wide = np.full((n_movies, *array.shape[1:]), empty, dtype=array.dtype)
            wide[rows] = array
            return wide

        top = self.top and Top(spread(self.top.users, -1), spread(self.top.scores), spread(self.top.times))
        imdb, tmdb = [""] * n_movies, [""] * n_movies
        for row, one, other in zip(rows.tolist(), self.imdb, self.tmdb, strict=True):
            imdb[row], tmdb[row] = one, other
        return replace(self, counts=spread(self.counts), means=spread(self.means), imdb=tuple(imdb), tmdb=tuple(tmdb),
                       top=top)  # fmt: skip


def write_details(folder: Path, details: Details) -> dict[str, dict[str, Any]]:
    """Write the details of a release; returns the descriptions of their files."""
    described = {file: files.write_array(folder / file, array) for file, array in details.arrays().items()}
    links = {"imdb": list(details.imdb), "tmdb": list(details.tmdb)}
    return described | {LINKS: files.write_json(folder / LINKS, links)}


def read_details(
    folder: Path, described: Mapping[str, Mapping[str, Any]], n_movies: int, n_viewers: int
) -> Details | None:
    """Map the details of a release into memory; None where it has none.

    Args:
        folder: of the release.
        described: the files of its manifest.
        n_movies: in its catalogue.
        n_viewers: that it holds.

    Raises:
        IntegrityError: a file is missing or damaged, or does not fit the others.
    """
    there = described.keys() & {*LAYOUT, *TOP, LINKS}
    if not there:
        return None
    layout = LAYOUT | (TOP if there & TOP.keys() else {})
    if missing := sorted({*layout, LINKS} - there):
        raise IntegrityError(f"manifest.json: expected a file {missing[0]}, found none")
    arrays = {}
    for file, dtype in layout.items():
        shape = (n_movies, MOST) if file in TOP else (n_movies,)
        if described[file].get("dtype") != dtype or described[file].get("shape") != list(shape):
            found = f"{described[file].get('dtype')} {described[file].get('shape')} in manifest.json"
            raise IntegrityError(f"{file}: expected {dtype} {shape}, found {found}")
        arrays[file] = files.map_array(folder / file, file, dtype, shape)
    links = files.read_json(folder / LINKS)
    if not isinstance(links, dict):
        raise IntegrityError(f"{LINKS}: expected an object")
    counts, means, *highest = arrays.values()
    imdb, tmdb = _texts(links, "imdb", n_movies), _texts(links, "tmdb", n_movies)
    details = Details(counts, means, imdb, tmdb, Top(*highest) if highest else None)
    check_details(details, n_movies, n_viewers)
    return details


def check_details(details: Details, n_movies: int, n_viewers: int) -> None:
    """Raise IntegrityError where arrays do not fit the release or hold impossible values."""
    for file, array in details.arrays().items():
        shape, dtype = ((n_movies, MOST), TOP[file]) if file in TOP else ((n_movies,), LAYOUT[file])
        if str(array.dtype) != dtype or array.shape != shape:
            raise IntegrityError(f"{file}: expected {dtype} {shape}, found {array.dtype} {array.shape}")
        if not np.isfinite(array).all():
            raise IntegrityError(f"{file}: expected finite numbers")
    for name, ids in (("imdb", details.imdb), ("tmdb", details.tmdb)):
        if len(ids) != n_movies:
            raise IntegrityError(f"{LINKS}: expected {n_movies} ids at {name}, found {len(ids)}")
    if details.counts.min(initial=0) < 0:
        raise IntegrityError("details.counts.npy: expected numbers of ratings, found one below 0")
    if details.top is not None:
        users = details.top.users
        if users.min(initial=-1) < -1 or users.max(initial=-1) >= n_viewers:
            raise IntegrityError(f"details.top.users.npy: expected places -1..{n_viewers - 1}")


def _texts(links: Mapping[str, Any], name: str, n_movies: int) -> tuple[str, ...]:
    texts = links.get(name)
    if not isinstance(texts, list) or len(texts) != n_movies or not all(isinstance(text, str) for text in texts):
        raise IntegrityError(f"{LINKS}: expected {n_movies} texts at {name}")
    return tuple(texts)
