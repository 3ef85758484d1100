"""A few of the requests that schemathesis generates, in this process (the full number: generated.py)."""

from pathlib import Path

from bench.processes import in_child
from tests.reliability.generated import Generated
from tests.reliability.whole import whole_store


def test_generated_requests_and_chains_of_them_are_answered_as_documented(tmp_path: Path) -> None:
    store = whole_store(tmp_path / "store")

    def run() -> tuple[int, int, set[int]]:
        made = Generated(Path(store.folder))
        links = made.links()
        made.single(592, 12)
        made.chains(592, 12)
        return links, made.count, set(made.transport.statuses)

    links, count, statuses = in_child(run)
    assert links > 0
    assert count > 250
    assert {200, 404, 422} <= statuses
    assert max(statuses) < 500
