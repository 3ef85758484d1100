"""Stores of tiny releases."""

from pathlib import Path

import pytest

from models import Registry
from tests.models.tiny import FIRST, SECOND, THIRD, publish, write


@pytest.fixture
def release_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    write(folder)
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Three versions, the second promoted after the first, the third never."""
    made = Registry(tmp_path / "store")
    versions = [publish(made, created_at, scale) for scale, created_at in enumerate((FIRST, SECOND, THIRD), 1)]
    made.promote(versions[0])
    made.promote(versions[1])
    return made
