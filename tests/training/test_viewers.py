"""`kindred train --users` keeps who liked what; without it nothing of any viewer is in the release."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kindred import main
from models import Registry, Viewers
from tests.small import MOVIES, TINY, contents, sample_ratings

# so long that no array holds it by chance
PREFIX = "watcher/é-592-"


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated viewers with ids of their own, one of whom likes nothing, in no order of time."""
    path = sample_ratings(tmp_path_factory.mktemp("data"), viewers=40)
    frame = pd.read_csv(path, dtype={"userId": "str", "movieId": "str"})
    frame["userId"] = PREFIX + frame["userId"]
    # whole days, so that there are ties
    frame["timestamp"] = frame["timestamp"] // 86_400 * 86_400
    frame.loc[frame["userId"] == PREFIX + "7", "rating"] = 1.0
    frame.sample(frac=1, random_state=592).to_csv(path, index=False)
    return path


def train(ratings: Path, folder: Path, *more: str) -> Registry:
    given = ["--movies", str(MOVIES), "--models", str(folder), "--method", "item2vec", "--no-evaluate", "--no-gate"]
    # of TINY what item2vec uses
    assert main(["train", str(ratings), *given, *TINY[:4], *more]) == 0
    return Registry(folder)


@pytest.fixture(scope="module")
def viewers(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Viewers, tuple[str, ...]]:
    """As published, and the ids of the movies by row."""
    release = train(ratings, tmp_path_factory.mktemp("store"), "--users").load()
    assert release.viewers is not None
    return release.viewers, release.catalogue.ids


def test_the_histories_are_those_of_the_ratings_file(viewers: tuple[Viewers, tuple[str, ...]], ratings: Path) -> None:
    kept, ids = viewers
    frame = pd.read_csv(ratings, dtype={"userId": "str", "movieId": "str"})
    likes = frame[frame["rating"] >= 3.5].sort_values(["timestamp", "movieId"])
    assert likes.duplicated(["userId", "timestamp"]).any()
    expected = {str(user_id): films["movieId"].tolist() for user_id, films in likes.groupby("userId")}
    found = {kept.id_at(place): [ids[row] for row in kept.likes_at(place)] for place in range(len(kept))}
    assert found == expected
    assert PREFIX + "7" not in found
    assert len(found) == 39


def test_no_viewer_is_in_a_release_unless_asked_for(ratings: Path, tmp_path: Path) -> None:
    release = train(ratings, tmp_path).load()
    assert release.viewers is None
    files = contents(tmp_path)
    assert not [name for name in files if "users" in name]
    assert not [name for name, content in files.items() if b"watcher" in content]


def test_vectors_of_both_are_the_same(ratings: Path, tmp_path: Path) -> None:
    plain = train(ratings, tmp_path / "1", "--deterministic").load()
    asked = train(ratings, tmp_path / "2", "--deterministic", "--users").load()
    assert np.array_equal(plain.models["item2vec"].vectors, asked.models["item2vec"].vectors)
    new = asked.manifest.files.keys() - plain.manifest.files.keys()
    assert {name.split(".")[0] for name in new} == {"users"}
