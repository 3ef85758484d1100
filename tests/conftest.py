"""What all tests are run with, and real data for those that read it; nothing is fetched."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.turns"]

# how long an example takes is the machine's
settings.register_profile("kindred", deadline=None)
settings.load_profile("kindred")

DATA = Path(os.environ.get("KINDRED_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Where a data set is; skips the test where it is absent."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not in {DATA} (KINDRED_TEST_DATA names another folder)")
        return path

    return find
