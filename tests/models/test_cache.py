"""Where fetched releases are kept."""

import tempfile
from pathlib import Path

import pytest

from models import ReleaseError
from models.cache import Cache


def place(address: str = "s3://bucket/store") -> Path:
    return Cache(address).registry.folder.parent


def test_where_it_is_named_else_the_user_s_cache_else_among_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "named"))
    assert place() == tmp_path / "named"
    monkeypatch.delenv("KINDRED_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert place() == tmp_path / "xdg" / "kindred"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(home))
    assert place() == home / ".cache" / "kindred"
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    found = place()
    assert found.parent == temporary
    assert found.stat().st_mode & 0o777 == 0o700
    assert len({Cache(f"s3://bucket/{name}").registry.folder for name in "abc"}) == 3


@pytest.mark.parametrize("kind", ["open to all", "a link", "a file"])
def test_a_place_that_others_may_write_to_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.delenv("KINDRED_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = place()
    folder.rmdir()
    if kind == "a link":
        (tmp_path / "theirs").mkdir()
        folder.symlink_to(tmp_path / "theirs")
    elif kind == "a file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(ReleaseError, match=rf"^{folder}: .*\(KINDRED_CACHE\)$"):
        place()
