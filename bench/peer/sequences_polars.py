"""Sequences of likes with polars: sequences_polars.py RATINGS.csv OUT.txt MIN_RATING.

OUT.txt gets a line of movie ids for each viewer, viewers by number; writing it is not timed.
"""

import json
import resource
import sys
import time
from pathlib import Path

import polars as pl


def cpu() -> float:
    """Seconds of all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def status_mb(key: str) -> float:
    """VmRSS or VmHWM."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key + ":"))


ratings, out, least = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
before = status_mb("VmRSS")
start, used = time.perf_counter(), cpu()
likes = pl.scan_csv(ratings).filter(pl.col("rating") >= least).sort("userId", "timestamp")
sequences = likes.group_by("userId", maintain_order=True).agg(pl.col("movieId").cast(pl.String)).collect()
wall, used = time.perf_counter() - start, cpu() - used
peak = status_mb("VmHWM") - before
sequences.select(pl.col("movieId").list.join(" ")).write_csv(out, include_header=False)
rows = sum(1 for _ in ratings.open("rb")) - 1
print(json.dumps({"work": rows / 1e6, "wall": wall, "cpu": used, "peak_mb": peak, "quality": {}}))
