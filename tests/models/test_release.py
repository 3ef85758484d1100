"""A release is loaded bit by bit as it was saved, or refused by name: never a wrong answer."""

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Catalogue, IntegrityError, Manifest, Model, Release, ReleaseError, load
from models.model import MAX_NEIGHBOURS
from tests.models.tiny import FIRST, SECOND, catalogue, flip, forge, forge_array, model, write

FILES = [
    "catalogue.json",
    *(f"item2vec/{name}.npy" for name in ("vectors", "learned", "neighbours.rows", "neighbours.scores", "output")),
    *(f"deepwalk/{name}.npy" for name in ("vectors", "learned", "neighbours.rows", "neighbours.scores")),
]


def bits(made: Model) -> dict[str, tuple[str, tuple[int, ...], bytes] | None]:
    return {
        name: None if array is None else (str(array.dtype), array.shape, array.tobytes())
        for name, array in vars(made).items()
    }


def test_a_release_is_loaded_bit_by_bit_as_it_was_saved(tmp_path: Path) -> None:
    manifest = write(tmp_path)
    release = load(tmp_path)
    assert (release.manifest, release.id) == (manifest, manifest.id)
    assert release.catalogue.to_json() == catalogue().to_json()
    assert list(release.models) == ["item2vec", "deepwalk"]
    assert bits(release.models["item2vec"]) == bits(model())
    assert bits(release.models["deepwalk"]) == bits(model(2, output=False))
    assert release.models["item2vec"].dimension == 4


def test_arrays_are_memory_mapped_and_read_only(release_folder: Path) -> None:
    for made in load(release_folder).models.values():
        for array in filter(lambda one: one is not None, vars(made).values()):
            assert isinstance(array, np.memmap)
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_the_files_are_those_of_the_format(release_folder: Path) -> None:
    found = {str(path.relative_to(release_folder)) for path in release_folder.rglob("*") if path.is_file()}
    assert found == {*FILES, "manifest.json"}


@pytest.mark.parametrize("k", [0, 1, MAX_NEIGHBOURS])
def test_any_number_of_neighbours_up_to_the_limit_is_loaded(tmp_path: Path, k: int) -> None:
    write(tmp_path, models={"item2vec": model(k=k)})
    assert bits(load(tmp_path).models["item2vec"]) == bits(model(k=k))


def test_a_release_without_movies_is_loaded(tmp_path: Path) -> None:
    empty = Model(*(np.empty((0, 4), dtype) for dtype in (np.float32, np.bool_, np.int32, np.float32)))
    empty = replace(empty, learned=np.empty(0, dtype=np.bool_))
    nothing = Catalogue((), (), np.empty(0, np.int16), (), np.empty(0, np.int32))
    write(tmp_path)
    forge(tmp_path, lambda manifest: manifest["files"].clear())
    (tmp_path / "catalogue.json").write_text(json.dumps(nothing.to_json()), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"expected a file catalogue\.json, found none"):
        load(tmp_path)
    forge(tmp_path, lambda manifest: manifest["files"].update({"catalogue.json": {}}))
    for name, array in {"vectors": empty.vectors, "learned": empty.learned}.items():
        forge_array(tmp_path, f"item2vec/{name}.npy", array)
    for name, array in {"rows": empty.neighbour_rows, "scores": empty.neighbour_scores}.items():
        forge_array(tmp_path, f"item2vec/neighbours.{name}.npy", array)
    assert len(load(tmp_path).catalogue) == 0


def test_the_content_hash_depends_on_the_content_and_not_on_the_time(tmp_path: Path) -> None:
    first, later = write(tmp_path / "1", FIRST), write(tmp_path / "2", SECOND, metrics={}, data={"users": 4})
    assert first.content_hash == later.content_hash
    assert first.files == later.files
    assert (first.id, later.id) == (f"20260101T000000Z-{first.content_hash[:8]}", f"20260102T000000Z-{first.id[-8:]}")
    others = [write(tmp_path / "3", scale=2), write(tmp_path / "4", settings={"item2vec": {"seed": 593}})]
    assert len({first.content_hash, *(other.content_hash for other in others)}) == 3


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_anywhere_in_a_file_is_refused(release_folder: Path, name: str) -> None:
    path = release_folder / name
    positions = random.Random(name)
    size = path.stat().st_size
    for position in {0, size // 2, size - 1, *(positions.randrange(size) for _ in range(12))}:
        bit = 1 << positions.randrange(8)
        flip(path, position, bit)
        with pytest.raises(IntegrityError, match=rf"^{name}: expected sha256 [0-9a-f]{{64}}, found [0-9a-f]{{64}}$"):
            load(release_folder)
        flip(path, position, bit)
    load(release_folder)


def test_a_flipped_bit_in_the_manifest_is_refused_or_changes_no_answer(release_folder: Path) -> None:
    path = release_folder / "manifest.json"
    chosen, before, refused = random.Random(592), answers(load(release_folder)), 0
    for position in chosen.sample(range(path.stat().st_size), 400):
        bit = 1 << chosen.randrange(8)
        flip(path, position, bit)
        try:
            assert answers(load(release_folder)) == before
        except ReleaseError:
            refused += 1
        flip(path, position, bit)
    # the rest is in the id, times, metrics and names of libraries, which no answer is computed from
    assert refused > 300


def answers(release: Release) -> object:
    return (
        release.catalogue.to_json(),
        {name: bits(one) for name, one in release.models.items()},
        (release.manifest.default_model, release.manifest.settings, release.manifest.files),
    )


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut by a byte", "cut in half", "longer", "a folder"])
def test_a_file_that_is_not_whole_is_refused_by_name(release_folder: Path, name: str, damage: str) -> None:
    path = release_folder / name
    content = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "removed":
        parts = {"emptied": b"", "cut by a byte": content[:-1], "cut in half": content[: len(content) // 2]}
        path.write_bytes(parts.get(damage, content + b"x"))
    with pytest.raises(IntegrityError, match=rf"^{name}: "):
        load(release_folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match=r"^manifest\.json: expected a file, found none$"):
        load(tmp_path / "none")


def test_hashes_are_not_checked_again_where_that_was_just_done(release_folder: Path) -> None:
    flip(release_folder / "item2vec" / "vectors.npy")
    assert load(release_folder, check_hashes=False).models["item2vec"].vectors.shape == (6, 4)


@pytest.mark.parametrize("name", ["item2vec/vectors.npy", "item2vec"])
def test_a_link_in_a_release_is_refused(release_folder: Path, tmp_path: Path, name: str) -> None:
    shutil.move(release_folder / name, tmp_path / "moved")
    (release_folder / name).symlink_to(tmp_path / "moved")
    with pytest.raises(IntegrityError, match=r"^item2vec/vectors\.npy: .* a link"):
        load(release_folder)


BROKEN: list[tuple[str, Any, str]] = [
    ("vectors", np.full((6, 4), np.nan, np.float32), r"vectors\.npy: expected finite numbers, found NaN or infinity"),
    ("vectors", np.full((6, 4), -np.inf, np.float32), r"vectors\.npy: expected finite numbers"),
    ("output", np.full((6, 4), np.inf, np.float32), r"output\.npy: expected finite numbers"),
    ("neighbour_scores", np.full((6, 3), np.nan, np.float32), r"neighbours\.scores\.npy: expected finite numbers"),
    ("neighbour_rows", np.full((6, 3), 6, np.int32), r"neighbours\.rows\.npy: expected rows -1\.\.5"),
    ("neighbour_rows", np.full((6, 3), -2, np.int32), r"neighbours\.rows\.npy: expected rows -1\.\.5"),
    ("vectors", np.ones((6, 4)), r"vectors\.npy: expected .*float32.*float64"),
    ("vectors", np.ones((5, 4), np.float32), r"vectors\.npy: expected .*\(?6, 4.*5, 4"),
    ("vectors", np.ones((6, 0), np.float32), ""),
    ("learned", np.ones(6, np.int8), r"learned\.npy: expected .*bool.*int8"),
    ("learned", np.ones((6, 1), np.bool_), r"learned\.npy: expected .*6, 1"),
    ("neighbour_rows", np.zeros((6, 3), np.int64), r"neighbours\.rows\.npy: expected .*int32.*int64"),
    ("neighbour_scores", np.zeros((6, 2), np.float32), r"neighbours\.scores\.npy: expected .*6, 3.*6, 2"),
    ("output", np.zeros((6, 3), np.float32), r"output\.npy: expected .*6, 4.*6, 3"),
]
ON_DISK = {"neighbour_rows": "neighbours.rows", "neighbour_scores": "neighbours.scores"}


@pytest.mark.parametrize(("field", "array", "message"), BROKEN)
def test_arrays_that_do_not_fit_are_not_saved_and_nothing_is_written(
    tmp_path: Path, field: str, array: np.ndarray, message: str
) -> None:
    with pytest.raises(IntegrityError, match=f"^item2vec.*{message}"):
        write(tmp_path / "release", models={"deepwalk": model(), "item2vec": replace(model(), **{field: array})})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("field", "array", "message"), BROKEN)
def test_arrays_that_do_not_fit_are_not_loaded_even_with_right_hashes(
    release_folder: Path, field: str, array: np.ndarray, message: str
) -> None:
    forge_array(release_folder, f"item2vec/{ON_DISK.get(field, field)}.npy", array)
    with pytest.raises(IntegrityError, match=f"item2vec.*{message}"):
        load(release_folder)


@pytest.mark.parametrize("name", ["Item2vec", "../item2vec", "item2vec/x", "", "2vec", "a" * 65, "model.npy"])
def test_a_model_whose_name_is_no_folder_is_not_saved(tmp_path: Path, name: str) -> None:
    with pytest.raises(IntegrityError, match="is not a model's name"):
        write(tmp_path / "release", models={"item2vec": model(), name: model()})
    assert list(tmp_path.iterdir()) == []


def test_too_many_neighbours_and_a_default_that_is_not_there_are_not_saved(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="k <= 100, found 4 and 101"):
        write(tmp_path / "release", models={"item2vec": model(k=101)})
    with pytest.raises(IntegrityError, match="default model 'node2vec' is not among item2vec, deepwalk"):
        write(tmp_path / "release", default_model="node2vec")
    assert list(tmp_path.iterdir()) == []


def test_models_stand_in_the_order_of_the_lesson_and_others_behind(tmp_path: Path) -> None:
    write(tmp_path, models=dict.fromkeys(["zeta", "node2vec", "alpha", "item2vec", "deepwalk"], model()))
    assert list(load(tmp_path).models) == ["item2vec", "deepwalk", "node2vec", "alpha", "zeta"]


def test_save_returns_what_load_finds(tmp_path: Path) -> None:
    made = write(tmp_path, metrics=None, libraries=None)
    assert isinstance(made, Manifest)
    assert load(tmp_path).manifest == replace(made, metrics={}, libraries={})
