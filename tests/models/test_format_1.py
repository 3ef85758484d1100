"""A store of format 1, committed as it was written: what could be loaded once can be loaded for ever.

`format-1/` is never written again. It was made by `make(Path("tests/models/format-1"))`, and a second release of
format 1 with more in it would get a folder of its own.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from models import IntegrityError, Registry, load
from tests.models.tiny import FIRST, catalogue, flip, model, publish
from tests.small import contents

STORE = Path(__file__).parent / "format-1"
VERSION = "20260101T000000Z-2f1dcd6a"
CONTENT_HASH = "2f1dcd6af19bbc962d9d8931eba093fefdddc16a475b5e128625a7a59928d1e0"


def make(folder: Path) -> None:
    registry = Registry(folder)
    registry.promote(publish(registry, FIRST))


def test_the_files_are_those_that_were_committed() -> None:
    found = contents(STORE)
    whole = hashlib.sha256(b"".join(name.encode() + found[name] for name in sorted(found))).hexdigest()
    assert (len(found), whole) == (13, "c7a0bf7ade1b4fce84b1c146f1c2c1d239e10e2895c293a895bc755a51230d86")
    assert sum(map(len, found.values())) < 20_000


def test_the_release_is_loaded_with_every_hash_right() -> None:
    registry = Registry(STORE)
    assert (registry.versions(), registry.current()) == ([VERSION], VERSION)
    release = registry.load()
    manifest = release.manifest
    assert (manifest.format_version, manifest.created_at, manifest.content_hash) == (1, FIRST, CONTENT_HASH)
    assert (manifest.default_model, list(release.models)) == ("item2vec", ["item2vec", "deepwalk"])
    assert manifest.settings == {"item2vec": {"seed": 592}, "deepwalk": {"seed": 592}}
    assert manifest.data == {"label": "made by hand", "users": 3}
    assert manifest.metrics == {"item2vec": {"hr@10": 0.25}}
    assert manifest.libraries == {"numpy": "2"}


def test_batman_is_what_he_was() -> None:
    release = Registry(STORE).load()
    films, item2vec, deepwalk = release.catalogue, release.models["item2vec"], release.models["deepwalk"]
    row = films.row_of["592"]
    assert row == 2
    assert (films.titles[row], films.years[row], films.genres[row], films.likes[row]) == (
        "Batman",
        1989,
        ("Action", "Crime"),
        189,
    )
    assert item2vec.vectors[row].tolist() == [1, 0, 0, 0]
    assert deepwalk.vectors[row].tolist() == [2, 0, 0, 0]
    assert [films.ids[other] for other in item2vec.neighbour_rows[row]] == ["2571", "593", "1"]
    assert item2vec.neighbour_scores[row].tolist() == [np.float32(0.707107), np.float32(0.6), 0]
    assert item2vec.output is not None
    assert item2vec.output[row].tolist() == [0, 0, 0, 1]
    assert deepwalk.output is None
    assert item2vec.learned.tolist() == [True, True, True, True, False, True]
    assert films.ids[4:] == ("85123A", "ü 7")
    assert films.titles[4:] == ("85123A", "Amélie")
    assert films.years[4] == 0


def test_every_array_is_what_was_saved() -> None:
    release = load(STORE / "versions" / VERSION)
    assert release.catalogue.to_json() == catalogue().to_json()
    for found, made in (
        (release.models["item2vec"], model()),
        (release.models["deepwalk"], model(2, output=False)),
    ):
        for name, array in vars(made).items():
            if array is not None:
                assert np.array_equal(getattr(found, name), array), name


def test_the_same_content_is_still_written_as_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path)
    was, now = (contents(store / "versions" / VERSION) for store in (STORE, tmp_path))
    described, files = (json.loads(one.pop("manifest.json"))["files"] for one in (was, now))
    assert was.items() <= now.items()
    assert described.items() <= files.items()


def test_git_leaves_its_bytes_alone() -> None:
    # arrays hold bytes that look like line ends, and hashes allow no change of any
    rules = (Path(__file__).parents[2] / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "tests/models/format-1/** -text" in rules


@pytest.mark.parametrize("name", ["catalogue.json", "item2vec/vectors.npy", "deepwalk/learned.npy"])
def test_an_old_release_is_checked_like_a_new_one(tmp_path: Path, name: str) -> None:
    for path, content in contents(STORE).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    registry = Registry(tmp_path)
    registry.load()
    flip(tmp_path / "versions" / VERSION / name)
    with pytest.raises(IntegrityError, match=f"^{name}: expected sha256"):
        registry.load()
