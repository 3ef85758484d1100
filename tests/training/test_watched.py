"""What the bytes on their way to pandas tell: an oracle that looks at the whole text at once."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.watched import Watched

letters = st.text('0017.,:\t\r\n+- "x/\0é\ufeff', max_size=40)
numbers = st.lists(st.sampled_from(["0", "7", "10", "0.5", "5.", "00", "07", ","]), max_size=12).map(",".join)


def watch(content: bytes, separator: str = ",", sizes: tuple[int, ...] = (-1,)) -> Watched:
    watched = Watched(io.BytesIO(content), separator)
    taken, turn = b"", 0
    while block := watched.read(sizes[turn % len(sizes)]):
        taken, turn = taken + block, turn + 1
    assert taken == content
    return watched


def is_plain(content: bytes, separator: str) -> bool:
    """As the documentation has it, by regular expressions."""
    end = re.escape(separator[0].encode())
    faults = rb"[^0-9./\r\n" + end + rb"]|(?:\A|[\r\n" + end + rb"])0[0-9]"
    return re.search(faults, content) is None


@given(
    st.one_of(letters, numbers).map(str.encode),
    st.sampled_from([",", "::", "\t"]),
    st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
)
def test_separators_are_counted_and_plain_is_plain_however_the_bytes_arrive(
    content: bytes, separator: str, sizes: tuple[int, ...]
) -> None:
    for watched in (watch(content, separator), watch(content, separator, sizes)):
        assert watched.separators == content.decode().count(separator[0])
        assert watched.plain == is_plain(content, separator)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,2,3.5,964982703\n", True),
        ("0,10,0.5,0\r\n", True),
        ("1,007,3,4", False),
        ("1,2,3,00", False),
        ("01,2,3,4", False),
        ("1,2,3,4\n05,2,3,4", False),
        ("1,+2,3,4", False),
        ("1,-2,3,4", False),
        ("1, 2,3,4", False),
        ('1,"2",3,4', False),
        ("1,2,3e0,4", False),
        ("1,2\0,3,4", False),
    ],
)
def test_a_number_is_plain_where_it_is_written_as_python_writes_it(text: str, plain: bool) -> None:
    assert watch(text.encode()).plain is plain
    assert watch(text.encode(), sizes=(1,)).plain is plain


def test_once_not_plain_it_stays_so_and_still_counts() -> None:
    watched = watch(b"x,1\n1,2\n3,4\n", sizes=(4,))
    assert (watched.plain, watched.separators) == (False, 3)
