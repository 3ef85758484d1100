"""The map as tests look at it: where a film is on screen, and what is in a rectangle."""

import math
from typing import Any

from tests.browser.explorer import Explorer, get, until


class Mapped:
    """The open map of a model, beside the numbers it is drawn from.

    Attributes:
        places: movie_id -> x, y as the service has them.
    """

    def __init__(self, explorer: Explorer, model: str, service: str = "") -> None:
        """Wait until it is drawn and rests."""
        self.explorer = explorer
        self.canvas = explorer.main.get_by_role("application", name="Map of films")
        answer: Any = get(service or explorer.base, f"map?model={model}")
        self.places = dict(zip(answer["movieIds"], zip(answer["x"], answer["y"], strict=True), strict=True))
        self.inferred = [answer["movieIds"][row] for row in answer["inferred"]]
        self.rested()

    def view(self) -> list[float]:
        """Scale, left, top, scale upwards: from places to CSS pixels of the canvas."""
        found = self.canvas.get_attribute("data-view") or ""
        return [float(number) for number in found.split()]

    def rested(self) -> "Mapped":
        """Wait until nothing moves: two looks some frames apart see the same."""
        seen: list[list[float]] = [[]]

        def still() -> bool:
            seen.append(self.view())
            self.explorer.page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
            return bool(seen[-1]) and seen[-1] == self.view()

        until(self.explorer.page, still, "the map rests")
        return self

    def box(self) -> dict[str, float]:
        """The canvas in CSS pixels of the page."""
        self.canvas.scroll_into_view_if_needed()
        found: Any = self.canvas.bounding_box()
        return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}

    def spots(self) -> dict[str, tuple[float, float]]:
        """Where all films are, in CSS pixels of the page."""
        box, (across, left, top, up) = self.box(), self.view()
        return {one: (box["x"] + across * x + left, box["y"] + up * y + top) for one, (x, y) in self.places.items()}

    def spot(self, movie_id: str) -> tuple[float, float]:
        """Where a film is."""
        return self.spots()[movie_id]

    def lonely(self, within: float = 60) -> str:
        """The film on screen that is farthest from all others, and not at the edge."""
        box, spots = self.box(), self.spots()
        inside = {
            one: (x, y)
            for one, (x, y) in spots.items()
            if box["x"] + within < x < box["right"] - within and box["y"] + within < y < box["bottom"] - within
        }
        return max(inside, key=lambda one: min(math.dist(inside[one], spots[two]) for two in spots if two != one))

    def inside(self, left: float, top: float, right: float, bottom: float) -> set[str]:
        """Films within a rectangle of the page, by the service's numbers."""
        return {one for one, (x, y) in self.spots().items() if left <= x <= right and top <= y <= bottom}

    def on_screen(self) -> set[str]:
        """Films within the canvas."""
        box = self.box()
        return self.inside(box["x"], box["y"], box["right"], box["bottom"])

    def first_in_view(self) -> str:
        """The first name of the list beside it."""
        listed = self.explorer.main.get_by_role("region", name="Films in view")
        return listed.get_by_role("link").first.inner_text()
