"""Sequences of likes with Spark on one machine, as courses teach it: sequences_spark.py RATINGS.csv OUT.txt MIN_RATING.

Columns stay text, lists are sorted by a Python function. OUT.txt gets a line of movie ids for each viewer, viewers by
number; writing it is not timed. Starting Java is told apart, as "start s". CPU and memory are of all its processes.
"""

import json
import os
import sys
import time
from pathlib import Path

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType, StringType

TICKS = os.sysconf("SC_CLK_TCK")
os.environ["PYSPARK_PYTHON"] = sys.executable


def family() -> list[Path]:
    """This process and all that come from it, as folders of /proc."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has ended
                continue
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return [Path("/proc") / str(pid) for pid in found]


def cpu() -> float:
    """Seconds of all processes, those that have ended included."""
    fields = ((folder / "stat").read_text().rpartition(")")[2].split() for folder in family())
    return sum(sum(map(int, row[11:15])) for row in fields) / TICKS


def peak_mb() -> float:
    """Sum of the peaks of all processes."""
    lines = (line for folder in family() for line in (folder / "status").read_text().splitlines())
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def in_time(seen: list[Row]) -> list[str]:
    """Movie ids, the earliest first."""
    return [row.movieId for row in sorted(seen, key=lambda row: row.timestamp)]


ratings, out, least = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
start = time.perf_counter()
builder = (
    SparkSession.builder.master("local[*]").config("spark.driver.memory", "6g").config("spark.ui.enabled", "false")
)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
started = time.perf_counter() - start

start, used = time.perf_counter(), cpu()
likes = spark.read.csv(str(ratings), header=True).where(f.col("rating") >= least)
seen = likes.groupBy("userId").agg(f.collect_list(f.struct("movieId", "timestamp")).alias("seen"))
sorted_in_time = f.udf(in_time, ArrayType(StringType()))
sequences = seen.select("userId", sorted_in_time("seen").alias("movies")).rdd.map(tuple).cache()
sequences.count()
wall, used, peak = time.perf_counter() - start, cpu() - used, peak_mb()

lines = sorted((int(user), " ".join(movies)) for user, movies in sequences.collect())
out.write_text("".join(f"{line}\n" for _, line in lines), encoding="ascii")
spark.stop()
rows = sum(1 for _ in ratings.open("rb")) - 1
print(json.dumps({"work": rows / 1e6, "wall": wall, "cpu": used, "peak_mb": peak, "quality": {"start s": started}}))
