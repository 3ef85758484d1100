"""A store of format 1 with everything in it that a release could have at first, committed as it was written.

`format-1-blend/` is never written again. It was made by `make(Path("tests/models/format-1-blend"))`. Beside `format-1`
it has priors, links, neighbours of "next", inferred movies among the answers, evidence and viewers.
"""

import hashlib
import math
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.main import create_app
from app.settings import Settings
from models import Evidence, IntegrityError, Links, Model, Pairs, Registry, Viewers, save
from models.model import LAYOUT
from tests.models.tiny import FIRST, catalogue, flip, model
from tests.small import contents
from training.neighbours import with_nearest

with warnings.catch_warnings():
    # it would rather have httpx2, and takes httpx as well
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from fastapi.testclient import TestClient

STORE = Path(__file__).parent / "format-1-blend"
VERSION = "20260101T000000Z-22bf240a"
CONTENT_HASH = "22bf240aaaf2966b2d0cdbacdc36e8484b72be758a2369c4afe0ebe527807130"
# movies are rows 0..5: Toy Story, Matrix, Batman, Silence of the Lambs, 85123A, Amélie
HISTORIES = {"42": [2, 3, 0], "ü": [1, 2], "7": [5, 3, 2, 1]}


def blended() -> Model:
    """Made by hand: cosines of the tiny films, with a prior and links that turn their order."""
    plain, rows = model(), np.arange(6)
    links = Links(
        indptr=np.array([0, 1, 3, 5, 7, 7, 8], dtype=np.int64),
        indices=np.array([3, 2, 3, 1, 3, 1, 2, 3], dtype=np.int32),
        values=np.array(
            [[0.25, 0.5, 0.125, 0.5, 0.75, 0.125, 0.75, 1.5], [0, 0.25, 0, 0, 0.5, 0.125, 0, 1]], dtype=np.float32
        ),
    )
    priors = np.array([np.log1p(rows) / 8, -1 - rows[::-1] / 4], dtype=np.float32)
    lifts = np.array([-0.25, 0.5], dtype=np.float32)
    none = np.empty((6, 0), dtype=np.int32)
    return with_nearest(
        Model(plain.vectors, plain.learned, none, none.astype(np.float32), plain.output, priors, links,
              listed=~plain.learned, lifts=lifts)
    )  # fmt: skip


def counted() -> Evidence:
    """What the three viewers liked together and one after the other."""
    together, steps = np.zeros((6, 6), dtype=np.int32), np.zeros((6, 6), dtype=np.int32)
    for seen in HISTORIES.values():
        for place, one in enumerate(seen):
            for other in seen[place + 1 :]:
                together[min(one, other), max(one, other)] += 1
        for one, other in pairwise(seen):
            steps[one, other] += 1
    return Evidence(600, pairs(together), 1, pairs(steps))


def pairs(counts: np.ndarray) -> Pairs:
    rows, others = np.nonzero(counts)
    indptr = np.append(0, np.cumsum(np.bincount(rows, minlength=6))).astype(np.int64)
    return Pairs(indptr, others.astype(np.int32), counts[rows, others])


def make(folder: Path) -> None:
    registry = Registry(folder)
    lengths = [len(seen) for seen in HISTORIES.values()]
    rows = np.concatenate([np.array(seen) for seen in HISTORIES.values()])
    described: dict[str, Any] = {
        "settings": {"item2vec": {"seed": 592}, "blend": {"parts": ["item2vec"], "popularity": 0.125}},
        "data": {"label": "made by hand", "users": 3},
        "metrics": {"protocol": "leave-last-one", "rows": []},
        "libraries": {"numpy": "2"},
        "evidence": counted(),
        "viewers": Viewers.of(list(HISTORIES), rows, np.cumsum([0, *lengths])),
    }
    models = {"item2vec": model(), "blend": blended()}
    version = registry.add(
        lambda target: save(target, catalogue(), models, created_at=FIRST, default_model="blend", **described)
    )
    registry.promote(version)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(models=STORE))) as made:
        yield made


def answers(client: TestClient, path: str) -> list[tuple[str, float]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [(one["movieId"], one["score"]) for one in answer.json()["similar"]]


def test_the_files_are_those_that_were_committed() -> None:
    found = contents(STORE)
    whole = hashlib.sha256(b"".join(name.encode() + found[name] for name in sorted(found))).hexdigest()
    assert (len(found), whole) == (33, "7dc3f52dfb0755b0576b8922309bc584a3a3b57bd018d1495fdf3e370814fe1b")
    assert sum(map(len, found.values())) < 60_000


def test_the_release_is_loaded_with_every_hash_right() -> None:
    registry = Registry(STORE)
    assert (registry.versions(), registry.current()) == ([VERSION], VERSION)
    release = registry.load()
    manifest = release.manifest
    assert (manifest.format_version, manifest.created_at, manifest.content_hash) == (1, FIRST, CONTENT_HASH)
    assert (manifest.default_model, list(release.models)) == ("blend", ["item2vec", "blend"])


def test_every_array_is_what_was_saved() -> None:
    release = Registry(STORE).load()
    made, found = blended().arrays(), release.models["blend"].arrays()
    # maps came later
    assert list(made) == list(found) == [file for file in LAYOUT if file != "map.npy"]
    for file, array in made.items():
        assert np.array_equal(found[file], array), file
    assert release.evidence is not None
    assert release.viewers is not None
    kept = counted()
    assert (release.evidence.viewers, release.evidence.floor) == (600, 1)
    for name in ("together", "transitions"):
        for part, array in vars(getattr(kept, name)).items():
            assert np.array_equal(getattr(getattr(release.evidence, name), part), array), (name, part)
    assert [release.viewers.id_at(place) for place in range(3)] == ["42", "7", "ü"]
    assert [release.viewers.likes_at(place).tolist() for place in range(3)] == [
        HISTORIES[one] for one in ("42", "7", "ü")
    ]


def test_what_was_loaded_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    release = Registry(STORE).load()
    manifest = release.manifest
    described = {name: getattr(manifest, name) for name in ("settings", "data", "metrics", "libraries")}
    again = save(
        tmp_path, release.catalogue, release.models, created_at=FIRST, default_model="blend",
        evidence=release.evidence, viewers=release.viewers, **described,
    )  # fmt: skip
    assert again.content_hash == CONTENT_HASH
    was, now = contents(STORE / "versions" / VERSION), contents(tmp_path)
    for one in (was, now):
        one.pop("manifest.json")
    assert was == now


def test_batman_is_answered_as_he_was(client: TestClient) -> None:
    # cosine, plus ln(1 + row) / 8, plus the link, plus the lift of what is inferred
    similar = [
        ("593", 0.6 + math.log(4) / 8 + 0.75),
        ("2571", 0.5**0.5 + math.log(2) / 8 + 0.5),
        ("1", 0.0),
        ("85123A", math.log(5) / 8 - 0.25),
        ("ü 7", math.log(6) / 8 - 1),
    ]
    # product with the output vector, minus 1 and a quarter for each row from the last, plus the link; nothing inferred
    following = [("593", -1.5 + 0.5), ("ü 7", -1.0), ("2571", -2.0), ("1", -2.25)]
    for relation, expected in (("similar", similar), ("next", following)):
        found = answers(client, f"/similar/592?relation={relation}")
        assert [movie_id for movie_id, _ in found] == [movie_id for movie_id, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)
        # with a filter nothing stored is looked up: the same is worked out anew
        assert answers(client, f"/similar/592?relation={relation}&yearTo=2030")[:3] == found[:3]
    assert answers(client, "/similar/592?model=item2vec&limit=2") == [("2571", 0.707107), ("593", 0.6)]


def test_what_is_inferred_is_lifted_the_other_way_round(client: TestClient) -> None:
    expected = [("ü 7", math.log(6) / 8), ("593", math.log(4) / 8), ("592", math.log(3) / 8), ("2571", math.log(2) / 8)]
    found = answers(client, "/similar/85123A")
    assert [movie_id for movie_id, _ in found] == [*(movie_id for movie_id, _ in expected), "1"]
    assert [score for _, score in found][:4] == pytest.approx([score for _, score in expected], abs=1e-5)


def test_the_evidence_is_what_it_was(client: TestClient) -> None:
    kept = client.get("/explain/592/593").json()["evidence"]
    # two viewers liked both, once in this order and once in the other
    assert (kept["viewers"], kept["likes"], kept["otherLikes"], kept["likedBoth"]) == (600, 189, 279, 2)
    assert kept["lift"] == pytest.approx(2 * 600 / (189 * 279), rel=5e-6)
    assert (kept["transitions"], kept["transitionsBack"], kept["transitionProbability"]) == (1, 1, 0.5)
    entries = client.get("/explain/592/593").json()["models"]
    assert [(one["name"], one["relation"], one["rank"]) for one in entries if one["name"] == "blend"] == [
        ("blend", "similar", 1),
        ("blend", "next", 1),
    ]


def test_viewers_are_answered_as_they_were(client: TestClient) -> None:
    assert client.get("/users/42").json()["likes"] == 3
    found = answers(client, "/users/42/recommendations")
    assert [movie_id for movie_id, _ in found] == ["2571", "ü 7"]
    # likes count 1/7, 2/7 and 4/7, the latest most; each link as much as its movie
    weights, units = np.array([1, 2, 4]) / 7, np.array([[1, 0], [0.6, 0.8], [0, 1]])
    pooled = weights @ units
    cosine = float(pooled @ [0.5**0.5, 0.5**0.5] / np.linalg.norm(pooled))
    links = weights @ [0.5, 0.125, 0]
    assert found[0][1] == pytest.approx(cosine + math.log(2) / 8 + links, abs=1e-5)


def test_git_leaves_its_bytes_alone() -> None:
    rules = (Path(__file__).parents[2] / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "tests/models/format-1-blend/** -text" in rules


@pytest.mark.parametrize(
    "name", ["blend/priors.npy", "blend/links.values.npy", "blend/listed.npy", "blend/lifts.npy", "evidence.json",
             "transitions.counts.npy", "users.likes.npy", "blend/next.rows.npy"]
)  # fmt: skip
def test_each_part_of_it_is_checked(tmp_path: Path, name: str) -> None:
    for path, content in contents(STORE).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    registry = Registry(tmp_path)
    registry.load()
    flip(tmp_path / "versions" / VERSION / name)
    with pytest.raises(IntegrityError, match=f"^{name}: expected sha256"):
        registry.load()
