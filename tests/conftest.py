"""Who runs which tests when there are several processes, and real data for those that read it; nothing is fetched."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes is the machine's
settings.register_profile("kindred", deadline=None)
settings.load_profile("kindred")

HERE = Path(__file__).parent
# in order, those that take minutes: begun first, none of them is what everybody waits for in the end
LONGEST = (
    "training/spark",
    "browser",
    "test_kill.py",
    "test_readme.py",
    "test_real_data.py",
    "training/test_maps_umap.py",
    "test_store_faults.py",
)

DATA = Path(os.environ.get("KINDRED_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups; folders with a group of their own have named it
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is tested by one process, so that what its tests share is made once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(HERE).as_posix()))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    name = item.path.relative_to(HERE).as_posix()
    return next((turn for turn, longest in enumerate(LONGEST) if name.startswith(longest)), len(LONGEST))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Where a data set is; skips the test where it is absent."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not in {DATA} (KINDRED_TEST_DATA names another folder)")
        return path

    return find
