"""The optional details of a release: there and back, and refused where they cannot be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import IntegrityError, Registry, Viewers, load
from models.details import LINKS, MOST, Details, Top
from tests.models.tiny import FILMS, flip, forge, forge_array, write

N = len(FILMS)
VIEWERS = Viewers.of(["a", "b"], np.array([0, 1], dtype=np.int32), np.array([0, 1, 2]))


def details(*, top: bool = True) -> Details:
    users = np.full((N, MOST), -1, np.int32)
    users[0, :2] = 1, 0
    highest = Top(users, (users >= 0).astype(np.float32) * 4, (users >= 0) * 1e9)
    texts = tuple(f"{row:07d}" for row in range(N))
    counts = np.arange(N, dtype=np.int32)
    return Details(counts, counts.astype(np.float32) / 2, texts, ("",) * N, highest if top else None)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    write(tmp_path, viewers=VIEWERS, details=details())
    return tmp_path


def test_they_come_back_as_they_were(release: Path) -> None:
    found = load(release).details
    assert found is not None
    expected = details().arrays()
    assert found.arrays().keys() == expected.keys()
    assert all(np.array_equal(found.arrays()[name], expected[name]) for name in expected)
    assert (found.imdb, found.tmdb) == (details().imdb, details().tmdb)


def test_a_release_without_has_none(tmp_path: Path) -> None:
    manifest = write(tmp_path)
    assert load(tmp_path).details is None
    assert not [name for name in manifest.files if name.startswith("details.")]


def test_without_viewers_there_is_no_top(tmp_path: Path) -> None:
    write(tmp_path, details=details(top=False))
    found = load(tmp_path).details
    assert found is not None
    assert found.top is None


def test_in_a_larger_catalogue() -> None:
    moved = details().moved(np.array([0, 2, 3, 4, 5, 6]), N + 1)
    assert moved.counts.tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert moved.imdb == ("0000000", "", *(f"{row:07d}" for row in range(1, N)))
    assert moved.top is not None
    assert moved.top.users[:2, :3].tolist() == [[1, 0, -1], [-1, -1, -1]]


@pytest.mark.parametrize("file", ["details.counts.npy", "details.top.users.npy", LINKS])
def test_a_flipped_bit_is_refused_by_name(release: Path, file: str) -> None:
    flip(release / file)
    with pytest.raises(IntegrityError, match=file):
        load(release)


@pytest.mark.parametrize("file", ["details.counts.npy", "details.top.times.npy", LINKS])
def test_a_part_alone_is_refused(release: Path, file: str) -> None:
    forge(release, lambda manifest: manifest["files"].pop(file))
    with pytest.raises(IntegrityError, match=f"expected a file {file}, found none"):
        load(release)


def wrong(name: str, **changes: Any) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        array = details().arrays()[name].astype(changes.get("dtype", details().arrays()[name].dtype))
        array = array[: changes.get("rows", N)]
        if "value" in changes:
            array.reshape(-1)[0] = changes["value"]
        forge_array(folder, name, array)

    return run


def links(text: str) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        (folder / LINKS).write_text(text)
        forge(folder)

    return run


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (wrong("details.counts.npy", value=-1), "found one below 0"),
        (wrong("details.counts.npy", dtype="int64"), "expected int32"),
        (wrong("details.means.npy", value=np.nan), "expected finite numbers"),
        (wrong("details.means.npy", rows=N - 1), rf"expected float32 \({N},\)"),
        (wrong("details.top.users.npy", value=2), r"expected places -1\.\.1"),
        (wrong("details.top.users.npy", value=-2), r"expected places -1\.\.1"),
        (wrong("details.top.times.npy", value=np.inf), "expected finite numbers"),
        (links("[]"), "expected an object"),
        (links('{"imdb": [], "tmdb": []}'), f"expected {N} texts at imdb"),
        (links('{"imdb": [1,2,3,4,5,6], "tmdb": ["","","","","",""]}'), f"expected {N} texts at imdb"),
    ],
)
def test_what_cannot_be_is_refused(release: Path, breaks: Callable[[Path], None], message: str) -> None:
    breaks(release)
    with pytest.raises(IntegrityError, match=message):
        load(release)


def test_none_is_written_that_names_who_is_not_there(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    with pytest.raises(IntegrityError, match="expected places"):
        registry.add(lambda folder: write(folder, details=details()))
    assert registry.versions() == []
