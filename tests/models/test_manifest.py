"""What a release says of itself: read as written, refused when it says something else."""

import json
from pathlib import Path
from typing import Any

import pytest

from models import FormatVersionError, IntegrityError, Manifest
from models.manifest import content_hash, manifest_hash, read_manifest
from tests.models.tiny import sealed, write

KEYS = {
    "id": str,
    "created_at": str,
    "content_hash": str,
    "default_model": str,
    "settings": dict,
    "data": dict,
    "metrics": dict,
    "libraries": dict,
    "files": dict,
    "format_version": int,
}


def rewrite(folder: Path, **changes: Any) -> None:
    content = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(sealed(content | changes)), encoding="utf-8")


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = write(tmp_path)
    assert read_manifest(tmp_path) == made
    content = json.loads((tmp_path / "manifest.json").read_bytes())
    assert content == vars(made) | {"manifest_hash": manifest_hash(vars(made))}


def test_the_keys_are_those_of_the_format() -> None:
    assert set(Manifest.__annotations__) == set(KEYS)


def test_keys_of_later_additions_are_left_alone(release_folder: Path) -> None:
    before = read_manifest(release_folder)
    rewrite(release_folder, note="added later")
    assert read_manifest(release_folder) == before


def test_a_manifest_without_its_hash_is_an_older_one(release_folder: Path) -> None:
    before = read_manifest(release_folder)
    content = json.loads((release_folder / "manifest.json").read_bytes())
    del content["manifest_hash"]
    (release_folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_manifest(release_folder) == before


@pytest.mark.parametrize("changes", [{"metrics": {"item2vec": {"hr@10": 0.35}}}, {"default_model": "deepwalk"},
                                     {"data": {}}, {"libraries": {"numpy": "3"}}, {"note": 1}, {"manifest_hash": ""},
                                     {"created_at": "2026-01-01T00:00:01Z"}], ids=str)  # fmt: skip
def test_whatever_it_says_is_what_was_written(release_folder: Path, changes: dict[str, Any]) -> None:
    content = json.loads((release_folder / "manifest.json").read_bytes())
    (release_folder / "manifest.json").write_text(json.dumps(content | changes), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"^manifest\.json: expected content of sha256 '.*', found"):
        read_manifest(release_folder)


@pytest.mark.parametrize("version", [2, 0, -1, "1", None, [1], 1.5])
def test_another_format_version_is_named(release_folder: Path, version: Any) -> None:
    rewrite(release_folder, format_version=version)
    with pytest.raises(FormatVersionError) as refused:
        read_manifest(release_folder)
    assert str(refused.value) == f"release/manifest.json: expected format_version 1, found {version!r}"


def test_another_format_version_is_told_before_anything_else_is_looked_at(release_folder: Path) -> None:
    (release_folder / "manifest.json").write_text('{"format_version": 2}', encoding="utf-8")
    with pytest.raises(FormatVersionError, match="found 2"):
        read_manifest(release_folder)


WRONG = [(key, value) for key, kind in KEYS.items() for value in (None, 5, "text", [], {}) if type(value) is not kind]


@pytest.mark.parametrize(("key", "value"), [*WRONG, *((key, "absent") for key in KEYS)])
def test_a_key_that_is_missing_or_of_another_type_is_named(release_folder: Path, key: str, value: Any) -> None:
    content = json.loads((release_folder / "manifest.json").read_bytes())
    content[key] = value
    if value == "absent":
        del content[key]
    (release_folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises((IntegrityError, FormatVersionError), match=key):
        read_manifest(release_folder)


@pytest.mark.parametrize("described", [None, [], "x", 7, {}, {"bytes": "many"}, {"bytes": None}])
def test_a_file_that_is_not_described_is_named(release_folder: Path, described: Any) -> None:
    rewrite(release_folder, files={"catalogue.json": described})
    with pytest.raises(IntegrityError, match=r"^manifest\.json: expected an object with bytes for 'catalogue\.json'"):
        read_manifest(release_folder)


@pytest.mark.parametrize("content", ["[]", "5", "null", '"text"'])
def test_json_that_is_no_object_is_no_manifest(release_folder: Path, content: str) -> None:
    (release_folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"^manifest\.json: expected an object$"):
        read_manifest(release_folder)


def test_no_manifest_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match=r"^manifest\.json: expected a file, found none$"):
        read_manifest(tmp_path)


def test_the_content_hash_depends_on_every_file_and_every_setting_and_on_no_order() -> None:
    files = {"a": {"sha256": "1", "bytes": 3}, "b": {"sha256": "2"}}
    settings = {"item2vec": {"seed": 1, "window": 5}}
    same = content_hash(files, settings)
    assert len(same) == 64
    assert content_hash(dict(reversed(files.items())), {"item2vec": {"window": 5, "seed": 1}}) == same
    others = [
        content_hash({**files, "c": {"sha256": "3"}}, settings),
        content_hash({"a": files["a"]}, settings),
        content_hash({"a": files["b"], "b": files["a"]}, settings),
        content_hash({**files, "a": {"sha256": "9"}}, settings),
        content_hash(files, {"item2vec": {"seed": 2, "window": 5}}),
        content_hash(files, {**settings, "deepwalk": {}}),
    ]
    assert len({same, *others}) == 7
