"""What the live release tells training: when the next one is made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models import Registry
from tests.models.tiny import write
from training import live

AT = datetime(2026, 1, 1, 23, 59, 58, 900_000, tzinfo=UTC)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only sleep moves on; how long each sleep was, in seconds."""
    waits: list[float] = []

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Clock":
            return cls.fromtimestamp((AT + timedelta(seconds=sum(waits))).timestamp(), tz)

    monkeypatch.setattr(live, "datetime", Clock)
    # of this module alone: other threads of the test run sleep as well
    monkeypatch.setattr(live, "time", SimpleNamespace(sleep=waits.append))
    return waits


def made(registry: Registry, moment: str) -> str:
    return registry.add(lambda folder: write(folder, moment))


def test_a_second_without_a_release_is_taken_as_it_is(tmp_path: Path, slept: list[float]) -> None:
    registry = Registry(tmp_path)
    assert live.created_at(registry) == "2026-01-01T23:59:58Z"
    made(registry, "2026-01-01T23:59:57Z")
    made(registry, "2026-01-01T23:59:59Z")
    assert live.created_at(registry) == "2026-01-01T23:59:58Z"
    assert slept == []


def test_a_second_with_a_release_is_waited_out(tmp_path: Path, slept: list[float]) -> None:
    registry = Registry(tmp_path)
    for second in ("2026-01-01T23:59:58Z", "2026-01-01T23:59:59Z"):
        made(registry, second)
    after = live.created_at(registry)
    assert after == "2026-01-02T00:00:00Z"
    assert slept == pytest.approx([0.1, 1.0])
    newest = made(registry, after)
    assert registry.versions()[-1] == newest
