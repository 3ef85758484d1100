"""Arrays that a stranger put into a release, with every hash right: only what is in them can tell."""

import gzip
import io
import os
import pickle
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models import load
from tests.models.tiny import forge
from tests.reliability.poison import array, folder, forged, said_of, whole

__all__ = ["folder", "whole"]
HEADER = "{'descr': '<f4', 'fortran_order': %s, 'shape': %s}"


def npy(header: str, data: bytes = bytes(96)) -> bytes:
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


class Runs:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def saved(value: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, value, allow_pickle=True)
    return file.getvalue()


def archive(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("array.npy", npy(HEADER % (False, f"({size // 4},)"), b"") + bytes(size))
    return file.getvalue()


@pytest.mark.parametrize("content", ["an array of objects", "a pickle", "objects behind a right header"])
def test_no_pickle_is_ever_opened(tmp_path: Path, folder: Path, content: str) -> None:
    harm = tmp_path / "harm"
    evil = np.array([Runs(harm)] * 24, dtype=object).reshape(6, 4)
    contents = {
        "an array of objects": saved(evil),
        "a pickle": pickle.dumps(Runs(harm)),
        "objects behind a right header": npy(HEADER.replace("<f4", "|O") % (False, "(6, 4)"), pickle.dumps(evil)),
    }
    said = forged(folder, "item2vec/vectors.npy", contents[content])
    assert said.startswith("item2vec/vectors.npy: not a plain .npy array: ")
    assert not harm.exists()
    pickle.loads(pickle.dumps(Runs(harm)))
    assert harm.exists()


@pytest.mark.parametrize(
    "content",
    [
        archive(1 << 29),
        gzip.compress(bytes(1 << 28)),
        npy(HEADER % (False, f"({10**12}, 4)")),
        npy(HEADER % (False, f"({2**62}, {2**62})")),
        npy("(" * 9000),
        npy("{" + "'a': [" * 3000),
        npy(HEADER % (False, "(" + "9" * 5000 + ",)")),
        npy(HEADER % (False, "(6, 4)"), bytes(95)),
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{" * 200,
    ],
    ids=["zip bomb", "gzip bomb", "10^12 rows", "2^124 numbers", "parentheses", "braces", "a number of 5000 digits",
         "a byte short", "a header of 4 GB"],
)  # fmt: skip
def test_what_would_fill_the_memory_is_refused_before_it_does(folder: Path, content: bytes) -> None:
    assert len(content) < 1 << 20
    assert forged(folder, "item2vec/vectors.npy", content).startswith("item2vec/vectors.npy: not a plain .npy array: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (npy(HEADER % (True, "(6, 4)")), r"expected C order, found Fortran order$"),
        (npy((HEADER % (False, "(6, 4)")).replace("<", ">")), r"expected float32 \(6, 4\), found >f4 \(6, 4\)$"),
        (npy(HEADER % (False, "(24,)")), r"expected float32 \(6, 4\), found float32 \(24,\)$"),
        (npy((HEADER % (False, "(6, 2)")).replace("f4", "f8")), r"expected float32 \(6, 4\), found float64 \(6, 2\)$"),
        (npy(HEADER % (False, "(6, 4)"), bytes(97)), r"expected \d+ bytes, found \d+$"),
        (npy(HEADER % (False, "(6, 4)"), bytes(96) + archive(99)), r"expected \d+ bytes, found \d+$"),
    ],
    ids=["Fortran order", "big-endian", "another shape", "another type", "a byte more", "an archive behind it"],
)
def test_an_array_is_laid_out_as_it_says(folder: Path, content: bytes, said: str) -> None:
    assert re.search(f"^item2vec/vectors.npy: {said}", forged(folder, "item2vec/vectors.npy", content))


def put(place: int | tuple[int, int], value: float) -> Callable[[np.ndarray], None]:
    def change(values: np.ndarray) -> None:
        values[place] = value

    return change


def twos(values: np.ndarray) -> np.ndarray:
    return (values.view(np.uint8) * 2).view(np.bool_)


CASES: list[tuple[str, Callable[[np.ndarray], object], str]] = [
    ("item2vec/vectors.npy", put((0, 0), np.nan), "expected finite numbers"),
    ("item2vec/vectors.npy", put((0, 0), -np.inf), "expected finite numbers"),
    ("item2vec/vectors.npy", lambda values: values[:5], r"expected float32 \(6, \d+\), found"),
    ("item2vec/output.npy", put((5, 3), np.inf), "expected finite numbers"),
    ("item2vec/map.npy", put((1, 1), np.nan), "expected finite numbers"),
    ("item2vec/learned.npy", twos, "expected bytes 0 and 1"),
    ("item2vec/neighbours.rows.npy", put((0, 0), 6), r"expected rows -1\.\.5"),
    ("item2vec/neighbours.rows.npy", put((0, 0), -2), r"expected rows -1\.\.5"),
    ("item2vec/neighbours.rows.npy", put((0, 0), 2**31 - 1), r"expected rows -1\.\.5"),
    ("item2vec/neighbours.scores.npy", put((0, 0), np.nan), "expected finite numbers"),
    ("item2vec/neighbours.scores.npy", lambda values: values.astype(np.float64), "expected float32"),
    ("blend/priors.npy", put((0, 0), np.nan), "expected finite numbers"),
    ("blend/next.rows.npy", put((5, 0), 6), r"expected rows -1\.\.5"),
    ("blend/listed.npy", put(0, True), "expected inferred movies only"),
    ("blend/lifts.npy", lambda values: np.append(values, 1).astype(np.float32), r"expected float32 \(2,\)"),
    ("blend/links.indptr.npy", put(1, 7), "never falling"),
    ("blend/links.indptr.npy", put(0, 1), "expected 0 to 8"),
    ("blend/links.indptr.npy", put(6, 2**62), "expected 0 to 8"),
    ("blend/links.indptr.npy", put(1, -1), "never falling"),
    ("blend/links.indices.npy", put(0, 6), r"expected rows 0\.\.5"),
    ("blend/links.indices.npy", put(0, -1), r"expected rows 0\.\.5"),
    ("blend/links.values.npy", put((1, 0), np.inf), "expected finite numbers"),
    ("cooccurrence.counts.npy", put(0, -1), "expected 1 to as many as liked the movie"),
    ("cooccurrence.counts.npy", put(0, 2**31 - 1), "expected 1 to as many as liked the movie"),
    ("cooccurrence.indptr.npy", put(1, 9), "never falling"),
    ("cooccurrence.indices.npy", put(0, 0), "expected other movies, ascending"),
    ("cooccurrence.indices.npy", put(0, 6), r"expected rows 0\.\.5"),
    ("transitions.indptr.npy", put(-1, 2**40), "never falling"),
    ("transitions.indices.npy", put(0, -1), r"expected rows 0\.\.5"),
    ("transitions.counts.npy", put(0, 0), "expected 1 to as many as liked the movie"),
    ("users.likes.npy", put(0, 6), r"expected rows 0\.\.5"),
    ("users.likes.npy", put(0, -1), r"expected rows 0\.\.5"),
    ("users.likes.indptr.npy", put(1, 0), "always rising"),
    ("users.likes.indptr.npy", put(-1, 2**40), "expected 0 to 9"),
    ("users.ids.indptr.npy", put(1, 99), "always rising"),
    ("users.ids.npy", put(0, 0xFF), "expected UTF-8"),
    ("details.counts.npy", put(0, -1), "found one below 0"),
    ("details.means.npy", put(0, np.nan), "expected finite numbers"),
    ("details.top.users.npy", put((0, 0), 3), r"expected places -1\.\.2"),
    ("details.top.times.npy", put((0, 0), np.inf), "expected finite numbers"),
    ("users.ids.npy", put(2, ord("1")), "expected ids sorted and unique"),
]


@pytest.mark.parametrize(("name", "change", "said"), CASES, ids=[f"{name}-{said[:20]}" for name, _, said in CASES])
def test_numbers_that_cannot_be_are_refused(
    folder: Path, name: str, change: Callable[[np.ndarray], object], said: str
) -> None:
    assert re.search(f"^{name}: .*{said}", array(folder, name, change)), said_of(folder)


def test_what_is_not_poisoned_loads(folder: Path) -> None:
    forge(folder)
    assert said_of(folder) == "loaded"
    assert load(folder).viewers is not None
