"""Files written whole, and everything refused that is not exactly what was described."""

import hashlib
import io
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from models import IntegrityError, files

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of a test."""
    return tmp_path_factory.mktemp("files")


def described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


@settings(deadline=None)
@given(value=JSON.filter(lambda value: "\\ud" not in json.dumps(value)))
def test_json_is_read_as_it_was_written(folder: Path, value: Any) -> None:
    path = folder / "value.json"
    assert files.write_json(path, value) == described(path)
    assert files.read_json(path) == value


@settings(deadline=None)
@given(
    array=st.sampled_from([np.float32, np.int32, np.bool_]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4))
    )
)
def test_arrays_are_mapped_as_they_were_written(folder: Path, array: np.ndarray) -> None:
    path = folder / "deep" / "array.npy"
    found = files.write_array(path, array)
    assert found == {**described(path), "dtype": str(array.dtype), "shape": list(array.shape)}
    mapped = files.map_array(path, "array.npy", str(array.dtype), array.shape)
    assert isinstance(mapped, np.memmap)
    assert (mapped.dtype, mapped.shape, mapped.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_arrays_are_stored_in_c_order_and_mapped_read_only(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3))
    files.write_array(tmp_path / "a.npy", array)
    mapped = files.map_array(tmp_path / "a.npy", "a.npy", "int32", (2, 3))
    assert mapped.flags.c_contiguous
    assert mapped.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 7


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_nan(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "value.json", {"metric": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("float64", (2, 3)), ("int32", (2, 3)), (">f4", (2, 3)), ("float32", (3, 2)), ("float32", (6,))],
)
def test_another_dtype_or_shape_is_refused_naming_both(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    files.write_array(tmp_path / "a.npy", np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(IntegrityError) as refused:
        files.map_array(tmp_path / "a.npy", "item2vec/a.npy", dtype, shape)
    assert str(refused.value) == f"item2vec/a.npy: expected {dtype} {shape}, found float32 (2, 3)"


def npy(header: str, version: int = 1, data: bytes = bytes(24)) -> bytes:
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + data


def pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}] * 3, dtype=object), allow_pickle=True)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, array=np.zeros((2, 3), dtype=np.float32))
    return file.getvalue()


def whole() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 3), dtype=np.float32))
    return file.getvalue()


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUM",
        b"garbage that is no array",
        b"PK\x03\x04 that is no archive",
        bytes(200),
        whole()[:60],
        whole()[:-1],
        pickled(),
        archive(),
        npy("{"),
        npy("(" * 9000),
        npy("-" * 9000 + "1", 3),
        npy("{1: 2, 'a': 3}"),
        npy("[[" * 20, 2),
        npy(HEADER % "(-2, 3)"),
        npy(HEADER % "(True,)"),
        npy(HEADER % f"({2**70},)"),
        npy(HEADER % f"({2**40}, {2**40})"),
        npy(HEADER % f"({10**12}, 3)"),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}"),
        npy((HEADER % "(2, 3)").replace("'<f4'", "5")),
        npy(HEADER % "(2, 3)", 9),
    ],
    ids=lambda content: repr(content[:24]),
)
def test_what_is_no_plain_array_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"^deepwalk/a\.npy: not a plain \.npy array: "):
        files.map_array(tmp_path / "a.npy", "deepwalk/a.npy", "float32", (2, 3))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe{}", b"[" * 100_000, b'{"a": "\xe9"}', b"9" * 5000],
    ids=lambda content: content[:4],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"^a\.json: not JSON: "):
        files.read_json(tmp_path / "a.json")


def test_json_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_JSON_BYTES", 6)
    (tmp_path / "a.json").write_text("[1, 2]", encoding="utf-8")
    assert files.read_json(tmp_path / "a.json") == [1, 2]
    (tmp_path / "a.json").write_text("[1, 22]", encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"^a\.json: expected at most 6 bytes, found 7$"):
        files.read_json(tmp_path / "a.json")


def test_a_file_the_system_does_not_give_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(IntegrityError, match=r"^a\.json: cannot be read: .*Permission denied"):
        files.read_json(tmp_path / "a.json")


def test_check_names_the_file_the_expected_and_the_found(tmp_path: Path) -> None:
    good = {"item2vec/a.npy": files.write_array(tmp_path / "item2vec" / "a.npy", np.zeros(3, dtype=np.float32))}
    files.check(tmp_path, good)
    content = (tmp_path / "item2vec" / "a.npy").read_bytes()
    (tmp_path / "item2vec" / "a.npy").write_bytes(content[:-1])
    with pytest.raises(IntegrityError, match=r"^item2vec/a\.npy: expected 140 bytes, found 139$"):
        files.check(tmp_path, good)
    (tmp_path / "item2vec" / "a.npy").write_bytes(content[:-1] + b"\1")
    found = hashlib.sha256(content[:-1] + b"\1").hexdigest()
    expected = hashlib.sha256(content).hexdigest()
    with pytest.raises(IntegrityError, match=rf"^item2vec/a\.npy: expected sha256 {expected}, found {found}$"):
        files.check(tmp_path, good)
    (tmp_path / "item2vec" / "a.npy").unlink()
    with pytest.raises(IntegrityError, match=r"^item2vec/a\.npy: expected a file, found none$"):
        files.check(tmp_path, good)
    (tmp_path / "item2vec" / "a.npy").mkdir()
    with pytest.raises(IntegrityError, match=r"^item2vec/a\.npy: expected a file, found none$"):
        files.check(tmp_path, good)


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/passwd", "a/b/c", "..", ".", "", "a/", "a/../x", "a//x", ".hidden", "a/.hidden", "A", "a\\x", "x\n"],
)
def test_a_name_that_leads_out_of_the_release_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (tmp_path / "x").write_bytes(b"secret")
    with pytest.raises(IntegrityError) as refused:
        files.check(folder, {name: described(tmp_path / "x")})
    assert str(refused.value) == f"manifest.json: {name!r} is not a file name of a release"


def test_links_are_refused_even_where_the_content_fits(tmp_path: Path) -> None:
    folder, outside = tmp_path / "release", tmp_path / "outside"
    folder.mkdir()
    content = files.write_json(outside / "x.json", [1])
    (folder / "x.json").symlink_to(outside / "x.json")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    with pytest.raises(IntegrityError, match=r"^x\.json: expected a file, found a link$"):
        files.check(folder, {"x.json": content})
    with pytest.raises(IntegrityError, match=r"^linked/x\.json: its folder is a link, expected a plain folder$"):
        files.check(folder, {"linked/x.json": content})
    with pytest.raises(IntegrityError, match=r"^x\.json: expected a file, found a link$"):
        files.read_json(folder / "x.json")
    (folder / "x.npy").symlink_to(outside / "x.json")
    with pytest.raises(IntegrityError, match=r"^x\.npy: expected a file, found a link$"):
        files.map_array(folder / "x.npy", "x.npy", "float32", (1,))


def test_replace_text_shows_the_old_or_the_new_at_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, old, new = tmp_path / "current", "old\n" * 5000, "new\n" * 5000
    path.write_text(old, encoding="utf-8")
    seen = []

    def watched(call: Any) -> Any:
        def run(*arguments: Any, **options: Any) -> Any:
            seen.append(path.read_text(encoding="utf-8"))
            result = call(*arguments, **options)
            seen.append(path.read_text(encoding="utf-8"))
            return result

        return run

    for name in ("fsync", "replace", "rename"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    files.replace_text(path, new, tmp_path / "fresh")
    # flushed, then renamed, then the folder flushed: the new text shows only once it is on disk
    assert seen == [old, old, old, new, new, new]
    assert [entry.name for entry in tmp_path.iterdir()] == ["current"]
