"""Versions in a folder: adding, switching, pruning, and what is refused."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from models import IntegrityError, NoReleaseError, Pruned, Registry, ReleaseError, UnknownVersionError
from tests.models.tiny import FIRST, SECOND, THIRD, flip, publish
from tests.small import contents

NOWHERE = "20200101T000000Z-00000000"


def at(registry: Registry, version: str) -> Path:
    return registry.folder / "versions" / version


def history(registry: Registry) -> list[dict[str, Any]]:
    lines = (registry.folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "sum"} for line in lines if line]


def test_releases_are_listed_oldest_first_and_nothing_else_is(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert (registry.versions(), registry.current()) == ([], None)
    second, third, first = (publish(registry, day) for day in (SECOND, THIRD, FIRST))
    at(registry, NOWHERE).mkdir()
    at(registry, "20200101T000000Z-0000000a").write_text("a file", encoding="utf-8")
    for name in (".incoming-x-1-y", "notes", "20200101T000000Z-ABCDEF00", "20200101T000000Z-00000000.old"):
        shutil.copytree(at(registry, first), at(registry, name))
    assert registry.versions() == [first, second, third]


def test_adding_makes_nothing_live_and_leaves_nothing_else(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deep" / "store")
    version = publish(registry)
    assert [entry.name for entry in registry.folder.iterdir()] == ["versions"]
    assert [entry.name for entry in (registry.folder / "versions").iterdir()] == [version]
    assert registry.load(version).id == version
    assert registry.manifest(version) == registry.load(version).manifest
    with pytest.raises(NoReleaseError, match=r"^no release in .*store: train one first \(kindred train RATINGS\)$"):
        registry.load()


def test_promote_makes_a_version_live(registry: Registry) -> None:
    first, second, third = registry.versions()
    assert registry.load().id == registry.current() == second
    assert registry.load().models["item2vec"].vectors[0, 1] == 2
    registry.promote(third)
    assert registry.load().models["item2vec"].vectors[0, 1] == 3
    assert (registry.load().id, registry.load(first).id) == (third, first)
    assert (registry.folder / "current").read_text(encoding="utf-8") == f"{third}\n"


def test_rollback_goes_back_step_by_step_and_says_where_to(registry: Registry) -> None:
    first, second, third = registry.versions()
    registry.promote(third)
    assert [registry.rollback(), registry.current()] == [second, second]
    assert [registry.rollback(), registry.current()] == [first, first]
    with pytest.raises(NoReleaseError, match=f"^no version was live before {first} in "):
        registry.rollback()
    assert registry.current() == first
    registry.promote(third)
    assert registry.rollback() == first


def test_promoting_what_is_live_is_no_step(registry: Registry) -> None:
    first, second, _ = registry.versions()
    registry.promote(second)
    assert registry.rollback() == first
    assert [(step["do"], step["from"], step["to"]) for step in history(registry)] == [
        ("promote", None, first),
        ("promote", first, second),
        ("rollback", second, first),
    ]


@pytest.mark.parametrize("version", [NOWHERE, "", "current", "../versions", "20260101T000000Z-0000000g"])
def test_a_version_that_is_not_there_is_named_with_those_that_are(registry: Registry, version: str) -> None:
    before = contents(registry.folder)
    for verb in (registry.load, registry.promote, registry.path, registry.manifest):
        with pytest.raises(UnknownVersionError) as refused:
            verb(version)
        there = ", ".join(registry.versions())
        assert str(refused.value) == f"no version {version!r} in {registry.folder}; there are: {there}"
    assert contents(registry.folder) == before


def test_a_damaged_release_is_not_promoted_and_the_live_one_stays(registry: Registry) -> None:
    _, second, third = registry.versions()
    flip(at(registry, third) / "deepwalk" / "vectors.npy")
    before = contents(registry.folder)
    with pytest.raises(IntegrityError, match=r"^deepwalk/vectors\.npy: expected sha256"):
        registry.promote(third)
    assert contents(registry.folder) == before
    assert registry.load().id == second


def test_a_damaged_or_pruned_release_is_not_gone_back_to(registry: Registry) -> None:
    first, second, _ = registry.versions()
    flip(at(registry, first) / "catalogue.json")
    with pytest.raises(IntegrityError, match=r"^catalogue\.json: expected sha256"):
        registry.rollback()
    assert registry.prune(2) == Pruned([first], [])
    with pytest.raises(UnknownVersionError, match=f"no version '{first}'"):
        registry.rollback()
    assert registry.load().id == second


def test_a_release_under_another_name_is_refused(registry: Registry) -> None:
    first, second, _ = registry.versions()
    at(registry, first).rename(at(registry, NOWHERE))
    for verb in (registry.load, registry.promote):
        with pytest.raises(IntegrityError, match=f"expected id {NOWHERE}, found '{first}'"):
            verb(NOWHERE)
    assert registry.current() == second


def test_a_history_line_cut_short_is_skipped_and_never_joined_to_the_next(registry: Registry) -> None:
    _, second, third = registry.versions()
    with (registry.folder / "history.jsonl").open("ab") as file:
        file.write(b'null\n[]\n{"do": "promote"}\n\xff\xfe\n{"at": "2026", "do": "promote", "from": "2020')
    registry.promote(third)
    assert registry.rollback() == second


def test_the_history_is_told_oldest_first(registry: Registry) -> None:
    first, second, third = registry.versions()
    registry.promote(third)
    registry.rollback()
    steps = [(switch.do, switch.before, switch.after) for switch in registry.history()]
    assert steps[-2:] == [("promote", second, third), ("rollback", third, second)]
    assert [switch.to_json() for switch in registry.history()] == history(registry)
    assert (registry.previous(), registry.previous(third)) == (first, second)
    with pytest.raises(NoReleaseError, match=f"^no version was live before {first} in "):
        registry.previous(first)


@pytest.mark.parametrize("bit", [0, 1, 2, 5])
def test_a_damaged_line_is_never_gone_back_by(registry: Registry, bit: int) -> None:
    first, second, third = registry.versions()
    registry.promote(third)
    registry.promote(second)  # before it was third, and before that second came after first
    path = registry.folder / "history.jsonl"
    content = path.read_bytes()
    start = content.rindex(b"{")
    for position in range(start, len(content) - 1):
        flip(path, position, 1 << bit)
        try:
            said = registry.rollback()
            registry.promote(second)
        except ReleaseError as refused:
            said = str(refused)
        assert said == third or re.search(r"history\.jsonl: line \d+ is damaged: name the version", said), said
        path.write_bytes(content)
    assert registry.rollback() == third
    assert first in registry.versions()


@pytest.mark.parametrize(
    "line",
    [
        '{"at": 7, "do": "promote", "from": null, "to": "x"}',
        '{"at": "", "do": null, "from": null, "to": "x"}',
        '{"at": "", "do": "promote", "from": ["x"], "to": "x"}',
        '{"at": "", "do": "promote", "from": null, "to": null}',
        "[" * 100_000,
    ],
    ids=lambda line: str(line)[:60],
)
def test_a_line_that_is_no_switch_is_none(registry: Registry, line: str) -> None:
    before = registry.history()
    with (registry.folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert registry.history() == before


def test_a_switch_written_down_that_never_took_place_is_no_step(registry: Registry) -> None:
    first, second, third = registry.versions()
    with (registry.folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": "", "do": "promote", "from": second, "to": third}) + "\n")
    assert registry.rollback() == first


def test_prune_keeps_the_newest_and_never_removes_the_live_one(registry: Registry) -> None:
    first, second, third = registry.versions()
    assert registry.prune(3) == registry.prune(7) == Pruned([], [])
    registry.promote(first)
    assert registry.prune(1) == Pruned([second], [])
    assert registry.versions() == [first, third]
    assert [entry.name for entry in sorted((registry.folder / "versions").iterdir())] == [first, third]
    assert registry.load().id == first


@pytest.mark.parametrize("keep", [0, -1])
def test_prune_keeps_at_least_one(registry: Registry, keep: int) -> None:
    with pytest.raises(ReleaseError, match=f"^expected to keep at least 1 version, found {keep}$"):
        registry.prune(keep)
    assert len(registry.versions()) == 3


def test_the_same_release_added_again_keeps_what_is_there(registry: Registry) -> None:
    first = registry.versions()[0]
    (at(registry, first) / "note").write_text("kept", encoding="utf-8")
    before = contents(registry.folder)
    assert publish(registry, FIRST, 1) == first
    assert contents(registry.folder) == before


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(28, "No space left on device"), ReleaseError),
        (ValueError("NaN"), ValueError),
        (KeyboardInterrupt("stopped"), KeyboardInterrupt),
    ],
)
def test_what_breaks_while_writing_leaves_nothing(registry: Registry, error: Any, kind: type[BaseException]) -> None:
    def fail(folder: Path) -> Any:
        (folder / "half.npy").write_bytes(b"half")
        raise error

    before = contents(registry.folder)
    with pytest.raises(kind, match=f"{error.args[-1]}$"):
        registry.add(fail)
    assert contents(registry.folder) == before
    assert len(list((registry.folder / "versions").iterdir())) == 3
