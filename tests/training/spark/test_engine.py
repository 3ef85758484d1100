"""`kindred train --engine spark` publishes the very release that one machine publishes."""

import argparse
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from models import BLEND, Registry
from tests.small import MOVIES, TINY, sample_ratings
from training import train_verb
from training.errors import DataError
from training.prepare import prepare as prepare_here
from training.settings import Settings
from training.spark import engine as module
from training.spark.engine import SparkEngine
from training.spark.job import main
from training.spark.prepare import prepare

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Say = Callable[..., Any]
ROOT = Path(__file__).parents[3]
ALIKE = ("--movies", str(MOVIES), "--deterministic", "--p", "2", "--q", "0.5")


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


def arrays(store: Path) -> dict[str, bytes]:
    (version,) = Registry(store).versions()
    folder = store / "versions" / version
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_release_is_that_of_one_machine_byte_by_byte(
    spark: "SparkSession", ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [str(ratings), *TINY, *ALIKE, "--users", "--no-evaluate", "--json", "--models"]
    assert main([*more, str(tmp_path / "spark")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main([*more, str(tmp_path / "here"), "--engine", "local"]) == 0
    here = json.loads(capsys.readouterr().out)
    found, expected = arrays(tmp_path / "spark"), arrays(tmp_path / "here")
    assert found.keys() == expected.keys() >= {f"{BLEND}/map.npy"}
    made = json.loads(found.pop("manifest.json")), json.loads(expected.pop("manifest.json"))
    assert [name for name in expected if found[name] != expected[name]] == []
    assert {BLEND, "node2vec"} <= made[0]["settings"].keys()
    assert made[0]["settings"] == made[1]["settings"]
    assert made[0]["default_model"] == made[1]["default_model"]
    data, other = told["data"], here["data"]
    assert data.pop("engine") == {"name": "spark", "version": spark.version, "embedder": "gensim"}
    assert data.pop("ratingsFile").keys() == {"name", "fingerprint"}
    assert data == {key: value for key, value in other.items() if key != "ratingsFile"}


def test_what_is_measured_is_the_same_number_by_number(spark: "SparkSession", ratings: Path, tmp_path: Path) -> None:
    few = [str(ratings), "--method", "item2vec", "--vector-size", "8", "--epochs", "2", "--deterministic", "--models"]
    assert main([*few, str(tmp_path / "spark")]) == 0
    assert main([*few, str(tmp_path / "here"), "--engine", "local"]) == 0
    found, expected = (Registry(tmp_path / name).load().manifest.metrics for name in ("spark", "here"))
    assert found == expected
    assert {row["name"] for row in found["rows"]} >= {"item2vec", "popularity", "ease", "markov"}


def test_the_lesson_by_mllib(spark: "SparkSession", ratings: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    given = [str(ratings), "--preset", "lesson", "--epochs", "1", "--walks", "200", "--models", str(tmp_path / "store")]
    given += ["--method", "item2vec,deepwalk", "--embedder", "mllib", "--work", str(work), "--no-evaluate"]
    assert main(given) == 0
    release = Registry(tmp_path / "store").load()
    assert list(release.models) == ["item2vec", "deepwalk"]
    for model in release.models.values():
        assert (model.dimension, model.output, model.next_rows) == (10, None, None)
        assert model.learned.sum() > 100
        assert np.isfinite(model.vectors).all()
    assert release.manifest.data["engine"]["embedder"] == "mllib"
    # the tables stay where they were asked for
    (folder,) = work.iterdir()
    walks = spark.read.parquet(f"{folder}/200-of-10-p1-q1-seed592/walks-0")
    assert (walks.count(), walks.columns) == (200, ["walk", "movies"])
    assert spark.read.parquet(f"{folder}/transitions").columns == ["source", "target", "weight", "probability"]


@pytest.fixture(scope="module")
def engine(spark: "SparkSession", ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> SparkEngine:
    folder = tmp_path_factory.mktemp("tables")
    return prepare(spark, str(ratings), MOVIES, None, 3.5, folder=folder.as_uri(), scratch=folder).engine


@pytest.mark.parametrize("protocol", ["leave-last-one", "time-split"])
def test_what_is_held_out_is_what_one_machine_holds_out(engine: SparkEngine, ratings: Path, protocol: str) -> None:
    split, rest = engine.hold_out(protocol, 3.5, 10_000)
    expected, there = prepare_here(ratings, MOVIES, None, 3.5).engine.hold_out(protocol, 3.5, 10_000)
    assert split.asked == len(split.targets) == expected.asked
    assert split.answers.tolist() == expected.answers.tolist()
    assert split.queries.tolist() == expected.queries.tolist()
    assert rest.likes.tolist() == there.likes.tolist()
    assert rest.n_likes == there.n_likes == rest.likes.sum()
    (texts,) = rest.histories().chunks()
    assert texts.rows.tolist() == there.sequences.rows.tolist()
    assert texts.offsets.tolist() == there.sequences.offsets.tolist()


def test_a_driver_that_would_hold_too_much_knows_popularity_alone(
    engine: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(not isinstance(scorer, str) for _, scorer in engine.baselines())
    monkeypatch.setattr(module, "MOST_LIKES", engine.n_likes - 1)
    found = dict(engine.baselines())
    scorer = found.pop("popularity")
    assert not isinstance(scorer, str)
    assert scorer(np.zeros((2, len(engine.likes)))).tolist() == [engine.likes.tolist()] * 2  # type: ignore[arg-type]
    assert len(found) == 5
    assert set(found.values()) == {f"skipped: {engine.n_likes:,} likes, more than {engine.n_likes - 1:,} that the "
                                   "driver counts"}  # fmt: skip


def test_walks_must_be_chosen_before(engine: SparkEngine) -> None:
    with pytest.raises(ValueError, match=r"walks: .*found None; call settings\.scaled first"):
        engine.walks(Settings(), 1.0, 1.0, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--master", "local[2]"], "--master goes with --engine spark, found --engine local"),
        (["--work", "x"], "--work goes with"),
        (["--conf", "a=b"], "--conf goes with"),
        (["--embedder", "mllib"], "--embedder goes with"),
        (["--engine", "spark", "--conf", "=b"], "--conf: expected K=V, found '=b'"),
        (["--engine", "spark", "--conf", "a"], "--conf: expected K=V, found 'a'"),
        (["--engine", "spark", "--master", "yarn"], "--work: expected a folder that all workers of yarn reach"),
        (["--engine", "spark", "--embedder", "mllib", "--negative", "3"], "softmax only, found --negative 3"),
        (["--engine", "spark", "--embedder", "mllib", "--continue"], "train one first"),
    ],
)
def test_options_that_cannot_be(say: Say, ratings: Path, tmp_path: Path, given: list[str], message: str) -> None:
    said = say("train", ratings, "--models", tmp_path / "store", *given)
    assert (said.code, said.out) == (1, "")
    assert message in said.err


def test_the_commands_of_the_readme(
    spark: "SparkSession", ratings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = re.findall(r"^kindred (train .*--engine spark.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    local, standalone, kubernetes = (shlex.split(line) for line in written)
    verbs = argparse.ArgumentParser().add_subparsers()
    train = train_verb.register(verbs)
    for command, master in ((standalone, "spark://"), (kubernetes, "k8s://")):
        options = train.parse_args(command[1:])
        assert options.master.startswith(master)
        assert options.work
    assert train.parse_args(local[1:]).master == "local[*]"
    monkeypatch.chdir(ratings.parent)
    shutil.copy(MOVIES, ratings.parent / "movies.csv")
    quick = ["--method", "item2vec", "--preset", "lesson", "--epochs", "1", "--no-evaluate"]
    assert main([*local[1:], *quick, "--models", str(tmp_path)]) == 0
    assert list(Registry(tmp_path).load().models) == ["item2vec"]


def test_a_file_that_is_not_there(say: Say, spark: "SparkSession", tmp_path: Path) -> None:
    said = say("train", tmp_path / "none.csv", "--engine", "spark", "--models", tmp_path / "store")
    assert said.code == 1
    assert "none.csv" in said.err
    assert said.err.strip().count("\n") == 0
    assert not (tmp_path / "store").exists() or not Registry(tmp_path / "store").versions()


def test_nothing_is_published_when_a_job_fails(
    say: Say, spark: "SparkSession", ratings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        spark.sql("select raise_error('the disk of a worker is full')").collect()

    monkeypatch.setattr(module.graph, "leaving", fail)
    given = ("--engine", "spark", "--models", tmp_path / "store", *TINY, "--method", "deepwalk", "--no-evaluate")
    said = say("train", ratings, *given)
    assert said.code == 1
    assert "kindred: Spark: " in said.err
    assert "the disk of a worker is full" in said.err
    assert Registry(tmp_path / "store").versions() == []


def test_the_job_says_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/no/such/ratings.csv", "--engine", "local"]) == 1
    assert "no such file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([])


def test_no_likes_are_left(engine: SparkEngine, spark: "SparkSession", ratings: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no likes left: expected ratings >= 6, the highest found is 5"):
        prepare(spark, str(ratings), None, None, 6.0, folder=tmp_path.as_uri(), scratch=tmp_path)
