"""60,000 films: everything is there. How fast, bench/explorer.py measures."""

from collections.abc import Callable

import pytest

from tests.browser import stores
from tests.browser.explorer import Explorer, expect, get, until
from tests.browser.mapped import Mapped
from tests.serving import Running

FILMS = 60_000


@pytest.fixture(scope="module")
def url(browser: object, tmp_path_factory: pytest.TempPathFactory, run_service: Callable[..., Running]) -> str:
    address: str = run_service(stores.large(tmp_path_factory.mktemp("large"), FILMS)).url
    return address


def test_a_films_page_and_the_search(url: str, look: Callable[..., Explorer]) -> None:
    explorer = look(url).open("#/movie/150010")
    expect(explorer.heading).to_contain_text("A Film of Number 150010")
    assert explorer.ids() == [film["movieId"] for film in get(url, "similar/150010")["similar"]]
    # without the catalogue, which takes megabytes
    assert [address for address in explorer.guard.requested if address.endswith(("/catalogue", "/map"))] == []
    explorer.search.fill("number 77776")
    until(explorer.page, lambda: explorer.options.count() > 0, "something is found")
    expect(explorer.options.first).to_contain_text("77776")


def test_the_map(url: str, look: Callable[..., Explorer]) -> None:
    explorer = look(url).open("#/map")
    there = Mapped(explorer, "item2vec")
    assert len(there.places) == FILMS
    before = there.view()
    box = there.box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    explorer.page.mouse.move(*middle)
    for _ in range(6):
        explorer.page.mouse.wheel(0, -500)
    until(explorer.page, lambda: there.view()[0] > 20 * before[0], "it is nearer")
    there.rested()
    wanted = there.on_screen()
    assert 0 < len(wanted) < 3000
    expect(
        explorer.main.get_by_text(explorer.said("map.counted", len(wanted), min(50, len(wanted)))).first
    ).to_be_visible()
    film = there.lonely(within=10)
    explorer.page.mouse.move(*there.spot(film))
    expect(explorer.main.get_by_role("strong")).to_contain_text(f"A Film of Number {film}")
