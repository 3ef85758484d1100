"""The map: moved, pointed at, opened, selected, coloured; and the same as lists."""

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator

from tests.browser.explorer import Explorer, expect, get, until
from tests.browser.mapped import Mapped


@pytest.fixture
def there(explorer: Explorer) -> Mapped:
    explorer.open("#/map")
    return Mapped(explorer, "blend")


def names(explorer: Explorer) -> dict[str, str]:
    found = get(explorer.base, "catalogue")
    years = [f" ({year})" if year else "" for year in found["years"]]
    titles = [title + year for title, year in zip(found["titles"], years, strict=True)]
    return dict(zip(found["movieIds"], titles, strict=True))


def counted(explorer: Explorer, count: int, shown: int) -> "Locator":
    """The line over a list that says how many films there are."""
    return explorer.main.get_by_text(explorer.said("map.counted", count, shown), exact=True).first


def test_all_films_are_on_screen_at_first(there: Mapped) -> None:
    assert there.on_screen() == set(there.places)
    expect(counted(there.explorer, len(there.places), 50)).to_be_visible()


def test_the_mouse_moves_it_and_what_is_held_stays_under_it(there: Mapped) -> None:
    page = there.explorer.page
    film = there.lonely()
    x, y = there.spot(film)
    box = there.box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] + 50, steps=5)
    # at rest before it is let go: it does not slide on
    there.rested()
    page.mouse.up()
    assert there.rested().spot(film) == pytest.approx((x + 50, y + 30), abs=2)
    # the address has it, and leads to the same place
    assert re.match(r"#/map\?x=.*&y=.*&zoom=1$", there.explorer.hash())
    seen = there.view()
    page.reload()
    there.explorer.settled()
    assert there.rested().view() == pytest.approx(seen, rel=1e-2, abs=1.5)


def test_the_wheel_zooms_about_the_pointer(there: Mapped) -> None:
    film = there.lonely()
    x, y = there.spot(film)
    before = there.view()[0]
    there.explorer.page.mouse.move(x, y)
    there.explorer.page.mouse.wheel(0, -300)
    until(there.explorer.page, lambda: there.view()[0] > 1.5 * before, "it is nearer")
    assert there.rested().spot(film) == pytest.approx((x, y), abs=2)


def test_keys_move_and_zoom(there: Mapped) -> None:
    page = there.explorer.page
    first = there.view()
    there.canvas.focus()
    for key in ("ArrowRight", "ArrowDown", "+", "+"):
        page.keyboard.press(key)
    moved = there.rested().view()
    assert moved[0] == pytest.approx(first[0] * 1.5**2, rel=0.05)
    page.keyboard.press("-")
    assert there.rested().view()[0] < moved[0]
    page.keyboard.press("0")
    until(page, lambda: there.view() == pytest.approx(first, rel=1e-3, abs=0.5), "all is shown again")
    buttons = there.explorer.main.get_by_role("group", name="Zoom")
    buttons.get_by_role("button", name="Zoom in").click()
    assert there.rested().view()[0] > first[0]
    buttons.get_by_role("button", name="Show all").click()
    assert there.rested().view() == pytest.approx(first, rel=1e-3, abs=0.5)


def test_pointing_names_a_film_and_a_click_opens_it(there: Mapped) -> None:
    explorer, film = there.explorer, there.lonely()
    name = names(explorer)[film]
    explorer.page.mouse.move(*there.spot(film))
    tip = explorer.main.get_by_role("strong").filter(has_text=name)
    expect(tip).to_be_visible()
    explorer.page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    explorer.page.mouse.click(*there.spot(film))
    expect(explorer.heading).to_have_text(name)
    assert explorer.hash() == f"#/movie/{film}"
    explorer.page.go_back()
    expect(explorer.heading).to_have_text("Map of films")


def test_a_rectangle_lists_exactly_what_is_in_it(there: Mapped) -> None:
    explorer, page = there.explorer, there.explorer.page
    box = there.box()
    left, top = box["x"] + 0.35 * box["width"], box["y"] + 0.35 * box["height"]
    right, bottom = box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"]
    wanted = there.inside(left, top, right, bottom)
    assert 10 < len(wanted) < 200
    before = there.view()
    button = explorer.main.get_by_role("button", name="Select an area")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=4)
    page.mouse.up()
    area = explorer.main.get_by_role("region", name="Films in the selected area")
    expect(area.get_by_text(f"{len(wanted)} films")).to_be_visible()
    found = explorer.ids(area.locator("[data-movie-id]"))
    # a point on the very edge may fall to either side
    assert len(set(found) ^ wanted) <= 1
    likes = dict(zip(*(get(explorer.base, "catalogue")[key] for key in ("movieIds", "likes")), strict=True))
    assert [likes[one] for one in found] == sorted((likes[one] for one in found), reverse=True)
    assert there.view() == before
    expect(button).to_have_attribute("aria-pressed", "false")
    area.get_by_role("button", name="Clear the selection").click()
    expect(area).to_be_hidden()
    # the same by holding shift, and away by Escape
    page.keyboard.down("Shift")
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(area.get_by_text(f"{len(wanted)} films")).to_be_visible()
    there.canvas.focus()
    page.keyboard.press("Escape")
    expect(area).to_be_hidden()


def test_another_model_is_another_picture(there: Mapped) -> None:
    explorer = there.explorer
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    until(explorer.page, lambda: explorer.hash() == "#/map?model=deepwalk", "the model is in the address")
    explorer.settled()
    other = Mapped(explorer, "deepwalk")
    assert other.places != there.places
    film = other.lonely()
    explorer.page.mouse.click(*other.spot(film))
    expect(explorer.heading).to_have_text(names(explorer)[film])
    assert explorer.hash() == f"#/movie/{film}?model=deepwalk"


def test_the_legend_counts_all_films_and_shows_one_class_alone(there: Mapped) -> None:
    explorer = there.explorer
    legend = explorer.main.get_by_role("region", name="Colours:")
    firsts = Counter(genres[0] for genres in get(explorer.base, "catalogue")["genres"] if genres)
    genre = get(explorer.base, "catalogue")["genreNames"][firsts.most_common(1)[0][0]]
    expect(legend.get_by_role("button").first).to_have_text(re.compile(rf"^{genre}\s*{firsts.most_common(1)[0][1]}$"))
    for colour in ("Year", "Likes", "Learned or inferred", "Genre"):
        explorer.main.get_by_label("Colour by").select_option(colour)
        expect(explorer.main.get_by_role("region", name=re.compile("Colours: "))).to_be_visible()
        counts = [int(text.replace(",", "")) for text in legend.locator(".map-class-count").all_text_contents()]
        assert sum(counts) == len(there.places), colour
    legend.get_by_role("button").first.click()
    until(explorer.page, lambda: "only=" in explorer.hash(), "the class is in the address")
    expect(explorer.main.get_by_text(re.compile(rf"^{firsts.most_common(1)[0][1]} films"))).to_be_visible()
    expect(legend.get_by_role("button").first).to_have_attribute("aria-pressed", "true")
    explorer.page.keyboard.press("Escape")
    legend.get_by_role("button", name=explorer.said("map.allClasses")).click()
    expect(counted(explorer, len(there.places), 50)).to_be_visible()


def test_inferred_films_have_a_colour(there: Mapped) -> None:
    there.explorer.open("#/map?colour=source")
    inferred = there.explorer.main.get_by_role("button", name="Inferred from genres, year, title")
    expect(inferred).to_contain_text(str(len(there.inferred)))


def test_the_film_one_comes_from_is_lit(there: Mapped) -> None:
    explorer = there.explorer
    explorer.open("#/map?movie=592")
    expect(explorer.main.get_by_text("Batman (1989) is lit, and the 20 films most similar to it")).to_be_visible()
    explorer.main.get_by_role("button", name=explorer.said("map.unlight"), exact=True).click()
    expect(explorer.main.get_by_text("is lit, and")).to_be_hidden()
    explorer.open("#/map?movie=none")
    expect(explorer.main.get_by_text("No film none in this release.")).to_be_visible()


def test_the_list_is_what_is_on_screen(there: Mapped) -> None:
    explorer, film = there.explorer, there.lonely()
    explorer.page.mouse.move(*there.spot(film))
    for _ in range(4):
        explorer.page.mouse.wheel(0, -400)
    there.rested()
    wanted = there.on_screen()
    assert 0 < len(wanted) < len(there.places)
    listed = explorer.main.get_by_role("region", name="Films in view").locator("[data-movie-id]")
    until(explorer.page, lambda: set(explorer.ids(listed)) <= wanted, "only these are listed")
    assert film in explorer.ids(listed) or len(wanted) > 50
