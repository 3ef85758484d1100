"""Names as JSON shows them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.camel import camel_keys


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("first_time", "firstTime"),
        ("movies_file_2", "moviesFile2"),
        ("ns_exponent", "nsExponent"),
        ("a_b_c", "aBC"),
        ("p", "p"),
        ("createdAt", "createdAt"),
        ("hr@10_se", "hr@10_se"),
        ("empty user id", "empty user id"),
        ("_private_name", "_private_name"),
        ("trailing_", "trailing_"),
        ("two__lines", "two__lines"),
        ("Upper_case", "Upper_case"),
        ("line_end\n", "line_end\n"),
        ("", ""),
    ],
)
def test_only_names_are_changed(key: str, shown: str) -> None:
    assert camel_keys({key: 1}) == {shown: 1}


def test_keys_are_changed_at_every_depth_and_values_never() -> None:
    value = {"a_b": [{"c_d": ("e_f", {"g_h": None})}], "i": "j_k"}
    assert camel_keys(value) == {"aB": [{"cD": ["e_f", {"gH": None}]}], "i": "j_k"}


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_json_without_keys_stays_as_it_is(value: object) -> None:
    assert camel_keys(value) == value


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}(_[a-z]{1,3})*", fullmatch=True), st.integers()))
def test_changing_twice_is_changing_once(value: dict[str, int]) -> None:
    once = camel_keys(value)
    assert camel_keys(once) == once
    assert not any("_" in key and not key.endswith("_se") for key in once)
