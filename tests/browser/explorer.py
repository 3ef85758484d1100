"""The explorer as a visitor sees it, and the service behind it as a program does."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.browser.guard import Guard

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, expect
else:
    try:
        from playwright.sync_api import expect
    except ModuleNotFoundError:  # nothing is looked at then
        expect = None

__all__ = ["Explorer", "expect", "get", "minus", "post", "until"]

SECONDS = 15.0


class Explorer:
    """One page, watched.

    Attributes:
        page: the tab.
        base: the folder that index.html is in, with a slash at its end.
        guard: what went wrong.
    """

    def __init__(self, page: "Page", base: str) -> None:
        self.page = page
        self.base = base.rstrip("/") + "/"
        self.guard = Guard(page, self.base)

    def open(self, address: str = "#/") -> "Explorer":
        """Go to an address by itself, as from a bookmark."""
        self.page.goto(self.base + address)
        return self.settled()

    def go(self, address: str) -> "Explorer":
        """Go to an address as a link of the page does."""
        self.page.evaluate("(hash) => { location.hash = hash; }", address)
        return self.settled()

    def leave(self) -> None:
        """Go to an empty page once nothing more is loaded, for what is cut off then counts as failed."""
        self.page.wait_for_load_state("networkidle")
        self.page.goto("about:blank")

    def settled(self) -> "Explorer":
        """Wait until what was asked for is on screen."""
        # a change of the address is told to the page in a task of its own
        self.page.evaluate("() => new Promise((done) => setTimeout(done))")
        expect(self.heading).to_have_count(1, timeout=SECONDS * 1e3)
        busy = self.page.locator("#main[aria-busy=true], #main [aria-busy=true]")
        expect(busy).to_have_count(0, timeout=SECONDS * 1e3)
        return self

    @property
    def main(self) -> "Locator":
        return self.page.get_by_role("main")

    @property
    def heading(self) -> "Locator":
        return self.main.get_by_role("heading", level=1)

    @property
    def search(self) -> "Locator":
        """The field in the header."""
        return self.page.get_by_role("banner").get_by_role("combobox")

    @property
    def options(self) -> "Locator":
        """What the search offers."""
        return self.page.get_by_role("listbox").get_by_role("option")

    @property
    def answers(self) -> "Locator":
        """The films of the view's first list of answers."""
        return self.main.locator("ol").first.locator("[data-movie-id]")

    def ids(self, films: "Locator | None" = None) -> list[str]:
        """Ids of films on screen, in order."""
        found = self.answers if films is None else films
        ids: list[str] = found.evaluate_all("all => all.map((one) => one.dataset.movieId ?? one.dataset.film)")
        return ids

    def scores(self) -> list[str]:
        """The scores beside the answers, as they are written."""
        return [text.strip() for text in self.answers.locator(".score").all_text_contents()]

    def said(self, path: str, *given: object) -> str:
        """A text of the explorer, by its place in texts.js: `said("common.films", 3)`."""
        text: str = self.page.evaluate(
            """async ([module, path, given]) => {
              const text = path.split(".").reduce((at, key) => at[key], (await import(module)).texts);
              return typeof text === "function" ? text(...given) : text;
            }""",
            [f"{self.base}ui/texts.js", path, given],
        )
        return text

    def hash(self) -> str:
        """The address behind #."""
        text: str = self.page.evaluate("location.hash")
        return text

    def focused(self) -> str:
        """The accessible name of what has the focus, or its text."""
        text: str = self.page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
        )
        return text


def get(base: str, path: str) -> Any:
    """What the service answers."""
    with urllib.request.urlopen(f"{base.rstrip('/')}/{path}", timeout=10) as answer:
        return json.load(answer)


def post(base: str, path: str, body: object) -> Any:
    """What the service answers to a body."""
    asked = urllib.request.Request(
        f"{base.rstrip('/')}/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def minus(score: float) -> str:
    """A score as the explorer writes it."""
    return f"{score:.3f}".replace("-", "\u2212")


def until(page: "Page", true: Callable[[], object], what: str) -> None:
    """Wait for something that no locator tells."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, what
        page.wait_for_timeout(20)
