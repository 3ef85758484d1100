"""The table on a terminal, and the same as one self-contained page with plots."""

import html
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.tidy import undisturbed
from training.errors import TrainingError
from training.evaluation.plots import LEGEND, STYLE, bars, scatter
from training.evaluation.run import Evaluation

_MEASURES = ("hr@10", "hr@20", "ndcg@10", "mrr")
_ABOUT = ("coverage", "gini", "hubness", "popularity", "genre_agreement", "stability")
_COLD = ("overlap@20", "hr@10_cold", "hr@10_all")
_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6270;--line:#d8dce2;--model:#2457c5;--base:#9aa0aa;--paper:#fff}
@media(prefers-color-scheme:dark){
:root{--ink:#e8eaee;--soft:#9aa3b2;--line:#333a45;--model:#7ea6ff;--base:#7d828c;--paper:#14171c}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
body{margin:2rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}p{color:var(--soft);margin:.2rem 0 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.86rem}
th,td{padding:.28rem .5rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:500}td:first-child,th:first-child{text-align:left}
.baseline td:first-child{color:var(--soft)}.scroll{overflow-x:auto}
td:first-child,th:first-child{position:sticky;left:0;background:var(--paper)}
@media(max-width:40rem){body{margin:1rem auto}}
"""


def table(found: Evaluation) -> str:
    """The rows as text, best first within each task."""
    lines = [
        f"{found.protocol}: {found.questions:,} questions of {found.questions_in_all:,}, {found.viewers:,} viewers; "
        "± is one standard error"
    ]
    for task, about in (("A", "from one film"), ("B", "from the whole history, seen films left out")):
        lines += ["", f"task {task}: {about}"]
        lines.append(f"{'':<22}" + "".join(f"{name:>16}" for name in _MEASURES) + f"{'to best baseline':>26}")
        for row in _sorted(found.rows, task):
            measures = "".join(f"{row[name]:>9.4f} ±{row[name + '_se']:.4f}" for name in _MEASURES)
            lines.append(f"{_name(row):<22}{measures}{_difference(row):>26}")
    lines += ["", "lists of task A", f"{'':<22}" + "".join(f"{name.replace('_', ' '):>16}" for name in _ABOUT)]
    for row in _sorted(found.rows, "A"):
        lines.append(f"{_name(row):<22}" + "".join(f"{_number(row.get(name)):>16}" for name in _ABOUT))
    lines += [f"{name}: {why}" for name, why in found.skipped.items()]
    if found.cold is not None:
        lines += ["", f"cold start: {found.cold['hidden']:,} films hidden, {found.cold['questions']:,} questions"]
        lines.append(f"{'':<22}" + "".join(f"{name:>18}" for name in _COLD))
        for row in found.cold["rows"]:
            lines.append(f"{_name(row):<22}" + "".join(f"{_with_error(row, name):>18}" for name in _COLD))
    return "\n".join(lines)


def write_report(path: Path, found: Evaluation, facts: dict[str, Any]) -> None:
    """Write one HTML file that needs nothing else: tables, error bars, popularity against accuracy, coverage.

    Raises:
        TrainingError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(page(found, facts), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with undisturbed(), suppress(OSError):
            part.unlink()


def page(found: Evaluation, facts: dict[str, Any]) -> str:
    """The HTML."""
    data = f"{facts['likes']:,} likes of {facts['users']:,} viewers, {facts['movies']:,} movies"
    label = f" · {facts['label']}" if facts.get("label") else ""
    asked = f"{found.questions:,} questions to {found.viewers:,} viewers, protocol {found.protocol}"
    sections = [
        f"<h1>How good are the neighbours?</h1><p>{_text(data + label)}<br>{_text(asked)}. "
        "HR@10 is the share of questions whose answer is among the ten best; lines on bars show one standard error to "
        f"each side.</p>{LEGEND}"
    ]
    for task, about in (("A", "Task A: the next film from one film"), ("B", "Task B: from a viewer's history")):
        rows = _sorted(found.rows, task)
        sections.append(f"<h2>{about}</h2>{bars(rows, 'hr@10', 'HR@10', _name)}{_html_table(rows, _MEASURES)}")
    rows = _sorted(found.rows, "A")
    across, up = ("popularity", "how popular the films shown are: 0 the least liked, 1 the most"), ("hr@10", "HR@10")
    sections.append(f"<h2>Popular or right?</h2>{scatter(rows, across, up, _name)}")
    widest = bars(_by(rows, "coverage"), "coverage", "share of liked films that are in any list of ten", _name)
    sections.append(f"<h2>How much of the catalogue is ever shown</h2>{widest}{_html_table(rows, _ABOUT)}")
    if found.skipped:
        left_out = "".join(f"<br>{_text(name)}: {_text(why)}" for name, why in found.skipped.items())
        sections.append(f"<p>Left out:{left_out}</p>")
    if found.cold is not None:
        about = f"{found.cold['hidden']:,} films with all their likes hidden, {found.cold['questions']:,} questions."
        sections.append(f"<h2>Films nobody has rated</h2><p>{about}</p>{_html_table(found.cold['rows'], _COLD)}")
    body = "".join(sections)
    head = (
        "<meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        "<title>Kindred: evaluation</title>"
    )
    return f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}{STYLE}</style></head><body>{body}</body></html>\n"


def _sorted(rows: Iterable[dict[str, Any]], task: str) -> list[dict[str, Any]]:
    return _by((row for row in rows if row["task"] == task), "hr@10")


def _by(rows: Iterable[dict[str, Any]], measure: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: -float(row[measure]))


def _name(row: dict[str, Any]) -> str:
    """The model or baseline and what it was asked for; of cold films, what was done and by which model."""
    return " ".join(str(row[key]) for key in ("model", "name", "relation") if row.get(key) is not None)


def _difference(row: dict[str, Any]) -> str:
    if "versus" not in row:
        return "baseline"
    return f"{row['difference']:+.4f} [{row['difference_low']:+.4f}, {row['difference_high']:+.4f}]"


def _with_error(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.4f} ±{row[name + _SE]:.4f}" if row.get(name) is not None else ""


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else ""


def _text(value: object) -> str:
    return html.escape(str(value))


def _html_table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> str:
    head = "".join(f"<th>{_text(name.replace('_', ' '))}</th>" for name in names)
    lines = []
    for row in rows:
        cells = "".join(
            f"<td>{_number(row.get(name))}{f' ± {_number(row[name + _SE])}' if name + _SE in row else ''}</td>"
            for name in names
        )
        lines.append(f"<tr class={row.get('kind', 'model')}><td>{_text(_name(row))}</td>{cells}</tr>")
    return f"<div class=scroll><table><tr><th></th>{head}</tr>{''.join(lines)}</table></div>"


_SE = "_se"
