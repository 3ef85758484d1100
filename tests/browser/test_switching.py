"""Another release goes live while the page is open: it says so, and never shows a mixture."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from models import Registry
from tests.browser import stores
from tests.browser.explorer import Explorer, expect, get, until
from tests.serving import Running

MARK = " [later]"


class Two:
    """A service with two releases, the first live; every title of the second has a mark and every list is another."""

    def __init__(self, folder: Path, run: Callable[..., Running]) -> None:
        self.registry = Registry(folder)
        [self.first] = self.registry.versions()
        release = self.registry.load()
        marked = stores.retitled(release.catalogue, lambda title: title + MARK)
        self.second = stores.add(folder, release, marked, models=stores.turned(release))
        self.url = run(folder).url

    def switch(self, explorer: Explorer) -> None:
        self.registry.promote(self.second)
        until(explorer.page, lambda: get(self.url, "models")["release"] == self.second, "the second is live")


@pytest.fixture
def two(store: Path, tmp_path: Path, run_service: Callable[..., Running]) -> Two:
    return Two(stores.copied(store, tmp_path / "store"), run_service)


def titles(explorer: Explorer) -> list[str]:
    """Everything on screen that names a film."""
    found = explorer.page.locator("h1, a.film-link").all_text_contents()
    return [text for text in found if re.search(r"\(\d{4}\)", text)]


def marked(explorer: Explorer) -> set[bool]:
    return {MARK in title for title in titles(explorer)}


def test_the_next_answer_shows_the_new_release_whole(two: Two, look: Callable[..., Explorer]) -> None:
    explorer = look(two.url).open("#/movie/592?why=1377")
    assert marked(explorer) == {False}
    old = explorer.ids()
    two.switch(explorer)
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    expect(explorer.heading).to_have_text(f"Batman{MARK} (1989)")
    wanted = [film["movieId"] for film in get(two.url, "similar/592?model=deepwalk")["similar"]]
    until(explorer.page, lambda: explorer.settled().ids() == wanted, "the list of the new release")
    assert wanted != old
    until(explorer.page, lambda: marked(explorer) == {True}, "no title of the old one is left")
    expect(explorer.page.get_by_role("banner")).to_contain_text(two.second[-8:])


def test_one_who_comes_back_to_the_page_is_told(two: Two, look: Callable[..., Explorer]) -> None:
    explorer = look(two.url).open("#/movie/592")
    before = explorer.ids()
    two.switch(explorer)
    explorer.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    told = explorer.page.get_by_text(explorer.said("common.newRelease"))
    expect(told).to_be_visible()
    # nothing is pulled away from under the reader
    assert explorer.ids() == before
    assert marked(explorer) == {False}
    explorer.page.get_by_role("button", name=explorer.said("common.showNewRelease")).click()
    expect(explorer.heading).to_have_text(f"Batman{MARK} (1989)")
    assert marked(explorer.settled()) == {True}
    expect(told).to_be_hidden()


@pytest.mark.parametrize("address", ["#/compare/592", "#/taste?likes=592&likes=1", "#/map", "#/card", "#/"])
def test_every_view_goes_over(two: Two, look: Callable[..., Explorer], address: str) -> None:
    explorer = look(two.url).open(address)
    two.switch(explorer)
    explorer.go("#/movie/592")
    expect(explorer.heading).to_have_text(f"Batman{MARK} (1989)")
    explorer.page.go_back()
    explorer.settled()
    # the card may name no film
    named = [{True}, set()] if address == "#/card" else [{True}]
    until(explorer.page, lambda: marked(explorer) in named, "no title of the old one is left")
    expect(explorer.page.get_by_role("banner")).to_contain_text(two.second[-8:])


def test_no_answer_of_two_releases_is_put_together(two: Two, look: Callable[..., Explorer]) -> None:
    """Switched between the film and its list: the service says so in the list, and the film is asked for again."""
    explorer = look(two.url).open()
    held: list[object] = []
    explorer.page.route("**/similar/592*", lambda route: held.append(route), times=1)
    explorer.page.evaluate("location.hash = '#/movie/592'")
    until(explorer.page, lambda: held, "the list is asked for")
    two.switch(explorer)
    held.pop(0).continue_()  # type: ignore[attr-defined]
    expect(explorer.heading).to_have_text(f"Batman{MARK} (1989)")
    until(explorer.page, lambda: marked(explorer.settled()) == {True}, "no title of the old one is left")


def test_the_card_says_what_the_new_release_changed(two: Two, look: Callable[..., Explorer]) -> None:
    explorer = look(two.url).open()
    two.switch(explorer)
    explorer.open("#/card")
    history = explorer.main.get_by_role("region", name=explorer.said("card.history"))
    rows = history.get_by_role("row").filter(has_text=re.compile(r"\d{4}"))
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text=two.second[-8:])).to_contain_text(explorer.said("card.live"))
    changes = get(two.url, "releases/changes")
    assert changes["before"] == two.first
    region = explorer.main.get_by_role("region", name=explorer.said("card.changes"))
    expect(region).to_contain_text(two.first)
    share = changes["changes"]["neighbours"]["overlap"]
    expect(region).to_contain_text(re.compile(rf"share {100 * share:.1f}|share {100 * share:.0f}"))
