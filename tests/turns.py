"""Which process runs which tests, and when: a file is one process's, so that what its tests share is made once.

pytest-xdist's own groups are without effect since pytest 9.2 (pytest-xdist issue 1386).
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# folders whose files share something too
TOGETHER = ("tests/training/spark/", "tests/browser/")
# in order, those that take minutes: begun first, none of them is what everybody waits for in the end
LONGEST = (
    *TOGETHER,
    "tests/test_kill.py",
    "tests/test_readme.py",
    "tests/test_real_data.py",
    "tests/training/test_maps_umap.py",
    "tests/test_store_faults.py",
)


class ByFile(LoadScopeScheduling):
    """Hands out files in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


def _turn(nodeid: str) -> int:
    return next((turn for turn, longest in enumerate(LONGEST) if nodeid.startswith(longest)), len(LONGEST))
