"""`train --dry-run`: says what would be, reads what training reads, and writes nothing anywhere."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import kindred
from models import Registry
from tests.small import MOVIES, contents, sample_ratings, train_arguments

Captured = pytest.CaptureFixture[str]
WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink")
_seen: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) and str(path) != os.devnull:
            _seen.append(str(path))
    elif event in WRITES:
        _seen.append(f"{event} {arguments[0]}")


sys.addaudithook(_hook)


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"), 80)


def dry(ratings: Path, models: Path, *more: str) -> list[str]:
    return ["train", str(ratings), "--movies", str(MOVIES), "--models", str(models), "--dry-run", *more]


def test_it_says_what_training_would_take(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    assert kindred.main([*dry(ratings, tmp_path / "store"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["dryRun"], told["fits"], told["shortOf"], told["notes"]) == (True, True, [], [])
    assert list(told["settings"]) == ["item2vec", "deepwalk", "node2vec"]
    assert told["settings"]["deepwalk"]["walks"] >= 20_000
    assert told["data"]["likes"] > 0
    estimate = told["estimate"]
    assert estimate["seconds"] == pytest.approx(sum(step["seconds"] for step in estimate["steps"]), abs=1)
    assert [step["name"] for step in estimate["steps"]][:2] == ["start and reading", "item2vec"]
    assert "evaluation" in [step["name"] for step in estimate["steps"]]
    assert estimate["memoryBytes"] > 2e8
    assert told["machine"].keys() == {"cores", "memoryFreeBytes", "storeFreeBytes", "temporaryFreeBytes"}
    assert kindred.main(dry(ratings, tmp_path / "store")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["item2vec", "deepwalk", "node2vec", "blend", "time"]
    assert lines[-1] == "nothing was written"


def test_it_writes_nothing(ratings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a store with a live release; compiled Python and what numba compiles are not ours."""
    global _watching
    assert kindred.main(train_arguments(ratings, tmp_path / "store", "--method", "deepwalk", "--no-evaluate")) == 0
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    _seen.clear()
    _watching = True
    try:
        for more in ([], ["--deterministic", "--users", "--no-evaluate"], ["--continue"], ["--compat", "sparrow"]):
            assert kindred.main(dry(ratings, tmp_path / "store", *more)) == 0
        assert kindred.main(dry(ratings, tmp_path / "other")) == 0
    finally:
        _watching = False
    assert [path for path in _seen if "__pycache__" not in path] == []
    assert contents(tmp_path) == before
    assert len(Registry(tmp_path / "store").versions()) == 1


def test_what_training_would_stop_at_stops_it(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    for more, message in (
        (["--vector-size", "0"], "vector_size: expected 1.."),
        (["--gate", "nonsense"], "nonsense"),
        (["--method", "magic"], "'magic'"),
        (["--links", "links.csv"], "--links goes with --compat sparrow"),
        (["--compat", "sparrow", "--links", str(tmp_path / "none.csv")], "none.csv: no such file"),
        (["--min-rating", "6"], "no likes left"),
        (["--continue"], "no release in"),
    ):
        assert kindred.main(dry(ratings, tmp_path / "store", *more)) == 1, more
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err
        assert "Traceback" not in err


def test_too_little_of_anything_is_told(
    ratings: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.dry_run.free_memory", lambda: 10**6)
    monkeypatch.setattr("training.dry_run.free_disk", lambda _: 10)
    assert kindred.main([*dry(ratings, tmp_path / "store"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fits"] is False
    assert [line.split(":")[0] for line in told["shortOf"]] == [
        "too little memory", "too little room in the store", "too little room for temporary files (TMPDIR)",
    ]  # fmt: skip


def test_on_spark_it_says_what_it_does_not_know(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    assert kindred.main(dry(ratings, tmp_path / "store", "--engine", "spark", "--json")) == 0
    (note,) = json.loads(capsys.readouterr().out)["notes"]
    assert "what the cluster takes is not known here" in note
    arguments = ["train", "s3a://bucket/ratings", "--engine", "spark", "--dry-run"]
    assert kindred.main(arguments) == 1
    assert "--dry-run reads on this machine" in capsys.readouterr().err
