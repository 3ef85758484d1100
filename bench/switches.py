"""Does a switch of releases lose a request, and how long does it take twice the memory?"""

import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.load import drive, request
from bench.processes import in_child
from bench.rounds import Sample
from bench.services import Service, ours, running
from models import Registry, save

POLL_SECONDS, EVERY_SECONDS = 0.1, 0.5
KEPT = 2000


def switched(store: Path, order: Sequence[str], seconds: float, cores: tuple[int, int]) -> Sample:
    """Full load on 2,000 movies while two releases of the same size take turns."""
    requests = [request(f"/similar/{movie_id}") for movie_id in order[:KEPT]]
    with _two_releases(store) as (folder, versions):
        environment = {"KINDRED_POLL_SECONDS": str(POLL_SECONDS)}
        with running(ours(folder), cores[0], order[0], environment) as service:
            in_child(lambda: drive(service.port, requests, 1.0, repeat=True))
            before, used = service.private_mb(), service.cpu_seconds()
            watch = _Watch(service)
            promoting = threading.Thread(target=_take_turns, args=(folder, versions, seconds - 1))
            for thread in (watch, promoting):
                thread.start()
            load = in_child(lambda: drive(service.port, requests, seconds, repeat=True, core=cores[1]))
            promoting.join()
            used = service.cpu_seconds() - used
            time.sleep(4 * POLL_SECONDS)
            watch.over.set()
            watch.join()
            loaded = re.search(r'reloads_total{result="loaded"} (\S+)', service.text("/metrics"))
            quality = {
                "failures": float(load.failures),
                "switches": float(loaded[1]) - 1 if loaded else 0.0,
                "p50 ms": load.p50_ms,
                "p99 ms": load.p99_ms,
                "MB before": before,
                "MB at most": watch.most,
            }
            return Sample(load.requests, load.seconds, used, service.private_mb(), quality)


@contextmanager
def _two_releases(store: Path) -> Iterator[tuple[Path, list[str]]]:
    """A folder of releases beside `store` with its live one, and with the same under another date."""
    with tempfile.TemporaryDirectory(dir=store.parent) as made:
        folder, live = Path(made), Registry(store)
        version = live.current()
        if version is None:
            raise RuntimeError(f"no release in {store}")
        (folder / "versions").mkdir()
        shutil.copytree(live.path(version), folder / "versions" / version, copy_function=os.link)
        release, registry = live.load(), Registry(folder)
        other = registry.add(
            lambda target: save(
                target,
                release.catalogue,
                release.models,
                created_at="2026-11-25T00:00:00Z",
                default_model=release.manifest.default_model,
                settings=release.manifest.settings,
                data=release.manifest.data,
            )
        )
        registry.promote(version)
        yield folder, [other, version]


def _take_turns(folder: Path, versions: Sequence[str], seconds: float) -> None:
    until, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        Registry(folder).promote(versions[number % 2])
        number += 1
        time.sleep(EVERY_SECONDS)


class _Watch(threading.Thread):
    """Looks at the memory of a service every 20 ms."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self.service, self.most, self.over = service, 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self.service.private_mb())
