from collections.abc import Mapping, Sequence

import pytest

from bench import spark
from bench.rounds import Sample

Walked = tuple[list[Sample], Mapping[str, float]]


def quiet(_: str) -> None:
    pass


def test_growth_tells_what_is_paid_whoever_walks_from_what_a_step_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    def walked(n_edges: int, master: str, settings: Mapping[str, str], turns: Sequence[str]) -> Walked:
        del n_edges, master, settings
        # CPU seconds: 7 before the first step, 3 a superstep, 2 a million steps; from a million walks on 2.5
        samples = []
        for n_walks, length in (map(int, turn.split("x")) for turn in turns):
            steps = 0.0 if n_walks == 1_000 else n_walks * (length - 1) / 1e6
            each = 2.5 if n_walks >= 1_000_000 else 2.0
            samples.append(Sample(steps, 1.0, 7 + 3 * length + each * steps, 0.0))
        samples[0] = Sample(0.0, 1.0, 999.0, 0.0)  # Java is still cold
        return samples, {}

    monkeypatch.setattr(spark, "_walked", walked)
    monkeypatch.setattr(spark, "_one_machine", lambda *_: Sample(38.0, 1.0, 1.0, 0.0, {spark.STEP: 1 / 38}))
    table = spark.growth((1_000_000, 500_000), quiet)
    assert "7 CPU s before the first step, 3.00 for each superstep" in table.title
    assert [sample.quality for (sample,) in table.samples.values()] == [
        {spark.STEP: pytest.approx(2.5), spark.DEARER: pytest.approx(1.25)},
        {spark.STEP: pytest.approx(2.0), spark.DEARER: pytest.approx(1.0)},
        {spark.STEP: 1 / 38},
    ]
    assert [line.rpartition(": ")[2] for line in table.markdown().splitlines()[-2:]] == ["short", "pass"]


def test_memory_is_held_against_the_fewest_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    def walked(n_edges: int, master: str, settings: Mapping[str, str], turns: Sequence[str]) -> Walked:
        assert settings["spark.driver.memory"] == "512m"
        assert (master, turns) == ("local-cluster[2,1,1024]", ["10x5"])
        heap = {"peak": 200.0 + n_edges, "live": 100.0, "python": 50.0}
        return [Sample(1.0, 1.0, 1.0, 9.0)], heap

    monkeypatch.setattr(spark, "_walked", walked)
    table = spark.memory((100, 400), quiet, turn="10x5")
    assert [sample.quality[spark.HEAP] for (sample,) in table.samples.values()] == [1.0, 2.0]
    assert [sample.quality[spark.LIVE] for (sample,) in table.samples.values()] == [1.0, 1.0]
    assert [line.rpartition(": ")[2] for line in table.markdown().splitlines()[-2:]] == ["short", "pass"]


def test_without_pyspark_the_question_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(spark, "find_spec", lambda _: None)
    assert list(spark.tables(1, False, told.append)) == []
    assert told == ["left out: PySpark is not installed: make .venv/spark"]
