"""From a search to a taste and back: once by mouse, once by keyboard alone."""

import re
from urllib.parse import parse_qsl, quote

import pytest

from tests.browser.explorer import Explorer, expect, get, until
from tests.browser.mapped import Mapped


def test_by_mouse(explorer: Explorer) -> None:
    page, main = explorer.open().page, explorer.main
    # search
    explorer.search.click()
    page.keyboard.type("godfahter")
    expect(explorer.options.first).to_contain_text("Godfather, The (1972)")
    explorer.options.nth(0).click()
    expect(explorer.heading).to_have_text("Godfather, The (1972)")
    assert explorer.hash() == "#/movie/858"
    # model, relation, dials
    main.get_by_role("radio", name="DeepWalk").click()
    expect(main.get_by_text("by DeepWalk").first).to_be_visible()
    main.get_by_role("radio", name="Watched next").click()
    expect(main.get_by_role("heading", level=2, name="Watched right after Godfather, The")).to_be_visible()
    main.get_by_label("Genre", exact=True).select_option("Drama")
    popularity = main.get_by_role("slider", name="Popularity")
    box = popularity.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    until(page, lambda: "popularity=" in explorer.hash(), "the dial is in the address")
    explorer.settled()
    address, _, query = explorer.hash().partition("?")
    assert address == "#/movie/858"
    assert dict(parse_qsl(query)) == {
        "model": "deepwalk", "relation": "next", "genre": "Drama", "popularity": popularity.input_value()
    }  # fmt: skip
    assert 0.6 <= float(popularity.input_value()) < 1
    wanted = get(explorer.base, f"similar/858?{query}")
    assert explorer.ids() == [film["movieId"] for film in wanted["similar"]]
    # why
    second = wanted["similar"][1]
    explorer.answers.nth(1).get_by_role("button", name="Why").click()
    panel = main.get_by_role("region", name="Why ")
    expect(panel.get_by_role("heading", level=2)).to_contain_text(second["title"])
    expect(panel.get_by_role("img").last).to_be_visible()
    assert f"why={quote(second['movieId'])}" in explorer.hash()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    # map
    main.get_by_role("link", name="On the map").click()
    expect(explorer.heading).to_have_text("Map of films")
    there = Mapped(explorer, "deepwalk")
    x, y = there.spot("858")
    page.mouse.move(x, y)
    expect(page.get_by_text("Godfather, The (1972)").last).to_be_visible()
    page.mouse.click(x, y)
    expect(explorer.heading).to_have_text("Godfather, The (1972)")
    assert explorer.hash() == "#/movie/858?model=deepwalk"
    # basket
    main.get_by_role("button", name="Liked it").first.click()
    explorer.answers.first.get_by_role("button", name="is not for me").click()
    disliked = explorer.ids()[0]
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Your taste").click()
    expect(explorer.heading).to_have_text("Your taste")
    assert explorer.hash() == f"#/taste?likes=858&dislikes={disliked}"
    explorer.settled()
    assert len(explorer.ids(main.get_by_role("region", name="What goes with them").locator("[data-movie-id]"))) == 20


def tab_to(explorer: Explorer, name: str, most: int = 60) -> None:
    """Press Tab until what is called `name` has the focus."""
    for _ in range(most):
        explorer.page.keyboard.press("Tab")
        if re.search(name, explorer.focused()):
            return
    raise AssertionError(f"{name} is not reached by {most} times Tab; the focus is on {explorer.focused()!r}")


def test_by_keyboard(explorer: Explorer) -> None:
    page, main = explorer.open().page, explorer.main
    press = page.keyboard.press
    # search
    press("/")
    expect(explorer.search).to_be_focused()
    page.keyboard.type("godfahter")
    expect(explorer.options.first).to_contain_text("Godfather, The")
    expect(explorer.search).to_have_attribute("aria-expanded", "true")
    press("ArrowDown")
    press("ArrowDown")
    second = explorer.options.nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(second).to_contain_text("Godfather: Part II, The")
    expect(explorer.search).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "")
    press("Escape")
    expect(second).to_be_hidden()
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(explorer.heading).to_have_text("Godfather: Part II, The (1974)")
    expect(explorer.heading).to_be_focused()
    # model and dials
    tab_to(explorer, "^$|Blend")
    press("ArrowLeft")
    expect(main.get_by_role("radio", name="Node2vec")).to_be_checked()
    expect(main.get_by_role("radio", name="Node2vec")).to_be_focused()
    expect(main.get_by_text("by Node2vec").first).to_be_visible()
    slider = main.get_by_role("slider", name="Diversity")
    slider.focus()
    press("ArrowRight")
    press("ArrowRight")
    until(page, lambda: explorer.hash() == "#/movie/1221?model=node2vec&diversity=0.1", "the dial is in the address")
    expect(slider).to_be_focused()
    # why
    explorer.settled()
    first = explorer.answers.first
    title = first.locator("a").first.inner_text()
    first.get_by_role("button", name="Why").focus()
    press("Enter")
    why = main.get_by_role("region", name="Why ").get_by_role("heading", level=2)
    expect(why).to_be_focused()
    expect(why).to_contain_text(title)
    press("Escape")
    expect(main.get_by_role("region", name="Why ")).to_have_count(0)
    expect(first.get_by_role("button", name="Why")).to_be_focused()
    # basket
    tab_to(explorer, "^Liked ")
    press("Space")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    # map, by its list
    main.get_by_role("link", name="On the map").focus()
    press("Enter")
    expect(explorer.heading).to_be_focused()
    expect(explorer.heading).to_have_text("Map of films")
    explorer.settled()
    there = Mapped(explorer, "node2vec")
    tab_to(explorer, "Map of films")
    before = there.view()
    press("ArrowLeft")
    until(page, lambda: there.view() != before, "the map has moved")
    inside = main.get_by_role("region", name="Films in view").get_by_role("link")
    expect(inside.first).to_be_visible()
    name = there.rested().first_in_view()
    tab_to(explorer, f"^{re.escape(name)}")
    press("Enter")
    expect(explorer.heading).to_be_focused()
    expect(explorer.heading).to_have_text(name)
    # taste
    page.keyboard.press("/")
    press("Shift+Tab")
    press("Tab")
    tab_to(explorer, "^Your taste")
    press("Enter")
    expect(explorer.heading).to_have_text("Your taste")
    expect(explorer.heading).to_be_focused()
    assert explorer.hash().startswith("#/taste?likes=")


def test_the_first_tab_leads_past_the_header(explorer: Explorer) -> None:
    explorer.open("#/movie/592")
    explorer.page.evaluate("document.activeElement.blur()")
    explorer.page.keyboard.press("Tab")
    assert explorer.focused() == "Skip to the content"
    explorer.page.keyboard.press("Enter")
    expect(explorer.main).to_be_focused()
    assert explorer.hash() == "#/movie/592"


@pytest.mark.parametrize("where", ["searching", "choosing"])
def test_a_slash_is_typed_where_text_is(explorer: Explorer, where: str) -> None:
    explorer.open("#/movie/592")
    field = explorer.search if where == "searching" else explorer.main.get_by_label("From", exact=False).first
    field.focus()
    explorer.page.keyboard.type("/")
    expect(field).to_be_focused()


def test_a_title_nobody_has_gets_the_nearest(explorer: Explorer) -> None:
    explorer.open()
    explorer.search.fill("terminaqqqq")
    expect(explorer.page.get_by_text(explorer.said("search.nothing", "terminaqqqq", 0)).first).to_be_visible()
    expect(explorer.options.filter(has_text="Terminator")).not_to_have_count(0)
    explorer.search.press("Enter")
    assert explorer.hash() in ("#/", "")
