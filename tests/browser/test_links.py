"""Every state has an address: opened by itself, gone back to, in the title."""

import pytest

from tests.browser.explorer import Explorer, expect, get, until

VIEWS = {
    "#/": ("People who loved this, what else is like it?", "Kindred: what else is like it?"),
    "#/movie/592": ("Batman (1989)", "Batman (1989) · Kindred"),
    "#/movie/592?model=item2vec&relation=next&genre=Crime": ("Batman (1989)", "Batman (1989) · Kindred"),
    "#/movie/592?why=1377": ("Batman (1989)", "Batman (1989) · Kindred"),
    "#/compare/592": ("Batman (1989)", "Batman (1989): models compared · Kindred"),
    "#/map": ("Map of films", "Map of films · Kindred"),
    "#/map?model=item2vec&colour=year&movie=592": ("Map of films", "Map of films · Kindred"),
    "#/taste": ("Your taste", "Your taste · Kindred"),
    "#/taste?likes=592&likes=1&dislikes=356": ("Your taste", "Your taste · Kindred"),
    "#/card": ("Model card", "Model card · Kindred"),
    "#/card/blend": (None, None),
    "#/nowhere": ("Nothing is here", "Nothing is here · Kindred"),
}


@pytest.mark.parametrize("address", VIEWS)
def test_an_address_opens_by_itself(shared: Explorer, address: str) -> None:
    shared.leave()
    shared.open(address)
    heading, title = VIEWS[address]
    if heading is not None:
        expect(shared.heading).to_have_text(heading)
        expect(shared.page).to_have_title(title or "")
    expect(shared.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(shared.page.get_by_role("main")).to_have_count(1)
    expect(shared.page.get_by_role("banner")).to_have_count(1)
    # the map adds where it looks
    assert shared.hash().startswith(address) if "map" in address else shared.hash() == address


def test_all_of_a_state_is_on_screen(explorer: Explorer) -> None:
    explorer.open(
        "#/movie/592?model=item2vec&relation=next&diversity=0.25&popularity=-0.4&genre=Crime&yearFrom=1980&yearTo=2000"
        "&minLikes=5&limit=50"
    )
    main = explorer.main
    expect(main.get_by_role("radio", name="Item2vec")).to_be_checked()
    expect(main.get_by_role("radio", name="Watched next")).to_be_checked()
    expect(main.get_by_role("slider", name="Diversity")).to_have_value("0.25")
    expect(main.get_by_role("slider", name="Popularity")).to_have_value("-0.4")
    expect(main.get_by_label("Genre", exact=True)).to_have_value("Crime")
    expect(main.get_by_role("spinbutton").nth(0)).to_have_value("1980")
    expect(main.get_by_role("spinbutton").nth(1)).to_have_value("2000")
    expect(main.get_by_role("spinbutton").nth(2)).to_have_value("5")
    wanted = get(explorer.base, "similar/592?" + explorer.hash().partition("?")[2])
    assert explorer.ids() == [film["movieId"] for film in wanted["similar"]]


def test_back_and_forward(explorer: Explorer) -> None:
    page, main = explorer.open("#/movie/592").page, explorer.main
    first = explorer.ids()
    main.get_by_role("radio", name="Node2vec").check()
    expect(main.get_by_text("by Node2vec").first).to_be_visible()
    second = explorer.settled().ids()
    explorer.answers.nth(2).get_by_role("link").first.click()
    third = second[2]
    until(page, lambda: explorer.hash() == f"#/movie/{third}?model=node2vec", "the model is kept")
    explorer.settled()
    main.get_by_role("link", name="Compare models").click()
    expect(page).to_have_title(explorer.said("compare.title", *title_of(explorer, third)) + " · Kindred")
    page.go_back()
    explorer.settled()
    assert explorer.hash() == f"#/movie/{third}?model=node2vec"
    page.go_back()
    explorer.settled()
    expect(explorer.heading).to_have_text("Batman (1989)")
    until(page, lambda: explorer.ids() == second, "the list of before")
    expect(main.get_by_role("radio", name="Node2vec")).to_be_checked()
    page.go_back()
    until(page, lambda: explorer.ids() == first, "the first list")
    expect(main.get_by_role("radio", name="Blend")).to_be_checked()
    page.go_forward()
    until(page, lambda: explorer.ids() == second, "forward again")


def title_of(explorer: Explorer, movie_id: str) -> tuple[str, str]:
    film = get(explorer.base, f"movies/{movie_id}")
    return film["title"], f" ({film['year']})" if film["year"] else ""


def test_back_goes_to_where_one_was(explorer: Explorer) -> None:
    page = explorer.open("#/movie/592").page
    last = explorer.answers.nth(17)
    last.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    assert top > 300
    last.get_by_role("link").first.click()
    expect(explorer.heading).not_to_have_text("Batman (1989)")
    until(page, lambda: page.evaluate("scrollY") == 0, "another film begins at its top")
    page.go_back()
    until(page, lambda: abs(page.evaluate("scrollY") - top) < 5, "scrolled as before")


def test_a_dial_that_is_dragged_is_one_step_of_the_history(explorer: Explorer) -> None:
    page = explorer.open().page
    explorer.go("#/movie/592")
    slider = explorer.main.get_by_role("slider", name="Diversity")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    until(page, lambda: explorer.hash() == "#/movie/592?diversity=0.3", "the dial is in the address")
    page.go_back()
    expect(explorer.heading).to_have_text(VIEWS["#/"][0])


def test_the_address_of_a_taste_can_be_handed_on(explorer: Explorer) -> None:
    page, main = explorer.open("#/taste").page, explorer.main
    field = main.get_by_role("combobox", name=explorer.said("taste.search"))
    for words in ("batman 1989", "matrix"):
        field.fill(words)
        expect(explorer.page.get_by_role("option").first).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
    until(page, lambda: explorer.hash() == "#/taste?likes=592&likes=2571", "both are in the address")
    explorer.settled()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    main.get_by_role("button", name=explorer.said("taste.copyLink")).click()
    expect(main.get_by_role("button", name=explorer.said("taste.copied"))).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    films = main.get_by_role("region", name=explorer.said("taste.heading")).locator("[data-movie-id]")
    shown = explorer.ids(films)
    assert len(shown) == 20
    # nothing is kept but the address: another visitor sees the same
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    other = page.context.browser.new_page()  # type: ignore[union-attr]
    there = Explorer(other, explorer.base)
    other.goto(copied)
    there.settled()
    assert (
        there.ids(other.get_by_role("region", name=explorer.said("taste.heading")).locator("[data-movie-id]")) == shown
    )
    assert there.guard.problems == []
    other.close()
