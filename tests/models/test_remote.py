"""A store at an address: the same face as a folder's, copies that are fetched once, and what is refused."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import (
    IntegrityError,
    NoReleaseError,
    Pruned,
    Registry,
    ReleaseError,
    Store,
    UnknownVersionError,
    open_registry,
)
from models.remote import Bucket
from tests.models.tiny import FIRST, SECOND, THIRD, publish, write

fsspec = pytest.importorskip("fsspec", reason="the extra [s3] is not installed")
ADDRESS = "memory://films/store"


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Objects in this process, and a cache of their own."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def store() -> Store:
    """Three versions, the second promoted after the first."""
    made = open_registry(ADDRESS)
    for scale, day in enumerate((FIRST, SECOND, THIRD), start=1):
        made.add(lambda folder, day=day, scale=scale: write(folder, day, scale))
    made.promote(made.versions()[0])
    made.promote(made.versions()[1])
    return made


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is copied here."""
    names: list[str] = []
    fetch = Bucket.fetch

    def noted(bucket: Bucket, files: Any) -> None:
        pairs = list(files)
        names.extend(name for name, _ in pairs)
        fetch(bucket, pairs)

    monkeypatch.setattr(Bucket, "fetch", noted)
    return names


def key(version: str, name: str) -> str:
    return f"/films/store/versions/{version}/{name}"


def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> Store:
    """The same store, seen from a machine that has fetched nothing."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / name))
    return open_registry(ADDRESS)


def flip(memory: Any, path: str) -> None:
    content = bytearray(memory.cat_file(path))
    content[-1] ^= 1
    memory.pipe_file(path, bytes(content))


def test_a_store_without_anything(memory: Any) -> None:
    store = open_registry(ADDRESS)
    assert (store.versions(), store.current(), store.history(), store.prune(1)) == ([], None, [], Pruned([], []))
    with pytest.raises(NoReleaseError, match=rf"^no release in {ADDRESS}: train one first \(kindred train RATINGS\)$"):
        store.load()
    with pytest.raises(NoReleaseError, match=f"no release is live in {ADDRESS}"):
        store.find("current")
    assert not memory.store


def test_it_does_what_a_folder_does(store: Store, tmp_path: Path, memory: Any) -> None:
    folder = Registry(tmp_path / "folder")
    for scale, day in enumerate((FIRST, SECOND, THIRD), start=1):
        publish(folder, day, scale)
    folder.promote(folder.versions()[0])
    folder.promote(folder.versions()[1])
    first, second, third = folder.versions()
    both: tuple[Store, Store] = (folder, store)
    for one in both:
        assert one.versions() == [first, second, third]
        assert (one.current(), one.find("previous"), one.find(third[:-1])) == (second, first, third)
        assert one.load().models["item2vec"].vectors[0, 1] == 2
        one.promote(third)
        assert (one.load().id, one.rollback(), one.load().id) == (third, second, second)
        assert one.rollback() == first
        assert one.prune(1) == Pruned([second], [])
        assert one.versions() == [first, third]
        for nowhere in (second, "", "../versions"):
            # what was fetched is still here, and may be loaded
            for verb in (one.promote, one.manifest) if nowhere else (one.load, one.promote, one.manifest):
                with pytest.raises(UnknownVersionError, match=rf"^no version '{nowhere}' in .*there are: {first}, "):
                    verb(nowhere)
    assert [(line.do, line.before, line.after) for line in store.history()] == [
        (line.do, line.before, line.after) for line in folder.history()
    ]
    assert {
        name: memory.cat_file(f"/films/store/{name}") for name in ("current", key(third, "manifest.json")[13:])
    } == {name: (folder.folder / name).read_bytes() for name in ("current", f"versions/{third}/manifest.json")}
    assert sorted(memory.find("/films/store")) == sorted(
        f"/films/store/{path.relative_to(folder.folder)}" for path in folder.folder.rglob("*") if path.is_file()
    )


def test_a_release_is_fetched_once_and_mapped_from_here(
    store: Store, fetched: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    second = store.versions()[1]
    assert store.load().id == second
    assert fetched == []  # it was made here
    other = elsewhere(monkeypatch, tmp_path, "other")
    release = other.load()
    assert release.models["item2vec"].vectors.filename.is_relative_to(tmp_path / "other")  # type: ignore[attr-defined]
    assert len(fetched) == len(set(fetched)) == len(release.manifest.files) + 1
    assert fetched[-1] == f"versions/{second}/manifest.json"
    fetched.clear()
    again = elsewhere(monkeypatch, tmp_path, "other")
    assert (again.load().id, other.load().id, fetched) == (second, second, [])


def test_a_copy_that_is_damaged_is_fetched_again(
    store: Store, fetched: list[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    [copy] = (tmp_path / "cache").glob(f"*/versions/{store.current()}/deepwalk/vectors.npy")
    content = copy.read_bytes()
    copy.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with caplog.at_level(logging.WARNING, "kindred"):
        assert store.load().id == store.current()
    assert f"release {store.current()} is fetched again: deepwalk/vectors.npy: expected sha256" in caplog.text
    assert fetched
    assert copy.read_bytes() == content


@pytest.mark.parametrize("name", ["catalogue.json", "item2vec/vectors.npy"])
def test_what_is_damaged_there_is_refused_by_name(
    store: Store, name: str, memory: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, second, third = store.versions()
    flip(memory, key(third, name))
    other = elsewhere(monkeypatch, tmp_path, "other")
    for verb in (store.promote, other.promote, other.load):  # one has a whole copy, and checks what the bucket has
        with pytest.raises(IntegrityError, match=f"^{name}: expected sha256"):
            verb(third)
    assert list((tmp_path / "other").glob("*/versions/*")) == []
    memory.pipe_file(key(third, name), b"short")
    for verb in (store.promote, other.load):
        with pytest.raises(IntegrityError, match=rf"^{name}: expected \d+ bytes, found 5$"):
            verb(third)
    memory.rm_file(key(third, name))
    for verb in (store.promote, other.load):
        with pytest.raises(
            IntegrityError, match=f"^{name}: expected a file in {ADDRESS}/versions/{third}/, found none$"
        ):
            verb(third)
    assert store.current() == other.current() == second
    assert other.load().id == second
    assert [path.name for path in (tmp_path / "other").glob("*/versions/*")] == [second]


def test_a_file_name_that_leads_elsewhere_is_not_followed(
    store: Store, memory: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    third = store.versions()[2]
    manifest = json.loads(memory.cat_file(key(third, "manifest.json")))
    manifest["files"]["../../../escaped"] = {"bytes": 1, "sha256": ""}
    del manifest["manifest_hash"]
    memory.pipe_file(key(third, "manifest.json"), json.dumps(manifest).encode())
    memory.pipe_file("/films/escaped", b"x")
    with pytest.raises(IntegrityError, match=r"'\.\./\.\./\.\./escaped' is not a file name of a release"):
        elsewhere(monkeypatch, tmp_path, "other").load(third)
    assert list(tmp_path.rglob("escaped")) == []


def test_half_an_upload_is_never_seen_and_leaves_nothing(
    store: Store, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, put = sorted(memory.find("/films/store")), type(memory).put_file
    sent: list[str] = []

    def breaks(system: Any, here: str, there: str, **options: Any) -> None:
        sent.append(there)
        assert "2026-01-04" not in str(store.versions())
        assert len(store.versions()) == 3
        if there.endswith("manifest.json"):
            raise ConnectionError("gone")
        put(system, here, there, **options)

    monkeypatch.setattr(type(memory), "put_file", breaks)
    with pytest.raises(ReleaseError, match=rf"^{ADDRESS}/versions/\S+/manifest\.json: cannot be reached: gone$"):
        store.add(lambda folder: write(folder, "2026-01-04T00:00:00Z", 4))
    assert sent[-1].endswith("manifest.json")
    assert len(sent) > 5
    assert sorted(memory.find("/films/store")) == before


def test_prune_removes_half_an_upload_only_when_nobody_can_be_at_it(store: Store, memory: Any) -> None:
    young, old = "20260104T000000Z-00000000", "20260104T000000Z-00000001"
    for version in (young, old):
        memory.pipe_file(key(version, "catalogue.json"), b"{}")
    entry = memory.store[key(old, "catalogue.json")]
    entry.created = entry.modified = entry.created.replace(year=2000)
    assert store.prune(3) == Pruned([], [])
    assert [version for version in (young, old) if memory.exists(key(version, "catalogue.json"))] == [young]
    assert len(store.versions()) == 3


def test_the_cache_keeps_a_few_and_what_is_in_use(store: Store, tmp_path: Path) -> None:
    oldest = store.load(store.versions()[0])
    for day in range(4, 9):
        store.promote(store.add(lambda folder, day=day: write(folder, f"2026-01-{day:02}T00:00:00Z", day)))
        assert store.load().id == store.current()
    kept = sorted(path.name for path in (tmp_path / "cache").glob("*/versions/*"))
    assert kept == [oldest.id, *store.versions()[-3:]]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 100])
def test_a_current_that_names_nothing(store: Store, memory: Any, content: bytes) -> None:
    memory.pipe_file("/films/store/current", content)
    with pytest.raises(ReleaseError, match=f"^{ADDRESS}/current: expected a version's id, found "):
        store.load()
