"""What other tools read back from an export."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from gensim.models import KeyedVectors

from models import Catalogue, Model, Registry, Release, save
from models.scores import unit_rows
from training.errors import SettingsError, TrainingError
from training.export import export
from training.neighbours import with_nearest

COUNT, DIMENSION = 300, 16
FORMATS = ("word2vec", "word2vec-bin", "parquet", "tensorboard", "sparrow")
LEARNED_ONLY = ("word2vec", "word2vec-bin", "sparrow")


def model_of(seed: int, dimension: int, *, all_learned: bool) -> Model:
    vectors = np.random.default_rng(seed).normal(size=(COUNT, dimension)).astype(np.float32)
    vectors[0] = [1e-30, -1e10, 0.1] + [np.pi] * (dimension - 3)
    learned = np.full(COUNT, True) if all_learned else np.arange(COUNT) % 5 > 0
    none = np.empty((COUNT, 0), dtype=np.int32)
    return with_nearest(Model(vectors, learned, none, none.astype(np.float32)))


def release_of(folder: Path, *more_ids: str) -> Release:
    ids = sorted({*more_ids, "592", "ü%", "a/b", "日本", *map(str, range(1_000, 2_000))} - {""})[-COUNT:]
    titles = [f"Film {movie_id}" for movie_id in ids]
    titles[1] = "Tab\there,\nnew line"
    years = np.arange(COUNT) % 40 + 1980
    years[:3] = 0
    genres = [("Crime", "Drama")[: row % 3] for row in range(COUNT)]
    catalogue = Catalogue(
        tuple(ids), tuple(titles), years.astype(np.int16), tuple(genres), np.arange(COUNT, dtype="i4")
    )
    registry = Registry(folder)
    release = registry.add(
        lambda target: save(
            target,
            catalogue,
            {"item2vec": model_of(7, DIMENSION, all_learned=True), "deepwalk": model_of(8, 5, all_learned=False)},
            created_at="2026-01-01T00:00:00Z",
            default_model="item2vec",
            settings={},
            data={},
        )
    )
    return registry.load(release)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return release_of(tmp_path_factory.mktemp("store"))


def learned_ids(release: Release, model: str) -> list[str]:
    return [release.catalogue.ids[row] for row in np.flatnonzero(release.models[model].learned)]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("name", ["item2vec", "deepwalk"])
def test_gensim_reads_the_same_ids_and_bits(release: Release, name: str, binary: bool, tmp_path: Path) -> None:
    out = tmp_path / "vectors"
    model = release.models[name]
    count = export(release, name, "word2vec-bin" if binary else "word2vec", out)
    keyed = KeyedVectors.load_word2vec_format(str(out), binary=binary)
    ids = learned_ids(release, name)
    assert keyed.index_to_key == ids
    assert count == len(ids) == (COUNT if name == "item2vec" else COUNT * 4 // 5)
    assert keyed.vectors.dtype == np.float32
    assert keyed.vectors.tobytes() == model.vectors[model.learned].tobytes()


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("name", ["item2vec", "deepwalk"])
def test_gensim_gives_the_same_nearest_20_for_20_movies(
    release: Release, name: str, binary: bool, tmp_path: Path
) -> None:
    out = tmp_path / "vectors"
    export(release, name, "word2vec-bin" if binary else "word2vec", out)
    keyed = KeyedVectors.load_word2vec_format(str(out), binary=binary)
    model, ids = release.models[name], np.array(release.catalogue.ids)
    units = unit_rows(model.vectors)
    for row in np.flatnonzero(model.learned)[1::11][:20]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found = [movie_id for movie_id, _ in keyed.most_similar(str(ids[row]), topn=20)]
        scores = np.where(model.learned, units @ units[row], -np.inf)
        scores[row] = -np.inf
        assert found == ids[np.argsort(-scores)[:20]].tolist()
        assert found == ids[model.neighbour_rows[row, :20]].tolist()


def test_the_courses_own_format_round_trips(release: Release, tmp_path: Path) -> None:
    out = tmp_path / "vectors.txt"
    assert export(release, "deepwalk", "sparrow", out) == COUNT * 4 // 5
    read = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        movie_id, values = line.split(":")
        read[movie_id] = np.array(values.split(" "), dtype=np.float32)
    model = release.models["deepwalk"]
    assert list(read) == learned_ids(release, "deepwalk")
    assert np.array(list(read.values())).tobytes() == model.vectors[model.learned].tobytes()


def test_a_line_of_the_courses_format_is_id_colon_numbers(release: Release, tmp_path: Path) -> None:
    export(release, None, "sparrow", tmp_path / "out")
    for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(rf"[^:\s]+:-?[0-9][0-9.e+-]*( -?[0-9][0-9.e+-]*){{{DIMENSION - 1}}}", line)


def test_parquet_holds_every_movie_with_its_source(release: Release, tmp_path: Path) -> None:
    out = tmp_path / "vectors.parquet"
    assert export(release, "deepwalk", "parquet", out) == COUNT
    table = pyarrow.parquet.read_table(out)
    assert {field.name: str(field.type) for field in table.schema} == {
        "movieId": "string",
        "title": "string",
        "year": "int16",
        "genres": "list<element: string>",
        "likes": "int32",
        "source": "string",
        "vector": "fixed_size_list<element: float>[5]",
    }
    catalogue, model = release.catalogue, release.models["deepwalk"]
    columns = table.to_pydict()
    assert columns["movieId"] == list(catalogue.ids)
    assert columns["title"] == list(catalogue.titles)
    assert columns["year"] == [None] * 3 + catalogue.years[3:].tolist()
    assert [tuple(genres) for genres in columns["genres"]] == list(catalogue.genres)
    assert columns["likes"] == catalogue.likes.tolist()
    assert [source == "learned" for source in columns["source"]] == model.learned.tolist()
    assert set(columns["source"]) == {"learned", "inferred"}
    assert np.array(columns["vector"], dtype=np.float32).tobytes() == model.vectors.tobytes()


def test_tensorboard_gets_a_line_of_metadata_for_each_vector(release: Release, tmp_path: Path) -> None:
    out = tmp_path / "projector"
    assert export(release, "deepwalk", "tensorboard", out) == COUNT
    model = release.models["deepwalk"]
    vectors = np.loadtxt(out / "vectors.tsv", delimiter="\t", dtype=np.float32)
    assert vectors.tobytes() == model.vectors.tobytes()
    header, *lines = (out / "metadata.tsv").read_text(encoding="utf-8").splitlines()
    assert header.split("\t") == ["movieId", "title", "year", "genres", "likes", "source"]
    fields = [line.split("\t") for line in lines]
    assert [line[0] for line in fields] == list(release.catalogue.ids)
    assert {len(line) for line in fields} == {6}
    assert fields[1][1] == "Tab here, new line"
    assert fields[5] == [release.catalogue.ids[5], release.catalogue.titles[5], "1985", "Crime|Drama", "5", "inferred"]


@pytest.mark.parametrize(
    ("movie_id", "refused"),
    [
        ("z y", LEARNED_ONLY),
        ("z\ny", LEARNED_ONLY),
        ("z\u3000y", LEARNED_ONLY),
        ("z\x1cy", LEARNED_ONLY),
        ("z:y", ("sparrow",)),
    ],
)
def test_an_id_that_a_format_cannot_hold_is_named_and_nothing_written(
    tmp_path: Path, movie_id: str, refused: tuple[str, ...]
) -> None:
    release = release_of(tmp_path / "store", movie_id)
    for name in FORMATS:
        out = tmp_path / "out" / name
        if name in refused:
            with pytest.raises(SettingsError, match=re.escape(f"movie id {movie_id!r} has a letter")):
                export(release, None, name, out)
        else:
            assert export(release, None, name, out) == COUNT
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FORMATS) - set(refused)


def test_an_unknown_model_is_named(release: Release, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--model: expected one of item2vec, deepwalk, found 'node2vec'"):
        export(release, "node2vec", "sparrow", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_a_failing_write_leaves_nothing_and_keeps_what_was_there(
    release: Release, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device", str(path))

    out = tmp_path / "out"
    out.write_text("before", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(TrainingError, match=f"{re.escape(str(out))}: cannot be written: No space left on device"):
        export(release, None, name, out)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"out": "before"}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("where", ["file/out", "full", "long" * 63, ".", "/"])
def test_a_place_that_cannot_be_written_is_named(release: Release, name: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept").write_text("kept", encoding="utf-8")
    out = Path(where) if where in "./" else tmp_path / where
    with pytest.raises(TrainingError, match=f"^{re.escape(str(out))}: cannot be written: "):
        export(release, None, name, out)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "kept"]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "tensorboard"])
def test_a_second_export_replaces_the_first(release: Release, name: str, tmp_path: Path) -> None:
    first, out = tmp_path / "first", tmp_path / "deep" / "out"
    export(release, "deepwalk", name, first)
    for model in ("item2vec", "deepwalk"):
        export(release, model, name, out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert out.read_bytes() == first.read_bytes()
