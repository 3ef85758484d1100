"""What a service has loaded is not pruned, and what it had loaded is, once it has another."""

from collections.abc import Callable
from pathlib import Path

from app.metrics import Metrics
from app.state import Live
from models import Pruned, Registry
from tests.serving import Running

SECOND, THIRD = "2026-02-02T00:00:00Z", "2026-03-03T00:00:00Z"


def test_a_service_lets_go_of_what_it_had(tmp_path: Path, publish: Callable[..., str]) -> None:
    first = publish(tmp_path)
    registry, live = Registry(tmp_path), Live(Registry(tmp_path), Metrics())
    live.refresh()
    second, third = publish(tmp_path, 5, created_at=SECOND), publish(tmp_path, 6, created_at=THIRD)
    assert registry.prune(1) == Pruned([second], [first])
    live.refresh()
    assert live.loaded is not None
    assert live.loaded.release.id == third
    assert registry.prune(1) == Pruned([first], [])


def test_whatever_another_process_serves_stays(
    tmp_path: Path, publish: Callable[..., str], run_service: Callable[..., Running]
) -> None:
    first = publish(tmp_path)
    running = run_service(tmp_path, "--workers", "2", poll_seconds="0")
    publish(tmp_path, 5, created_at=SECOND)
    registry = Registry(tmp_path)
    assert registry.prune(1) == Pruned([], [first])
    assert running.get("/similar/592") == 200
    assert running.stop()[0] == 0
    assert registry.prune(1) == Pruned([first], [])
