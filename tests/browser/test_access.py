"""For everybody: axe finds nothing on any view, light, dark and on a phone; focus is seen; nothing moves unasked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.explorer import Explorer, expect, get, until
from tests.browser.mapped import Mapped

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
VIEWS = {
    "home": "#/",
    "film": "#/movie/592",
    "evidence": "#/movie/592?why=1377",
    "next": "#/movie/592?relation=next&popularity=0.5",
    "nothing": "#/movie/592?genre=Western&minLikes=290",
    "compare": "#/compare/592",
    "map": "#/map",
    "lit map": "#/map?movie=592&colour=year",
    "taste": "#/taste?likes=592&likes=1377&dislikes=1",
    "empty taste": "#/taste",
    "card": "#/card",
    "model": "#/card/node2vec",
    "missing": "#/nowhere",
}
# of which each other has a part that is like it
MAIN = {"home", "evidence", "compare", "map", "taste", "card"}
SCREENS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}


def violations(page: "Page", rules: list[str] = RULES) -> list[str]:
    """What axe finds: the rule and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(look: Callable[..., Explorer], site: str, screen: str) -> None:
    explorer = look(site, reduced_motion="reduce", **SCREENS[screen])
    found = {}
    for name, address in VIEWS.items():
        if screen != "light" and name not in MAIN:
            continue
        explorer.open(address)
        if "map" in name:
            Mapped(explorer, "blend")
        # in the dark nothing but colours is different
        found[name] = violations(explorer.page, COLOURS if screen == "dark" else RULES)
        wide, seen = explorer.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > seen:
            found[name].append(f"{wide} pixels wide, the screen has {seen}")
    assert {name: all_of for name, all_of in found.items() if all_of} == {}


def test_axe_finds_nothing_while_searching(look: Callable[..., Explorer], site: str) -> None:
    explorer = look(site).open()
    explorer.search.fill("bat")
    expect(explorer.options.first).to_be_visible()
    explorer.search.press("ArrowDown")
    assert violations(explorer.page) == []
    explorer.search.fill("qqqqzzzz")
    expect(explorer.page.get_by_text("qqqqzzzz").first).to_be_visible()
    assert violations(explorer.page) == []


def test_axe_would_find_something(explorer: Explorer) -> None:
    explorer.open()
    explorer.page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    assert any("color-contrast" in one for one in violations(explorer.page))


@pytest.mark.parametrize("screen", ["light", "phone"])
def test_what_has_the_focus_is_seen(look: Callable[..., Explorer], site: str, screen: str) -> None:
    explorer = look(site, **SCREENS[screen]).open("#/movie/592")
    page = explorer.page
    seen = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        # the element, or what stands for it: the label of a radio button that is drawn as a segment
        state = page.evaluate(
            """() => {
              const one = document.activeElement, box = one.getBoundingClientRect();
              const drawn = [one, one.nextElementSibling, one.parentElement].filter(Boolean).map(getComputedStyle);
              const ring = ({ outlineStyle, outlineWidth, boxShadow }) =>
                (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
              return {
                name: one.outerHTML.slice(0, 120), body: one === document.body, ring: drawn.some(ring),
                inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
              };
            }"""
        )
        if state["body"]:
            break
        assert state["ring"], f"no ring: {state['name']}"
        assert state["inside"], f"off the screen: {state['name']}"
        seen += 1
    assert seen > 15


def test_the_colours_can_be_chosen(look: Callable[..., Explorer], site: str) -> None:
    explorer = look(site).open("#/map")
    Mapped(explorer, "blend")
    page = explorer.page
    ground = "() => getComputedStyle(document.documentElement).getPropertyValue('--bg')"
    point = "() => document.querySelector('canvas').toDataURL()"
    light, pixel = page.evaluate(ground), page.evaluate(point)
    page.get_by_role("button", name=explorer.said("common.toDark")).click()
    until(page, lambda: page.evaluate(ground) != light, "the page is dark")
    until(page, lambda: page.evaluate(point) != pixel, "the map as well")
    page.reload()
    assert page.evaluate(ground) != light
    page.get_by_role("button", name=explorer.said("common.toLight")).click()
    until(page, lambda: page.evaluate(ground) == light, "and light again")
    # with the system's colours where nothing was chosen
    dark = look(site, color_scheme="dark").open().page
    assert dark.evaluate(ground) != light
    dark.emulate_media(color_scheme="light")
    until(dark, lambda: dark.evaluate(ground) == light, "the page follows the system")


def test_nothing_glides_where_that_is_not_wanted(look: Callable[..., Explorer], site: str) -> None:
    explorer = look(site, reduced_motion="reduce").open("#/map")
    there = Mapped(explorer, "blend")
    before = there.view()
    explorer.main.get_by_role("button", name=explorer.said("map.zoomIn")).click()
    explorer.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = there.view()
    assert after != before
    assert there.rested().view() == after
    explorer.go("#/movie/592")
    moving = "() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length"
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    assert explorer.page.evaluate(moving) == 0
    expect(explorer.main.get_by_text("by DeepWalk").first).to_be_visible()
    assert explorer.page.evaluate(moving) == 0
    # a list that was waited for is as clear at once as it was before, not a frame later
    opacity = explorer.page.locator(".film-list").evaluate(
        """async (list) => {
          list.setAttribute("aria-busy", "true");
          await new Promise((done) => setTimeout(done, 200));
          const dimmed = getComputedStyle(list).opacity;
          list.setAttribute("aria-busy", "false");
          return [dimmed, getComputedStyle(list).opacity];
        }"""
    )
    assert opacity == ["0.55", "1"]


def test_what_happens_is_said(explorer: Explorer) -> None:
    explorer.open("#/movie/592")
    status = explorer.page.locator("#status")
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    total = get(explorer.base, "similar/592?model=deepwalk")["total"]
    expect(status).to_have_text(explorer.said("film.announced", 20, total, "DeepWalk"))
    explorer.answers.first.get_by_role("button", name="Liked ").click()
    title = explorer.answers.first.get_by_role("link").first.evaluate("(link) => link.firstChild.textContent")
    expect(status).to_have_text(explorer.said("common.like.added", title))
    explorer.search.fill("godfahter")
    expect(status).to_have_text(explorer.said("search.count", get(explorer.base, "movies?query=godfahter")["total"]))
