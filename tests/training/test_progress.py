"""What a long step says where there is no terminal."""

import pytest

from training import progress
from training.progress import Steps


def test_a_step_says_how_far_it_is_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with Steps().step("neighbours", total=1_200) as advance:
        advance(512)
        advance()
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["neighbours: 512 of 1,200", "neighbours: 513 of 1,200"]
    assert lines[2].startswith("neighbours: done in ")


def test_a_short_step_says_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps().step("neighbours", total=1_200) as advance:
        advance(1_200)
    with Steps().step("reading") as advance:
        advance()
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["neighbours", "reading"]
