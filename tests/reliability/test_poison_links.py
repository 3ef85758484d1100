"""Links, pipes and devices where files of a store should be: none is followed, opened or waited for."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from models import Registry
from tests.models.tiny import SECOND
from tests.reliability.poison import current, folder, said_of, whole
from tests.reliability.whole import whole_store, write

__all__ = ["folder", "whole"]
NAMES = ["manifest.json", "catalogue.json", "evidence.json", "blend/vectors.npy", "users.ids.npy"]


def linked(path: Path) -> None:
    """To a file elsewhere, of the same content."""
    outside = path.parents[1] / "outside"
    path.rename(outside)
    path.symlink_to(outside)


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


def looped(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def listening(path: Path) -> None:
    path.unlink()
    held = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(held)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS = [linked, dangling, looped, endless, pipe, listening, directory]


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_of_a_release_that_is_none_is_refused(folder: Path, harm: Callable[[Path], None]) -> None:
    for name in NAMES:
        shutil.copytree(folder, copy := folder.with_name("copy"))
        harm(copy / name)
        said = said_of(copy, bounded=harm in (endless, pipe))
        link = harm in (linked, dangling, looped, endless)
        assert said == f"{name}: expected a file, found {'a link' if link else 'none'}"
        shutil.rmtree(copy)
        folder.with_name("outside").unlink(missing_ok=True)
        (folder.parent / "copy" / "outside").unlink(missing_ok=True)


def test_a_folder_of_a_model_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "blend").rename(tmp_path / "elsewhere")
    (folder / "blend").symlink_to(tmp_path / "elsewhere")
    assert "its folder is a link, expected a plain folder" in said_of(folder)


def test_a_release_that_is_a_link_is_refused(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "store")
    version = registry.add(write)
    path = registry.path(version)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert said_of(path) == f"{version}: expected a folder, found a link"
    (tmp_path / "store" / "current").write_text(version, encoding="utf-8")
    assert said_of(tmp_path / "store", current) == f"{version}: expected a folder, found a link"


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ["current", "history.jsonl"])
def test_what_a_store_says_is_read_from_plain_files_only(
    tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    registry = whole_store(tmp_path / "deep" / "store")
    (tmp_path / "secret").write_text("this is not for you", encoding="utf-8")
    harm(tmp_path / "deep" / "store" / name)
    stuck = harm in (endless, pipe)
    said = said_of(tmp_path / "deep" / "store", current if name == "current" else previous, bounded=stuck)
    assert f"{name}: cannot be read: " in said
    # nobody who switches opens it either
    assert said_of(tmp_path / "deep" / "store", rolled_back, bounded=stuck) != "loaded"
    assert len(registry.versions()) == 2


def previous(store: Path) -> object:
    return Registry(store).previous("20260102T000000Z-00000000")


def rolled_back(store: Path) -> object:
    return Registry(store).rollback()


def test_the_secrets_of_others_are_not_told(tmp_path: Path) -> None:
    whole_store(tmp_path / "store")
    (tmp_path / "secret").write_text("root:x:0:0:the administrator", encoding="utf-8")
    (tmp_path / "store" / "current").unlink()
    (tmp_path / "store" / "current").symlink_to(tmp_path / "secret")
    said = said_of(tmp_path / "store", current)
    assert "expected a file, found a link" in said
    assert "administrator" not in said


def test_a_hard_link_is_a_file_like_any_other(tmp_path: Path, folder: Path) -> None:
    os.link(folder / "catalogue.json", tmp_path / "other")
    assert said_of(folder) == "loaded"
    # what is written by the other name is another content
    with (tmp_path / "other").open("ab") as file:
        file.write(b" ")
    assert said_of(folder).startswith("catalogue.json: expected ")


@pytest.mark.parametrize("link", ["into the store", "out of the store"])
def test_pruning_follows_no_link(tmp_path: Path, link: str) -> None:
    registry = whole_store(tmp_path / "store")
    old, live = registry.versions()
    target = tmp_path / "precious" if link == "out of the store" else registry.path(live)
    if link == "out of the store":
        write(target, SECOND)
    shutil.rmtree(registry.path(old))
    (tmp_path / "store" / "versions" / old).symlink_to(target)
    try:
        registry.prune(1)
    except Exception as error:
        assert "link" in str(error)  # noqa: PT017 - refused or done, what the link leads to stays
    assert (target / "manifest.json").is_file()
    assert registry.load().id == live
