"""A whole release on its way to be poisoned, and a process that must not be hurt by it."""

import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.processes import in_child, status_mb
from models import KindredError, Registry, load
from tests.models.tiny import forge
from tests.reliability.whole import write

# what reading a poisoned release may take: address space beyond what is there already, and seconds
ROOM, SECONDS = 1 << 30, 60.0


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that loads, never touched."""
    made = tmp_path_factory.mktemp("whole") / "release"
    write(made)
    return made


@pytest.fixture
def folder(tmp_path: Path, whole: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(whole, tmp_path / "release")


def said_of(folder: Path, read: Callable[[Path], object] = load, *, bounded: bool = False) -> str:
    """What is said of a release that must be refused; `bounded`: by a process with little room and little time."""

    def run() -> str:
        try:
            read(folder)
        except KindredError as error:
            return str(error)
        return "loaded"

    def run_bounded() -> str:
        most = int(status_mb("VmSize") * (1 << 20)) + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        return run()

    said = in_child(run_bounded, SECONDS) if bounded else run()
    assert "\n" not in said
    assert len(said) < 1000
    return said


def forged(folder: Path, name: str, content: bytes) -> str:
    """What is said, within bounds, where a file holds this and every hash is right."""
    (folder / name).write_bytes(content)
    forge(folder)
    return said_of(folder, bounded=True)


def array(folder: Path, name: str, change: Callable[[np.ndarray], object]) -> str:
    """The same, of an array that is changed: in place, or for the one returned."""
    before = np.load(folder / name)
    made = change(before)
    after = made if isinstance(made, np.ndarray) else before
    np.save(folder / name, after)
    described = {"dtype": str(after.dtype), "shape": list(after.shape)}
    forge(folder, lambda manifest: manifest["files"][name].update(described))
    return said_of(folder)


def current(store: Path) -> object:
    """Load whatever is live."""
    return Registry(store).load()


def manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """What is said where the manifest says something else, and every hash is right."""
    forge(folder, change)
    return said_of(folder)
