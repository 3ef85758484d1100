"""Plots: what is drawn where, in numbers; and no label over another one."""

import re
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.plots import bars, place_labels, scatter


def row(name: str, kind: str = "model", **measures: float) -> dict[str, Any]:
    return {"name": name, "kind": kind} | measures


def name(one: dict[str, Any]) -> str:
    return str(one["name"])


def numbers(tag: str, kind: str, *names: str, drawn: str) -> list[list[float]]:
    """Attributes of each element of a kind, as numbers."""
    found = re.findall(rf"<{tag} class={kind} [^>]*>", drawn)
    return [[float(re.search(rf" {one}=(-?[\d.]+)", each)[1]) for one in names] for each in found]  # type: ignore[index]


def test_bars_are_as_long_as_their_values_and_lines_as_their_errors() -> None:
    rows = [row("a", share=0.4, share_se=0.1), row("b", "baseline", share=0.2), row("c", share=0.0)]
    drawn = bars(rows, "share", "share of <all>", name)
    # the axis ends at 0.5, the first round number that holds 0.4 + 0.1: 510 wide
    assert re.findall(r"<text class='soft mid' [^>]*>([\d.]+)<", drawn) == ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]
    assert numbers("rect", "model", "x", "width", drawn=drawn) == [[150, 408], [150, 0]]
    assert numbers("rect", "base", "x", "width", drawn=drawn) == [[150, 204]]
    assert numbers("line", "bar", "x1", "x2", drawn=drawn) == [[150 + 306, 150 + 510]]
    assert re.findall(r">([\d.]{5})</text>", drawn) == ["0.400", "0.200", "0.000"]
    assert "share of &lt;all&gt;" in drawn


def test_a_point_stands_where_its_values_say() -> None:
    rows = [row("a", "baseline", popularity=0.0, hits=0.0), row("b", popularity=1.0, hits=0.5),
            row("c", popularity=0.5, hits=0.25)]  # fmt: skip
    drawn = scatter(rows, ("popularity", "popular"), ("hits", "HR@10"), name)
    assert numbers("circle", "base", "cx", "cy", drawn=drawn) == [[60, 380]]
    assert numbers("circle", "model", "cx", "cy", drawn=drawn) == [[724, 16], [392, 198]]
    assert ">popular</text>" in drawn
    assert ">HR@10</text>" in drawn


@pytest.mark.parametrize(
    ("most", "end"),
    [(0.0, "1"), (0.5, "0.5"), (0.51, "0.6"), (0.0715, "0.08"), (1.0, "1"), (1.01, "1.25"), (9.9, "10")],
)
def test_an_axis_ends_at_the_next_round_number(most: float, end: str) -> None:
    drawn = bars([row("a", share=most)], "share", "x", name)
    assert re.findall(r"<text class='soft mid' [^>]*>([\d.]+)<", drawn)[-1] == end


def test_nothing_to_show_is_no_fault() -> None:
    assert "<svg" in bars([], "share", "x", name)
    assert "<svg" in scatter([], ("popularity", "p"), ("hits", "h"), name)


@given(
    points=st.lists(st.tuples(st.floats(60, 724), st.floats(16, 380)), max_size=14),
    width=st.floats(30, 120),
)
def test_labels_cover_neither_each_other_nor_a_point(points: list[tuple[float, float]], width: float) -> None:
    boxes = place_labels(points, [width] * len(points))
    assert len(boxes) == len(points)
    for box, (x, _) in zip(boxes, points, strict=True):
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((width, 16))
        for left, top in points:
            assert not (box[0] < left < box[2] and box[1] < top < box[3])
        # beside its point, on the one side or the other
        assert box[0] >= x + 9 - 1e-9 or box[2] <= x - 9 + 1e-9
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_label_alone_stands_right_beside_its_point_or_left_of_it_at_the_border() -> None:
    assert place_labels([(100, 100)], [50]) == [(109, 92, 159, 108)]
    assert place_labels([(720, 100)], [50]) == [(720 - 59, 92, 720 - 9, 108)]
