"""A diff of two releases as a terminal shows it."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.diff import METRICS


def describe(found: Mapping[str, Any]) -> str:
    """What `models.diff.diff` found, part by part; parts with nothing in them are left out."""
    parts = (_metrics, _settings, _films, _vectors, _neighbours)
    lines = [f"{found['before']} -> {found['after']}", f"default model: {_pair(found['default_model'])}"]
    for part in parts:
        lines += part(found)
    return "\n".join(lines)


def _metrics(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["metrics"]:
        yield "metrics: neither was measured"
        return
    yield f"\nheld out ({_pair(found['protocol'])}):"
    yield f"{'model':<12}{'relation':<10}{'task':<6}" + "".join(f"{metric:<20}" for metric in METRICS).rstrip()
    for row in found["metrics"]:
        numbers = "".join(
            f"{_number(row[metric]['before'])} -> {_number(row[metric]['after']):<10}" for metric in METRICS
        )
        yield f"{row['name']:<12}{row['relation'] or '':<10}{row['task']:<6}{numbers}".rstrip()


def _settings(found: Mapping[str, Any]) -> Iterator[str]:
    if found["settings"]:
        yield "\nsettings:"
    for row in found["settings"]:
        if row["setting"] is None:
            yield f"  {row['model']}: only {'after' if row['after'] else 'before'}"
        else:
            yield f"  {row['model']}.{row['setting']}: {row['before']} -> {row['after']}"


def _films(found: Mapping[str, Any]) -> Iterator[str]:
    for side in ("added", "gone"):
        films = found[side]
        named = "; ".join(_title(film) for film in films["movies"])
        more = "; .." if films["count"] > len(films["movies"]) else ""
        yield f"\n{side}: {films['count']:,} films{': ' if named else ''}{named}{more}"


def _vectors(found: Mapping[str, Any]) -> Iterator[str]:
    for name, one in found["vectors"].items():
        cosine = f"mean cosine {one['cosine']:.4f}" if one["cosine"] is not None else "not comparable"
        yield f"vectors: {name}, dimension {_pair(one['dimension'])}, {one['movies']:,} films in both: {cosine}"


def _neighbours(found: Mapping[str, Any]) -> Iterator[str]:
    changed = found["neighbours"]
    if changed is None or changed["overlap"] is None:
        return
    yield f"\nneighbours of {changed['model']}: {changed['overlap']:.1%} of the ten nearest are the same; least:"
    for film in changed["changed"]:
        yield f"{film['overlap']:>5.0%}  {film['movie_id']:<8}  {_title(film)}, {film['likes']:,} likes"


def _pair(sides: Mapping[str, Any]) -> str:
    before, after = sides["before"], sides["after"]
    return str(after) if before == after else f"{before} -> {after}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _title(film: Mapping[str, Any]) -> str:
    return f"{film['title']} ({film['year']})" if film["year"] else str(film["title"])
