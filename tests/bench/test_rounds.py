import json
import os
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from bench.processes import in_child
from bench.rounds import Contender, Quality, Sample, Stopwatch, contender, take_turns
from bench.tables import Limit, Spread, Table


def table(**wanted: float) -> Table:
    ours = [Sample(work=10.0, wall=1.0, cpu=cpu, peak_mb=5.0, quality={"recall": 1.0}) for cpu in (1.0, 2.0, 4.0)]
    peer = [Sample(work=1.0, wall=1.0, cpu=1.0, peak_mb=7.0, quality={}) for _ in range(3)]
    return Table("speed", "How fast", "rows per CPU second", "cpu", {"ours": ours, "peer": peer}, wanted)


def test_spread_is_median_and_quartiles() -> None:
    assert Spread.of([5.0, 1.0, 4.0, 2.0, 3.0]) == Spread(3.0, 2.0, 4.0)
    assert str(Spread(1234.5, 0.12345, 99.96)) == "1,234 [0.123, 100]"


def test_ratio_is_taken_round_by_round_before_the_median() -> None:
    ours, peer = table().rows()
    assert (ours.ratio.median, ours.rate.median) == (1.0, 5.0)
    assert peer.ratio == Spread.of([10.0, 5.0, 2.5])


def test_rate_is_per_the_seconds_asked_for() -> None:
    sample = Sample(work=6.0, wall=3.0, cpu=2.0, peak_mb=0.0)
    assert (sample.rate("cpu"), sample.rate("wall")) == (3.0, 2.0)


@pytest.mark.parametrize(("wanted", "verdict"), [(5.0, "≥ 5: pass"), (5.1, "≥ 5.1: short")])
def test_what_is_wanted_passes_or_falls_short(wanted: float, verdict: str) -> None:
    ours, peer = table(peer=wanted).rows()
    assert (ours.verdict, peer.verdict) == ("", verdict)


def test_table_shows_ratios_first_and_quality_in_the_same_row() -> None:
    head, _, ours, peer = table().markdown().splitlines()[2:]
    assert head == "|  | ours is × as fast | wanted | rows per CPU second | wall s | CPU s | MB | recall |"
    assert ours == "| ours | 1 |  | 5 [3.75, 7.5] | 1 | 2 | 5 | 1 |"
    assert peer == "| peer | 5 [3.75, 7.5] |  | 1 [1, 1] | 1 | 1 | 7 |  |"


def test_bounds_of_single_numbers_are_told_below_the_table() -> None:
    bounds = [Limit("ours", "recall", 1.0), Limit("ours", "MB", 4.9), Limit("peer", "wall s", 2.0)]
    assert replace(table(), limits=bounds).markdown().splitlines()[-4:] == [
        "",
        "- ours, recall: 1, wanted ≤ 1: pass",
        "- ours, MB: 5, wanted ≤ 4.9: short",
        "- peer, wall s: 1, wanted ≤ 2: pass",
    ]


def test_json_keeps_every_sample_and_the_machine(tmp_path) -> None:  # type: ignore[no-untyped-def]
    content = json.loads(table().save(tmp_path / "new").read_text(encoding="utf-8"))
    assert [sample["cpu"] for sample in content["samples"]["ours"]] == [1.0, 2.0, 4.0]
    assert content["rows"][1]["ratio"]["median"] == 5.0
    assert content["machine"]["cores"] == len(os.sched_getaffinity(0))


def test_the_picture_has_a_bar_for_each_contender_as_long_as_its_rate(tmp_path) -> None:  # type: ignore[no-untyped-def]
    drawn = ElementTree.fromstring(table().save(tmp_path).with_suffix(".svg").read_text(encoding="utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    bars = {bar.get("class"): float(bar.get("width", "")) for bar in drawn.iter(f"{space}rect")}
    texts = [text.text for text in drawn.iter(f"{space}text")]
    # one decade, from 1 to 10: the peer's 1 stands at its beginning, our 5 at log10(5) of it
    assert bars["peer"] == 0
    assert bars["ours"] == pytest.approx(440 * np.log10(5), abs=0.1)
    assert texts == ["How fast", "1", "10", "ours", "5", "peer", "1", "rows per CPU second"]


def test_contenders_take_turns_and_none_is_always_first() -> None:
    order: list[str] = []

    def turn_of(name: str) -> Contender:
        def turn(number: int) -> Sample:
            order.append(f"{name}{number}")
            return Sample(number, 1.0, 1.0, 0.0)

        return Contender(name, turn)

    samples = take_turns([turn_of("a"), turn_of("b"), turn_of("c")], rounds=3)
    assert order == ["a0", "b0", "c0", "b1", "c1", "a1", "c2", "a2", "b2"]
    assert [sample.work for sample in samples["c"]] == [0, 1, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_counts_at_its_highest_and_beyond_what_was_there() -> None:
    there = np.ones(40 << 20, dtype=np.uint8)

    def body(watch: Stopwatch, number: int) -> Quality:
        with watch:
            np.ones(60 << 20, dtype=np.uint8)
        watch.work = float(number + there[0])
        return {"recall": 0.5}

    sample = contender("sixty", body).turn(2)
    assert (sample.work, sample.quality) == (3.0, {"recall": 0.5})
    assert 55 <= sample.peak_mb <= 75


def test_child_leaves_this_process_as_it_was() -> None:
    numbers = [1]
    assert in_child(lambda: numbers.append(2) or len(numbers)) == 2
    assert numbers == [1]


def test_failure_in_a_child_is_told_with_its_traceback() -> None:
    def failing() -> None:
        raise KeyError("no such movie")

    with pytest.raises(RuntimeError, match=r"in failing(.|\n)*KeyError: 'no such movie'"):
        in_child(failing)


def test_child_that_dies_is_told() -> None:
    with pytest.raises(RuntimeError, match="ended without a result"):
        in_child(lambda: os._exit(3))
