"""`kindred export --format static`, served from a folder by nothing but a file server: the same answers, no service."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kindred
from tests.browser.conftest import looking
from tests.browser.explorer import Explorer, expect, get, minus, post, until
from tests.browser.mapped import Mapped
from tests.serving import free_port


@pytest.fixture(scope="module")
def files(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a file server has the export, a folder below its root."""
    root = tmp_path_factory.mktemp("static")
    arguments = ["export", "--format", "static", "--models", str(store), "--out", str(root / "films" / "of ours")]
    (root / "films").mkdir()
    assert kindred.main(arguments) == 0
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}/films/of%20ours/"
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture(scope="module")
def page(files: str, browser: object) -> Iterator[Explorer]:
    with looking(browser) as look:  # type: ignore[arg-type]
        explorer = look(files)
        until(explorer.page, lambda: there(explorer), "the file server answers")
        yield explorer


def there(explorer: Explorer) -> bool:
    try:
        return bool(explorer.page.request.get(explorer.base + "data/models.json").ok)
    except Exception:  # refused as long as it starts
        return False


@pytest.fixture
def static(page: Explorer) -> Iterator[Explorer]:
    """Afterwards only files of the folder were asked for."""
    page.guard.requested.clear()
    yield page
    found, page.guard.problems = page.guard.problems, []
    assert found == []
    asked = {address.removeprefix(page.base).partition("/")[0] for address in page.guard.requested}
    assert asked <= {"", "ui", "data"}


@pytest.mark.parametrize("query", ["", "?model=deepwalk&relation=next", "?genre=Crime", "?popularity=0.6&yearTo=1999"])
def test_a_list_is_that_of_the_service(static: Explorer, site: str, query: str) -> None:
    static.open(f"#/movie/592{query}")
    expect(static.heading).to_have_text("Batman (1989)")
    shown, scores = static.ids(), static.scores()
    # filters and popularity look at the hundred nearest; what the service has among these is the same
    answer = get(site, f"similar/592{query}{'&' if query else '?'}limit=20")["similar"]
    same = len(shown) if not query or "next" in query else 5
    assert len(shown) >= same
    assert shown[:same] == [film["movieId"] for film in answer][:same]
    assert scores[:same] == [minus(film["score"]) for film in answer][:same]
    expect(static.main.get_by_role("button", name=static.said("film.curl"))).to_have_count(0)
    expect(static.main.get_by_role("slider", name="Diversity")).to_have_count(0)


def test_search_and_walk_on(static: Explorer) -> None:
    static.open()
    static.search.fill("godfahter")
    expect(static.options.first).to_contain_text("Godfather, The (1972)")
    static.search.press("Enter")
    expect(static.heading).to_have_text("Godfather, The (1972)")
    title = static.answers.nth(3).get_by_role("link").first.inner_text()
    static.answers.nth(3).get_by_role("link").first.click()
    expect(static.heading).to_have_text(title)
    static.page.go_back()
    expect(static.heading).to_have_text("Godfather, The (1972)")


def test_the_evidence_is_that_of_the_service(static: Explorer, site: str) -> None:
    found = get(site, "explain/592/1377")
    static.open("#/movie/592?why=1377")
    panel = static.main.get_by_role("region", name="Why ")
    expect(panel.get_by_role("table")).to_be_visible()
    text = " ".join(panel.inner_text().split())
    assert f"{found['evidence']['likedBoth']} of {found['evidence']['viewers']} viewers liked both" in text
    for place in found["models"]:
        if place["rank"] and place["rank"] <= 100:
            assert f"{place['rank']} of" in text
            assert minus(place["score"]) in text
    expect(panel.get_by_role("img").last).to_be_visible()


def test_the_other_views(static: Explorer, site: str) -> None:
    static.open("#/compare/592")
    lists = get(site, "compare/592")["lists"]
    shown = [static.ids(one.locator("li[data-film], li[data-movie-id]")) for one in static.main.locator("ol").all()]
    assert shown == [[film["movieId"] for film in one["similar"]] for one in lists]
    static.open("#/map")
    mapped = Mapped(static, "blend", site)
    film = mapped.lonely()
    static.page.mouse.click(*mapped.spot(film))
    until(static.page, lambda: static.hash() == f"#/movie/{film}", "a click opens it")
    static.open("#/card")
    expect(static.main.get_by_role("region", name=static.said("card.measured")).get_by_role("table")).to_be_visible()
    expect(static.main.get_by_role("region", name=static.said("card.history")).get_by_role("table")).to_be_visible()
    static.open("#/card/blend")
    expect(static.heading).to_have_count(1)


def test_a_taste_is_pooled_from_the_lists(static: Explorer, site: str) -> None:
    static.open("#/taste?likes=592")
    region = static.main.get_by_role("region", name=static.said("taste.heading"))
    answer = post(site, "similar", {"likes": ["592"]})["similar"]
    shown = static.ids(region.locator("[data-movie-id]"))
    # of one film the pooled list is its own
    assert shown[:10] == [film["movieId"] for film in answer][:10]
    static.open("#/taste?likes=592&likes=1&dislikes=356")
    shown = static.ids(region.locator("[data-movie-id]"))
    assert len(shown) >= 10
    assert not {"592", "1", "356"} & set(shown)


def test_a_film_that_is_not_there(static: Explorer) -> None:
    static.open("#/movie/Batmn")
    expect(static.heading).to_have_text(static.said("errors.unknownMovie"))
    expect(static.main.get_by_role("link", name="Batman (1989)")).to_be_visible()


def test_the_page_is_as_strict_as_that_of_the_service(static: Explorer) -> None:
    static.open()
    assert static.page.evaluate("document.documentElement.dataset.source") == "static"
    static.guard.allow_words("Content Security Policy|violates the following")
    static.page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))"
    )
    assert static.page.evaluate("window.ran") is None
