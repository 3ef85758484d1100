"""Twenty seconds of traffic with six switches and two damaged releases (half an hour of it: python -m bench.soak)."""

from pathlib import Path

from bench.soak import faults, row, soak


def test_no_request_fails_and_no_answer_is_of_two_releases(tmp_path: Path) -> None:
    found = soak(0.25, 6, 2, films=250, asked=500, poll=0.2, folder=tmp_path)
    assert found["faults"] == []
    assert (found["failed"], found["mixed"], found["shown"]) == (0, 0, [])
    assert (found["switches"], len(found["corrupt"])) == (6, 2)
    assert found["requests"] > 100
    # every release has answered, and both workers refused both damaged ones
    assert min(found["by release"]) > 0
    assert found["refusals logged"] >= 4
    assert found["memory"]["first MB"] > 20
    assert row(found).count("\n") == 3


def test_a_fault_is_told() -> None:
    good = {"failed": 0, "mixed": 0, "failed before": 0, "tracebacks": 0, "exit code": 0}
    found = {**dict.fromkeys(good, 1), "minutes": 30, "corrupt": ["x"], "memory": {"ratio": 1.04}, "refusals logged": 0}
    told = [fault.partition(":")[0] for fault in faults(found)]
    assert told == [*good, "memory", "expected damaged releases to be refused, found no word of it"]
    assert faults(found | good | {"minutes": 1, "corrupt": []}) == []
