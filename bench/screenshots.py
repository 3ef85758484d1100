"""`python -m bench.screenshots`: pictures of the explorer for docs/images/, of the built-in sample or any release."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.services import ROOT, ours, running
from models import Registry
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 920}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DARK: dict[str, Any] = {"color_scheme": "dark"}
MOST_BYTES = 300_000
# name -> address and screen
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "film": ("#/movie/592?why=1377", DESK),
    "film-dark": ("#/movie/2571?model=node2vec&popularity=-0.4&diversity=0.3", DESK | DARK),
    "film-phone": ("#/movie/593", PHONE),
    "compare": ("#/compare/592", DESK),
    "map": ("#/map?movie=592", DESK),
    "map-dark": ("#/map", DESK | DARK),
    "map-phone": ("#/map", PHONE | DARK),
    "taste": ("#/taste?likes=592&likes=593&likes=2571&dislikes=1721", DESK),
    "card": ("#/card", DESK),
}
# what is scrolled to
TOPS = {"card": "#measured"}


def main() -> int:
    """Take them all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m bench.screenshots", description="Pictures of the explorer.")
    parser.add_argument("picture", nargs="*", help=f"of {', '.join(PICTURES)} (all)")
    parser.add_argument("--models", type=Path, help="folder of releases (the built-in sample, trained if need be)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="where to (%(default)s)")
    options = parser.parse_args()
    if unknown := set(options.picture) - set(PICTURES):
        parser.error(f"expected pictures of {', '.join(PICTURES)}, found {', '.join(sorted(unknown))}")
    if reason := chromium.why_not():
        parser.error(reason)
    store = options.models or _sample()
    release = Registry(store).load()
    with running(ours(store), 0, release.catalogue.ids[0]) as service:
        for name in options.picture or PICTURES:
            address, screen = PICTURES[name]
            path = options.out / f"explorer-{name}.png"
            _take(service.url(f"/{address}"), screen, TOPS.get(name), path)
            print(f"{path}: {path.stat().st_size:,} bytes")
            if path.stat().st_size > MOST_BYTES:
                raise RuntimeError(f"{path}: expected at most {MOST_BYTES:,} bytes")
    return 0


def _sample() -> Path:
    """What `make demo` trains, in a folder of its own."""
    folder = ROOT / "build" / "screenshots"
    store = folder / "store"
    if Registry(store).current() is None:
        subprocess.run([sys.executable, "-m", "sample", str(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, "kindred.py", "train", str(folder / "ratings.csv"), "--models", str(store)]
        command += ["--movies", str(folder / "movies.csv"), "--deterministic"]
        subprocess.run([*command, "--label", "simulated viewers (built-in sample)"], cwd=ROOT, check=True)
    return store


def _take(url: str, screen: dict[str, Any], top: str | None, path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=chromium.OPTIONS)
        page = browser.new_context(reduced_motion="reduce", **screen).new_page()
        page.goto(url)
        page.locator("main[aria-busy=false] h1").wait_for()
        page.wait_for_load_state("networkidle")
        if top:
            page.locator(top).evaluate("(element) => scrollTo(0, element.getBoundingClientRect().top - 118)")
        _until(page, _resting(page))
        page.screenshot(path=path)
        browser.close()


def _resting(page: "Page") -> Callable[[], bool]:
    """Whether the screen looks as it did when last asked."""
    before = [b""]

    def same() -> bool:
        now = page.screenshot()
        before[:], last = [now], before[0]
        return now == last

    return same


def _until(page: "Page", true: Callable[[], bool], tries: int = 40) -> None:
    for _ in range(tries):
        if true():
            return
        page.wait_for_timeout(250)
    raise RuntimeError(f"{page.url}: expected the screen to rest within {tries / 4:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
