"""What viewers did with pairs of movies, in counts: the evidence behind an answer. No viewer's id is in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import files
from models.errors import IntegrityError

FACTS = "evidence.json"
# the parts of a `Pairs` -> dtype; n movies, m pairs: indptr (n + 1,), the others (m,)
_DTYPES = {"indptr": "int64", "indices": "int32", "counts": "int32"}
_TABLES = ("cooccurrence", "transitions")
FILES = (FACTS, *(f"{table}.{part}.npy" for table in _TABLES for part in _DTYPES))
# Pairs that are checked at a time: bounds the memory of loading.
_BLOCK = 1 << 20

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Pairs:
    """How often pairs of movies were counted, compressed by row.

    Attributes:
        indptr: int64 (n_movies + 1,), the partners of movie a stand at indptr[a]:indptr[a + 1].
        indices: int32 (n_pairs,), partners, ascending within a row.
        counts: int32 (n_pairs,), of each pair (a, indices[j]), at least 1.
    """

    indptr: npt.NDArray[np.int64]
    indices: Rows
    counts: Rows

    def count(self, a: int, b: int) -> int:
        """What was counted of (a, b), 0 where nothing is kept. O(log n)."""
        first, behind = int(self.indptr[a]), int(self.indptr[a + 1])
        place = first + int(np.searchsorted(self.indices[first:behind], b))
        return int(self.counts[place]) if place < behind and self.indices[place] == b else 0

    def total(self, a: int) -> int:
        """The sum of row a."""
        return int(self.counts[self.indptr[a] : self.indptr[a + 1]].sum(dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Evidence:
    """The counts a release keeps of its viewers.

    Attributes:
        viewers: how many viewers liked anything.
        together: viewers who liked both of two movies, in pairs (a, b) of rows with b > a.
        floor: pairs of `together` with fewer viewers were not kept; 1: all were.
        transitions: viewers whose next like after a was b, in pairs (a, b); not the reverse.
    """

    viewers: int
    together: Pairs
    floor: int
    transitions: Pairs

    def liked_both(self, a: int, b: int) -> int | None:
        """How many viewers liked both of two movies; None: fewer than `floor`, it is not known how many."""
        count = self.together.count(min(a, b), max(a, b))
        return count if count or self.floor == 1 else None

    def moved(self, rows: npt.NDArray[np.integer], n_movies: int) -> "Evidence":
        """The same counts in a catalogue with more movies.

        Args:
            rows: int (n_movies before,), ascending: where each movie stands now.
            n_movies: how many movies there are now.
        """
        return Evidence(
            self.viewers, _moved(self.together, rows, n_movies), self.floor, _moved(self.transitions, rows, n_movies)
        )


def write_evidence(folder: Path, evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Write the files of the evidence; returns their descriptions by name."""
    described = {FACTS: files.write_json(folder / FACTS, {"viewers": evidence.viewers, "floor": evidence.floor})}
    for file, array in _arrays(evidence).items():
        described[file] = files.write_array(folder / file, array)
    return described


def read_evidence(folder: Path, described: Mapping[str, Mapping[str, Any]], likes: Rows) -> Evidence | None:
    """The evidence of a release, memory-mapped and checked; None where the release has none of its files.

    Args:
        folder: of the release.
        described: its files, as the manifest describes them.
        likes: int32 (n_movies,), of the catalogue.

    Raises:
        IntegrityError: a file is missing, or what it holds is impossible.
    """
    there = [file for file in FILES if file in described]
    if not there:
        return None
    for file in FILES:
        if file not in there:
            raise IntegrityError(f"manifest.json: expected a file {file} beside {there[0]}, found none")
    viewers, floor = _facts(folder)
    together, transitions = (_mapped(folder, table, described, len(likes)) for table in _TABLES)
    evidence = Evidence(viewers, together, floor, transitions)
    check_evidence(evidence, likes)
    return evidence


def check_evidence(evidence: Evidence, likes: Rows) -> None:
    """Raise IntegrityError where counts do not fit each other or the likes int32 (n_movies,) of the catalogue.

    O(n_pairs), in blocks of a million.
    """
    most_liked = int(likes.max(initial=0))
    if evidence.viewers < most_liked:
        raise IntegrityError(
            f"{FACTS}: expected viewers >= {most_liked}, the most liked movie's, found {evidence.viewers}"
        )
    if evidence.floor < 1:
        raise IntegrityError(f"{FACTS}: expected floor >= 1, found {evidence.floor}")
    _check_form(evidence, len(likes))
    _check_pairs(_TABLES[0], evidence.together, likes, evidence.floor)
    _check_pairs(_TABLES[1], evidence.transitions, likes, 1)


def _arrays(evidence: Evidence) -> dict[str, npt.NDArray[Any]]:
    """Its arrays by file name."""
    pairs = zip(_TABLES, (evidence.together, evidence.transitions), strict=True)
    return {f"{table}.{part}.npy": getattr(made, part) for table, made in pairs for part in _DTYPES}


def _facts(folder: Path) -> tuple[int, int]:
    """Viewers and floor."""
    facts = files.read_json(folder / FACTS)
    viewers, floor = (facts.get(key) if isinstance(facts, dict) else None for key in ("viewers", "floor"))
    if type(viewers) is not int or type(floor) is not int:
        raise IntegrityError(f"{FACTS}: expected whole numbers at viewers and floor, found {facts!r:.80}")
    return viewers, floor


def _mapped(folder: Path, table: str, described: Mapping[str, Mapping[str, Any]], n_movies: int) -> Pairs:
    arrays = []
    for part, dtype in _DTYPES.items():
        file = f"{table}.{part}.npy"
        length = n_movies + 1 if part == "indptr" else _length(described[f"{table}.indices.npy"].get("shape"))
        if described[file].get("dtype") != dtype or described[file].get("shape") != [length]:
            found = f"{described[file].get('dtype')} {described[file].get('shape')}"
            raise IntegrityError(f"{file}: expected {dtype} ({length},), found {found} in manifest.json")
        arrays.append(files.map_array(folder / file, file, dtype, (length,)))
    return Pairs(*arrays)


def _length(shape: Any) -> int:
    return shape[0] if isinstance(shape, list) and shape and type(shape[0]) is int else 0


def _check_form(evidence: Evidence, n_movies: int) -> None:
    """Types, lengths, and where each row begins."""
    arrays = _arrays(evidence)
    for table in _TABLES:
        length = len(arrays[f"{table}.indices.npy"])
        for part, dtype in _DTYPES.items():
            found = arrays[f"{table}.{part}.npy"]
            expected = dtype, (n_movies + 1,) if part == "indptr" else (length,)
            if (str(found.dtype), found.shape) != expected:
                raise IntegrityError(
                    f"{table}.{part}.npy: expected {expected}, found {(str(found.dtype), found.shape)}"
                )
        indptr = arrays[f"{table}.indptr.npy"]
        if indptr[0] != 0 or indptr[-1] != length or (np.diff(indptr) < 0).any():
            raise IntegrityError(f"{table}.indptr.npy: expected 0 to {length}, never falling")


def _check_pairs(table: str, pairs: Pairs, likes: Rows, least: int) -> None:
    """Partners in range and in order, counts between `least` and the likes of both movies."""
    for rows, part in _blocks(pairs.indptr):
        others, counts = np.asarray(pairs.indices[part]), pairs.counts[part]
        if others.min() < 0 or others.max() >= len(likes):
            raise IntegrityError(f"{table}.indices.npy: expected rows 0..{len(likes) - 1}")
        wrong = others <= rows if table == _TABLES[0] else others == rows
        wrong[1:] |= (others[1:] <= others[:-1]) & (rows[1:] == rows[:-1])
        if wrong.any():
            raise IntegrityError(f"{table}.indices.npy: expected other movies, ascending, each pair once")
        if (counts < least).any() or (counts > np.minimum(likes[rows], likes[others])).any():
            raise IntegrityError(f"{table}.counts.npy: expected {least} to as many as liked the movie")


def _blocks(indptr: npt.NDArray[np.int64]) -> Iterator[tuple[npt.NDArray[np.intp], slice]]:
    """Whole rows of about a million pairs at a time: the row of each pair, and where the pairs stand."""
    starts = np.asarray(indptr)
    cuts = np.flatnonzero(np.diff(starts // _BLOCK)) + 1
    edges = np.unique([0, *cuts.tolist(), len(starts) - 1])
    for first, behind in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = slice(int(starts[first]), int(starts[behind]))
        if part.stop > part.start:
            yield np.repeat(np.arange(first, behind), np.diff(starts[first : behind + 1])), part


def _moved(pairs: Pairs, rows: npt.NDArray[np.integer], n_movies: int) -> Pairs:
    lengths = np.zeros(n_movies, dtype=np.int64)
    lengths[rows] = np.diff(pairs.indptr)
    indptr = np.append(0, np.cumsum(lengths)).astype(np.int64)
    return Pairs(indptr, np.asarray(rows, dtype=np.int32)[pairs.indices], np.array(pairs.counts))
