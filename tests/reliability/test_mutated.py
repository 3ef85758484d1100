"""Mutated files of ratings, movies, links and tags (the full number: mutated.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kindred import main
from tests.reliability.mutate import KINDS, mutated
from tests.reliability.mutated import read_many
from tests.reliability.oracle import rows_of
from tests.serving import ROOT

MANY = int(os.environ.get("KINDRED_MUTATIONS", "350"))


def test_no_file_breaks_the_reader_or_loses_a_row() -> None:
    seen = read_many(0, MANY)
    assert seen.wrong == []
    assert seen.read.total() + seen.refused.total() == MANY
    # most are read, and of every kind some are, so that rows were counted
    assert seen.read.total() > MANY / 2
    assert min(seen.read[kind.name] for kind in KINDS) > 0
    assert seen.refused.total() > MANY / 20


def test_valid_files_lose_nothing_at_all() -> None:
    lengths = {kind.name: len(rows_of(kind, kind.content)[1]) for kind in KINDS if kind.separator}
    assert lengths == {
        "ratings.csv": 25, "long-ratings.csv": 700, "packed-ratings.csv.gz": 25, "ratings.dat": 25, "u.data": 25,
        "likes.csv": 25, "shop.csv": 6, "movies.csv": 6, "movies.dat": 2, "u.item": 2, "links.csv": 3, "tags.csv": 4,
        "tags.dat": 2,
    }  # fmt: skip


def test_a_lost_row_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter beside ours is none of ours: where a reject is not reported, it says so."""
    monkeypatch.setattr("training.records.Rejects.total", lambda _: 0)
    wrong = read_many(0, 140, sampled=10**9).wrong
    assert len(wrong) > 10
    assert all("in it" in fault for fault in wrong)


def test_a_header_cannot_talk_to_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("userId,movieId\x1b[2J\x9b,rating," + "x" * 5000 + "\n1,2,3,4\n", encoding="utf-8")
    assert main(["validate", str(path)]) == 1
    said = capsys.readouterr().err
    assert "expected columns movieId, timestamp, found userId, movieId\\u001b[2J\\u009b, rating, xxx" in said
    assert len(said) < 600
    assert "\x1b" not in said


@pytest.mark.parametrize("number", [12])
def test_the_command_line_ends_with_0_or_1(tmp_path: Path, number: int) -> None:
    kind, content, _ = mutated(number * len(KINDS))
    path = tmp_path / kind.name
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "kindred.py", "validate", str(path)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr.startswith("kindred: ")
