"""Walks on Spark in a process of their own, one turn after the other in the same session:

    python -m bench.spark_walks EDGES.parquet MASTER SETTINGS WALKSxLENGTH ...

SETTINGS are Spark's, as JSON. stderr has `WALKSxLENGTH: begins`, and `WALKSxLENGTH: done` as soon as its walks are
written; one line of JSON on stdout tells the steps of each turn, and megabytes of the driver.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pyspark
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from bench.data import SEED
from bench.processes import status_mb
from bench.spark_graphs import N_MOVIES
from training.spark import graph
from training.spark.session import session
from training.spark.walks import random_walks

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# between two collections that are asked for: seldom enough for the heap to fill as it would without them
GC_SECONDS = 5.0
_MB = 1 << 20


def main(path: str, master: str, settings: str, *turns: str) -> None:
    """Walk each turn, tell."""
    with tempfile.TemporaryDirectory() as folder, session(master, json.loads(settings)) as spark:
        heap = Heap(spark)
        edges = spark.read.parquet(path)
        leaving = graph.leaving(edges, N_MOVIES)
        steps = []
        for number, turn in enumerate(turns):
            n_walks, length = map(int, turn.split("x"))
            place = (Path(folder) / str(number)).as_uri()
            _say(f"{turn}: begins")
            walks = random_walks(edges, leaving, n_walks, length, seed=SEED, folder=place)
            _say(f"{turn}: done")
            steps.append(walks.agg(F.sum(F.size("movies") - 1)).first()[0])
        # a cluster within one process keeps what its workers wrote beside Spark itself
        shutil.rmtree(Path(pyspark.__file__).parent / "work" / spark.sparkContext.applicationId, ignore_errors=True)
        print(json.dumps({"steps": steps, **heap.told(), "python": status_mb("VmHWM")}))


class Heap(Thread):
    """Looks at the driver's heap from now on."""

    def __init__(self, spark: "SparkSession") -> None:
        """Begin."""
        super().__init__(daemon=True)
        self._java = spark.sparkContext._jvm.java.lang
        self._beans = self._java.management.ManagementFactory
        self._over, self._live = Event(), 0.0
        self.start()

    def run(self) -> None:
        """What is left after a collection is what the driver needs."""
        while not self._over.wait(GC_SECONDS):
            self._collect()

    def told(self) -> dict[str, float]:
        """peak: each part of the heap at its highest, added up; live: the most that a collection left."""
        self._over.set()
        self.join()
        self._collect()
        heap = [pool for pool in self._beans.getMemoryPoolMXBeans() if pool.getType().name() == "HEAP"]
        return {"peak": sum(pool.getPeakUsage().getUsed() for pool in heap) / _MB, "live": self._live}

    def _collect(self) -> None:
        self._java.System.gc()
        self._live = max(self._live, self._beans.getMemoryMXBean().getHeapMemoryUsage().getUsed() / _MB)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
