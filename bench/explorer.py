"""How long until the first film is on screen, and how long is a frame while 60,000 films are panned? In a real browser.

Needs Chromium (KINDRED_BROWSER, or `chromium` on the PATH) and Playwright, which `make .venv/dev` installs. Headless
Chromium draws with the processor: an ordinary laptop with a graphics card is not slower.
"""

import os
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.catalogues import catalogue_of
from bench.data import BUILD, SEED, TASTES
from bench.processes import in_child
from bench.rounds import Contender, Sample, take_turns
from bench.services import ROOT, Service, ours, running
from bench.start import made_up_store
from bench.tables import Limit, Table
from models import Registry, save
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILMS = 60_000
KINDRED, BLANK = "Kindred", "a page without a map"
SHOWN_SECONDS, FRAME_MS, MOST_BYTES = 1.0, 16.7, 150_000.0
BYTES, MEDIAN, SLOW, WORK = "script and style as sent, bytes", "frame ms, median", "frame ms, p95", "of it work, ms"
SWEEPS, STEPS = 6, 60
SCREEN = {"width": 1280, "height": 800}

# runs before any script of the page; a film counts as shown once the frame after it has been painted
_WATCH_FILM = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("main h1") || !document.querySelector("main [data-movie-id]")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
# a message that is sent while a frame is made arrives once all of its scripts and its layout are done
_WATCH_FRAMES = """
() => {
  const frames = { begins: [], works: [], over: false };
  const channel = new MessageChannel();
  let began = 0;
  channel.port1.onmessage = () => frames.works.push(performance.now() - began);
  const next = (time) => {
    if (frames.over) return;
    began = time;
    frames.begins.push(time);
    channel.port2.postMessage(null);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  window.frames592 = frames;
}
"""


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:  # noqa: ARG001 - as of all questions
    """A film's page of 60,000 films, nothing kept by the browser; then frames while the map is moved by the mouse."""
    reason = chromium.why_not()
    if reason is not None:
        tell(f"explorer left out: {reason}")
        return
    store, ids = mapped_store(FILMS), catalogue_of(FILMS).ids
    opening = [Contender(KINDRED, lambda number: in_child(lambda: _opened(store, ids, number)))]
    yield Table(
        "explorer-film",
        f"From an address to the first film on screen, {FILMS:,} films; MB is the page's heap",
        "pages per second",
        "wall",
        take_turns(opening, rounds, tell),
        limits=[Limit(KINDRED, "wall s", SHOWN_SECONDS), Limit(KINDRED, BYTES, MOST_BYTES)],
    )
    panning = [
        Contender(KINDRED, lambda _: in_child(lambda: _panned(store, ids, "#/map"))),
        Contender(BLANK, lambda _: in_child(lambda: _panned(store, ids, "#/"))),
    ]
    yield Table(
        "explorer-map",
        f"Frames while the mouse drags a map of {FILMS:,} films; 60 a second is all a screen shows",
        "frames per second",
        "wall",
        take_turns(panning, rounds, tell),
        limits=[Limit(KINDRED, MEDIAN, FRAME_MS)],
    )


def mapped_store(n: int, folder: Path = BUILD) -> Path:
    """The releases of `start`, with maps: clusters that lie in and beside each other, as films do; made once."""
    store = folder / f"explorer-{n}"
    registry = Registry(store)
    if registry.current() is None:
        bare = Registry(made_up_store(n, folder)).load()
        random = np.random.default_rng(SEED)
        models = {name: replace(model, map=_scattered(n, random)) for name, model in bare.models.items()}
        version = registry.add(
            lambda target: save(
                target,
                bare.catalogue,
                models,
                created_at=bare.manifest.created_at,
                default_model=bare.manifest.default_model,
                settings=bare.manifest.settings,
                data={**bare.manifest.data, "map": {"method": "pca"}},
            )
        )
        registry.promote(version)
    return store


def _scattered(n: int, random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    middles = random.normal(scale=0.3, size=(TASTES, 2))
    return (middles[random.integers(TASTES, size=n)] + random.normal(scale=0.12, size=(n, 2))).astype(np.float32)


def _opened(store: Path, ids: Sequence[str], number: int) -> Sample:
    """One page of one film, in a browser that has seen none yet."""
    with _browsing(store, ids[number]) as (service, page, used):
        page.add_init_script(_WATCH_FILM)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(service.url(f"/#/movie/{ids[-1 - number]}"))
        while (shown := page.evaluate("window.shownAfter ?? null")) is None:
            page.wait_for_timeout(5)
        quality = {BYTES: float(_bytes_of_ours(service)), "requests": float(len(asked))}
        return Sample(1.0, shown / 1e3, *used(), quality)


def _panned(store: Path, ids: Sequence[str], address: str) -> Sample:
    """The mouse drags to and fro; frames count from when the first move was made."""
    with _browsing(store, ids[0]) as (service, page, used):
        page.goto(service.url(f"/{address}"))
        page.locator("main canvas[data-view], main:not([data-view=map]) h1").first.wait_for()
        before, _ = used()
        across, down = SCREEN["width"] // 2, SCREEN["height"] // 2
        page.mouse.move(across, down)
        page.mouse.down()
        page.evaluate(_WATCH_FRAMES)
        for sweep in range(SWEEPS):
            aside = 200 if sweep % 2 else -200
            page.mouse.move(across + aside, down + aside // 3, steps=STEPS)
        frames = page.evaluate("() => { frames592.over = true; return frames592; }")
        page.mouse.up()
        after, heap = used()
    lengths = np.diff(frames["begins"])
    # browsers tell times to a tenth of a millisecond
    median, slow = np.round(np.percentile(lengths, [50, 95]), 1).tolist()
    quality = {MEDIAN: median, SLOW: slow, WORK: float(np.median(frames["works"]))}
    return Sample(len(lengths), float(lengths.sum()) / 1e3, after - before, heap, quality)


@contextmanager
def _browsing(store: Path, movie_id: str) -> "Iterator[tuple[Service, Page, Callable[[], tuple[float, float]]]]":
    """A service on one core that has answered once, a page of a fresh browser, and what tells of the page so far:
    seconds that its main thread has worked, megabytes of its heap.
    """
    from playwright.sync_api import sync_playwright

    with running(ours(store), min(os.sched_getaffinity(0)), movie_id) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=chromium.OPTIONS)
        page = browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")

        def used() -> tuple[float, float]:
            found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            return float(found["TaskDuration"]), float(found["JSHeapUsedSize"]) / 1e6

        yield service, page, used
        browser.close()


def _bytes_of_ours(service: Service) -> int:
    """All scripts and styles that can ever be loaded, as they are sent."""
    sent = 0
    for path in (ROOT / "app" / "ui").iterdir():
        if path.suffix in (".js", ".css"):
            asked = urllib.request.Request(service.url(f"/ui/{path.name}"), headers={"accept-encoding": "gzip"})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                sent += len(answer.read())
    return sent


if __name__ == "__main__":
    for table in tables(1, False, lambda text: print(text, file=sys.stderr)):
        print(table.markdown())
