"""A store of format 1 with a map, committed as it was written; `format-1` and `format-1-blend` are older than maps.

`format-1-map/` is never written again. It was made by `make(Path("tests/models/format-1-map"))`.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import IntegrityError, Registry, save
from tests.models.tiny import FILMS, FIRST, catalogue, flip, model
from tests.small import contents

STORE = Path(__file__).parent / "format-1-map"
VERSION = "20260101T000000Z-f72bc5f7"
CONTENT_HASH = "f72bc5f7dcdac24373ac92f9b9b8d3d5888c4123712c373d6e12f3943820b395"
PLACES = np.arange(2 * len(FILMS), dtype=np.float32).reshape(-1, 2) / 8 - 0.5


def make(folder: Path) -> None:
    registry = Registry(folder)
    described = {"settings": {"item2vec": {"seed": 592}}, "data": {"label": "made by hand", "map": {"method": "pca"}}}
    models = {"item2vec": replace(model(output=False), map=PLACES)}
    version = registry.add(
        lambda target: save(target, catalogue(), models, created_at=FIRST, default_model="item2vec", **described)
    )
    registry.promote(version)


def test_the_files_are_those_that_were_committed() -> None:
    found = contents(STORE)
    whole = hashlib.sha256(b"".join(name.encode() + found[name] for name in sorted(found))).hexdigest()
    assert (len(found), whole) == (9, "4fe76f997ad49a2d545379cc6c152da9e1c6198f33f76b8cfd912f8f9cd3e006")
    assert sum(map(len, found.values())) < 10_000


def test_the_map_is_loaded_with_every_hash_right() -> None:
    registry = Registry(STORE)
    assert (registry.versions(), registry.current()) == ([VERSION], VERSION)
    release = registry.load()
    assert (release.manifest.format_version, release.manifest.content_hash) == (1, CONTENT_HASH)
    assert release.manifest.data["map"] == {"method": "pca"}
    found = release.models["item2vec"].map
    assert found is not None
    assert found.tolist() == PLACES.tolist()
    # Batman
    assert found[release.catalogue.row_of["592"]].tolist() == [0.0, 0.125]


def test_what_was_loaded_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    release = Registry(STORE).load()
    described = {name: getattr(release.manifest, name) for name in ("settings", "data", "metrics", "libraries")}
    save(tmp_path, release.catalogue, release.models, created_at=FIRST, default_model="item2vec", **described)
    was, now = contents(STORE / "versions" / VERSION), contents(tmp_path)
    for one in (was, now):
        one.pop("manifest.json")
    assert was == now


def test_git_leaves_its_bytes_alone() -> None:
    rules = (Path(__file__).parents[2] / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "tests/models/format-1-map/** -text" in rules


def test_it_is_checked(tmp_path: Path) -> None:
    for path, content in contents(STORE).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    registry = Registry(tmp_path)
    registry.load()
    flip(tmp_path / "versions" / VERSION / "item2vec/map.npy")
    with pytest.raises(IntegrityError, match=r"^item2vec/map\.npy: expected sha256"):
        registry.load()
