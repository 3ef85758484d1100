"""`export --format static`: the explorer with the answers that it needs, as files that any web server can serve."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import to_json

from app import columns, facts
from app.changes import Changes
from app.evidence_columns import KEYS, EvidenceColumns
from app.explorer import INDEX
from app.neighbours import NO_FILTERS, Dials, Page, Question, page
from app.releases import Releases
from app.state import Loaded
from models import KindredError, Store
from models.model import MAX_NEIGHBOURS, Relation

FORMAT = "kindred static 1"
MARK = "data/export.json"
# films whose lists, and whose evidence, make up a file: some hundred kilobytes each
SHARD, EXPLAINED = 256, 64
# so many of each list can be explained
BEST = 20
_SAID_EVERY = 10.0
_PAGE = re.compile(r"<html\b(?![^>]*\bdata-source)")


class ExportError(KindredError):
    """The explorer cannot be written there."""


class Written:
    """Files below a folder, counted.

    Attributes:
        files: how many.
        size: bytes in all.
    """

    def __init__(self, folder: Path) -> None:
        """Write below this folder."""
        self._folder = folder
        self.files = self.size = 0

    def add(self, path: str, data: bytes) -> None:
        """Write one file, and the folders it is in."""
        there = self._folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(data)
        self.files += 1
        self.size += len(data)


def write_site(
    written: Written, loaded: Loaded, registry: Store, ui: Mapping[str, bytes], say: Callable[[str], None]
) -> None:
    """All files; memory is that of a shard beside the release's own.

    Args:
        written: where they go.
        loaded: the release.
        registry: the folder it comes from.
        ui: the explorer's files.
        say: told now and then how far it is.

    Raises:
        ExportError: the explorer's page is not there.
    """
    for name, body in ui.items():
        if name != INDEX:
            written.add(f"ui/{name}", body)
    written.add(INDEX, static_page(ui))
    written.add("data/models.json", _json(facts.model_list(loaded)))
    written.add("data/catalogue.json", columns.catalogue(loaded))
    written.add("data/releases.json", _json(Releases(registry).read(loaded.release)))
    written.add("data/changes.json", _json(Changes(registry).compare(loaded.release)))
    written.add(
        "data/sources.json", to_json({name: _bits(space.model.learned) for name, space in loaded.spaces.items()})
    )
    for name, space in loaded.spaces.items():
        written.add(f"data/models/{name}.json", _json(facts.model_detail(loaded, name)))
        if space.model.map is not None:
            written.add(f"data/map/{name}.json", columns.movie_map(loaded, name))
    _write_lists(written, loaded, say)
    told = {"format": FORMAT, "release": loaded.release.id, "files": written.files, "bytes": written.size}
    written.add(MARK, json.dumps(told).encode())


def static_page(ui: Mapping[str, bytes]) -> bytes:
    """The page, told that its data are files."""
    page, changed = _PAGE.subn('<html data-source="static"', ui.get(INDEX, b"").decode(), count=1)
    if not changed:
        raise ExportError(f"{INDEX} of the explorer: expected <html> without data-source, found none")
    return page.encode()


def _write_lists(written: Written, loaded: Loaded, say: Callable[[str], None]) -> None:
    """Neighbours of each model and relation, and the evidence for the best of them."""
    count, kept = len(loaded.catalogue), loaded.release.evidence
    evidence = None if kept is None else EvidenceColumns(kept, loaded.catalogue.likes)
    said = time.monotonic()
    for shard, first in enumerate(range(0, count, SHARD)):
        rows = range(first, min(count, first + SHARD))
        near: list[set[int]] = [set() for _ in rows]
        for name, relation, pages in _pages(loaded, rows):
            lists = {
                "rows": [one.rows.tolist() for one in pages],
                "scores": [one.scores.tolist() for one in pages],
            }
            written.add(f"data/similar/{name}/{relation}/{shard}.json", to_json(lists))
            for found, best in zip(near, lists["rows"], strict=True):
                found.update(best[:BEST])
        for start in range(0, len(rows), EXPLAINED):
            explained = dict(zip(rows[start : start + EXPLAINED], near[start : start + EXPLAINED], strict=True))
            number = (first + start) // EXPLAINED
            written.add(f"data/explain/{number}.json", _explained(evidence, explained))
        if time.monotonic() - said > _SAID_EVERY:
            said = time.monotonic()
            say(f"{rows.stop:,} of {count:,} films, {written.size / 1e6:,.0f} MB")


def _pages(loaded: Loaded, rows: range) -> Iterator[tuple[str, Relation, list[Page]]]:
    """For each model and relation what GET /similar answers to each row: a look-up, where a release stores it."""
    for name, space in loaded.spaces.items():
        for relation in space.model.relations:
            dials = Dials(relation=relation)
            asked = (Question.about(space.model, row) for row in rows)
            yield (
                name,
                relation,
                [page(space, loaded.catalogue, one, NO_FILTERS, dials, 0, MAX_NEIGHBOURS) for one in asked],
            )


def _explained(evidence: EvidenceColumns | None, near: Mapping[int, set[int]]) -> bytes:
    """The evidence of some rows for others."""
    if evidence is None:
        return to_json({"keys": KEYS, "same": None, "rows": {str(row): {} for row in near}})
    pairs = [(row, other) for row, others in near.items() for other in sorted(others)]
    found: dict[str, dict[str, Any]] = {str(row): {} for row in near}
    rows, others = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    for (row, other), values in zip(pairs, evidence.of(rows, others), strict=True):
        found[str(row)][str(other)] = values
    return to_json({"keys": KEYS, "same": evidence.same, "rows": found})


def _json(answer: Any) -> bytes:
    """A model as its route sends it."""
    text: str = answer.model_dump_json(by_alias=True)
    return text.encode()


def _bits(flags: Any) -> str:
    return base64.b64encode(np.packbits(flags).tobytes()).decode()
