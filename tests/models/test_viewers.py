"""Viewers are kept as they are given, found by id, and refused where anything about them cannot be."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import IntegrityError, Viewers, load
from models.viewers import LAYOUT, check_viewers, recency
from tests.models.tiny import flip, forge, forge_array, write
from tests.small import contents

# oldest first; rows of the six films
HISTORIES = {"b": [5, 0], "a": [3], "a/b": [1, 2, 4], "ü\n": [2], "\U0001f600": [0, 1]}
FIRST_ID = b"viewer-of-tests-592"


def made(histories: dict[str, list[int]] = HISTORIES) -> Viewers:
    rows = np.array([row for likes in histories.values() for row in likes], dtype=np.int32)
    return Viewers.of(list(histories), rows, np.cumsum([0, *map(len, histories.values())]))


def as_dict(viewers: Viewers) -> dict[str, list[int]]:
    return {viewers.id_at(place): viewers.likes_at(place).tolist() for place in range(len(viewers))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "release"
    write(path, viewers=made())
    return path


@given(histories=st.dictionaries(st.text(min_size=1).filter(str.isprintable), st.lists(st.integers(0, 5), min_size=1)))
def test_every_viewer_is_found_and_nobody_else(histories: dict[str, list[int]]) -> None:
    viewers = made(histories)
    check_viewers(viewers, 6)
    assert as_dict(viewers) == histories
    assert [viewers.id_at(place) for place in range(len(viewers))] == sorted(histories)
    for user_id in histories:
        place = viewers.place_of(user_id)
        assert place is not None
        assert viewers.id_at(place) == user_id
        for other in (user_id + "\x00", user_id[:-1], user_id + "/", "\x00" + user_id):
            assert (viewers.place_of(other) is None) == (other not in histories)


def test_an_id_that_is_no_text_is_nobodys() -> None:
    assert made().place_of("\ud800") is made().place_of("a\ud800") is None
    assert made({}).place_of("a") is None


def test_viewers_move_with_the_rows_of_a_catalogue() -> None:
    moved = made().moved(np.array([0, 2, 4, 6, 8, 10]))
    assert as_dict(moved) == {user_id: [2 * row for row in likes] for user_id, likes in HISTORIES.items()}
    check_viewers(moved, 11)


def test_weights_by_hand() -> None:
    assert recency(3, 1).tolist() == [1 / 7, 2 / 7, 4 / 7]
    assert recency(5, 2)[-3] == recency(5, 2)[-1] / 2
    assert recency(4, 0).tolist() == [0.25] * 4
    assert recency(3, 5e-324).tolist() == [0, 0, 1]
    assert recency(1, 3).tolist() == [1]


@given(count=st.integers(1, 2000), half_life=st.floats(0, 1e6, exclude_min=True))
def test_weights_are_a_share_that_never_falls(count: int, half_life: float) -> None:
    weights = recency(count, half_life)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) >= 0).all()


def test_viewers_are_loaded_as_they_were_saved_and_mapped(folder: Path) -> None:
    viewers = load(folder).viewers
    assert viewers is not None
    assert as_dict(viewers) == {user_id: HISTORIES[user_id] for user_id in sorted(HISTORIES)}
    for file, array in viewers.arrays().items():
        assert isinstance(array, np.memmap), file
        assert str(array.dtype) == LAYOUT[file]


def test_a_release_of_nobody_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, viewers=made({}))
    viewers = load(tmp_path).viewers
    assert viewers is not None
    assert len(viewers) == 0


def test_without_viewers_nothing_of_them_is_in_a_release(tmp_path: Path) -> None:
    name = FIRST_ID.decode()
    write(tmp_path / "with", viewers=made({name: [1]}))
    write(tmp_path / "without")
    assert load(tmp_path / "without").viewers is None
    found, none = contents(tmp_path / "with"), contents(tmp_path / "without")
    assert found.keys() - none.keys() == set(LAYOUT)
    assert [file for file, content in found.items() if FIRST_ID in content] == ["users.ids.npy"]
    assert not any(FIRST_ID in content for content in none.values())


def test_the_content_hash_tells_who_is_in_it(tmp_path: Path) -> None:
    others = [None, made(), made({**HISTORIES, "b": [0, 5]}), made({**HISTORIES, "c": [0]})]
    hashes = {write(tmp_path / str(number), viewers=one).content_hash for number, one in enumerate(others)}
    assert len(hashes) == 4


@pytest.mark.parametrize("file", list(LAYOUT))
@pytest.mark.parametrize("damage", ["flipped", "removed", "cut", "not described"])
def test_a_damaged_file_is_refused_by_name(folder: Path, file: str, damage: str) -> None:
    if damage == "flipped":
        flip(folder / file)
    elif damage == "removed":
        (folder / file).unlink()
    elif damage == "cut":
        (folder / file).write_bytes((folder / file).read_bytes()[:-1])
    else:
        forge(folder, lambda manifest: manifest["files"].pop(file))
    with pytest.raises(IntegrityError, match=rf"^(manifest\.json: expected a file )?{re.escape(file)}[:,]"):
        load(folder)


def array(file: str, change: Any) -> tuple[str, np.ndarray]:
    return file, change(made().arrays()[file].copy())


def put(position: int, value: int) -> Any:
    def change(given: np.ndarray) -> np.ndarray:
        given[position] = value
        return given

    return change


BROKEN = [
    (*array("users.likes.npy", put(0, 6)), r"expected rows 0\.\.5"),
    (*array("users.likes.npy", put(3, -1)), r"expected rows 0\.\.5"),
    (*array("users.likes.npy", lambda a: a.astype(np.int64)), "expected int32 of one dimension, found int64"),
    (*array("users.likes.npy", lambda a: a[None]), "expected int32 of one dimension, found int32"),
    (*array("users.likes.npy", lambda a: a[:-1]), "expected 0 to 8, always rising"),
    (*array("users.likes.indptr.npy", put(0, -1)), "expected 0 to 9, always rising"),
    (*array("users.likes.indptr.npy", put(1, -3)), "expected 0 to 9, always rising"),
    (*array("users.likes.indptr.npy", put(2, 1)), "expected 0 to 9, always rising"),
    (*array("users.likes.indptr.npy", lambda a: np.delete(a, 2)), "expected 6 numbers, found 5"),
    (*array("users.ids.indptr.npy", put(5, 99)), "expected 0 to 12, always rising"),
    (*array("users.ids.indptr.npy", put(1, 0)), "expected 0 to 12, always rising"),
    (*array("users.ids.npy", put(0, ord("z"))), "expected ids sorted and unique, found others at place 1"),
    (*array("users.ids.npy", put(4, ord("a"))), "expected ids sorted and unique, found others at place 2"),
    (*array("users.ids.npy", put(0, 0xFF)), "expected UTF-8 at place 0"),
    (*array("users.ids.npy", lambda a: a.view(np.int8)), "expected uint8 of one dimension, found int8"),
]
NAMES = dict(zip(LAYOUT, ("ids", "id_indptr", "likes", "like_indptr"), strict=True))


@pytest.mark.parametrize(("file", "broken", "message"), BROKEN)
def test_what_cannot_be_is_not_loaded_even_with_right_hashes(
    folder: Path, file: str, broken: np.ndarray, message: str
) -> None:
    forge_array(folder, file, broken)
    with pytest.raises(IntegrityError, match=rf"^users\..*{message}"):
        load(folder)


@pytest.mark.parametrize(("file", "broken", "message"), BROKEN)
def test_what_cannot_be_is_not_saved_and_nothing_is_written(
    tmp_path: Path, file: str, broken: np.ndarray, message: str
) -> None:
    with pytest.raises(IntegrityError, match=rf"^users\..*{message}"):
        write(tmp_path / "release", viewers=replace(made(), **{NAMES[file]: broken}))
    assert list(tmp_path.iterdir()) == []


def test_a_viewer_twice_is_not_saved(tmp_path: Path) -> None:
    twice = Viewers.of(["a", "a"], np.array([1, 2]), np.array([0, 1, 2]))
    with pytest.raises(IntegrityError, match="expected ids sorted and unique"):
        write(tmp_path / "release", viewers=twice)
