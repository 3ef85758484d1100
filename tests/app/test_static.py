"""`export --format static`: the files are the routes' answers, the folder is whole, and nothing else is lost."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app import static
from app.__main__ import export_static
from app.explorer import INDEX, read_files
from app.export import export
from app.settings import Settings
from app.static import EXPLAINED, MARK, SHARD, ExportError, static_page
from models import Catalogue, KindredError, Model, NoReleaseError, Registry, load
from tests.app.conftest import HISTORIES, viewers_of
from tests.app.routes.test_columns import published
from tests.small import contents, sequences_of
from training.cooccurrence import evidence

Serve = Callable[[Settings], AbstractContextManager[TestClient]]
PAGE = {INDEX: b'<!doctype html>\n<html lang="en"><body></body></html>', "main.js": b"1", "base.css": b":root {}"}


@pytest.fixture(scope="module", autouse=True)
def ui() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.export.read_files", lambda: dict(PAGE))
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., str], catalogue: Catalogue) -> Path:
    """Two releases; the live one with all there is."""
    folder = tmp_path_factory.mktemp("store")
    random = np.random.default_rng(592)
    often = np.flatnonzero(catalogue.likes > 60)
    lists = [random.choice(often, 12, replace=False).tolist() for _ in range(60)]
    kept = replace(evidence(sequences_of(lists), len(catalogue)), viewers=400)
    publish(folder, 5, created_at="2025-12-31T00:00:00Z")
    publish(folder, viewers=viewers_of(catalogue, HISTORIES), evidence=kept)
    return folder


@pytest.fixture(scope="module", params=[(256, 64), (16, 4), (7, 7)], ids=str)
def exported(
    request: pytest.FixtureRequest, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int, int]:
    """An export, and how many films a file of it holds."""
    out = tmp_path_factory.mktemp("site") / "out"
    shard, explained = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static, "SHARD", shard)
        patch.setattr(static, "EXPLAINED", explained)
        export(Registry(store), out, said_nothing)
    return out, shard, explained


@pytest.fixture(scope="module")
def service(store: Path, serve: Serve) -> Iterator[TestClient]:
    with serve(Settings(models=store)) as client:
        yield client


def said_nothing(text: str) -> None:
    raise AssertionError(text)


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_the_usual_sizes_are_those_of_the_page() -> None:
    assert (SHARD, EXPLAINED) == (256, 64)


@pytest.mark.parametrize(
    ("file", "route"),
    [
        ("models.json", "/models"),
        ("models/item2vec.json", "/models/item2vec"),
        ("models/deepwalk.json", "/models/deepwalk"),
        ("catalogue.json", "/catalogue"),
        ("map/item2vec.json", "/map?model=item2vec"),
        ("map/deepwalk.json", "/map?model=deepwalk"),
        ("releases.json", "/releases"),
        ("changes.json", "/releases/changes"),
    ],
)
def test_what_has_a_route_is_its_answer_to_the_last_byte(
    exported: tuple[Path, int, int], service: TestClient, file: str, route: str
) -> None:
    answer = service.get(route)
    assert answer.status_code == 200
    assert (exported[0] / "data" / file).read_bytes() == answer.content


def test_the_files_are_those_of_the_contract(exported: tuple[Path, int, int], catalogue: Catalogue) -> None:
    out, shard, explained = exported
    lists, pairs = -(-len(catalogue) // shard), -(-len(catalogue) // explained)
    expected = {INDEX, "ui/main.js", "ui/base.css", MARK}
    expected |= {f"data/{name}.json" for name in ("models", "catalogue", "releases", "changes", "sources")}
    expected |= {f"data/{kind}/{name}.json" for kind in ("models", "map") for name in ("item2vec", "deepwalk")}
    asked = ("item2vec/similar", "item2vec/next", "deepwalk/similar")
    expected |= {f"data/similar/{name}/{number}.json" for name in asked for number in range(lists)}
    expected |= {f"data/explain/{number}.json" for number in range(pairs)}
    assert set(contents(out)) == expected
    assert (out / "ui" / "main.js").read_bytes() == PAGE["main.js"]
    assert (out / INDEX).read_bytes() == PAGE[INDEX].replace(b"<html", b'<html data-source="static"')


def test_lists_are_those_of_similar(exported: tuple[Path, int, int], service: TestClient, catalogue: Catalogue) -> None:
    out, shard, _ = exported
    for name, relation in (("item2vec", "similar"), ("item2vec", "next"), ("deepwalk", "similar")):
        for row, movie_id in enumerate(catalogue.ids):
            lists = read(out / f"data/similar/{name}/{relation}/{row // shard}.json")
            assert list(lists) == ["rows", "scores"]
            asked = f"/similar/{quote(movie_id, safe='')}?model={name}&relation={relation}&limit=100"
            near = service.get(asked).json()["similar"]
            assert len(near) > 30
            assert [catalogue.ids[other] for other in lists["rows"][row % shard]] == [one["movieId"] for one in near]
            assert lists["scores"][row % shard] == [one["score"] for one in near]
    last = read(out / f"data/similar/deepwalk/similar/{(len(catalogue) - 1) // shard}.json")
    assert len(last["rows"]) == len(last["scores"]) == (len(catalogue) - 1) % shard + 1


def test_evidence_is_that_of_explain(
    exported: tuple[Path, int, int], service: TestClient, catalogue: Catalogue
) -> None:
    out, shard, explained = exported
    asked = ("item2vec/similar", "item2vec/next", "deepwalk/similar")
    compared = 0
    for row, movie_id in enumerate(catalogue.ids):
        told = read(out / f"data/explain/{row // explained}.json")
        best: set[int] = set()
        for one in asked:
            best.update(read(out / f"data/similar/{one}/{row // shard}.json")["rows"][row % shard][:20])
        found = told["rows"][str(row)]
        assert set(found) == {str(other) for other in best}
        for other, values in found.items():
            # three of a hundred: each is a request
            if (row * 7 + int(other)) % 31 == 0:
                path = f"/explain/{quote(movie_id, safe='')}/{quote(catalogue.ids[int(other)], safe='')}"
                made = told["same"] | dict(zip(told["keys"], values, strict=True))
                assert made == service.get(path).json()["evidence"]
                compared += 1
    assert compared > 20


def test_sources_are_bits(exported: tuple[Path, int, int], catalogue: Catalogue, model: Model) -> None:
    sources = read(exported[0] / "data/sources.json")
    assert list(sources) == ["item2vec", "deepwalk"]
    for text in sources.values():
        bits = np.unpackbits(np.frombuffer(base64.b64decode(text), dtype=np.uint8), count=len(catalogue))
        assert bits.astype(np.bool_).tolist() == model.learned.tolist()


def test_it_says_how_much_it_is_and_not_where(exported: tuple[Path, int, int], store: Path) -> None:
    files = contents(exported[0])
    mark = json.loads(files.pop(MARK))
    assert mark == {
        "format": "kindred static 1",
        "release": Registry(store).current(),
        "files": len(files),
        "bytes": sum(map(len, files.values())),
    }
    places = [str(path).encode() for path in (store, exported[0], Path.cwd(), Path.home()) if path != Path("/")]
    assert not [name for name, body in files.items() if any(place in body for place in places)]
    assert [entry.name for entry in exported[0].parent.iterdir()] == ["out"]


def test_a_release_with_less_in_it(tmp_path: Path, catalogue: Catalogue, model: Model) -> None:
    bare = published(tmp_path / "store", catalogue, {"item2vec": replace(model, map=None, output=None)}, {})
    export(Registry(bare), tmp_path / "out", said_nothing)
    data = tmp_path / "out" / "data"
    assert not (data / "map").exists()
    assert [entry.name for entry in (data / "similar" / "item2vec").iterdir()] == ["similar"]
    told = read(data / "explain" / "0.json")
    assert (told["same"], told["rows"]) == (None, {str(row): {} for row in range(len(catalogue))})
    assert read(data / "changes.json")["before"] is None


@pytest.mark.parametrize("format_1", ["format-1", "format-1-blend"])
def test_the_oldest_releases_can_be_exported(tmp_path: Path, format_1: str) -> None:
    registry = Registry(Path(__file__).parents[1] / "models" / format_1)
    version, written = export(registry, tmp_path / "out", said_nothing)
    assert version == registry.current()
    assert written.files == len(contents(tmp_path / "out"))
    release = load(registry.path(version))
    for name, model in release.models.items():
        for relation in model.relations:
            lists = read(tmp_path / f"out/data/similar/{name}/{relation}/0.json")
            stored = model.stored(relation)
            for row, near in enumerate(lists["rows"]):
                assert all(0 <= other < len(release.catalogue) and other != row for other in near)
                if stored is not None:
                    some = [other for other in stored[0][row].tolist() if other >= 0]
                    assert near[: len(some)] == some


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path, store: Path) -> None:
    out = tmp_path / "out"
    for place in (out, out):  # nothing there, then an export
        export(Registry(store), place, said_nothing)
        (out / "data" / "similar" / "old.json").write_text("old")
    first = contents(out)
    export(Registry(store), out, said_nothing)
    assert set(first) - set(contents(out)) == {"data/similar/old.json"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    export(Registry(store), tmp_path / "link", said_nothing)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "empty" / INDEX).exists()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    export(Registry(store), Path("deep/er"), said_nothing)
    assert (tmp_path / "here/deep/er" / MARK).exists()


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"notes.txt": "mine"}, "notes.txt"),
        ({INDEX: "mine"}, f"no {MARK}"),
        ({INDEX: "mine", MARK: "{"}, f"no {MARK}"),
        ({INDEX: "mine", MARK: '{"format": "other"}'}, f"no {MARK}"),
        ({INDEX: "x", MARK: '{"format": "kindred static 1"}', "CNAME": "example.org"}, "CNAME"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, dict) else given,
)
def test_what_no_export_wrote_is_left_alone(tmp_path: Path, store: Path, files: dict[str, str], found: str) -> None:
    out = tmp_path / "out"
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    before = contents(tmp_path)
    with pytest.raises(
        ExportError, match=f"out: expected nothing, an empty folder or an earlier export, found {found}"
    ):
        export(Registry(store), out, said_nothing)
    assert contents(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path, store: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ExportError, match="out: expected a folder, found a file"):
        export(Registry(store), tmp_path / "out", said_nothing)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ZeroDivisionError()])
@pytest.mark.parametrize("where", ["app.static._explained", "app.export._replace"])
def test_what_goes_wrong_leaves_what_was_there(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, where: str
) -> None:
    out = tmp_path / "out"
    export(Registry(store), out, said_nothing)
    before = contents(tmp_path)

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(where, fails)
    with pytest.raises(ExportError if isinstance(error, OSError) else type(error)) as raised:
        export(Registry(store), out, said_nothing)
    if isinstance(error, OSError):
        assert str(raised.value) == f"{out}: cannot be written: No space left on device"
    assert contents(tmp_path) == before


def test_between_the_two_renames_the_old_one_comes_back(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export(Registry(store), out, said_nothing)
    before = contents(tmp_path)
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if target == out and not path.name.endswith(".before"):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(KeyboardInterrupt):
        export(Registry(store), out, said_nothing)
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_where_nothing_may_be_written(tmp_path: Path, store: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="cannot be written: Permission denied"):
        export(Registry(store), tmp_path / "out", said_nothing)


def test_without_a_release_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError):
        export(Registry(tmp_path / "store"), tmp_path / "out", said_nothing)
    assert not list(tmp_path.iterdir())


def test_long_ones_say_how_far_they_are(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "_SAID_EVERY", -1.0)
    monkeypatch.setattr(static, "SHARD", 16)
    monkeypatch.setattr(static, "EXPLAINED", 16)
    said: list[str] = []
    export(Registry(store), tmp_path / "out", said.append)
    assert [text.partition(",")[0] for text in said] == [f"{films} of 46 films" for films in (16, 32, 46)]


@pytest.mark.parametrize(
    "page", [b"", b"<title>x", b'<html data-source="live">', b'<html\nlang="en" data-source="static">']
)
def test_a_page_that_cannot_be_told_is_refused(page: bytes) -> None:
    with pytest.raises(ExportError, match=r"index\.html of the explorer: expected <html> without data-source"):
        static_page({INDEX: page})


def test_the_explorer_s_own_page_can_be_told() -> None:
    page = static_page(read_files()).decode()
    assert page.count('<html data-source="static"') == page.count("data-source") == 1


def test_it_has_all_models(store: Path, tmp_path: Path) -> None:
    from argparse import Namespace

    options = Namespace(models=store, model="item2vec", out=tmp_path / "out", format="static", json=False)
    with pytest.raises(KindredError, match="--model: expected none with --format static, which has all, found 'item2"):
        export_static(options)
    assert not (tmp_path / "out").exists()
