"""A store whose files are damaged is refused by name, or answers as it did (the full number: flipped.py)."""

import json
from pathlib import Path

import pytest

from bench.processes import in_child
from tests.reliability.flipped import Damaged, Seen, new_release, old_release
from tests.reliability.whole import ABOUT_MODELS, ASKED, OLD_STORES, whole_store


def test_a_new_release_is_refused_or_answers_the_same(tmp_path: Path) -> None:
    seen = in_child(lambda: new_release(200, tmp_path / "store", 1))
    assert seen.wrong == []
    assert seen.tried > 500
    assert len(seen.by_file) == 41
    # what is read into the same manifest; a space at its end
    assert seen.refused > seen.tried - 20
    assert seen.refused + seen.same == seen.tried


@pytest.mark.parametrize("name", OLD_STORES)
def test_an_old_release_too(tmp_path: Path, name: str) -> None:
    seen = in_child(lambda: old_release(name, 20, tmp_path / "store", 1))
    assert seen.wrong == []
    assert seen.tried > 100


@pytest.mark.parametrize("without", ["hashes of files", "hash of the manifest"])
def test_what_it_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    """Where one of the checks is not there, the same flips are answered from."""
    store = whole_store(tmp_path / "store")
    if without == "hashes of files":
        monkeypatch.setattr("models.files.check", lambda *_: None)
    else:
        path = next(store.folder.glob("versions/20260102*/manifest.json"))
        content = json.loads(path.read_bytes())
        del content["manifest_hash"]
        path.write_text(json.dumps(content), encoding="utf-8")

    def unchecked() -> Seen:
        damaged = Damaged(store, ASKED + ABOUT_MODELS)
        wanted = "vectors.npy" if without == "hashes of files" else "manifest.json"
        damaged.files = [path for path in damaged.files if path.name == wanted]
        damaged.flips(60 if without == "hashes of files" else 150)
        return damaged.seen

    assert len(in_child(unchecked).wrong) > 3
