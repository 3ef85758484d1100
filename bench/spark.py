"""What do walks on Spark cost, does the driver stay small, and how does training compare with the lesson's PySpark?

Every run takes minutes and is a process of its own with its Java; each is made once, however many rounds are asked for.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec

from bench.families import only, watch
from bench.rounds import Quality, Sample, Stopwatch, contender
from bench.spark_graphs import N_MOVIES, edges_parquet, read
from bench.spark_lesson import lessons
from bench.tables import Limit, Table
from training.errors import EngineError
from training.walks import random_walks

SECONDS = 1_800.0
UNIT = "million steps per CPU second"
CLUSTER = {"spark.driver.memory": "512m", "spark.executor.memory": "1g"}
HEAP, LIVE = "driver's heap, × the fewest", "of it live, × the fewest"
EDGES, LENGTH = 5_000_000, 10
STEP, DEARER = "CPU µs a step", "a step, × the cheapest"


def tables(_: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """Memory, growth, the lesson; `full`: one more graph, and the lesson at 10M ratings."""
    if reason := _missing():
        tell(f"left out: {reason}")
        return
    yield memory((2_500_000, 5_000_000, 10_000_000) if full else (2_500_000, 10_000_000), tell)
    yield growth((4_000_000, 2_000_000, 1_000_000), tell)
    yield from lessons(full, tell)


def _missing() -> str | None:
    if find_spec("pyspark") is None:
        return "PySpark is not installed: make .venv/spark"
    from training.spark.session import check_java

    try:
        check_java()
    except EngineError as error:
        return str(error)
    return None


def memory(sizes: Sequence[int], tell: Callable[[str], None], turn: str = "100000x10") -> Table:
    """The driver beside graphs of these numbers of edges, smallest first."""
    found: dict[str, tuple[Sample, Mapping[str, float]]] = {}
    for n_edges in sizes:
        name = f"{n_edges:,} edges"
        tell(f"memory: {name}")
        samples, driver = _walked(n_edges, "local-cluster[2,1,1024]", CLUSTER, [turn])
        found[name] = samples[0], driver
    least = next(iter(found.values()))[1]
    rows = {name: [_with(sample, _driver(driver, least))] for name, (sample, driver) in found.items()}
    last = list(rows)[-1]
    n_walks, length = map(int, turn.split("x"))
    return Table(
        "spark-memory",
        f"{n_walks:,} walks of {length} over {N_MOVIES:,} movies on Spark: two executors of 1 GB, a driver of 512 MB",
        UNIT,
        "cpu",
        rows,
        limits=[Limit(last, HEAP, 1.2), Limit(last, LIVE, 1.2)],
    )


def _driver(driver: Mapping[str, float], least: Mapping[str, float]) -> Quality:
    return {
        "driver's heap MB": driver["peak"],
        "of it live MB": driver["live"],
        "driver's Python MB": driver["python"],
        HEAP: driver["peak"] / least["peak"],
        LIVE: driver["live"] / least["live"],
    }


def growth(walkers: Sequence[int], tell: Callable[[str], None], n_edges: int = EDGES, length: int = LENGTH) -> Table:
    """More and more walkers on one graph, most first, beside one machine.

    What every superstep costs whoever walks is told by a thousand walkers, over `length` movies and over two. From
    some two million walkers on they, not the edges, ask for more parts. The first turn warms Java and is not told.
    """
    tell(f"growth: {n_edges:,} edges")
    warm, *turns = [f"{n}x{length}" for n in (walkers[-1] // 4, 1_000, *reversed(walkers))]
    samples, _ = _walked(n_edges, "local[2]", {"spark.driver.memory": "2g"}, [warm, "1000x2", *turns])
    _, short, few, *walked = samples
    costs = [(sample.cpu - few.cpu) / sample.work for sample in walked]
    rows = {
        f"Kindred on Spark, {n:,} walks": [_with(sample, {STEP: cost, DEARER: cost / min(costs)})]
        for n, sample, cost in reversed(list(zip(reversed(walkers), walked, costs, strict=True)))
    }
    superstep = (few.cpu - short.cpu) / (length - 2)
    fixed = f"{short.cpu - 2 * superstep:.0f} CPU s before the first step, {superstep:.2f} for each superstep"
    return Table(
        "spark-growth",
        f"Walks of {length}, {n_edges:,} edges, local[2]; whoever walks: {fixed}; a step: what comes on top",
        UNIT,
        "cpu",
        rows | {"Kindred on one machine, one thread": [_one_machine(n_edges, length)]},
        limits=[Limit(name, DEARER, 1.2) for name in rows],
    )


def _one_machine(n_edges: int, length: int) -> Sample:
    """On the same graph; its bag is made in time."""
    path = edges_parquet(n_edges)

    def body(watch: Stopwatch, number: int) -> Quality:
        graph = read(path)
        random_walks(graph, 10, length, seed=number)
        graph.__dict__.pop("packed", None)
        with watch:
            walks = random_walks(graph, 2_000_000, length, seed=number)
        watch.work = (len(walks.rows) - len(walks)) / 1e6
        return {STEP: watch.cpu / watch.work}

    return contender("one machine", body).turn(0)


def _walked(
    n_edges: int, master: str, settings: Mapping[str, str], turns: Sequence[str]
) -> tuple[list[Sample], Mapping[str, float]]:
    """Each turn in the same session, and what is told of the driver."""
    command = [sys.executable, "-m", "bench.spark_walks", str(edges_parquet(n_edges)), master, json.dumps(settings)]
    watched = watch([*command, *turns], SECONDS).check()
    told = json.loads(watched.out.splitlines()[-1])
    marks = only(watched.marks, lambda text: text.endswith((": begins", ": done")))
    between = zip(told.pop("steps"), marks[::2], marks[1::2], strict=True)
    return [
        Sample(steps / 1e6, end.wall - begin.wall, end.cpu - begin.cpu, end.peak_mb) for steps, begin, end in between
    ], told


def _with(sample: Sample, quality: Quality) -> Sample:
    return Sample(sample.work, sample.wall, sample.cpu, sample.peak_mb, quality)
