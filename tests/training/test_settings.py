"""Presets, what may be given on top, and what is refused."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from models import MODEL_NAMES
from training.errors import SettingsError
from training.settings import MIN_LEARNING_RATE, PRESETS, Settings, choose_settings, enough_likes

ALL = list(MODEL_NAMES)


@pytest.mark.parametrize("method", ALL)
def test_the_lesson_preset_is_exactly_the_courses(method: str) -> None:
    lesson = choose_settings(ALL, "lesson", {})[method]
    course = {
        "min_rating": 3.5,
        "vector_size": 10,
        "window": 5,
        "epochs": 10,
        "hs": True,
        "negative": 0,
        "min_count": 5,
        "learning_rate": 0.025,
        "walks": 20_000,
        "walk_length": 10,
    }
    assert lesson.to_json().items() >= course.items()
    assert MIN_LEARNING_RATE == 0.0001


@pytest.mark.parametrize("preset", PRESETS)
def test_only_node2vec_walks_with_a_bias(preset: str) -> None:
    chosen = choose_settings(ALL, preset, {})
    assert list(chosen) == ALL
    assert {name: (one.p, one.q) == (1.0, 1.0) for name, one in chosen.items()} == {
        "item2vec": True,
        "deepwalk": True,
        "node2vec": False,
    }


def test_what_is_given_goes_on_top_of_the_preset() -> None:
    given = {"vector_size": 7, "epochs": 2, "seed": 0, "hs": False, "negative": 3}
    for preset in PRESETS:
        for method, chosen in choose_settings(ALL, preset, given).items():
            assert chosen.to_json() == PRESETS[preset][method].to_json() | given


def test_a_value_goes_only_to_the_methods_that_use_it() -> None:
    chosen = choose_settings(ALL, "default", {"p": 9.0, "q": 8.0, "walks": 7, "walk_length": 6})
    default = PRESETS["default"]
    assert chosen["item2vec"] == default["item2vec"]
    assert (chosen["deepwalk"].p, chosen["deepwalk"].q) == (1.0, 1.0)
    assert (chosen["node2vec"].p, chosen["node2vec"].q) == (9.0, 8.0)
    for method in ("deepwalk", "node2vec"):
        assert (chosen[method].walks, chosen[method].walk_length) == (7, 6)


@pytest.mark.parametrize(
    ("methods", "name", "users"),
    [
        (["item2vec"], "p", "node2vec"),
        (["item2vec", "deepwalk"], "q", "node2vec"),
        (["item2vec"], "walks", "deepwalk and node2vec"),
        (["item2vec"], "walk_length", "deepwalk and node2vec"),
    ],
)
def test_a_value_that_no_method_uses_is_refused(methods: list[str], name: str, users: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: only {users} use it, found {', '.join(methods)}$"):
        choose_settings(methods, "default", {name: 2})


@pytest.mark.parametrize(
    ("methods", "preset", "message"),
    [
        (["word2vec"], "default", "method: expected each of item2vec, deepwalk, node2vec at most once, .*'word2vec'"),
        (["deepwalk", "deepwalk"], "default", "at most once, found 'deepwalk'"),
        ([""], "default", "found ''"),
        (ALL, "best", "preset: expected one of default, lesson, found 'best'"),
    ],
)
def test_an_unknown_method_or_preset_is_named(methods: list[str], preset: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        choose_settings(methods, preset, {})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"vector_size": 0}, r"vector_size: expected 1\.\.4096, found 0"),
        ({"vector_size": 4_097}, "found 4097"),
        ({"window": 0}, "window"),
        ({"window": 1_001}, "window"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": 10_001}, "epochs"),
        ({"min_count": 0}, r"min_count: expected 1\.\., found 0"),
        ({"negative": -1}, "negative"),
        ({"negative": 1_001}, "negative"),
        ({"walks": 0}, "walks"),
        ({"walks": 2**31}, "walks"),
        ({"walk_length": 1}, "walk_length"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"p": 0.0}, "p: expected a number > 0, found 0.0"),
        ({"q": -1.0}, "q: expected a number > 0"),
        ({"p": float("nan")}, "p: .*found nan"),
        ({"q": float("inf")}, "q: .*found inf"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"ns_exponent": 11.0}, "ns_exponent"),
        ({"ns_exponent": float("nan")}, "ns_exponent"),
        ({"min_rating": float("nan")}, "min_rating"),
        ({"hs": False, "negative": 0}, "expected hs, negative > 0 or both, found neither"),
    ],
)
def test_a_value_out_of_range_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        choose_settings(["node2vec"], "default", given)


@pytest.mark.parametrize(
    "given",
    [
        {"vector_size": 1, "window": 1, "epochs": 1, "min_count": 1, "walks": 1, "walk_length": 2, "seed": 0},
        {"vector_size": 4_096, "window": 1_000, "epochs": 10_000, "walks": 2**31 - 1, "seed": 2**32 - 1},
        {"hs": True, "negative": 0},
        {"hs": False, "negative": 1},
        {"p": 1e-6, "q": 1e6, "ns_exponent": -0.5},
    ],
)
def test_the_ends_of_each_range_are_allowed(given: dict[str, Any]) -> None:
    assert choose_settings(["node2vec"], "default", given)["node2vec"].to_json().items() >= given.items()


@pytest.mark.parametrize(
    ("tokens", "movies", "walks", "epochs"),
    [
        (0, 0, 20_000, 50),
        (1_000, 444, 20_000, 50),
        (100_000, 5_000, 20_000, 20),
        (100_000, 10_000, 40_000, 20),
        # 6.67 and 6.45 passes: to the nearest
        (300_000, 5_001, 20_004, 7),
        (310_000, 4_999, 20_000, 6),
        (25_000_000, 59_000, 236_000, 5),
        (10**9, 10**6, 2_000_000, 5),
    ],
)
def test_scaled_sets_what_is_left_open_by_the_size_of_the_data(
    tokens: int, movies: int, walks: int, epochs: int
) -> None:
    scaled = Settings().scaled(tokens, movies)
    assert (scaled.walks, scaled.epochs) == (walks, epochs)
    assert scaled.min_likes == 1
    others = {field.name for field in fields(Settings)} - {"walks", "epochs", "min_likes"}
    assert all(getattr(scaled, name) == getattr(Settings(), name) for name in others)


def test_scaled_keeps_what_is_set() -> None:
    chosen = Settings(walks=3, epochs=2, min_likes=4)
    assert chosen.scaled(10**9, 10**6, np.ones(10, dtype=int)) == chosen


@pytest.mark.parametrize(
    ("likes", "enough"),
    [
        ([9, 9, 9, 9], 5),
        ([9, 9, 9, 1], 5),
        ([20, 4, 1, 1], 4),
        # just four fifths of all likes, and less
        ([16, 4], 5),
        ([15, 4], 4),
        ([20, 2, 2, 2], 2),
        ([1, 1, 1, 0], 1),
        ([0, 0], 5),
        ([], 5),
    ],
)
def test_a_movie_needs_five_likes_or_as_many_as_leave_four_fifths_of_all(likes: list[int], enough: int) -> None:
    assert enough_likes(np.array(likes, dtype=np.int32)) == enough
    assert Settings().scaled(10, 10, np.array(likes, dtype=np.int32)).min_likes == enough
