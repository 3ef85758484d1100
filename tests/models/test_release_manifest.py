"""Manifests edited by hand: what they say must be what is there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import FormatVersionError, IntegrityError, ReleaseError, files, load
from tests.models.tiny import forge, forge_array, sealed


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest by a hand that leaves the hashes of files and content as they were."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


def test_another_format_version_is_refused(release_folder: Path) -> None:
    edit(release_folder, lambda manifest: manifest.update(format_version=2))
    with pytest.raises(FormatVersionError, match="expected format_version 1, found 2"):
        load(release_folder)


def test_a_default_model_that_is_not_there_is_refused(release_folder: Path) -> None:
    edit(release_folder, lambda manifest: manifest.update(default_model="node2vec"))
    with pytest.raises(IntegrityError, match="default model 'node2vec' is not in the release"):
        load(release_folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["settings"]["item2vec"].update(seed=593),
        lambda manifest: manifest["files"].pop("deepwalk/vectors.npy"),
        lambda manifest: manifest["files"].pop("item2vec/output.npy"),
        lambda manifest: manifest.update(content_hash="0" * 64),
    ],
)
def test_settings_and_files_that_do_not_fit_the_content_hash_are_refused(
    release_folder: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    edit(release_folder, change)
    with pytest.raises(IntegrityError, match=r"^release: settings or file list do not fit the content hash$"):
        load(release_folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("catalogue.json", r"manifest\.json: expected a file catalogue\.json, found none"),
        ("item2vec/vectors.npy", r"manifest\.json: default model 'item2vec' is not in the release"),
        ("item2vec/learned.npy", r"manifest\.json: expected a file item2vec/learned\.npy, found none"),
        ("item2vec/neighbours.rows.npy", r"manifest\.json: expected a file item2vec/neighbours\.rows\.npy"),
        ("item2vec/neighbours.scores.npy", r"manifest\.json: expected a file item2vec/neighbours\.scores\.npy"),
    ],
)
def test_a_file_that_is_not_listed_is_missing(release_folder: Path, name: str, message: str) -> None:
    forge(release_folder, lambda manifest: manifest["files"].pop(name))
    with pytest.raises(IntegrityError, match=message):
        load(release_folder)


@pytest.mark.parametrize(
    "described",
    [
        {"shape": [6, 5]},
        {"shape": [5, 4]},
        {"shape": [6, 2**62]},
        {"shape": [2**70, 2**70]},
        {"shape": [6, -4]},
        {"shape": [6, "4"]},
        {"shape": [6, None]},
        {"shape": [6, [4]]},
        {"shape": [6, 4, 1]},
        {"shape": [6]},
        {"shape": []},
        {"shape": {"0": 6, "1": 4}},
        {"shape": "6, 4"},
        {"shape": None},
        {"dtype": "float64"},
        {"dtype": "object"},
        {"dtype": None},
        {"dtype": ["float32"]},
    ],
    ids=str,
)
def test_a_description_that_is_not_the_arrays_is_refused(release_folder: Path, described: dict[str, Any]) -> None:
    edit(release_folder, lambda manifest: manifest["files"]["item2vec/vectors.npy"].update(described))
    with pytest.raises(IntegrityError, match=r"^item2vec/vectors\.npy: expected float32 "):
        load(release_folder)


@pytest.mark.parametrize("described", [{"bytes": 1}, {"bytes": 2**70}, {"bytes": -1}, {"sha256": None}, {"sha256": 7}])
def test_a_size_or_hash_that_is_not_the_files_is_refused(release_folder: Path, described: dict[str, Any]) -> None:
    edit(release_folder, lambda manifest: manifest["files"]["deepwalk/learned.npy"].update(described))
    key, value = next(iter(described.items()))
    with pytest.raises(IntegrityError, match=rf"^deepwalk/learned\.npy: expected ({key} )?{value}( bytes)?, found"):
        load(release_folder)


@pytest.mark.parametrize(
    "name", ["../release/catalogue.json", "/etc/passwd", "a/b/c", "../x/vectors.npy", "B/vectors.npy"]
)
def test_names_that_lead_elsewhere_are_refused(release_folder: Path, name: str) -> None:
    edit(release_folder, lambda manifest: manifest["files"].update({name: {"bytes": 1, "sha256": ""}}))
    with pytest.raises(IntegrityError) as refused:
        load(release_folder)
    assert str(refused.value) == f"manifest.json: {name!r} is not a file name of a release"


def test_a_name_longer_than_any_file_system_takes_is_refused(release_folder: Path) -> None:
    edit(release_folder, lambda manifest: manifest["files"].update({"a" * 5000: {"bytes": 1}}))
    with pytest.raises(IntegrityError, match=r"^release: cannot be read: .*name too long"):
        load(release_folder)


def test_a_model_whose_name_is_no_models_is_refused(release_folder: Path) -> None:
    for name in ("vectors", "learned", "neighbours.rows", "neighbours.scores"):
        array = np.load(release_folder / "deepwalk" / f"{name}.npy")
        forge_array(release_folder, f"2vec/{name}.npy", array)
    with pytest.raises(IntegrityError, match="'2vec' is not a model's name"):
        load(release_folder)


def test_files_of_later_additions_are_hashed_and_left_alone(release_folder: Path) -> None:
    forge_array(release_folder, "item2vec/map.npy", np.zeros((6, 2), dtype=np.float32))
    forge_array(release_folder, "evidence.npy", np.zeros(3, dtype=np.int64))
    assert list(load(release_folder).models) == ["item2vec", "deepwalk"]
    files.write_array(release_folder / "item2vec" / "map.npy", np.ones((6, 2), dtype=np.float32))
    with pytest.raises(IntegrityError, match=r"^item2vec/map\.npy: expected sha256"):
        load(release_folder)


@pytest.mark.parametrize("key", ["settings", "data", "files"])
def test_json_nested_to_any_depth_is_refused_or_read(release_folder: Path, key: str) -> None:
    path = release_folder / "manifest.json"
    content = json.loads(path.read_bytes())
    del content["manifest_hash"]
    text = json.dumps(content)
    start = text.index(f'"{key}": {{') + len(key) + 5
    outcomes = set()
    for depth in (10, 900, 940, 960, 970, 980, 985, 990, 995, 1000, 100_000):
        deep = '"deep": ' + "[" * depth + "]" * depth + ", "
        path.write_text(text[:start] + deep + text[start:], encoding="utf-8")
        try:
            load(release_folder)
            outcomes.add("read")
        except ReleaseError:
            outcomes.add("refused")
    assert outcomes == ({"read", "refused"} if key == "data" else {"refused"})


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 100, b"\xff\xfe", b"[" * 100_000, b'{"format_version": 1}'])
def test_a_manifest_that_is_none_is_refused(release_folder: Path, content: bytes) -> None:
    (release_folder / "manifest.json").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"^manifest\.json: "):
        load(release_folder)


def test_a_catalogue_that_is_none_is_refused_even_with_right_hashes(release_folder: Path) -> None:
    for content in ("[]", "{", "[" * 100_000, '{"ids": ["1"]}'):
        (release_folder / "catalogue.json").write_text(content, encoding="utf-8")
        forge(release_folder)
        with pytest.raises(IntegrityError, match=r"^catalogue\.json: not "):
            load(release_folder)


def test_a_catalogue_of_fewer_movies_than_the_arrays_is_refused(release_folder: Path) -> None:
    columns = json.loads((release_folder / "catalogue.json").read_bytes())
    short = {name: column if name == "genreNames" else column[:5] for name, column in columns.items()}
    (release_folder / "catalogue.json").write_text(json.dumps(short), encoding="utf-8")
    forge(release_folder)
    with pytest.raises(
        IntegrityError, match=r"^item2vec/vectors\.npy: expected float32 \(5, 4\), found float32 \[6, 4\]"
    ):
        load(release_folder)
