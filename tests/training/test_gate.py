"""Gates: what they say, what they stop, and which numbers they may be held against."""

from dataclasses import replace
from typing import Any

import pytest

from models import Manifest
from training.errors import SettingsError
from training.gate import DEFAULT, Gate, asked, failures, number, parse
from training.judgement import not_comparable


def row(name: str, relation: str | None, hr: float, se: float = 0.01, **more: Any) -> dict[str, Any]:
    kind = "baseline" if relation is None else "model"
    given = {"name": name, "kind": kind, "relation": relation, "task": "A", "questions": 600}
    return {**given, "hr@10": hr, "hr@10_se": se, "mrr": hr / 2, "mrr_se": se, **more}


def table(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"protocol": "leave-last-one", "questions": 600, "rows": list(rows)}


def manifest(**changes: Any) -> Manifest:
    given = {"data": {"columns": None, "min_rating": 3.5}, "metrics": table(row("item2vec", "similar", 0.1))} | changes
    texts = dict.fromkeys(("id", "created_at", "content_hash", "default_model"), "")
    return Manifest(**texts, **given, settings={}, libraries={}, files={})


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("hr@10>=0.9*current", Gate("hr@10>=0.9*current", "hr@10", 0.9, True)),
        (" mrr >= .05 ", Gate("mrr >= .05", "mrr", 0.05, False)),
        ("hr@20>=1*current", Gate("hr@20>=1*current", "hr@20", 1.0, True)),
        ("blend.next.hr@10>=0.05", Gate("blend.next.hr@10>=0.05", "hr@10", 0.05, False, "blend", "next")),
        (
            "item2vec.similar.ndcg@10>=1.1 * current",
            Gate("item2vec.similar.ndcg@10>=1.1 * current", "ndcg@10", 1.1, True, "item2vec", "similar"),
        ),
    ],
)
def test_a_gate_is_read_as_it_is_written(text: str, gate: Gate) -> None:
    assert parse(text) == gate


NO_GATES = ["", "hr@10", "hr@10>0.1", "hr@5>=0.1", "hr@10>=", "hr@10>=-1", "hr@10>=nan", "hr@10>=current", "0.1"]
NO_GATES += ["hr@10>=0.9*live", "blend.hr@10>=0.1", "blend.liked.hr@10>=0.1", "hr@10>=0.1,mrr>=0.1", "hr@10>=1e-1"]


@pytest.mark.parametrize("text", [*NO_GATES, "coverage>=0.5"])
def test_what_is_no_gate_is_refused_with_what_was_found(text: str) -> None:
    with pytest.raises(SettingsError, match=r"gate: expected \[MODEL\.RELATION\.\]METRIC>=NUMBER") as refused:
        parse(text)
    assert str(refused.value).endswith(f"found {text!r}")


def test_the_best_row_of_any_model_counts_and_no_baseline() -> None:
    rows = table(
        row("windowed", None, 0.9),
        row("item2vec", "similar", 0.11),
        row("blend", "next", 0.14, 0.02),
        row("blend", "next", 0.5, task="B"),
    )
    found = number(rows, parse("hr@10>=0.9*current"))
    assert found is not None
    assert (found.value, found.se, found.row) == (0.14, 0.02, "blend.next")
    named = number(rows, parse("item2vec.similar.mrr>=0.1"))
    assert named is not None
    assert (named.value, named.row) == (0.055, "item2vec.similar")
    assert number(rows, parse("item2vec.next.hr@10>=0.1")) is None
    assert number({}, parse("hr@10>=0.9*current")) is None


@pytest.mark.parametrize(
    ("now", "before", "stopped"),
    [
        # below 0.9 * current, and the fall is over 1.645 * sqrt(.01^2 + .01^2) = .0233
        ((0.07, 0.01), (0.10, 0.01), True),
        # below the limit, but a fall of .02 is within chance
        ((0.08, 0.01), (0.10, 0.01), False),
        # the same fall with ten thousand questions more is not
        ((0.08, 0.002), (0.10, 0.002), True),
        # a sure fall, above the limit
        ((0.45, 0.001), (0.49, 0.001), False),
        ((0.12, 0.01), (0.10, 0.01), False),
    ],
)
def test_a_fall_stops_where_it_is_below_the_limit_and_more_than_chance(
    now: tuple[float, float], before: tuple[float, float], stopped: bool
) -> None:
    new, live = table(row("item2vec", "similar", *now)), table(row("deepwalk", "next", *before))
    assert bool(failures([parse("hr@10>=0.9*current")], new, live)) is stopped


def test_a_lift_that_fell_stops_though_the_hit_rate_rose() -> None:
    """The numbers of ml-latest-small as it is, and with its timestamps shuffled."""
    live = table(row("blend", "next", 0.084, **{"lift@10": 0.056, "lift@10_se": 0.011}))
    new = table(row("blend", "next", 0.094, **{"lift@10": 0.008, "lift@10_se": 0.010}))
    assert [line.split()[0] for line in failures([parse(text) for text in DEFAULT], new, live)] == [
        "blend.next.lift@10"
    ]
    assert failures([parse(text) for text in DEFAULT], live, new) == []


def test_a_live_release_without_the_number_stops_nothing() -> None:
    new = table(row("blend", "next", 0.1, **{"lift@10": 0.001, "lift@10_se": 0.001}))
    assert failures([parse(text) for text in DEFAULT], new, table(row("blend", "next", 0.1))) == []


def test_few_questions_that_all_failed_are_not_sure_of_it() -> None:
    def of(questions: int, hr: float) -> dict[str, Any]:
        return table(row("item2vec", "similar", hr, 0.0, questions=questions))

    assert failures([parse("hr@10>=0.9*current")], of(20, 0.0), of(20, 1.0)) != []
    assert failures([parse("hr@10>=0.9*current")], of(2, 0.0), of(2, 1.0)) == []


def test_a_failure_names_the_number_both_values_and_the_limit() -> None:
    new, live = table(row("item2vec", "similar", 0.05)), table(row("blend", "next", 0.2))
    assert failures([parse("hr@10>=0.9*current")], new, live) == [
        "item2vec.similar.hr@10 is 0.0500 ± 0.0100, the live release's blend.next had 0.2000 ± 0.0100, "
        "the limit is 0.1800 (hr@10>=0.9*current), by chance it falls 0.0233"
    ]


def test_a_plain_number_is_a_limit_without_allowance() -> None:
    new = table(row("item2vec", "similar", 0.0999))
    assert failures([parse("hr@10>=0.0999"), parse("hr@10>=0.1")], new, {}) == [
        "item2vec.similar.hr@10 is 0.0999 ± 0.0100, the limit is 0.1 (hr@10>=0.1)"
    ]


def test_a_row_that_is_missing_stops_where_it_is_asked_of_the_new_release_alone() -> None:
    new, live = (
        table(row("item2vec", "similar", 0.1)),
        table(row("item2vec", "similar", 0.1), row("blend", "next", 0.1)),
    )
    assert failures([parse("blend.next.hr@10>=0.5*current")], new, live) == [
        "blend.next.hr@10>=0.5*current: the release has no such number"
    ]
    assert failures([parse("blend.next.hr@10>=0.5*current")], live, new) == []


def test_what_is_asked_for_on_the_command_line() -> None:
    assert asked(None, none=False, measured=True) is None
    assert asked(None, none=True, measured=False) == []
    assert asked(["mrr>=0.1", "hr@10>=0"], none=False, measured=True) == [parse("mrr>=0.1"), parse("hr@10>=0")]
    with pytest.raises(SettingsError, match=r"nothing is measured with --continue or --no-evaluate, found mrr>=0\.1"):
        asked(["mrr>=0.1"], none=False, measured=False)


def test_numbers_on_the_same_kind_of_data_are_comparable() -> None:
    assert not_comparable(manifest(), manifest(), 0.5) is None


@pytest.mark.parametrize(
    ("new", "live", "shared", "why"),
    [
        ({"metrics": {}}, {}, 1.0, "the new release was not measured"),
        ({}, {"metrics": {"item2vec": {"hr@10": 0.25}}}, 1.0, "the live release was not measured"),
        ({"data": {"columns": None, "min_rating": 4.0}}, {}, 1.0, "other data: min_rating was 3.5, is 4.0"),
        ({"data": {"columns": {"user": "u"}, "min_rating": 3.5}}, {}, 1.0, "columns was None, is {'user': 'u'}"),
        ({}, {}, 0.49, "49% of the movies are liked in both, expected 50% at least"),
    ],
)
def test_numbers_on_other_data_are_not(new: dict[str, Any], live: dict[str, Any], shared: float, why: str) -> None:
    said = not_comparable(manifest(**new), manifest(**live), shared)
    assert said is not None
    assert why in said


def test_another_protocol_is_not_comparable() -> None:
    other = replace(manifest(), metrics=manifest().metrics | {"protocol": "time-split"})
    assert not_comparable(other, manifest(), 1.0) == "other data: protocol was leave-last-one, is time-split"
