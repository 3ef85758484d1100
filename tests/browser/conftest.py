"""One real browser and one service for all tests of this folder; without a browser they are skipped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium, stores
from tests.browser.explorer import Explorer
from tests.serving import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser a single line says so."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    reason = chromium.why_not() if ours else None
    if reason is not None:
        ours[0].add_marker(pytest.mark.skip(reason=f"{reason}; left out as well: {len(ours) - 1} more in a browser"))
        items[:] = [item for item in items if item not in ours[1:]]
        config.hook.pytest_deselected(items=ours[1:])


# of the package and not of the session: Playwright keeps an event loop in this thread, which other tests may not find
@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.found(), args=chromium.OPTIONS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def store(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained release, for tests that only read it."""
    return stores.train(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="package")
def run_service() -> Iterator[Callable[..., Running]]:
    """Start services that end with these tests."""
    started: list[Running] = []

    def start(folder: Path, *, ready: bool = True) -> Running:
        running = Running(folder)
        started.append(running)
        if ready:
            running.wait()
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            _, log = running.stop()
            assert "Traceback" not in log, log


@pytest.fixture(scope="package")
def site(store: Path, run_service: Callable[..., Running]) -> str:
    """Where the service is that most tests only look at."""
    url: str = run_service(store).url
    return url


@pytest.fixture
def look(browser: "Browser") -> Iterator[Callable[..., Explorer]]:
    """Open explorers, each in a context of its own."""
    with looking(browser) as run:
        yield run


@pytest.fixture
def explorer(look: Callable[..., Explorer], site: str) -> Explorer:
    """A page of the trained release, nothing opened yet."""
    return look(site)


@pytest.fixture(scope="module")
def one_page(browser: "Browser", site: str) -> Iterator[Explorer]:
    with looking(browser) as run:
        yield run(site)


@pytest.fixture
def shared(one_page: Explorer) -> Iterator[Explorer]:
    """One page for all tests of a file that change nothing."""
    yield one_page
    found, one_page.guard.problems = one_page.guard.problems, []
    assert found == []


@contextmanager
def looking(browser: "Browser") -> Iterator[Callable[..., Explorer]]:
    """Opens explorers; afterwards nothing may have gone wrong in any of them."""
    opened: list[Explorer] = []

    def run(base: str, **options: Any) -> Explorer:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(15_000)
        opened.append(Explorer(context.new_page(), base))
        return opened[-1]

    yield run
    for one in opened:
        one.page.context.close()
    assert [problem for one in opened for problem in one.guard.problems] == []
