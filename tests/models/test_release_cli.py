"""The verbs versions, promote, rollback and prune, through the one command line."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kindred import main
from models import Registry
from tests.models.tiny import FIRST, SECOND, THIRD, flip
from tests.small import contents


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def say(registry: Registry, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run `kindred` on the store of `registry`."""

    def run(*arguments: object) -> Said:
        code = main([*map(str, arguments), "--models", str(registry.folder)])
        return Said(code, *capsys.readouterr())

    return run


def size(registry: Registry, version: str) -> int:
    """Of all files but the manifest."""
    files = contents(registry.folder / "versions" / version)
    return sum(len(content) for name, content in files.items() if name != "manifest.json")


def test_versions_lists_the_releases_with_the_live_one_marked(say: Callable[..., Said], registry: Registry) -> None:
    first, second, third = registry.versions()
    said = say("versions")
    assert (said.code, said.err) == (0, "")
    assert [line.split() for line in said.out.splitlines()] == [
        [first, "0.0", "MB", "item2vec", "deepwalk"],
        ["*", second, "0.0", "MB", "item2vec", "deepwalk"],
        [third, "0.0", "MB", "item2vec", "deepwalk"],
    ]


def test_versions_in_json_is_one_object(say: Callable[..., Said], registry: Registry) -> None:
    said = say("versions", "--json")
    assert (said.code, said.err, said.out.count("\n")) == (0, "", 1)
    rows = [
        {
            "id": version,
            "createdAt": created_at,
            "current": created_at == SECOND,
            "models": ["item2vec", "deepwalk"],
            "bytes": size(registry, version),
        }
        for version, created_at in zip(registry.versions(), (FIRST, SECOND, THIRD), strict=True)
    ]
    assert json.loads(said.out) == {"current": registry.current(), "versions": rows}


@pytest.mark.parametrize("content", ["{", '{"format_version": 2}', '{"format_version": 1}'])
def test_a_damaged_release_hides_no_other(say: Callable[..., Said], registry: Registry, content: str) -> None:
    first, second, third = registry.versions()
    (registry.folder / "versions" / first / "manifest.json").write_text(content, encoding="utf-8")
    said = say("versions", "--json")
    assert said.code == 0
    assert [row["id"] for row in json.loads(said.out)["versions"]] == [second, third]
    assert said.err.startswith(f"kindred: {first}: ")
    assert said.err.count("\n") == 1


def test_versions_of_nothing_is_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "none")
    assert main(["versions", "--models", nowhere]) == 0
    assert capsys.readouterr().out == f"no releases in {nowhere}\n"
    assert main(["versions", "--models", nowhere, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"current": None, "versions": []}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_promote_and_rollback_print_what_is_live_then(
    say: Callable[..., Said], registry: Registry, as_json: bool
) -> None:
    _, second, third = registry.versions()
    more = ["--json"] if as_json else []

    def expected(version: str) -> Said:
        return Said(0, (json.dumps({"current": version}) if as_json else version) + "\n", "")

    assert say("promote", third, *more) == expected(third)
    assert registry.current() == third
    assert say("rollback", *more) == expected(second)
    assert registry.current() == second


def test_prune_prints_what_it_removed(say: Callable[..., Said], registry: Registry) -> None:
    first, second, third = registry.versions()
    assert say("prune", "--keep", 2) == Said(0, f"{first}\n", "")
    assert say("prune", "--keep", 2) == Said(0, "nothing to remove\n", "")
    registry.promote(third)
    said = say("prune", "--keep", 1, "--json")
    assert (said.code, json.loads(said.out)) == (0, {"removed": [second], "inUse": [], "kept": [third]})
    assert registry.versions() == [third]


def refused(third: str) -> list[tuple[list[str], str]]:
    nowhere = "20200101T000000Z-00000000"
    return [
        (["promote", nowhere], f"no version '{nowhere}' in "),
        (["promote", ""], "no version '' in "),
        (["promote", third], "item2vec/vectors.npy: expected sha256 "),
        (["rollback"], "catalogue.json: expected sha256 "),
        (["prune", "--keep", "0"], "expected to keep at least 1 version, found 0"),
    ]


def test_what_is_refused_is_one_line_and_exit_1(say: Callable[..., Said], registry: Registry) -> None:
    first, _, third = registry.versions()
    flip(registry.folder / "versions" / third / "item2vec" / "vectors.npy")
    flip(registry.folder / "versions" / first / "catalogue.json")
    before = contents(registry.folder)
    for arguments, message in refused(third):
        for more in ([], ["--json"]):
            said = say(*arguments, *more)
            assert (said.code, said.out) == (1, ""), arguments
            assert said.err.startswith(f"kindred: {message}")
            assert said.err.count("\n") == 1
    assert contents(registry.folder) == before


@pytest.mark.parametrize(
    "arguments",
    [["promote"], ["prune"], ["prune", "--keep", "many"], ["rollback", "x"], ["versions", "--keep", "1"], ["version"]],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_environment_names_the_folder_unless_an_option_does(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def current(*more: str) -> Any:
        assert main(["versions", "--json", *more]) == 0
        return json.loads(capsys.readouterr().out)["current"]

    monkeypatch.setenv("KINDRED_MODELS", str(registry.folder))
    assert current() == registry.current()
    assert current("--models", str(tmp_path / "none")) is None
    monkeypatch.delenv("KINDRED_MODELS")
    monkeypatch.chdir(tmp_path)
    assert current() is None
    registry.folder.rename(tmp_path / "kept")
    (tmp_path / "models").mkdir()
    (tmp_path / "kept").rename(tmp_path / "models" / "store")
    assert current() is not None
