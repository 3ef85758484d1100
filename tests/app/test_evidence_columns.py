"""Evidence of many pairs at once is that of single ones, to the last digit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence_columns import KEYS, EvidenceColumns, counts
from app.explanations import evidence_of
from app.schemas_evidence import PairEvidence
from models import Catalogue, Evidence, Pairs
from tests.small import sequences_of
from training.cooccurrence import evidence

MOVIES = 9


def films(likes: np.ndarray) -> Catalogue:
    names = tuple(f"{row:02}" for row in range(len(likes)))
    none: tuple[tuple[str, ...], ...] = ((),) * len(names)
    return Catalogue(names, names, np.zeros(len(names), dtype=np.int16), none, likes.astype(np.int32))


def dropped(kept: Evidence, floor: int) -> Evidence:
    """Without the pairs that fewer than `floor` viewers liked."""
    rows = np.repeat(np.arange(len(kept.together.indptr) - 1), np.diff(kept.together.indptr))
    enough = kept.together.counts >= floor
    indptr = np.append(0, np.cumsum(np.bincount(rows[enough], minlength=len(kept.together.indptr) - 1)))
    together = Pairs(indptr.astype(np.int64), kept.together.indices[enough], kept.together.counts[enough])
    return replace(kept, together=together, floor=floor)


@st.composite
def counted(draw: st.DrawFn) -> tuple[Evidence, Catalogue]:
    """Evidence of a few viewers, or of few among very many."""
    lists = draw(st.lists(st.lists(st.integers(0, MOVIES - 1), unique=True, min_size=1), min_size=0, max_size=25))
    likes = np.bincount(np.array(sum(lists, []), dtype=np.int64), minlength=MOVIES)  # noqa: RUF017
    kept = evidence(sequences_of(lists), MOVIES)
    more = draw(st.sampled_from([0, 1, 7, 100_000]))
    return dropped(replace(kept, viewers=kept.viewers + more), draw(st.sampled_from([1, 1, 2, 5]))), films(likes)


def all_pairs(count: int) -> tuple[Any, Any]:
    rows, others = np.nonzero(~np.eye(count, dtype=np.bool_))
    return rows.astype(np.int64), others.astype(np.int64)


def single(kept: Evidence, catalogue: Catalogue, row: int, other: int) -> dict[str, Any]:
    return evidence_of(kept, catalogue, row, other).model_dump(by_alias=True)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(counted())
def test_each_pair_is_told_as_alone(made: tuple[Evidence, Catalogue]) -> None:
    kept, catalogue = made
    columns = EvidenceColumns(kept, catalogue.likes)
    rows, others = all_pairs(MOVIES)
    for row, other, values in zip(rows.tolist(), others.tolist(), columns.of(rows, others), strict=True):
        found = columns.same | dict(zip(KEYS, values, strict=True))
        expected = single(kept, catalogue, row, other)
        assert found == expected
        assert {key: type(value) for key, value in found.items()} == {
            key: type(value) for key, value in expected.items()
        }
        PairEvidence.model_validate(found)


def test_large_counts_too() -> None:
    random = np.random.default_rng(592)
    likes = np.sort(random.integers(1, 160_000, size=40))
    rows, others = all_pairs(40)
    ahead = rows < others
    most = np.minimum(likes[rows], likes[others])[ahead]
    both = (most * random.random(len(most)) ** 4).astype(np.int32)
    both = np.maximum(both, np.maximum(0, likes[rows] + likes[others] - 162_000)[ahead].astype(np.int32))
    there = both > 0
    indptr = np.append(0, np.cumsum(np.bincount(rows[ahead][there], minlength=40))).astype(np.int64)
    together = Pairs(indptr, others[ahead][there].astype(np.int32), both[there])
    nothing = Pairs(np.zeros(41, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
    kept, catalogue = Evidence(162_000, together, 1, nothing), films(likes)
    columns = EvidenceColumns(kept, catalogue.likes)
    told = columns.of(rows, others)
    assert len({values[KEYS.index("lift")] for values in told}) > 500
    for row, other, values in zip(rows.tolist(), others.tolist(), told, strict=True):
        assert columns.same | dict(zip(KEYS, values, strict=True)) == single(kept, catalogue, row, other)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 30), unique=True, max_size=12), min_size=31, max_size=31))
def test_counts_are_looked_up(partners: list[list[int]]) -> None:
    lists = [sorted(one) for one in partners]
    indptr = np.append(0, np.cumsum([len(one) for one in lists])).astype(np.int64)
    indices = np.array(sum(lists, []), dtype=np.int32)  # noqa: RUF017
    pairs = Pairs(indptr, indices, np.arange(1, len(indices) + 1, dtype=np.int32))
    rows, others = all_pairs(31)
    found = counts(pairs, rows, others).tolist()
    assert found == [pairs.count(row, other) for row, other in zip(rows.tolist(), others.tolist(), strict=True)]


def test_no_pairs_are_no_values() -> None:
    kept = evidence(sequences_of([[0, 1]]), 2)
    nobody = np.empty(0, dtype=np.int64)
    assert EvidenceColumns(kept, np.array([1, 1], dtype=np.int32)).of(nobody, nobody) == []


def test_every_value_of_the_wire_is_told() -> None:
    names = [str(field.alias) for field in PairEvidence.model_fields.values()]
    same = EvidenceColumns(evidence(sequences_of([[0, 1]]), 2), np.array([1, 1], dtype=np.int32)).same
    assert sorted([*same, *KEYS]) == sorted(names)


@pytest.mark.parametrize("viewers", [0, 1])
def test_nobody_liked_anything(viewers: int) -> None:
    kept = replace(evidence(sequences_of([]), 3), viewers=viewers)
    rows, others = all_pairs(3)
    for values in EvidenceColumns(kept, np.zeros(3, dtype=np.int32)).of(rows, others):
        found = dict(zip(KEYS, values, strict=True))
        assert (found["lift"], found["liftLow"], found["transitionProbability"]) == (None, None, None)
