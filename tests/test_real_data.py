"""Real data, where it is: MovieLens (ml-latest-small) and a shop's log (Online Retail), from the file to the answer."""

import csv
import json
import urllib.request
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors

from kindred import main
from models import BLEND, MODEL_NAMES, Model, Registry, Release
from tests.serving import Running
from tests.small import TINY
from training.catalogue import read_movies

SHOP = ("--columns", "user=CustomerID,item=StockCode,time=InvoiceDate")
DECISION = Path(__file__).parents[1] / "docs/decisions/0006-shop-logs.md"
Captured = pytest.CaptureFixture[str]


def trained(folder: Path, *arguments: str) -> Registry:
    assert main(["train", *arguments, "--models", str(folder)]) == 0
    return Registry(folder)


@pytest.fixture(scope="module")
def films(shared_data: Callable[[str], Path]) -> Path:
    return shared_data("ml-latest-small") / "movies.csv"


@pytest.fixture(scope="module")
def ratings(films: Path) -> Path:
    return films.with_name("ratings.csv")


@pytest.fixture(scope="module")
def registry(films: Path, ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    reduced = ("--epochs", "2", "--walks", "5000", "--vector-size", "32")
    return trained(tmp_path_factory.mktemp("movielens"), str(ratings), "--movies", str(films), *reduced)


@pytest.fixture(scope="module")
def release(registry: Registry) -> Release:
    return registry.load()


@pytest.fixture(scope="module")
def log(shared_data: Callable[[str], Path]) -> Path:
    return shared_data("online-retail") / "onlineretail.csv.gz"


@pytest.fixture(scope="module")
def shop(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return trained(tmp_path_factory.mktemp("shop"), str(log), *SHOP, *TINY)


@pytest.fixture
def ask() -> Iterator[Callable[[Registry, str], Any]]:
    """What a real service over a store answers."""
    services: dict[Path, Running] = {}

    def get(registry: Registry, path: str) -> Any:
        if registry.folder not in services:
            services[registry.folder] = Running(registry.folder)
            services[registry.folder].wait()
        with urllib.request.urlopen(services[registry.folder].url + path, timeout=30) as response:
            return json.load(response)

    yield get
    for running in services.values():
        running.stop()


def rows_of(path: Path) -> list[dict[str, str]]:
    """An independent reading of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_movielens_holds_what_is_known_of_it(films: Path, ratings: Path, capsys: Captured) -> None:
    assert ratings.read_bytes().count(b"\r\n") == 100_837
    assert main(["validate", str(ratings), "--movies", str(films), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    known = {"read": 100_836, "kept": 100_836, "duplicates": 0, "returns": 0, "rejected": {}, "moviesRejected": {}}
    known |= {"users": 610, "movies": 9_742, "moviesRated": 9_724, "moviesWithoutTitle": 0}
    known |= {"firstTime": "1996-03-29T18:36:55Z", "lastTime": "2018-09-24T14:27:30Z"}
    known["likes"] = sum(float(row["rating"]) >= 3.5 for row in rows_of(ratings))
    assert facts.items() >= known.items()


def test_no_film_is_lost_to_a_comma_in_its_title(films: Path) -> None:
    lines = films.read_text(encoding="utf-8").splitlines()[1:]
    assert sum(len(line.split(",")) != 3 for line in lines) == 2_079  # as the course reads them
    read, rejects = read_movies(films)
    assert rejects.total() == 0
    rows = rows_of(films)
    assert [film.movie_id for film in read] == [row["movieId"] for row in rows]
    assert len(rows) == 9_742
    for film, row in zip(read, rows, strict=True):
        title = " ".join(row["title"].split())
        assert title in (film.title, f"{film.title} ({film.year})", f"{film.title} ({film.year}–2007)")
        assert film.genres == tuple(row["genres"].replace("(no genres listed)", "").split("|")) or not film.genres
    assert sum(film.year == 0 for film in read) == 12
    assert sum(not film.genres for film in read) == 34
    assert not any("\r" in f"{film.title}{film.genres}" for film in read)


def test_the_release_holds_every_film_and_its_likes(release: Release, ratings: Path) -> None:
    likes = Counter(row["movieId"] for row in rows_of(ratings) if float(row["rating"]) >= 3.5)
    catalogue = release.catalogue
    assert len(catalogue) == 9_742
    assert {row_id: int(count) for row_id, count in zip(catalogue.ids, catalogue.likes, strict=True) if count} == likes
    assert tuple(release.models) == (*MODEL_NAMES, BLEND)
    learned = release.models["item2vec"].learned
    assert learned.tolist() == (catalogue.likes >= release.manifest.settings["item2vec"]["min_likes"]).tolist()


def test_the_service_answers_from_it(registry: Registry, films: Path, ask: Callable[[Registry, str], Any]) -> None:
    titles = {row["movieId"]: row["title"] for row in rows_of(films)}
    answer = ask(registry, "/similar/592?model=deepwalk")
    assert (answer["movie"]["title"], answer["movie"]["year"], answer["source"]) == ("Batman", 1989, "learned")
    assert answer["model"] == {"name": "deepwalk", "release": registry.current()}
    similar = answer["similar"]
    assert [near["rank"] for near in similar] == list(range(1, 21))
    assert all(titles[near["movieId"]].startswith(near["title"]) for near in similar)
    model = registry.load().models["deepwalk"]
    row_of = registry.load().catalogue.row_of
    assert [row_of[near["movieId"]] for near in similar] == model.neighbour_rows[row_of["592"], :20].tolist()
    vector = ask(registry, "/vectors/592?model=deepwalk")
    assert np.array(vector["vector"]) == pytest.approx(model.vectors[row_of["592"]], rel=1e-5)
    for query, movie_id in (("godfahter", "858"), ("amelie", "4973"), ("silence of the lambs", "593")):
        assert ask(registry, f"/movies?query={query.replace(' ', '%20')}")["movies"][0]["movieId"] == movie_id


def test_the_evidence_is_what_pandas_counts(
    registry: Registry, ratings: Path, ask: Callable[[Registry, str], Any]
) -> None:
    likes = pd.read_csv(ratings).query("rating >= 3.5")
    found = ask(registry, "/explain/592/593")["evidence"]
    assert found["likedBoth"] == likes[likes.movieId.isin([592, 593])].userId.value_counts().eq(2).sum()
    assert (found["likes"], found["otherLikes"]) == tuple(likes.movieId.value_counts()[[592, 593]])
    assert (found["viewers"], found["floor"]) == (likes.userId.nunique(), 1)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_stored_neighbours_are_those_of_brute_force(release: Release, name: str) -> None:
    model = release.models[name]
    for row in np.linspace(0, len(release.catalogue) - 1, 20).astype(int):
        rows, scores = brute_force(model, row)
        assert model.neighbour_rows[row].tolist() == rows
        assert model.neighbour_scores[row].tolist() == scores


def brute_force(model: Model, row: int) -> tuple[list[int], list[float]]:
    """The 100 nearest by six digits of the score, then by row: the cosine, of inferred movies with their lift."""
    assert model.listed is not None
    assert model.lifts is not None
    lift = np.where(model.listed, float(model.lifts[0 if model.learned[row] else 1]), 0.0)
    wide = model.vectors.astype(np.float64)
    lengths = np.maximum(np.linalg.norm(wide, axis=1), 1e-300)
    cosines = [float(f"{cosine:.5e}") for cosine in (wide @ wide[row] / lengths / lengths[row] + lift).tolist()]
    others = [other for other in np.flatnonzero(model.learned | model.listed).tolist() if other != row]
    best = sorted(others, key=lambda other: (-cosines[other], other))[:100]
    return best, [float(np.float32(cosines[other])) for other in best]


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_gensim_finds_the_same_nearest_20_in_what_is_exported(
    registry: Registry, release: Release, name: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "vectors.txt")
    store = ("--models", str(registry.folder))
    assert main(["export", "--format", "word2vec", "--model", name, "--out", out, *store]) == 0
    keyed = KeyedVectors.load_word2vec_format(out)
    model, ids = release.models[name], np.array(release.catalogue.ids)
    assert keyed.index_to_key == ids[model.learned].tolist()
    learned = np.flatnonzero(model.learned)
    whole = 0
    for row in learned[np.linspace(0, len(learned) - 1, 20).astype(int)]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            theirs = dict(keyed.most_similar(str(ids[row]), topn=20))
        # what is exported is learned, so is what Gensim can find; a list may hold fewer than 20 such films
        near = np.flatnonzero(model.learned[model.neighbour_rows[row]])[:21]
        theirs = dict(list(theirs.items())[: max(len(near) - 1, 0)])
        scores = model.neighbour_scores[row, near].tolist()
        ours = dict(zip(ids[model.neighbour_rows[row, near]].tolist(), scores, strict=True))
        assert list(theirs.values()) == pytest.approx(scores[: len(theirs)], abs=2e-6)
        assert all(theirs[key] == pytest.approx(ours[key], abs=2e-6) for key in theirs)
        whole += len(near) > 20
    assert whole >= 15


def test_a_shops_log_is_counted_as_the_decision_says(shop: Registry, log: Path) -> None:
    lines = pd.read_csv(log, dtype="str", keep_default_na=False)
    bought = lines[lines["CustomerID"].str.strip() != ""]
    kept = bought[bought["Quantity"].astype(float) > 0]
    likes = kept.drop_duplicates(["CustomerID", "StockCode"])
    counted = {
        "lines": len(lines),
        "guests": len(lines) - len(bought),
        "returns": len(bought) - len(kept),
        "again": len(kept) - len(likes),
        "likes": len(likes),
        "customers": likes["CustomerID"].nunique(),
        "items": likes["StockCode"].nunique(),
    }
    assert list(counted.values()) == [541_909, 135_080, 8_905, 131_122, 266_802, 4_339, 3_665]
    told = DECISION.read_text(encoding="utf-8").partition("**Measured**")[2]
    assert [count for count in counted.values() if f"{count:,}" not in told] == []

    release = shop.load()
    data, catalogue = release.manifest.data, release.catalogue
    rows = data["rows"]
    assert (rows["read"], rows["returns"], rows["duplicates"]) == (541_909, 8_905, 131_122)
    assert {reason: first["count"] for reason, first in rows["rejected"].items()} == {"empty user id": 135_080}
    assert (rows["kept"], data["likes"], data["users"], data["movies"]) == (266_802, 266_802, 4_339, 3_665)
    assert dict(zip(catalogue.ids, catalogue.likes.tolist(), strict=True)) == Counter(likes["StockCode"])


def test_a_shops_items_are_answered_by_their_codes(
    shop: Registry, capsys: Captured, ask: Callable[[Registry, str], Any]
) -> None:
    answer = ask(shop, "/similar/85123A?limit=5")
    items = set(shop.load().catalogue.ids)
    assert (answer["movie"]["movieId"], answer["source"], len(answer["similar"])) == ("85123A", "learned", 5)
    assert {near["movieId"] for near in answer["similar"]} <= items - {"85123A"}
    assert main(["similar", "85123A", "--limit", "5", "--models", str(shop.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == answer
