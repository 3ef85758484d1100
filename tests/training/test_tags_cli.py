"""--tags from the command line to the release."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Registry
from tests.small import MOVIES, sample_ratings, train_arguments


@pytest.fixture
def tags(write: Callable[..., Path]) -> Path:
    ids = [row.split(",")[0] for row in MOVIES.read_text(encoding="utf-8").splitlines()[1:60:2]]
    lines = "".join(f"7,{movie_id},Slow Burn,1\n7,{movie_id},once {movie_id},1\n" for movie_id in ids)
    return write("userId,movieId,tag,timestamp\n" + lines + "7,nobody,slow burn,1\n7,592,,1\n", "tags.csv")


def test_tags_are_in_the_release_and_help_to_place_movies(tmp_path: Path, tags: Path, say: Callable[..., Any]) -> None:
    more = ("--method", "deepwalk", "--no-evaluate", "--deterministic", "--no-align")
    arguments = train_arguments(sample_ratings(tmp_path), tmp_path / "store", *more)
    registry = Registry(tmp_path / "store")
    first = say(*arguments)
    assert first.code == 0, first.err
    plain = registry.load(first.out.strip())
    said = say(*arguments, "--tags", tags, "--json")
    assert said.code == 0
    assert "tags: 1 rows left out: empty tag (first at line 63: '7,592,,1')" in said.err
    answer = json.loads(said.out)
    assert answer["data"]["tagsFile"]["name"] == "tags.csv"
    assert answer["data"]["tagsRejected"] == {"empty tag": {"count": 1, "line": 63, "value": "7,592,,1"}}
    tagged = registry.load(answer["release"])
    assert set(tagged.catalogue.tags) == {(), ("slow burn",)}
    assert plain.catalogue.tags == ()
    one, other = plain.models["deepwalk"], tagged.models["deepwalk"]
    assert np.array_equal(one.vectors[one.learned], other.vectors[one.learned])
    assert not np.array_equal(one.vectors[~one.learned], other.vectors[~one.learned])
