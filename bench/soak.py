"""Does anything break in half an hour of traffic while releases come, go, and are damaged?

`python -m bench.soak --minutes 30 --switches 60 --corrupt 10`: a real `kindred serve` with two workers, mixed
traffic at 70 % of what it was just measured to take, every answer compared with what each release answers.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.data import BUILD, SEED
from bench.processes import in_child
from bench.soak_asks import Ask, asks_of
from bench.soak_load import Heard, ask_all
from bench.soak_plan import Plan
from bench.soak_store import add_release
from bench.soak_watch import Memory, served
from bench.tables import RESULTS, machine
from models import Registry

RELEASES, WORKERS, LOAD = 3, 2, 0.7
# memory may grow by so much from the first third to the last; asked of runs that are long enough to tell
GROWTH, TELLING_MINUTES = 1.03, 5.0


def soak(minutes: float, switches: int, corrupt: int, *, films: int = 3000, asked: int = 6000, poll: float = 1.0,
         folder: Path = BUILD) -> dict[str, Any]:  # fmt: skip
    """Run it; what came of it, as it is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        registry = Registry(Path(made) / "store")
        versions = [add_release(registry, films, SEED + 7 * number, f"2026-01-0{number + 1}T00:00:00Z")
                    for number in range(RELEASES)]  # fmt: skip
        registry.promote(versions[0])
        _tell(f"{RELEASES} releases of {films:,} films; asking each of them {asked:,} things")
        asks, weights = asks_of(registry, versions, asked, SEED)
        order = np.random.default_rng(SEED).choice(len(asks), 1 << 18, p=np.array(weights) / sum(weights)).tolist()
        with served(registry.folder, Path(made) / "log", poll, WORKERS) as (process, port):
            measured = _at_most(port, asks, order[::-1], registry, versions, minutes * 60 / (switches + 1), poll)
            rate = LOAD * measured.requests / measured.seconds
            _tell(f"{measured.requests / measured.seconds:,.0f} requests/s at most; {minutes:g} minutes at {rate:,.0f}")
            plan = Plan(registry, versions, minutes * 60, switches, corrupt, poll)
            found = _run(process.pid, port, asks, order, minutes * 60, rate, plan)
        log = (Path(made) / "log").read_text(encoding="utf-8", errors="replace")
    found |= {
        "minutes": minutes,
        "films": films,
        "capacity": measured.requests / measured.seconds,
        "failed before": measured.failed + measured.mixed,
        "refusals logged": log.count("not loaded"),
        "tracebacks": log.count("Traceback"),
        "exit code": process.returncode,
        "machine": machine(),
    }
    return found | {"faults": faults(found)}


def faults(found: dict[str, Any]) -> list[str]:
    """What should not have been, in words."""
    none = ("failed", "mixed", "failed before", "tracebacks", "exit code")
    said = [f"{name}: expected 0, found {found[name]}" for name in none if found[name]]
    if found["minutes"] >= TELLING_MINUTES and found["memory"]["ratio"] > GROWTH:
        said.append(f"memory: expected at most {GROWTH} times the first third's, found {found['memory']['ratio']:.3f}")
    if found["corrupt"] and not found["refusals logged"]:
        said.append("expected damaged releases to be refused, found no word of it")
    return said


def _at_most(port: int, asks: list[Ask], order: list[int], registry: Registry, versions: list[str], gap: float,
             poll: float) -> Heard:  # fmt: skip
    """As fast as it goes while releases are switched as often as later: what a new one has not answered yet counts."""
    in_child(lambda: ask_all(port, asks, order, gap / 2, 0))
    plan = Plan(registry, versions, 3 * gap, 2, 0, poll)
    plan.start()
    heard: Heard = in_child(lambda: ask_all(port, asks, order, 3 * gap, 0, plan.stage))
    plan.whole()
    return heard


def _run(pid: int, port: int, asks: list[Ask], order: list[int], seconds: float, rate: float,
         plan: Plan) -> dict[str, Any]:  # fmt: skip
    memory = Memory(pid, max(0.2, seconds / 2000))
    memory.start()
    plan.start()
    heard: Heard = in_child(lambda: ask_all(port, asks, order, seconds, rate, plan.stage), 2 * seconds + 120)
    memory.over.set()
    memory.join()
    plan.whole()
    return {
        "rate": heard.requests / heard.seconds,
        "requests": heard.requests,
        "failed": heard.failed,
        "mixed": heard.mixed,
        "shown": heard.shown,
        "by release": [heard.by_release[place] for place in range(RELEASES)],
        "milliseconds": heard.milliseconds,
        "p50 by time": heard.course,
        "switches": len(plan.done),
        "corrupt": plan.thrown,
        "seconds to follow": max(plan.followed(), default=0.0),
        "memory": memory.thirds(),
        "MB by time": memory.course(),
    }


def row(found: dict[str, Any]) -> str:
    """The row of a Markdown table, below its head."""
    times, memory = found["milliseconds"], found["memory"]
    cells = {
        "minutes": f"{found['minutes']:g}",
        "requests": f"{found['requests']:,}",
        "a second, of at most": f"{found['rate']:,.0f} of {found['capacity']:,.0f}",
        "switches": str(found["switches"]),
        "damaged": str(len(found["corrupt"])),
        "failed": str(found["failed"]),
        "mixed": str(found["mixed"]),
        "p50 ms": f"{times['p50']:.1f}",
        "p99 ms": f"{times['p99']:.1f}",
        "p99.9 ms": f"{times['p99.9']:.1f}",
        "s to follow": f"{found['seconds to follow']:.1f}",
        "MB, first third": f"{memory['first MB']:.0f}",
        "last third": f"{memory['last MB']:.0f} ({memory['ratio'] - 1:+.1%})",
    }
    lines = (cells.keys(), ["---"] * len(cells), cells.values())
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> int:
    """1 where something was not as it should be; the result on stdout and in bench/results/."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="of traffic (%(default)s)")
    parser.add_argument("--switches", type=int, default=60, help="promotes and rollbacks in it (%(default)s)")
    parser.add_argument("--corrupt", type=int, default=10, help="damaged releases thrown in (%(default)s)")
    parser.add_argument("--films", type=int, default=3000, help="in each release (%(default)s)")
    parser.add_argument("--asked", type=int, default=6000, help="different requests, about (%(default)s)")
    parser.add_argument("--poll", type=float, default=1.0, metavar="S", help="KINDRED_POLL_SECONDS (%(default)s)")
    options = parser.parse_args()
    found = soak(**vars(options))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "soak.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "soak.md").write_text(row(found), encoding="utf-8")
    print(json.dumps(found, indent=1))
    print("\n" + row(found), *found["faults"], sep="\n")
    return 1 if found["faults"] else 0


def _tell(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
