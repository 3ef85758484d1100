"""The picture of all movies in a release: there or not, whole or refused, and no matter to who does not know it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import IntegrityError, load
from models.model import LAYOUT
from tests.models import tiny

N = len(tiny.FILMS)
PLACES = np.arange(2 * N, dtype=np.float32).reshape(N, 2) / 8


def drawn(places: np.ndarray = PLACES) -> dict[str, Any]:
    """One model with a map, and one without."""
    return {"item2vec": replace(tiny.model(), map=places), "deepwalk": tiny.model(2, output=False)}


def test_a_release_keeps_it(tmp_path: Path) -> None:
    manifest = tiny.write(tmp_path, models=drawn())
    assert manifest.files["item2vec/map.npy"].items() >= {"dtype": "float32", "shape": [N, 2]}.items()
    release = load(tmp_path)
    assert np.array_equal(release.models["item2vec"].map, PLACES)  # type: ignore[arg-type]
    assert release.models["deepwalk"].map is None


def test_a_release_may_be_without_it(tmp_path: Path) -> None:
    manifest = tiny.write(tmp_path)
    assert not [file for file in manifest.files if "map" in file]
    assert [model.map for model in load(tmp_path).models.values()] == [None, None]


def test_it_is_part_of_the_content_and_no_score_is_made_of_it(tmp_path: Path) -> None:
    plain, with_map = tiny.write(tmp_path / "a"), tiny.write(tmp_path / "b", models=drawn())
    assert plain.content_hash != with_map.content_hash
    assert plain.files.items() <= with_map.files.items()


@pytest.mark.parametrize(
    ("places", "message"),
    [
        (PLACES[:-1], r"item2vec/map\.npy: expected \('float32', \(6, 2\)\), found \('float32', \(5, 2\)\)"),
        (PLACES[:, :1], r"map\.npy: expected \('float32', \(6, 2\)\), found \('float32', \(6, 1\)\)"),
        (np.zeros((N, 3), np.float32), r"map\.npy: expected \('float32', \(6, 2\)\), found \('float32', \(6, 3\)\)"),
        (PLACES.ravel(), r"map\.npy: expected \('float32', \(6, 2\)\), found \('float32', \(12,\)\)"),
        (PLACES.astype(np.float64), r"map\.npy: expected \('float32', \(6, 2\)\), found \('float64', \(6, 2\)\)"),
        (np.full((N, 2), np.nan, np.float32), r"item2vec/map\.npy: expected finite numbers, found NaN or infinity"),
        (np.full((N, 2), np.inf, np.float32), r"item2vec/map\.npy: expected finite numbers, found NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_neither_written_nor_read(tmp_path: Path, places: np.ndarray, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        tiny.write(tmp_path / "a", models=drawn(places))
    tiny.write(tmp_path / "b", models=drawn())
    tiny.forge_array(tmp_path / "b", "item2vec/map.npy", places)
    with pytest.raises(IntegrityError, match=r"item2vec/map\.npy: expected "):
        load(tmp_path / "b")


def test_a_reader_that_does_not_know_it_leaves_it_alone_but_for_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.write(tmp_path, models=drawn())
    monkeypatch.delitem(LAYOUT, "map.npy")
    assert load(tmp_path).models["item2vec"].map is None
    tiny.flip(tmp_path / "item2vec/map.npy")
    with pytest.raises(IntegrityError, match=r"^item2vec/map\.npy: expected sha256"):
        load(tmp_path)


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    tiny.write(tmp_path, models=drawn())
    tiny.flip(tmp_path / "item2vec/map.npy")
    with pytest.raises(IntegrityError, match=r"^item2vec/map\.npy: expected sha256"):
        load(tmp_path)
