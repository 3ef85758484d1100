"""The verbs train, export and similar, through the one command line."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kindred import main
from models import BLEND, MODEL_NAMES, Registry
from tests.small import MOVIES, contents, sample_ratings, train_arguments

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def lesson(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with what the course's own settings give."""
    folder = tmp_path_factory.mktemp("lesson")
    assert main(["train", str(ratings), "--movies", str(MOVIES), "--preset", "lesson", "--models", str(folder)]) == 0
    return folder


def trained(ratings: Path, folder: Path, *more: str) -> Registry:
    assert main(train_arguments(ratings, folder, *more)) == 0
    return Registry(folder)


def test_train_publishes_all_three_models_and_makes_them_live(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    registry = trained(ratings, tmp_path)
    out, err = capsys.readouterr()
    assert out == f"{registry.current()}\n"
    assert registry.versions() == [registry.current()]
    assert list(registry.load().models) == [*MODEL_NAMES, BLEND]
    for line in (
        r"reading ratings\.csv: done in \d+\.\d s",
        r"[\d,]+ likes of 150 viewers, 444 movies",
        r"item2vec: skip-gram: done in .*",
        r"deepwalk: 500 walks: done in .*",
        r"node2vec: neighbours: done in .*",
        rf"release {registry.current()} in .* \(live\)",
    ):
        assert re.search(f"^{line}$", err, re.MULTILINE), line


@pytest.mark.parametrize("limit", [None, 5])
def test_the_lesson_prints_the_20_nearest_to_a_movie(lesson: Path, capsys: Captured, limit: int | None) -> None:
    asked = [] if limit is None else ["--limit", str(limit)]
    assert main(["similar", "592", "--models", str(lesson), *asked]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    default = Registry(lesson).load().manifest.default_model
    assert heading.startswith(f"592  Batman (1989): {default}, learned, release ")
    assert [line.split()[0] for line in lines] == [str(rank) for rank in range(1, (limit or 20) + 1)]
    scores = [float(line.split()[1]) for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert "592" not in [line.split()[2] for line in lines]


def test_the_lesson_is_trained_with_the_courses_settings(lesson: Path) -> None:
    release = Registry(lesson).load()
    assert list(release.models) == list(MODEL_NAMES)
    assert release.manifest.data["min_rating"] == 3.5
    for name, model in release.models.items():
        settings = release.manifest.settings[name]
        found = [settings[key] for key in ("vector_size", "window", "epochs", "hs", "negative", "min_count")]
        assert found == [10, 5, 10, True, 0, 5]
        assert (settings["walks"], settings["walk_length"]) == (20_000, 10)
        assert (model.dimension, model.output) == (10, None)
    learned = release.models["item2vec"].learned
    assert learned.tolist() == (release.catalogue.likes >= 5).tolist()


def test_only_the_methods_asked_for_are_trained(ratings: Path, tmp_path: Path) -> None:
    release = trained(ratings, tmp_path, "--method", "node2vec, deepwalk", "--no-evaluate").load()
    assert set(release.models) == {"deepwalk", "node2vec"}
    assert not release.manifest.metrics
    assert release.manifest.default_model == "node2vec"


def test_each_setting_reaches_the_release(ratings: Path, tmp_path: Path) -> None:
    given = {"min-rating": 4.0, "vector-size": 5, "window": 2, "epochs": 1, "negative": 2, "ns-exponent": 0.75}
    given |= {"min-count": 2, "walks": 100, "walk-length": 4, "p": 0.5, "q": 3.0, "seed": 7}
    flags = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    release = trained(ratings, tmp_path, "--method", "node2vec", "--no-hs", "--label", "made up", *flags).load()
    settings = release.manifest.settings["node2vec"]
    expected = {name.replace("-", "_"): value for name, value in given.items()} | {"hs": False}
    assert settings.items() >= expected.items()
    assert release.manifest.data["label"] == "made up"
    assert release.manifest.data["min_rating"] == 4.0


def test_no_promote_adds_a_release_and_leaves_the_live_one(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    registry = trained(ratings, tmp_path)
    live = registry.current()
    capsys.readouterr()
    trained(ratings, tmp_path, "--seed", "2", "--no-promote", "--json")
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert registry.current() == live
    assert set(registry.versions()) == {live, answer["release"]}
    assert answer["promoted"] is False
    assert err.endswith("(not promoted)\n")


def test_json_is_one_object_with_the_facts_of_the_data(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    registry = trained(ratings, tmp_path, "--json", "--label", "simulated")
    out, _ = capsys.readouterr()
    answer = json.loads(out)
    assert out.count("\n") == 1
    assert (answer["release"], answer["promoted"]) == (registry.current(), True)
    facts = registry.load().manifest.data
    assert answer["data"]["label"] == facts["label"] == "simulated"
    assert answer["data"]["likes"] == facts["likes"]
    assert answer["data"]["ratingsFile"] == facts["ratings_file"]


@pytest.mark.parametrize("name", ["word2vec", "word2vec-bin", "parquet", "tensorboard", "sparrow"])
def test_export_says_where_it_wrote(lesson: Path, tmp_path: Path, capsys: Captured, name: str) -> None:
    out = tmp_path / "deep" / "out"
    asked = ["export", "--format", name, "--out", str(out), "--models", str(lesson)]
    assert main(asked) == 0
    written = capsys.readouterr()
    assert written.out == f"{out}\n"
    assert out.exists()
    assert re.fullmatch(r"\d+ vectors of \S+, release \S+\n", written.err)
    asked[4] = str(tmp_path / "again")
    assert main([*asked, "--json", "--model", "node2vec"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["release"] == Registry(lesson).current()
    assert (answer["format"], answer["out"]) == (name, asked[4])
    assert 0 < answer["movies"] <= 444


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--method", "word2vec"], "method: expected each of item2vec, deepwalk, node2vec at most once"),
        (["--method", "item2vec"], "walks: only deepwalk and node2vec use it, found item2vec"),
        (["--epochs", "0"], "epochs: expected 1..10000, found 0"),
        (["--p", "nan"], "p: expected a number > 0, found nan"),
        (["--min-rating", "6"], "no likes left: expected ratings >= 6, the highest found is 5"),
        (["--min-count", "100000"], "no movie is in 100000 places (min_count)"),
        (["--columns", "user=nobody"], "columns"),
    ],
)
def test_what_cannot_be_trained_is_one_line_and_exit_1(
    ratings: Path, tmp_path: Path, capsys: Captured, more: list[str], message: str
) -> None:
    assert main(train_arguments(ratings, tmp_path / "store", *more)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    last = err.splitlines()[-1]
    assert last.startswith("kindred: ")
    assert message in last
    assert "Traceback" not in err
    assert not (tmp_path / "store").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Captured) -> None:
    assert main(["train", str(tmp_path / "none.csv"), "--models", str(tmp_path / "store")]) == 1
    assert "none.csv" in capsys.readouterr().err


def test_a_store_that_cannot_be_written_is_one_line(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    assert main(train_arguments(ratings, tmp_path / "file")) == 1
    assert "kindred: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["export", "--format", "sparrow"], ["similar", "592"]])
def test_without_a_release_the_next_step_is_named(tmp_path: Path, capsys: Captured, arguments: list[str]) -> None:
    more = ["--out", str(tmp_path / "out")] if arguments[0] == "export" else []
    assert main([*arguments, *more, "--models", str(tmp_path)]) == 1
    assert "train one first (kindred train RATINGS)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["train", "r.csv", "--preset", "best"],
        ["train", "r.csv", "--epochs", "many"],
        ["train", "r.csv", "--epoch-count", "3"],
        ["export", "--format", "csv", "--out", "x"],
        ["export", "--format", "sparrow"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("library", ["gensim", "numba", "pandas", "pyarrow", "rich"])
def test_a_missing_library_is_named_with_the_extra_that_brings_it(
    ratings: Path, lesson: Path, tmp_path: Path, library: str
) -> None:
    arguments = ["export", "--format", "parquet", "--out", str(tmp_path / "out"), "--models", str(lesson)]
    if library != "pyarrow":
        arguments = train_arguments(ratings, tmp_path / "store")
    program = f"import sys; sys.modules[{library!r}] = None; import kindred; sys.exit(kindred.main({arguments!r}))"
    done: Any = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"kindred: {library}\S* is not installed: pip install 'kindred\[train\]'\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_bars_are_shown_on_stderr(
    ratings: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    named = tmp_path / "ratings[old].csv"
    named.write_bytes(ratings.read_bytes())
    registry = trained(named, tmp_path / "store")
    out, err = capsys.readouterr()
    assert out == f"{registry.current()}\n"
    assert "reading ratings[old].csv" in err
    assert "node2vec: skip-gram" in err
    assert "━" in err
    assert "done in" not in err


def test_a_failed_run_changes_nothing_in_the_store(ratings: Path, lesson: Path, tmp_path: Path) -> None:
    before = contents(lesson)
    assert main(train_arguments(ratings, lesson, "--min-count", "100000")) == 1
    assert contents(lesson) == before
