"""Who takes what was sent, and how slowly one may: looks at a made-up connection, without a clock."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.waiting import Phase


@pytest.mark.parametrize(
    ("taken", "cut"),
    [
        (70_000, []),  # enough at every look
        (25_000, []),  # enough at every third, which is soon enough
        (1_000, [4, 5, 6, 7, 8, 9]),
        (0, [4, 5, 6, 7, 8, 9]),
    ],
)
def test_who_takes_next_to_nothing_for_three_seconds_is_cut_off(taken: int, cut: list[int]) -> None:
    left = iter(range(1_000_000, 0, -taken)) if taken else iter([1_000_000] * 10)
    protocol: Any = SimpleNamespace(transport=SimpleNamespace(get_write_buffer_size=lambda: next(left)))
    phase = Phase(protocol)
    assert [second for second in range(10) if phase.stands_still(100.0 + second, 3.0)] == cut


def test_who_takes_the_rest_begins_anew_with_the_next_answer() -> None:
    left = iter([9, 9, 9, 0, 9, 9, 9, 9, 9])
    protocol: Any = SimpleNamespace(transport=SimpleNamespace(get_write_buffer_size=lambda: next(left)))
    phase = Phase(protocol)
    assert [second for second in range(9) if phase.stands_still(100.0 + second, 3.0)] == [8]
