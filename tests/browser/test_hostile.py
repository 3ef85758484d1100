"""Titles, genres and labels that are no text but an attack, or hardly fit on a page: shown as they are, everywhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models import Registry
from tests.browser import stores
from tests.browser.conftest import looking
from tests.browser.explorer import Explorer, expect, get, until
from tests.browser.mapped import Mapped
from tests.serving import Running

MIDDLE = "592"


@pytest.fixture(scope="module")
def named(store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A store whose live release has hostile names, and these by id."""
    folder = stores.copied(store, tmp_path_factory.mktemp("hostile") / "store")
    release = Registry(folder).load()
    catalogue, names = stores.hostile(release, MIDDLE)
    Registry(folder).promote(stores.add(folder, release, catalogue, label=stores.HOSTILE_LABEL))
    return folder, names


@pytest.fixture(scope="module")
def page(
    named: tuple[Path, dict[str, str]], run_service: Callable[..., Running], browser: object
) -> Iterator[Explorer]:
    with looking(browser) as look:  # type: ignore[arg-type]
        yield look(run_service(named[0]).url)


@pytest.fixture
def hostile(page: Explorer) -> Iterator[Explorer]:
    """Afterwards nothing has run, nothing was asked for, and the page is not wider than the screen."""
    yield page
    for name in ("ran", "hacked"):
        assert page.page.evaluate(f"window.{name}") is None
    assert page.page.locator("main img[src=x], main script, main svg[onload], main b[onmouseover]").count() == 0
    wide, seen = page.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen
    found, page.guard.problems = page.guard.problems, []
    assert found == []


def shows(text: str, name: str) -> bool:
    return stores.plain(name) in stores.plain(text)


def test_a_films_page_and_its_list(hostile: Explorer, named: tuple[Path, dict[str, str]]) -> None:
    hostile.open(f"#/movie/{MIDDLE}")
    assert shows(hostile.heading.text_content() or "", named[1][MIDDLE])
    assert hostile.page.title().startswith(named[1][MIDDLE])
    listed = {one.get_attribute("data-movie-id"): one.text_content() or "" for one in hostile.answers.all()}
    others = set(named[1]) - {MIDDLE}
    assert others <= set(listed)
    for one in others:
        assert shows(listed[one], named[1][one]), one
        assert stores.HOSTILE_GENRE in listed[one]
    expect(hostile.page.get_by_role("banner")).to_contain_text(stores.HOSTILE_LABEL)


def test_every_hostile_film_has_a_page_and_evidence(hostile: Explorer, named: tuple[Path, dict[str, str]]) -> None:
    for one, name in named[1].items():
        hostile.open(f"#/movie/{one}?why={MIDDLE}")
        assert shows(hostile.heading.text_content() or "", name)
        panel = hostile.main.get_by_role("region", name="Why ")
        expect(panel.get_by_role("table")).to_be_visible()
        expect(panel.get_by_role("heading", level=2)).to_contain_text(named[1][MIDDLE])


def test_the_search(hostile: Explorer, named: tuple[Path, dict[str, str]]) -> None:
    hostile.open()
    for one, words in ((MIDDLE, "img onerror alert"), (list(named[1])[1], "script alert(2)")):
        hostile.search.fill(words)
        until(hostile.page, lambda one=one: found(hostile, named[1][one]), f"{words} finds it")
        hostile.search.press("Escape")
    hostile.search.fill("<img src=x onerror=alert(8)>")
    until(hostile.page, lambda: found(hostile, named[1][MIDDLE]), "markup is a query like any other")


def found(explorer: Explorer, name: str) -> bool:
    return any(shows(text, name) for text in explorer.options.all_text_contents())


@pytest.mark.parametrize("address", [f"#/compare/{MIDDLE}", f"#/taste?likes={MIDDLE}", "#/card", "#/"])
def test_the_other_views(hostile: Explorer, named: tuple[Path, dict[str, str]], address: str) -> None:
    hostile.open(address)
    text = stores.plain(hostile.main.text_content() or "")
    wanted = (
        [stores.HOSTILE_LABEL] if address in ("#/card", "#/") else [named[1][MIDDLE], *list(named[1].values())[1:4]]
    )
    for name in wanted:
        assert stores.plain(name) in text, name


def test_the_map(hostile: Explorer, named: tuple[Path, dict[str, str]]) -> None:
    hostile.open(f"#/map?movie={MIDDLE}&genre={stores.HOSTILE_GENRE.replace(' ', '%20')}")
    expect(hostile.main.get_by_label("Genre", exact=True)).to_have_value(stores.HOSTILE_GENRE)
    there = Mapped(hostile, get(hostile.base, "models")["default"])
    listed = hostile.main.get_by_role("region", name="Films in view").locator("[data-movie-id]")
    until(hostile.page, lambda: set(hostile.ids(listed)) <= set(named[1]), "only films of that genre are listed")
    for one in listed.all():
        assert shows(one.text_content() or "", named[1][one.get_attribute("data-movie-id") or ""])
    hostile.page.mouse.move(*there.spot(MIDDLE))
    expect(hostile.main.get_by_role("strong")).to_contain_text(named[1][MIDDLE])


def test_an_address_is_text_too(hostile: Explorer) -> None:
    hostile.guard.allow(404, "/(movies|similar|explain)/")
    hostile.open("#/movie/%3Cimg%20src%3Dx%20onerror%3Dalert(9)%3E")
    expect(hostile.main).to_contain_text("<img src=x onerror=alert(9)>")
    hostile.open(f"#/movie/{MIDDLE}?why=%3Cscript%3Ealert(9)%3C/script%3E&model=blend")
    expect(hostile.main).to_contain_text("<script>alert(9)</script>")
