"""Catalogues and manifests that a stranger wrote, with every hash right."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.processes import in_child
from kindred import main
from models import Registry, load
from tests.models.tiny import forge, sealed
from tests.reliability.poison import folder, forged, manifest, said_of, whole
from tests.reliability.whole import ABOUT_MODELS, Answers, write

__all__ = ["folder", "whole"]
Columns = dict[str, Any]


def columns(folder: Path, change: Callable[[Columns], object]) -> str:
    """What is said of a catalogue that is changed."""
    content = json.loads((folder / "catalogue.json").read_bytes())
    change(content)
    (folder / "catalogue.json").write_text(json.dumps(content), encoding="utf-8")
    forge(folder)
    return said_of(folder)


def put(key: str, place: int, value: Any) -> Callable[[Columns], None]:
    def change(content: Columns) -> None:
        content[key][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("ids", 1, "1"), "ids must be unique, not empty and sorted"),
        (put("ids", 0, ""), "ids must be unique, not empty and sorted"),
        (put("ids", 0, "9"), "ids must be unique, not empty and sorted"),
        (put("ids", 0, 1), "expected text, found 1"),
        (put("titles", 0, None), "expected text, found None"),
        (put("titles", 0, ["a"]), "expected text"),
        (put("titles", 0, "\ud800"), "not JSON: .*surrogates not allowed"),
        (put("genreNames", 0, "\udfff"), "not JSON: .*surrogates not allowed"),
        (put("likes", 0, -1), "expected likes and years of 0 or more"),
        (put("years", 0, -5), "expected likes and years of 0 or more"),
        (put("likes", 0, 2**31), "not a catalogue"),
        (put("likes", 0, 1.5), "expected a whole number, found 1.5"),
        (put("likes", 0, True), "expected a whole number, found True"),
        (put("years", 0, 10**4000), "not a catalogue"),
        (put("genres", 0, [99]), "not a catalogue"),
        (put("genres", 0, [-1]), "expected positions in genreNames"),
        (put("genres", 0, [True]), "expected positions in genreNames"),
        (put("genres", 0, [{}]), "not a catalogue"),
        (put("tags", 0, ["0"]), "not a catalogue"),
        (lambda content: content["titles"].pop(), "expected 6 titles, found 5"),
        (lambda content: content.pop("titles"), "not a catalogue: KeyError"),
        (lambda content: content.update(ids=7), "not a catalogue"),
    ],
)
def test_films_that_cannot_be_are_refused(folder: Path, change: Callable[[Columns], object], said: str) -> None:
    assert re.search(rf"^catalogue(\.json)?: .*{said}", columns(folder, change)), said_of(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 10_000_000, "not JSON: "),
        (b'{"ids":' * 1_000_000, "not JSON: "),
        (b'{"ids": ' + b"9" * 5000 + b"}", "not JSON: "),
        (b'{"ids": [], "ids": []}', "not JSON: expected each key once, found 'ids' twice"),
        (b'{"years": [NaN]}', "not JSON: expected numbers of float64, found NaN"),
        (b'{"years": [-Infinity]}', "not JSON: expected numbers of float64"),
        (b'{"years": [1e999]}', "not JSON: expected numbers of float64, found 1e999"),
        ('{"ids": []}'.encode("utf-16"), "not JSON: "),
        (b'\xef\xbb\xbf{"ids": []}', "not JSON: "),
        (b'{"ids": ["\xed\xa0\x80"]}', "not JSON: "),
        (b"[]", "not a catalogue"),
        (b"null", "not a catalogue"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_json_that_is_made_to_hurt_is_refused(folder: Path, content: bytes, said: str) -> None:
    assert forged(folder, "catalogue.json", content).startswith(f"catalogue.json: {said}")


@pytest.mark.parametrize(
    "facts",
    [{"viewers": "7", "floor": 1}, {"viewers": 600, "floor": 0}, {"viewers": 1, "floor": 1}, {"viewers": True}, [], 7],
)
def test_evidence_that_cannot_be_is_refused(folder: Path, facts: object) -> None:
    assert forged(folder, "evidence.json", json.dumps(facts).encode()).startswith("evidence.json: expected ")


@pytest.mark.parametrize(
    "links", [[], {"imdb": []}, {"imdb": ["1"] * 6, "tmdb": [1] * 6}, {"imdb": ["1"] * 7, "tmdb": []}]
)
def test_links_that_cannot_be_are_refused(folder: Path, links: object) -> None:
    assert forged(folder, "details.links.json", json.dumps(links).encode()).startswith("details.links.json: expected ")


def deep(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


Manifest = dict[str, Any]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made["files"].update({"../out.npy": {"bytes": 1}}), r"'\.\./out\.npy' is not a file name"),
        (lambda made: made["files"].update({"/etc/passwd": {"bytes": 1}}), "'/etc/passwd' is not a file name"),
        (lambda made: made["files"].update({"a/../../b": {"bytes": 1}}), "'a/../../b' is not a file name"),
        (
            lambda made: made["files"].update({"a\nINFO: all is well": {"bytes": 1}}),
            r"'a\\nINFO: all is well' is not a",
        ),
        (lambda made: made["files"].update({"a\0": {"bytes": 1}}), r"'a\\x00' is not a file name"),
        (lambda made: made["files"].update({"b": {"bytes": "1"}}), "expected an object with bytes for 'b'"),
        (lambda made: made["settings"].update(deep=deep(500)), "expected at most 32 levels"),
        (lambda made: made["data"].update(deep=deep(40)), "expected at most 32 levels"),
        (lambda made: made["settings"].update(item2vec=7), "expected an object at settings 'item2vec', found 7"),
        (lambda made: made["metrics"].update(rows=7), "expected rows with name, kind, relation and task, found 7"),
        (lambda made: made["metrics"].update(rows=[{"name": "x"}]), "expected rows with name, kind, relation and task"),
        (lambda made: made["data"].update(label="\ud800"), "not JSON: .*surrogates not allowed"),
        (lambda made: made["metrics"].update(x=float("inf")), "not JSON: expected numbers of float64"),
        (lambda made: made.update(default_model="../blend"), "default model '../blend' is not in the release"),
    ],
)
def test_manifests_that_are_made_to_hurt_are_refused(
    folder: Path, change: Callable[[Manifest], object], said: str
) -> None:
    assert re.search(rf"^manifest\.json: .*{said}", manifest(folder, change)), said_of(folder)


def test_an_id_that_is_not_made_of_time_and_content_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    content = json.loads(path.read_bytes())
    for changes in ({"id": "20270101T000000Z-00000000"}, {"created_at": "2027-01-01T00:00:00Z"}):
        path.write_text(json.dumps(sealed(content | changes)), encoding="utf-8")
        assert said_of(folder).startswith("manifest.json: expected id 202")


def test_a_manifest_that_fills_the_disk_is_not_read(folder: Path) -> None:
    os.truncate(folder / "manifest.json", 1 << 40)
    assert said_of(folder, bounded=True) == f"manifest.json: expected at most {1 << 26} bytes, found {1 << 40}"
    os.truncate(folder / "manifest.json", 1 << 25)
    assert said_of(folder, bounded=True).startswith("manifest.json: not JSON: ")


def test_a_catalogue_that_fills_the_disk_is_not_read(folder: Path) -> None:
    os.truncate(folder / "catalogue.json", 1 << 40)
    assert said_of(folder, bounded=True).startswith("catalogue.json: expected ")


NUMBERS = (10**4000, 1e-320, -0.0, 2**63, "a\u2028b", {"deep": deep(20)})


def test_whatever_else_a_manifest_says_every_request_is_answered(tmp_path: Path) -> None:
    """Anything may stand in it that is JSON: it is shown, and breaks nothing."""
    registry = Registry(tmp_path)
    folder = registry.path(registry.add(write))

    def answered() -> set[int]:
        answers, seen = Answers(registry), set()
        for key in ("data", "metrics", "libraries", "settings"):
            for value in NUMBERS:
                forge(folder, lambda made, key=key, value=value: made[key].setdefault("blend", {}).update(odd=value))  # type: ignore[misc]
                seen |= {status for status, _ in answers.of(load(folder), ("/map", *ABOUT_MODELS))}
        return seen

    assert in_child(answered) == {200}


def test_control_characters_reach_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry = Registry(tmp_path)
    version = registry.add(write)
    content = json.loads((registry.path(version) / "catalogue.json").read_bytes())
    content["titles"] = [f"{title}\x1b[2J\x07\x9b1m\u202e" for title in content["titles"]]
    (registry.path(version) / "catalogue.json").write_text(json.dumps(content), encoding="utf-8")
    folder = registry.path(version)
    forge(folder)
    named = folder.rename(folder.parent / json.loads((folder / "manifest.json").read_bytes())["id"])
    registry.promote(named.name)
    assert main(["similar", "592", "--models", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Batman\\u001b[2J\\u0007\\u009b1m\\u202e" in said
    assert all(letter == "\n" or letter.isprintable() for letter in said)
    assert main(["similar", "592", "--models", str(tmp_path), "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told)["movie"]["title"] == "Batman\x1b[2J\x07\x9b1m\u202e"
    assert all(letter == "\n" or letter.isprintable() for letter in told)
