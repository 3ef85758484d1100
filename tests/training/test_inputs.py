"""Files by address: what is read is a copy, what is told names the address, and the copies go."""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kindred import main
from tests.small import MOVIES, sample_ratings
from training.errors import DataError
from training.inputs import fetched, locally

fsspec = pytest.importorskip("fsspec", reason="the extra [s3] is not installed")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Objects in this process; what is made for a while is made below tmp_path."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_verb_finds_copies_under_their_own_names(memory: Any, tmp_path: Path) -> None:
    memory.pipe_file("/data/ratings.csv.gz", b"packed")
    memory.pipe_file("/data/deep/movies.csv", b"movies")
    (tmp_path / "tags.csv").write_bytes(b"tags")
    options = argparse.Namespace(
        ratings="memory://data/ratings.csv.gz",
        movies="memory://data/deep/movies.csv",
        tags=f"file://{tmp_path / 'tags.csv'}",
        links=None,
        models="memory://store",
    )

    def verb(options: argparse.Namespace) -> int:
        paths = [options.ratings, options.movies, options.tags]
        assert [path.name for path in paths] == ["ratings.csv.gz", "movies.csv", "tags.csv"]
        assert [path.read_bytes() for path in paths] == [b"packed", b"movies", b"tags"]
        assert (options.links, options.models) == (None, "memory://store")
        return 7

    assert locally(verb)(options) == 7


def test_what_is_here_stays_where_it_is(memory: Any, tmp_path: Path) -> None:
    options = argparse.Namespace(ratings=tmp_path / "ratings.csv", movies=None)
    with fetched(options):
        assert vars(options) == {"ratings": tmp_path / "ratings.csv", "movies": None}


def test_spark_reads_ratings_where_they_are(memory: Any) -> None:
    memory.pipe_file("/data/movies.csv", b"movies")
    options = argparse.Namespace(ratings="s3a://bucket/x", movies="memory://data/movies.csv", engine="spark")
    with fetched(options):
        assert options.ratings == "s3a://bucket/x"
        assert options.movies.read_bytes() == b"movies"


def test_what_goes_wrong_names_the_address(memory: Any) -> None:
    memory.pipe_file("/data/ratings.csv", b"userId,movieId\n1,2\n")
    options = argparse.Namespace(ratings="memory://data/ratings.csv")
    with pytest.raises(DataError, match=r"^memory://data/ratings\.csv: wrong at line 2$"), fetched(options):
        raise DataError(f"{options.ratings}: wrong at line 2")
    with pytest.raises(DataError, match=r"^memory://data/nothing\.csv: no such file$"):
        fetched(argparse.Namespace(ratings="memory://data/nothing.csv")).__enter__()


def test_validate_says_the_same_of_a_file_there_as_of_one_here(
    memory: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ratings = sample_ratings(tmp_path)
    memory.pipe_file("/data/ratings.csv", ratings.read_bytes())
    memory.pipe_file("/data/movies.csv", MOVIES.read_bytes())
    assert main(["validate", str(ratings), "--movies", str(MOVIES), "--json"]) == 0
    here = capsys.readouterr().out
    assert main(["validate", "memory://data/ratings.csv", "--movies", "memory://data/movies.csv", "--json"]) == 0
    assert capsys.readouterr().out == here
    memory.pipe_file("/data/ratings.csv", b"userId,film\n")
    assert main(["validate", "memory://data/ratings.csv"]) == 1
    assert capsys.readouterr().err.startswith("kindred: memory://data/ratings.csv: expected columns ")
