"""Plots as SVG inside a page: bars with their errors, and a scatter whose labels keep out of each other's way."""

import html
import math
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Box = tuple[float, float, float, float]

STYLE = """
svg{display:block;width:100%;min-width:36rem;max-width:46rem;height:auto}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft);font-size:12px}
svg .model{fill:var(--model)}svg .base{fill:var(--base)}
.grid{stroke:var(--line)}.lead{stroke:var(--soft);stroke-width:.8}
.bar{stroke:var(--ink);stroke-width:1.5}.halo{stroke:var(--paper);stroke-width:4}
circle{stroke:var(--paper);stroke-width:1.5}.right{text-anchor:end}.mid{text-anchor:middle}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin:0 .4em 0 1em;background:var(--base)}
.key i:first-child{margin-left:0;background:var(--model)}
"""
LEGEND = "<p class=key><i class=model></i>model<i class=base></i>baseline</p>"
# of bars: where they begin, how wide the longest may be, and how far apart they stand
_LEFT, _WIDE, _STEP = 150.0, 510.0, 22
# of the scatter: the field that points stand in, and the width and height of a letter at the most
_FIELD = (60.0, 16.0, 724.0, 380.0)
_LETTER, _LINE = 7.2, 16.0


def bars(rows: list[Row], measure: str, title: str, name: Callable[[Row], str]) -> str:
    """A horizontal bar for each row, with its standard error where there is one.

    Args:
        rows: in the order of the bars.
        measure: what is shown; its error is `<measure>_se`.
        title: of the axis.
        name: what a row is called.
    """
    errors = [float(row.get(f"{measure}_se", 0)) for row in rows]
    ticks = _ticks(max((float(row[measure]) + error for row, error in zip(rows, errors, strict=True)), default=1.0))
    scale, below = _WIDE / ticks[-1], _STEP * len(rows) + 4
    parts = []
    for tick in ticks:
        x = _LEFT + scale * tick
        parts.append(f"<line class=grid x1={x:.1f} x2={x:.1f} y1=0 y2={below} />")
        parts.append(f"<text class='soft mid' x={x:.1f} y={below + 16}>{tick:g}</text>")
    parts.append(f"<text class='soft mid' x={_LEFT + _WIDE / 2:.1f} y={below + 34}>{html.escape(title)}</text>")
    for place, (row, error) in enumerate(zip(rows, errors, strict=True)):
        y, value = _STEP * place, float(row[measure])
        wide, low, high = (scale * max(0.0, number) for number in (value, value - error, value + error))
        parts.append(f"<text class=right x={_LEFT - 8:.0f} y={y + 15}>{html.escape(name(row))}</text>")
        parts.append(f"<rect class={_kind(row)} x={_LEFT:.0f} y={y + 4} width={wide:.1f} height=14 rx=2 />")
        if error:
            # with a halo, so that it is seen on its bar as beside it
            for kind in ("halo", "bar"):
                ends = f"x1={_LEFT + low:.1f} x2={_LEFT + high:.1f} y1={y + 11} y2={y + 11}"
                parts.append(f"<line class={kind} {ends} />")
        parts.append(f"<text class=soft x={_LEFT + max(wide, high) + 8:.1f} y={y + 15}>{value:.3f}</text>")
    return _svg(f"{title} of each model and baseline", 740, below + 42, parts)


def scatter(rows: list[Row], across: tuple[str, str], up: tuple[str, str], name: Callable[[Row], str]) -> str:
    """A point for each row, on axes from 0.

    Args:
        rows: the points; of two labels that want the same place the first has it.
        across: measure and title of the horizontal axis, a share.
        up: measure and title of the vertical axis.
        name: what a row is called.
    """
    left, top, right, bottom = _FIELD
    ticks = _ticks(max((float(row[up[0]]) for row in rows), default=1.0))
    scale_x, scale_y = right - left, (bottom - top) / ticks[-1]
    parts = []
    for tick in ticks:
        y = bottom - scale_y * tick
        parts.append(f"<line class=grid x1={left:.0f} x2={right:.0f} y1={y:.1f} y2={y:.1f} />")
        parts.append(f"<text class='soft right' x={left - 8:.0f} y={y + 4:.1f}>{tick:g}</text>")
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + scale_x * tick
        parts.append(f"<line class=grid x1={x:.1f} x2={x:.1f} y1={bottom:.0f} y2={bottom + 5:.0f} />")
        parts.append(f"<text class='soft mid' x={x:.1f} y={bottom + 19:.0f}>{tick:g}</text>")
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    parts.append(f"<text class='soft mid' x={middle_x:.0f} y={bottom + 38:.0f}>{html.escape(across[1])}</text>")
    turned = f"transform='rotate(-90 14 {middle_y:.0f})'"
    parts.append(f"<text class='soft mid' x=14 y={middle_y:.0f} {turned}>{html.escape(up[1])}</text>")
    points = [(left + scale_x * float(row[across[0]]), bottom - scale_y * float(row[up[0]])) for row in rows]
    boxes = place_labels(points, [_LETTER * len(name(row)) for row in rows])
    for (x, y), box in zip(points, boxes, strict=True):
        # from the point to the near end of its label
        end, height = min((box[0], box[2]), key=lambda one: abs(one - x)), (box[1] + box[3]) / 2
        if math.hypot(end - x, height - y) > 14:
            parts.append(f"<line class=lead x1={x:.1f} y1={y:.1f} x2={end:.1f} y2={height:.1f} />")
    for row, (x, y), box in zip(rows, points, boxes, strict=True):
        label = html.escape(name(row))
        parts.append(f"<circle class={_kind(row)} cx={x:.1f} cy={y:.1f} r=5><title>{label}</title></circle>")
        side = ("", box[0]) if box[0] >= x else (" class=right", box[2])
        parts.append(f"<text{side[0]} x={side[1]:.1f} y={box[3] - 4:.1f}>{label}</text>")
    return _svg(f"{up[1]} against {across[1]}", 740, bottom + 46, parts)


def place_labels(points: list[tuple[float, float]], widths: list[float]) -> list[Box]:
    """A box (left, top, right, bottom) for the label of each point, that covers no other label and no point.

    Each in turn takes the free place nearest to its point, to the right or to the left; O(n^2) for each of few places.
    """
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    boxes = []
    for (x, y), width in zip(points, widths, strict=True):
        near = list(_places(x, y, width))
        free = (box for box in near if not any(_touch(box, other) for other in taken))
        boxes.append(next(free, near[0]))
        taken.append(boxes[-1])
    return boxes


def _places(x: float, y: float, width: float) -> Iterator[Box]:
    """Boxes beside a point that stay in the picture, nearest first."""
    shifts = [(away, shift) for away in (9.0, 30.0, 60.0, 100.0) for shift in range(-160, 161, 8)]
    for away, shift in sorted(shifts, key=lambda one: math.hypot(*one)):
        for start in (x + away, x - away - width):
            box = (start, y + shift - _LINE / 2, start + width, y + shift + _LINE / 2)
            if box[0] >= _FIELD[0] - 4 and box[2] <= _FIELD[2] + 16 and box[1] >= 0 and box[3] <= _FIELD[3]:
                yield box
    yield x + 9, y - _LINE / 2, x + 9 + width, y + _LINE / 2


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(most: float) -> list[float]:
    """Three to six round numbers from 0 to at least `most`."""
    if not most > 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(most))
    step = next(part * power for part in (0.2, 0.25, 0.5, 1.0, 2.0) if part * power * 5 >= most)
    return [round(step * number, 12) for number in range(math.ceil(most / step - 1e-9) + 1)]


def _kind(row: Row) -> str:
    return "model" if row["kind"] == "model" else "base"


def _svg(label: str, width: float, height: float, parts: list[str]) -> str:
    box = f"viewBox='0 0 {width:.0f} {height:.0f}'"
    return f"<div class=scroll><svg role=img aria-label='{html.escape(label)}' {box}>{''.join(parts)}</svg></div>"
