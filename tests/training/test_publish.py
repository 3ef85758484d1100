"""From a ratings file to a release: what is in it, and what is left behind when something breaks."""

import csv
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import BLEND, MODEL_NAMES, Registry, ReleaseError
from models.manifest import Manifest
from tests.small import MOVIES, TINY, contents, sample_ratings, train_arguments
from training import LIBRARIES, publish, recipes
from training.errors import DataError, RejectsError
from training.here import Here
from training.maps import pca
from training.prepare import Prepared, prepare, utc
from training.progress import Steps
from training.publish import train
from training.settings import Settings, choose_settings

ROOT = Path(__file__).parents[2]
GIVEN = {name[2:].replace("-", "_"): int(value) for name, value in zip(TINY[::2], TINY[1::2], strict=True)}
SETTINGS = choose_settings(list(MODEL_NAMES), "default", GIVEN)


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's, and a viewer who liked two movies that movies.csv does not have."""
    path = sample_ratings(tmp_path_factory.mktemp("data"))
    with path.open("a", encoding="utf-8") as file:
        file.write("901,85123A,5.0,1000000000\n901,ü 7,4.0,1000000001\n901,unloved,1.0,1000000002\n")
    return path


@pytest.fixture(scope="module")
def prepared(ratings: Path) -> Prepared[Here]:
    return prepare(ratings, MOVIES, None, 3.5, label="simulated viewers")


@pytest.fixture(scope="module")
def store(prepared: Prepared[Here], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    registry = Registry(folder)
    registry.promote(train(prepared, SETTINGS, 1, registry, Steps()))
    return folder


def without_measuring(prepared: Prepared[Here], settings: Mapping[str, Settings], registry: Registry) -> str:
    return train(prepared, settings, 1, registry, Steps(), measure=False)


def manifest_of(store: Path) -> Manifest:
    return Registry(store).load().manifest


def test_the_catalogue_holds_every_movie_of_the_movies_file_and_of_the_ratings(store: Path, ratings: Path) -> None:
    ids = Registry(store).load().catalogue.ids
    with MOVIES.open(encoding="utf-8") as movies, ratings.open(encoding="utf-8") as rated:
        named = [row["movieId"] for file in (movies, rated) for row in csv.DictReader(file)]
    assert {"85123A", "ü 7", "unloved", "592"} <= set(named)
    assert set(named) == set(ids)


def test_a_release_holds_all_three_models_of_every_movie(store: Path, prepared: Prepared[Here]) -> None:
    release = Registry(store).load()
    assert list(release.models) == [*MODEL_NAMES, BLEND]
    for name, model in release.models.items():
        assert model.vectors.shape == (len(prepared.catalogue), 3 * 8 + 32 if name == BLEND else 8)
        assert model.learned.any()
        assert not model.learned.all()
        cold = release.catalogue.likes == 0
        assert not model.learned[cold].any()


def test_likes_are_viewers_of_at_least_the_lowest_rating(store: Path, ratings: Path) -> None:
    with ratings.open(encoding="utf-8") as file:
        likes = [row["movieId"] for row in csv.DictReader(file) if float(row["rating"]) >= 3.5]
    catalogue = Registry(store).load().catalogue
    assert {name: int(count) for name, count in zip(catalogue.ids, catalogue.likes, strict=True) if count} == {
        name: likes.count(name) for name in set(likes)
    }


def test_the_manifest_says_what_the_release_was_made_of(store: Path, ratings: Path, prepared: Prepared[Here]) -> None:
    manifest = manifest_of(store)
    data = dict(manifest.data)
    assert data["label"] == "simulated viewers"
    for name, path in (("ratings_file", ratings), ("movies_file", MOVIES)):
        assert data[name] == {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert data == json.loads(json.dumps(prepared.facts)) | {"map": {"method": "pca"}}
    assert (data["columns"], data["min_rating"], data["users"]) == (None, 3.5, 151)
    assert data["likes"] == int(prepared.catalogue.likes.sum()) == len(prepared.engine.sequences.rows)
    assert data["movies"] == len(prepared.catalogue)
    assert data["movies_liked"] == int(np.count_nonzero(prepared.catalogue.likes))
    assert data["first_time"] < data["last_time"] < "2019"
    assert manifest.default_model in (*MODEL_NAMES, BLEND)
    assert manifest.libraries == {
        "python": platform.python_version(),
        **{name: version(name) for name in (*LIBRARIES, "numpy")},
    }


def test_the_manifest_holds_every_setting_with_its_seed(store: Path, prepared: Prepared[Here]) -> None:
    release = Registry(store).load()
    settings = release.manifest.settings
    assert list(settings) == [*MODEL_NAMES, BLEND]
    assert settings[BLEND]["parts"] == list(MODEL_NAMES)
    for name, found in settings.items():
        if name == BLEND:
            continue
        scaled = SETTINGS[name].scaled(
            len(prepared.engine.sequences.rows), len(prepared.catalogue), prepared.catalogue.likes
        )
        inferred = found["inferred"]
        assert found == scaled.to_json() | {"inferred": inferred}
        assert inferred["inferred"] == int(np.count_nonzero(~release.models[name].learned))
        assert 0 < inferred["cosine"] < 1
        assert found["seed"] == 592
        assert isinstance(found["epochs"], int)
        assert isinstance(found["walks"], int)


def test_every_model_has_a_map_of_its_vectors(store: Path) -> None:
    for model in Registry(store).load().models.values():
        assert model.map is not None
        away, plain = (np.linalg.norm(points, axis=1) for points in (model.map, pca(model.vectors, model.learned)))
        assert away == pytest.approx(plain, abs=2e-6)
        assert (model.map.std(axis=0) > 0.1).all()


def test_the_first_method_named_is_the_default_where_nothing_was_measured(
    prepared: Prepared[Here], tmp_path: Path
) -> None:
    registry = Registry(tmp_path)
    chosen = {name: SETTINGS[name] for name in ("deepwalk", "item2vec")}
    release = registry.load(without_measuring(prepared, chosen, registry))
    assert (release.manifest.default_model, list(release.models)) == ("deepwalk", ["item2vec", "deepwalk"])


def test_deterministic_training_is_the_same_bit_by_bit_in_another_process(
    ratings: Path, tmp_path: Path, store: Path
) -> None:
    started = []
    for hash_seed, workers in (("1", "1"), ("2", "3")):
        command = train_arguments(ratings, tmp_path / hash_seed, "--deterministic", "--workers", workers)
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen([sys.executable, "kindred.py", *command], cwd=ROOT, env=environment, **quiet))
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    here, one, two = (manifest_of(folder) for folder in (store, tmp_path / "1", tmp_path / "2"))
    assert here.files == one.files == two.files
    assert here.content_hash == one.content_hash == two.content_hash
    assert {manifest.id.rpartition("-")[2] for manifest in (here, one, two)} == {here.content_hash[:8]}


def test_another_seed_gives_another_release(prepared: Prepared[Here], store: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    chosen = {name: replace(one, seed=593) for name, one in SETTINGS.items()}
    files = registry.load(train(prepared, chosen, 1, registry, Steps())).manifest.files
    here = manifest_of(store).files
    assert {name for name in files if files[name]["sha256"] != here[name]["sha256"]} >= {
        f"{name}/vectors.npy" for name in MODEL_NAMES
    }


@pytest.mark.parametrize("step", ["deepwalk", "save"])
def test_a_failure_in_the_middle_leaves_the_store_as_it_was(
    prepared: Prepared[Here], store: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: Any, **options: Any) -> Any:
        if step == "save":
            (arguments[0] / "half.npy").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    if step == "save":
        monkeypatch.setattr(publish, "save", fail)
    else:
        monkeypatch.setitem(recipes.RECIPES, step, fail)
    before = contents(store)
    with pytest.raises((OSError, ReleaseError), match="No space left on device"):
        train(prepared, SETTINGS, 1, Registry(store), Steps())
    assert contents(store) == before
    assert sorted(entry.name for entry in (store / "versions").iterdir()) == Registry(store).versions()


def test_training_promotes_nothing_by_itself(prepared: Prepared[Here], store: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    train(prepared, {"item2vec": SETTINGS["item2vec"]}, 1, registry, Steps())
    assert registry.current() is None
    assert len(registry.versions()) == 1


def test_the_summary_names_what_was_left_out(tmp_path: Path) -> None:
    ratings, movies = tmp_path / "ratings.csv", tmp_path / "movies.csv"
    ratings.write_text("userId,movieId,rating,timestamp\n1,7,4,1\n1,8,5,2\n1,8,5,2\n2,7,five,3\n", encoding="utf-8")
    movies.write_text("movieId,title,genres\n7,Heat (1995),Crime\n7,Heat (1995),Crime\n", encoding="utf-8")
    lines = prepare(ratings, movies, None, 3.5, allow_rejects=True).summary().splitlines()
    assert [line.split(" rows left out: ")[0] for line in lines[:3]] == ["ratings: 1", "movies: 1", "ratings: 1"]
    assert "first at line 5" in lines[0]
    assert "'7'" in lines[1]
    assert lines[3] == "2 likes of 1 viewers, 2 movies"
    with pytest.raises(RejectsError):
        prepare(ratings, movies, None, 3.5)


def test_no_likes_left_is_an_error(ratings: Path) -> None:
    with pytest.raises(DataError, match=r"no likes left: expected ratings >= 5\.5, the highest found is 5"):
        prepare(ratings, None, None, 5.5)


def test_without_a_movies_file_the_ratings_are_the_catalogue(ratings: Path) -> None:
    made = prepare(ratings, None, None, 3.5)
    assert made.facts["movies_file"] is None
    assert made.catalogue.titles == made.catalogue.ids
    assert "85123A" in made.catalogue.row_of


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1970-01-01T00:00:00Z"), (1_546_300_799, "2018-12-31T23:59:59Z"), (1e15, 1e15)]
)
def test_times_no_calendar_has_stay_numbers(seconds: float, text: str | float) -> None:
    assert utc(seconds) == text
