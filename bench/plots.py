"""A table as a picture: how fast each contender is, on a logarithmic axis, with its quartiles; an SVG file."""

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

# width, where bars begin and end, where the first stands, and how far apart they are
_WIDTH, _LEFT, _RIGHT, _TOP, _STEP = 860, 330.0, 770.0, 44, 26
_STYLE = """
text{font:14px system-ui,sans-serif;fill:#1f2328}.soft{fill:#59636e;font-size:12px}.right{text-anchor:end}
.mid{text-anchor:middle}.head{font-weight:600}.ours{fill:#0969da}.peer{fill:#9aa4af}.grid{stroke:#d1d9e0}
.spread{stroke:#1f2328;stroke-width:1.5}.paper{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.ours{fill:#4493f8}.peer{fill:#656c76}
.grid{stroke:#3d444d}.spread{stroke:#f0f6fc}.paper{fill:#0d1117}}
"""


def bars(title: str, unit: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """An SVG document: a bar for each row, the first, which is ours, in colour.

    Args:
        title: what was measured on what.
        unit: of the rates.
        rows: name, lower quartile, median and upper quartile of each contender's rate, all above 0.
    """
    lowest, highest = (math.log10(pick(number for row in rows for number in row[1:])) for pick in (min, max))
    first = math.floor(lowest)
    last = max(math.ceil(highest), first + 1)
    bottom = _TOP + _STEP * len(rows)
    height = bottom + 52
    view = {"viewBox": f"-12 -6 {_WIDTH} {height}", "width": f"{_WIDTH}", "role": "img"}
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **view})
    SubElement(svg, "title").text = title
    SubElement(svg, "style").text = _STYLE
    SubElement(svg, "rect", {"class": "paper", "x": "-12", "y": "-6", "width": f"{_WIDTH}", "height": f"{height}"})

    def place(rate: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (math.log10(rate) - first) / (last - first)

    def write(text: str, kind: str, x: float, y: float) -> None:
        SubElement(svg, "text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.0f}"}).text = text

    def line(kind: str, x1: float, x2: float, y1: float, y2: float) -> None:
        ends = {"x1": f"{x1:.1f}", "x2": f"{x2:.1f}", "y1": f"{y1:.0f}", "y2": f"{y2:.0f}"}
        SubElement(svg, "line", {"class": kind, **ends})

    write(title, "head", 0, 16)
    for exponent in range(first, last + 1):
        line("grid", place(10.0**exponent), place(10.0**exponent), _TOP - 8, bottom)
        write(f"{10.0**exponent:,g}", "soft mid", place(10.0**exponent), bottom + 16)
    for number, (name, low, median, high) in enumerate(rows):
        y = _TOP + _STEP * number
        wide = {"x": f"{_LEFT:.0f}", "y": f"{y}", "width": f"{place(median) - _LEFT:.1f}", "height": "16", "rx": "2"}
        SubElement(svg, "rect", {"class": "peer" if number else "ours", **wide})
        write(name, "right", _LEFT - 10, y + 13)
        line("spread", place(low), place(high), y + 8, y + 8)
        write(f"{median:,.0f}" if median >= 100 else f"{median:.3g}", "soft", place(high) + 8, y + 13)
    write(unit, "soft mid", (_LEFT + _RIGHT) / 2, bottom + 36)
    return tostring(svg, encoding="unicode") + "\n"
