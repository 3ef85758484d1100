"""`kindred train` beside a live release: the gate, the axes, and --continue, through the one command line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kindred import main
from models import Registry
from models.scores import unit_rows
from tests.models.tiny import sealed
from tests.small import contents, sample_ratings, train_arguments

Captured = pytest.CaptureFixture[str]
ONE = ("--method", "item2vec", "--vector-size", "8", "--epochs", "2", "--deterministic")


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    assert main(arguments(ratings, folder)) == 0
    return folder


@pytest.fixture
def store(trained: Path, tmp_path: Path) -> Registry:
    """One release, live."""
    shutil.copytree(trained, tmp_path / "store")
    return Registry(tmp_path / "store")


def arguments(ratings: Path, folder: Path, *more: str) -> list[str]:
    given = train_arguments(ratings, folder)
    return [*given[: given.index("--vector-size")], *ONE, *more]


def rewrite(registry: Registry, change: Callable[[dict[str, Any]], object]) -> str:
    """Change what the live release says of its numbers and its data."""
    version = registry.current()
    assert version is not None
    path = registry.path(version) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(sealed(manifest)), encoding="utf-8")
    return version


def better(manifest: dict[str, Any]) -> None:
    for row in manifest["metrics"]["rows"]:
        row["hr@10"] = 0.95 if row["kind"] == "model" else row["hr@10"]


def test_a_release_that_got_worse_is_written_and_not_promoted(ratings: Path, store: Registry, capsys: Captured) -> None:
    live = rewrite(store, better)
    assert main(arguments(ratings, store.folder, "--seed", "2", "--json")) == 3
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert (store.current(), set(store.versions())) == (live, {live, answer["release"]})
    assert answer["promoted"] is False
    assert len(answer["refused"]) == 1
    last = err.splitlines()[-1]
    assert last == f"kindred: {answer['release']} is not promoted: {answer['refused'][0]}"
    assert "hr@10 is 0." in last
    assert "had 0.9500 ± 0.0" in last
    assert "the limit is 0.8550 (hr@10>=0.9*current)" in last
    assert store.load(answer["release"]).id == answer["release"]


def test_without_json_the_id_is_printed_all_the_same(ratings: Path, store: Registry, capsys: Captured) -> None:
    live = rewrite(store, better)
    assert main(arguments(ratings, store.folder, "--seed", "2")) == 3
    assert capsys.readouterr().out.split() == [version for version in store.versions() if version != live]


def test_a_release_as_good_as_the_live_one_is_promoted(ratings: Path, store: Registry, capsys: Captured) -> None:
    live = store.current()
    assert main(arguments(ratings, store.folder, "--seed", "2", "--json")) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["promoted"] is True
    assert store.current() == json.loads(out)["release"] != live
    assert "gate" not in err


@pytest.mark.parametrize("more", [["--no-gate"], ["--gate", "hr@10>=0"]])
def test_the_default_gate_can_be_taken_away(ratings: Path, store: Registry, more: list[str]) -> None:
    live = rewrite(store, better)
    assert main(arguments(ratings, store.folder, "--seed", "2", *more)) == 0
    assert store.current() != live


def test_gates_that_are_asked_for_hold_without_a_live_release(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    gates = ("--gate", "hr@10>=0.9*current", "--gate", "item2vec.similar.mrr>=0.9", "--gate", "hr@20>=0")
    assert main(arguments(ratings, tmp_path, *gates)) == 3
    err = capsys.readouterr().err
    assert "gate hr@10>=0.9*current not applied: there is no live release\n" in err
    assert err.splitlines()[-1].endswith(", the limit is 0.9 (item2vec.similar.mrr>=0.9)")
    assert Registry(tmp_path).current() is None
    assert len(Registry(tmp_path).versions()) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda manifest: manifest["data"].update(min_rating=4.0), "other data: min_rating was 4.0, is 3.5"),
        (lambda manifest: manifest.update(metrics={}), "the live release was not measured"),
    ],
)
def test_numbers_that_are_not_comparable_stop_nothing_and_it_is_said(
    ratings: Path, store: Registry, capsys: Captured, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    rewrite(store, better)
    live = rewrite(store, change)
    assert main(arguments(ratings, store.folder, "--seed", "2")) == 0
    assert f"gate hr@10>=0.9*current, lift@10>=0.9*current not applied: {why}\n" in capsys.readouterr().err
    assert store.current() != live


def test_a_release_that_is_not_measured_passes_with_a_word(ratings: Path, store: Registry, capsys: Captured) -> None:
    assert main(arguments(ratings, store.folder, "--no-evaluate", "--seed", "2")) == 0
    assert (
        "gate hr@10>=0.9*current, lift@10>=0.9*current not applied: the new release was not measured\n"
        in capsys.readouterr().err
    )


def test_a_gate_that_is_none_is_refused_before_anything_is_read(tmp_path: Path, capsys: Captured) -> None:
    nowhere = tmp_path / "none.csv"
    assert main(["train", str(nowhere), "--gate", "hr@10>0.1", "--models", str(tmp_path)]) == 1
    assert "gate: expected [MODEL.RELATION.]METRIC>=NUMBER" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["train", str(nowhere), "--gate", "hr@10>=0.1", "--no-gate"])
    assert left.value.code == 2


def test_a_new_release_is_on_the_axes_of_the_live_one(ratings: Path, store: Registry, capsys: Captured) -> None:
    old = store.load().models["item2vec"]
    assert main(arguments(ratings, store.folder, "--seed", "2", "--no-promote", "--json")) == 0
    out, err = capsys.readouterr()
    new = store.load(json.loads(out)["release"])
    assert main(arguments(ratings, store.folder, "--seed", "2", "--no-promote", "--no-align", "--json")) == 0
    plain = store.load(json.loads(capsys.readouterr().out)["release"])
    cosine = {
        name: float(np.mean(np.sum(unit_rows(old.vectors) * unit_rows(release.models["item2vec"].vectors), axis=1)))
        for name, release in (("new", new), ("plain", plain))
    }
    assert cosine["new"] > cosine["plain"] + 0.2
    aligned = new.manifest.data["aligned"]
    assert aligned["release"] == store.current()
    learned = int(old.learned.sum())
    residual = aligned["models"]["item2vec"]["residual"]
    assert aligned["models"]["item2vec"]["movies"] == learned
    left = unit_rows(new.models["item2vec"].vectors[old.learned]).astype(float)
    right = unit_rows(old.vectors[old.learned]).astype(float)
    assert residual == pytest.approx(np.linalg.norm(left - right) / np.sqrt(learned), abs=1e-5)
    assert f"on the axes of {store.current()}; residual (0 the same, 1.41 unrelated): item2vec {residual:.3f}\n" in err
    assert "aligned" not in plain.manifest.data
    assert np.array_equal(plain.models["item2vec"].neighbour_rows, new.models["item2vec"].neighbour_rows)


def test_the_same_training_beside_the_same_release_gives_the_same_bits(ratings: Path, store: Registry) -> None:
    live = store.current()
    for _ in range(2):
        assert main(arguments(ratings, store.folder, "--seed", "2", "--no-promote")) == 0
    made = [store.manifest(version) for version in store.versions() if version != live]
    assert len({manifest.content_hash for manifest in made}) == 1
    assert made[0].content_hash != store.manifest(live or "").content_hash


def test_continue_starts_from_the_live_release_and_measures_nothing(
    ratings: Path, store: Registry, capsys: Captured
) -> None:
    live = store.load()
    assert main(arguments(ratings, store.folder, "--continue", "--epochs", "1")) == 0
    err = capsys.readouterr().err
    new = store.load()
    assert (new.manifest.data["continued_from"], new.manifest.metrics) == (live.id, {})
    assert new.manifest.default_model == live.manifest.default_model
    assert "leave-last-one" not in err
    assert "gate hr@10>=0.9*current, lift@10>=0.9*current not applied: the new release was not measured\n" in err
    assert new.manifest.data["aligned"]["models"]["item2vec"]["residual"] < 0.5


def test_a_training_after_continued_ones_is_held_against_the_last_that_was_measured(
    ratings: Path, store: Registry, capsys: Captured
) -> None:
    rewrite(store, better)
    for _ in range(2):
        assert main(arguments(ratings, store.folder, "--continue", "--epochs", "1")) == 0
    live = store.current()
    assert main(arguments(ratings, store.folder, "--seed", "2")) == 3
    assert "had 0.9500" in capsys.readouterr().err
    assert store.current() == live


def test_continue_takes_a_part_of_the_epochs(ratings: Path, store: Registry) -> None:
    given = [word for word in arguments(ratings, store.folder) if word not in ("--epochs", "2")]
    assert main([*given, "--continue"]) == 0
    # 50 is the most that data of this size get
    assert store.load().manifest.settings["item2vec"]["epochs"] == 10


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--vector-size", "9"], "has vector_size 8, expected the same, found 9 (--vector-size 8, or train without"),
        (["--negative", "2"], "has negative 5, expected the same, found 2 (--negative 5, or train without"),
        (["--method", "deepwalk"], "has no deepwalk, only item2vec (--method)"),
        (["--gate", "mrr>=0.1"], "nothing is measured with --continue or --no-evaluate, found mrr>=0.1"),
    ],
)
def test_what_does_not_fit_the_live_release_is_one_line(
    ratings: Path, store: Registry, capsys: Captured, more: list[str], message: str
) -> None:
    before = contents(store.folder)
    assert main(arguments(ratings, store.folder, "--continue", *more)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("kindred: ")
    assert message in last
    assert contents(store.folder) == before


def test_continue_from_nothing_says_what_to_do(ratings: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(arguments(ratings, tmp_path, "--continue")) == 1
    assert "train one first (kindred train RATINGS)" in capsys.readouterr().err


def test_a_release_trained_on_shuffled_timestamps_is_stopped(tmp_path: Path, capsys: Captured) -> None:
    """Likes stay what they are, their order becomes noise: nothing in the file looks wrong."""
    path = sample_ratings(tmp_path, viewers=600)
    more = ("--vector-size", "16", "--epochs", "8", "--no-hs")
    assert main(arguments(path, tmp_path / "store", *more)) == 0
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    assert header == "userId,movieId,rating,timestamp"
    rows, times = zip(*(line.rsplit(",", 1) for line in lines), strict=True)
    shuffled = np.random.default_rng(1).permutation(times)
    text = "\n".join(f"{row},{time}" for row, time in zip(rows, shuffled, strict=True))
    path.write_text(f"{header}\n{text}\n", encoding="utf-8")
    live = Registry(tmp_path / "store").current()
    assert main(arguments(path, tmp_path / "store", *more)) == 3
    assert "(hr@10>=0.9*current)" in capsys.readouterr().err.splitlines()[-1]
    assert Registry(tmp_path / "store").current() == live
