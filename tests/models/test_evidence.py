"""Counts of pairs are loaded as they were saved, or refused by name."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Evidence, IntegrityError, Pairs, load
from models.evidence import FILES, check_evidence
from tests.models.test_format_1 import STORE, VERSION
from tests.models.tiny import catalogue, flip, forge, forge_array, write

LIKES = catalogue().likes


def pairs(counted: dict[tuple[int, int], int], n_movies: int = 6) -> Pairs:
    rows = np.array([row for row, _ in sorted(counted)], dtype=np.intp)
    indptr = np.append(0, np.cumsum(np.bincount(rows, minlength=n_movies))).astype(np.int64)
    indices = np.array([other for _, other in sorted(counted)], dtype=np.int32)
    return Pairs(indptr, indices, np.array([counted[pair] for pair in sorted(counted)], dtype=np.int32))


TOGETHER = {(0, 2): 5, (0, 3): 7, (2, 3): 120, (3, 5): 3}
TRANSITIONS = {(0, 3): 2, (3, 0): 4, (3, 2): 9, (5, 0): 1}


def evidence(floor: int = 1) -> Evidence:
    return Evidence(610, pairs(TOGETHER), floor, pairs(TRANSITIONS))


def test_what_was_counted_is_loaded_memory_mapped(tmp_path: Path) -> None:
    manifest = write(tmp_path, evidence=evidence(3))
    assert set(FILES) < set(manifest.files)
    found = load(tmp_path).evidence
    assert found is not None
    assert (found.viewers, found.floor) == (610, 3)
    for part in ("indptr", "indices", "counts"):
        for table in ("together", "transitions"):
            array = getattr(getattr(found, table), part)
            assert isinstance(array, np.memmap)
            assert not array.flags.writeable
            assert array.tobytes() == getattr(getattr(evidence(), table), part).tobytes()


def test_evidence_is_part_of_the_content(tmp_path: Path) -> None:
    hashes = [
        write(tmp_path / str(number), evidence=one).content_hash
        for number, one in enumerate((None, evidence(), evidence(2), replace(evidence(), viewers=611)))
    ]
    assert len(set(hashes)) == 4


def test_every_pair_is_found_whichever_comes_first() -> None:
    made = evidence()
    for a in range(6):
        for b in range(6):
            assert made.liked_both(a, b) == TOGETHER.get((min(a, b), max(a, b)), 0), (a, b)
            assert made.transitions.count(a, b) == TRANSITIONS.get((a, b), 0), (a, b)
        assert made.transitions.total(a) == sum(count for (left, _), count in TRANSITIONS.items() if left == a)


def test_below_the_floor_the_count_is_not_known() -> None:
    assert evidence(1).liked_both(0, 1) == 0
    assert evidence(3).liked_both(0, 1) is None
    assert evidence(3).liked_both(5, 3) == 3


def test_counts_move_with_their_movies() -> None:
    rows = np.array([0, 1, 3, 4, 6, 7])  # new movies at 2 and 5
    made = evidence(2).moved(rows, 8)
    assert (made.viewers, made.floor) == (610, 2)
    for (a, b), count in TOGETHER.items():
        assert made.liked_both(int(rows[b]), int(rows[a])) == count
    for (a, b), count in TRANSITIONS.items():
        assert made.transitions.count(int(rows[a]), int(rows[b])) == count
    assert int(made.together.counts.sum()) == sum(TOGETHER.values())
    check_evidence(made, np.insert(LIKES, [2, 4], 0))


def test_a_release_without_evidence_has_none() -> None:
    assert load(STORE / "versions" / VERSION).evidence is None


def test_a_catalogue_nobody_liked_has_empty_evidence(tmp_path: Path) -> None:
    write(tmp_path, evidence=Evidence(279, pairs({}), 1, pairs({})))
    found = load(tmp_path).evidence
    assert found is not None
    assert found.liked_both(0, 1) == 0


BROKEN: list[tuple[str, Any, str]] = [
    ("viewers", 278, r"evidence\.json: expected viewers >= 279, the most liked movie.s, found 278"),
    ("floor", 0, r"evidence\.json: expected floor >= 1, found 0"),
    ("floor", 4, r"cooccurrence\.counts\.npy: expected 4 to as many as liked"),
    ("together", pairs({(0, 2): 190}), r"cooccurrence\.counts\.npy: expected 1 to as many as liked"),
    ("together", pairs({(0, 2): 0}), r"cooccurrence\.counts\.npy: expected 1 to"),
    ("together", pairs({(0, 2): -1}), r"cooccurrence\.counts\.npy: expected 1 to"),
    ("together", pairs({(2, 0): 1}), r"cooccurrence\.indices\.npy: expected other movies, ascending"),
    ("together", pairs({(2, 2): 1}), r"cooccurrence\.indices\.npy: expected other movies, ascending"),
    ("together", pairs({(0, 6): 1}), r"cooccurrence\.indices\.npy: expected rows 0\.\.5"),
    ("together", pairs({(0, -1): 1}), r"cooccurrence\.indices\.npy: expected rows 0\.\.5"),
    ("transitions", pairs({(2, 2): 1}), r"transitions\.indices\.npy: expected other movies, ascending"),
    ("transitions", pairs({(5, 3): 121}), r"transitions\.counts\.npy: expected 1 to as many as liked"),
    ("transitions", pairs({(4, 3): 1}), r"transitions\.counts\.npy: expected 1 to as many as liked"),
    ("transitions", pairs({(0, 3): 1}, 5), r"transitions\.indptr\.npy: expected .*int64.*7.*6"),
]


@pytest.mark.parametrize(("name", "value", "message"), BROKEN)
def test_impossible_counts_are_not_saved(tmp_path: Path, name: str, value: Any, message: str) -> None:
    with pytest.raises(IntegrityError, match=f"^{message}"):
        write(tmp_path / "release", evidence=replace(evidence(), **{name: value}))
    assert list(tmp_path.iterdir()) == []


FORGED: list[tuple[str, np.ndarray, str]] = [
    ("cooccurrence.indices", np.array([3, 2, 3, 5], np.int32), "expected other movies, ascending"),
    ("cooccurrence.indices", np.array([2, 2, 3, 5], np.int32), "expected other movies, ascending"),
    ("cooccurrence.indices", np.array([2, 3, 6, 5], np.int32), r"expected rows 0\.\.5"),
    ("cooccurrence.indices", np.array([2, 3, 3], np.int32), ""),
    ("cooccurrence.indices", np.array([2, 3, 3, 5], np.int64), r"expected int32 \(4,\), found int64"),
    ("cooccurrence.indices", np.array([[2, 3, 3, 5]], np.int32), ""),
    ("cooccurrence.counts", np.array([5, 7, 120], np.int32), r"expected int32 \(4,\), found int32 \[3\]"),
    ("cooccurrence.counts", np.array([5, 7, 190, 3], np.int32), "expected 1 to as many as liked"),
    ("cooccurrence.counts", np.array([5, 7, 120, 3], np.float32), "expected int32"),
    ("cooccurrence.indptr", np.array([0, 2, 2, 3, 4, 4], np.int64), r"expected int64 \(7,\), found int64 \[6\]"),
    ("cooccurrence.indptr", np.array([0, 2, 1, 3, 4, 4, 4], np.int64), "expected 0 to 4, never falling"),
    ("cooccurrence.indptr", np.array([1, 2, 2, 3, 4, 4, 4], np.int64), "expected 0 to 4, never falling"),
    ("cooccurrence.indptr", np.array([0, 2, 2, 3, 4, 4, 5], np.int64), "expected 0 to 4, never falling"),
    ("transitions.indices", np.array([3, 2, 0, 0], np.int32), "expected other movies, ascending"),
]


@pytest.mark.parametrize(("name", "array", "message"), FORGED)
def test_impossible_counts_are_not_loaded_even_with_right_hashes(
    tmp_path: Path, name: str, array: np.ndarray, message: str
) -> None:
    write(tmp_path, evidence=evidence())
    forge_array(tmp_path, f"{name}.npy", array)
    table = name.partition(".")[0]
    with pytest.raises(IntegrityError, match=rf"^{table}\.\w+\.npy: {message}"):
        load(tmp_path)


@pytest.mark.parametrize(
    "facts", [[], {}, {"viewers": 610}, {"viewers": 610, "floor": True}, {"viewers": 6.5, "floor": 1}]
)
def test_facts_that_are_none_are_refused(tmp_path: Path, facts: Any) -> None:
    write(tmp_path, evidence=evidence())
    (tmp_path / "evidence.json").write_text(json.dumps(facts))
    forge(tmp_path)
    with pytest.raises(IntegrityError, match=r"^evidence\.json: expected whole numbers at viewers and floor"):
        load(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_or_missing_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, evidence=evidence())
    flip(tmp_path / name)
    with pytest.raises(IntegrityError, match=f"^{name}: expected sha256"):
        load(tmp_path)
    flip(tmp_path / name)
    load(tmp_path)
    forge(tmp_path, lambda manifest: manifest["files"].pop(name))
    with pytest.raises(IntegrityError, match=rf"^manifest\.json: expected a file {name} beside"):
        load(tmp_path)


def test_many_pairs_are_checked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evidence._BLOCK", 2)
    check_evidence(evidence(), LIKES)
    for broken in ({**TOGETHER, (3, 5): 121}, {**TOGETHER, (4, 5): 1}):
        with pytest.raises(IntegrityError, match="as many as liked"):
            check_evidence(replace(evidence(), together=pairs(broken)), LIKES)
