"""Lines of a file, each with its number, none lost."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import DataError
from training.formats import movies_format, ratings_format
from training.records import Rejects, read_header, records

HEADER = "userId,movieId,rating,timestamp\n"
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file, written anew for each generated example."""
    return tmp_path_factory.mktemp("records") / "ratings.csv"


def read(path: Path) -> list[tuple[int, list[str]]]:
    return list(records(path, ratings_format(path)))


def test_a_record_is_numbered_by_its_first_line(write: Write) -> None:
    path = write(HEADER + '1,2,3,4\n\n"1\n0",3,3,4\r\n   \n5,6,7\n')
    assert read(path) == [(2, ["1", "2", "3", "4"]), (4, ["1\n0", "3", "3", "4"]), (7, ["5", "6", "7"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "BOM"])
def test_line_ends_and_a_bom_are_no_part_of_the_fields(write: Write, end: str, start: str) -> None:
    path = write(start + end.join([HEADER.strip(), "1,2,3,4", "5,6,7,8"]))
    assert read_header(path, ratings_format(path)) == ["userId", "movieId", "rating", "timestamp"]
    assert read(path) == [(2, ["1", "2", "3", "4"]), (3, ["5", "6", "7", "8"])]


@pytest.mark.parametrize(
    ("name", "text", "fields"),
    [
        ("ratings.dat", "1::1193::5::978300760\n", ["1", "1193", "5", "978300760"]),
        ("u.data", "196\t242\t3\t881250949\r\n", ["196", "242", "3", "881250949"]),
        ("u.data", '"6\t242\t3\t881250949\n', ['"6', "242", "3", "881250949"]),
    ],
)
def test_files_without_a_header_start_at_line_one(write: Write, name: str, text: str, fields: list[str]) -> None:
    assert read(write(text, name)) == [(1, fields)]


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(fields, min_size=4, max_size=4)), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_back(file: Path, rows: list[list[str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    file.write_bytes((HEADER + text.getvalue()).encode())
    assert [found for _, found in read(file)] == rows


@given(st.integers(1, 12), st.data())
def test_an_open_quote_costs_only_its_own_line(file: Path, count: int, data: st.DataObject) -> None:
    rows = [[str(row), "2", "3", "4"] for row in range(count)]
    broken = data.draw(st.sets(st.integers(0, count - 1), max_size=3))
    for row in broken:
        column = data.draw(st.integers(0, 3))
        rows[row][column] = '"' + rows[row][column]
    file.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows))
    found = dict(read(file))
    assert {line: found[line] for line in found if line - 2 not in broken} == {
        row + 2: rows[row] for row in range(count) if row not in broken
    }
    assert len(found) == count


def test_a_long_file_behind_an_open_quote_is_read_to_its_end(write: Write) -> None:
    path = write(HEADER + '1,"2,3,4\n' + "5,6,7,8\n" * 40_000)
    found = read(path)
    assert len(found) == 40_001
    assert found[0] == (2, ["1", "2,3,4"])
    assert found[-1] == (40_002, ["5", "6", "7", "8"])


def test_a_field_longer_than_the_csv_module_allows_is_a_field(write: Write) -> None:
    title = "x" * 140_000
    path = write(f"movieId,title,genres\n1,{title},Drama\n2,Heat,Crime\n", "movies.csv")
    assert list(records(path, movies_format(path))) == [(2, ["1", title, "Drama"]), (3, ["2", "Heat", "Crime"])]


def test_a_gzipped_file_holds_the_same(write: Write) -> None:
    text = HEADER + "1,2,3,4\n" * 3
    assert read(write(gzip.compress(text.encode(), mtime=0), "ratings.csv.gz")) == read(write(text))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ratings.csv", b"", "the file is empty"),
        ("ratings.csv", b"PK\x03\x04\0\0", "expected lines of text, found a binary file"),
        ("ratings.csv", (HEADER + "1,2,3,4\n").encode("utf-16"), "expected lines of text, found a binary file"),
        ("ratings.csv.gz", gzip.compress(b"", mtime=0), "expected lines of text, found an empty file"),
        ("ratings.csv.gz", HEADER.encode(), "cannot be read: Not a gzipped file"),
        ("ratings.csv.gz", gzip.compress(HEADER.encode(), mtime=0)[:20], "cannot be read: Compressed file ended"),
    ],
)
def test_a_file_that_is_no_text_is_refused(write: Write, name: str, content: bytes, message: str) -> None:
    path = write(content, name)
    with pytest.raises(DataError, match=f"{name}: {message}"):
        read(path)


def test_a_gzipped_file_cut_short_names_where_it_ends(write: Write) -> None:
    lines = "".join(f"{row},{row * 7919 % 1000},3,4\n" for row in range(20_000))
    path = write(gzip.compress((HEADER + lines).encode())[:-9000], "ratings.csv.gz")
    seen = []
    with pytest.raises(DataError, match=r"cannot be read after line \d+: Compressed file ended") as caught:
        seen.extend(line for line, _ in records(path, ratings_format(path)))
    kept = len(seen) + 1
    assert f"after line {kept}:" in str(caught.value)
    assert kept > 1000


@pytest.mark.parametrize("line", [1, 2, 900, 1999])
def test_text_in_another_encoding_is_named_by_its_line(write: Write, line: int) -> None:
    lines = [f"1,{row},3,{'é' * (row % 5)}\n".encode() for row in range(2000)]
    lines[0] = HEADER.encode()
    lines[line - 1] = "café,2,3,4\n".encode("latin-1")
    path = write(b"".join(lines))
    with pytest.raises(DataError, match=rf"expected utf-8 text, found byte 0xe9 at line {line}$"):
        read(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DataError, match=r"a\.csv: expected a file, found a directory"):
        read(tmp_path / "a.csv")


def test_a_missing_column_is_named_beside_those_found(write: Write) -> None:
    path = write("userId,rating,when\n1,2,3\n")
    with pytest.raises(DataError, match=r"expected columns movieId, timestamp, found userId, rating, when$"):
        read_header(path, ratings_format(path))


def test_the_first_of_each_reason_is_kept_and_the_rest_counted() -> None:
    rejects = Rejects()
    rejects.add("late", 7, "x" * 100)
    rejects.add("early", 3, 5)
    rejects.add("late", 9, "y", count=4)
    assert rejects.total() == 6
    assert rejects.to_json() == {
        "late": {"count": 5, "line": 7, "value": "x" * 80},
        "early": {"count": 1, "line": 3, "value": "5"},
    }
