"""Training on Spark beside the lesson's PySpark: the same file, the same two cores, a driver of 2 GB each.

Java's heap has 2 GB where all is one process. Then the driver, Java and Python, has 2 GB in all, as in a container.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.data import BUILD, SEED, ratings_csv
from bench.families import ROOT, Bound, Mark, Watched, only, watch
from bench.quality import HeldOut, hit_rate
from bench.rounds import Quality, Sample
from bench.tables import Table
from models import Registry
from models.scores import FloatArray
from training.prepare import prepare

SMALL = ROOT.parent / "shared" / "data" / "ml-latest-small" / "ratings.csv"
MIN_RATING = 3.5
ASKED = 2_000
SECONDS = 1_200.0
MODELS = ("item2vec", "deepwalk")
Conf = Mapping[str, str]
ONE_PROCESS = {"spark.master": "local[2]", "spark.driver.memory": "2g"}
# executors are processes of their own, so that the driver is its Java and its Python
APART = {"spark.master": "local-cluster[2,1,2048]", "spark.driver.memory": "1g", "spark.executor.memory": "2g"}
DRIVER = Bound(2_000.0, "CoarseGrainedExecutorBackend")
ENGINES: Mapping[str, Conf | None] = {"Kindred on Spark": ONE_PROCESS, "Kindred on one machine": None}
# steps of ours that the lesson has not
MORE = re.compile(r": neighbours|^evidence|^release")
# model -> movie ids, (n,) texts, and their vectors, float32 (n, dim)
Vectors = Mapping[str, tuple[npt.NDArray[np.str_], FloatArray]]


@dataclass(frozen=True, eq=False)
class Asked:
    """Ratings to learn from, and what is asked of who has learned.

    Attributes:
        ratings: a file without the last like of each viewer.
        n_ratings: in it.
        ids: of all movies, in order of rows.
        held: the last like of a sample of viewers, and the one before.
    """

    ratings: Path
    n_ratings: int
    ids: tuple[str, ...]
    held: HeldOut

    def quality(self, learned: Vectors) -> Quality:
        """HR@10 of each model; movies without a vector are never near."""
        return {f"HR@10 {name}": hit_rate(self._in_rows(*learned[name]), self.held) for name in MODELS}

    def _in_rows(self, ids: npt.NDArray[np.str_], vectors: FloatArray) -> FloatArray:
        row_of = {movie_id: row for row, movie_id in enumerate(self.ids)}
        placed = np.zeros((len(self.ids), vectors.shape[1]), np.float32)
        placed[[row_of[movie_id] for movie_id in ids.tolist()]] = vectors
        return placed


def lessons(full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """MovieLens' small set where it is, and a million ratings; `full`: ten million too, twice."""
    files = [SMALL] if SMALL.exists() else []
    files += [ratings_csv(n) for n in ((1_000_000, 10_000_000) if full else (1_000_000,))]
    for path in files:
        yield lesson(path, tell)
    if full:
        yield bounded(ratings_csv(10_000_000), tell)


def lesson(path: Path, tell: Callable[[str], None]) -> Table:
    """Ours by the lesson's settings, on Spark and on one machine, and the lesson's; starting all included."""
    asked = without_last(path)
    work, rows, notes = asked.n_ratings / 1e3, {}, ""
    for name, engine in ENGINES.items():
        tell(f"{asked.n_ratings:,} ratings: {name}")
        watched, quality = _ours(asked, engine)
        rows[f"{name}, what the lesson makes"] = [_part(work, watched.marks, quality)]
        rows[f"{name}, a release"] = [Sample(work, watched.end.wall, watched.end.cpu, watched.peak_mb, quality)]
    tell(f"{asked.n_ratings:,} ratings: the lesson in PySpark")
    watched, quality = _peer(asked, ONE_PROCESS)
    if watched.failure:
        notes = f"; the lesson in PySpark: {watched.failure}, {_why(watched.marks)}"
    else:
        rows["the lesson in PySpark"] = [_part(work, watched.marks, quality)]
    title = f"{asked.n_ratings:,} ratings to item2vec and deepwalk, lesson preset, two cores, driver of 2 GB{notes}"
    return Table(f"spark-lesson-{asked.n_ratings}", title, "thousand ratings per CPU second", "cpu", rows)


def bounded(path: Path, tell: Callable[[str], None]) -> Table:
    """Both with a driver that is ended when its Java and its Python have 2 GB together."""
    asked = without_last(path)
    rows, notes = {}, ""
    for name, run in {"Kindred on Spark": _ours, "the lesson in PySpark": _peer}.items():
        tell(f"{asked.n_ratings:,} ratings: {name}, bounded driver")
        watched, quality = run(asked, APART, DRIVER)
        if watched.failure:
            notes += f"; {name}: {watched.failure}"
        else:
            driver = {"driver's MB": watched.bound_mb}
            end = watched.end
            rows[name] = [Sample(asked.n_ratings / 1e3, end.wall, end.cpu, watched.peak_mb, {**quality, **driver})]
    title = f"{asked.n_ratings:,} ratings to a release, or to the lesson's vectors; driver of 2 GB in all{notes}"
    return Table(f"spark-driver-{asked.n_ratings}", title, "thousand ratings per CPU second", "cpu", rows)


def without_last(path: Path, folder: Path = BUILD) -> Asked:
    """Take the last like of each viewer who has two out of a file of ratings, line by line."""
    prepared = prepare(path, None, None, MIN_RATING)
    likes, users, ids = prepared.engine.sequences, prepared.engine.user_ids, prepared.catalogue.ids
    viewers = np.flatnonzero(np.diff(likes.offsets) > 1)
    last = likes.offsets[viewers + 1] - 1
    gone = {f"{users[viewer]},{ids[row]}" for viewer, row in zip(viewers, likes.rows[last], strict=True)}
    target, n_ratings = folder / f"without-last-{path.name}", -1
    folder.mkdir(parents=True, exist_ok=True)
    with path.open(encoding="ascii") as lines, target.open("w", encoding="ascii") as kept:
        for line in lines:
            if line.rsplit(",", 2)[0] not in gone:
                kept.write(line)
                n_ratings += 1
    asked = last[np.random.default_rng(SEED).permutation(len(last))[:ASKED]]
    return Asked(target, n_ratings, ids, HeldOut(likes, likes.rows[asked - 1], likes.rows[asked]))


def _ours(asked: Asked, conf: Conf | None, bound: Bound | None = None) -> tuple[Watched, Quality]:
    with tempfile.TemporaryDirectory() as store:
        options = ["--preset", "lesson", "--method", ",".join(MODELS), "--no-evaluate", "--models", store]
        if conf is not None:
            options += ["--engine", "spark", *(f"--conf={name}={value}" for name, value in conf.items())]
        command = [sys.executable, "-m", "kindred", "train", str(asked.ratings), *options]
        watched = watch(command, SECONDS, bound).check()
        release = Registry(store).load()
        ids, models = np.array(release.catalogue.ids), release.models
        return watched, asked.quality(
            {name: (ids[one.learned], one.vectors[one.learned]) for name, one in models.items()}
        )


def _peer(asked: Asked, conf: Conf, bound: Bound | None = None) -> tuple[Watched, Quality]:
    """With our own PySpark, so that both have the same."""
    with tempfile.TemporaryDirectory() as folder:
        out, script = Path(folder) / "vectors.npz", ROOT / "bench" / "peer" / "lesson_spark.py"
        settings = [f"{name}={value}" for name, value in conf.items()]
        command = [sys.executable, str(script), str(asked.ratings), str(out), str(MIN_RATING), *settings]
        watched = watch(command, SECONDS, bound)
        if watched.failure:
            return watched, {}
        with np.load(out) as file:
            return watched, asked.quality({name: (file[f"{name}.ids"], file[name]) for name in MODELS})


def _part(work: float, marks: Sequence[Mark], quality: Quality) -> Sample:
    """All steps up to the last that the lesson has too, without those that it has not."""
    wall = cpu = peak = 0.0
    before = Mark("", 0.0, 0.0, 0.0)
    for mark in only(marks, lambda text: ": done" in text):
        if not MORE.search(mark.text):
            wall += mark.wall - before.wall
            cpu += mark.cpu - before.cpu
            peak = max(peak, mark.peak_mb)
        before = mark
    return Sample(work, wall, cpu, peak, quality)


def _why(marks: Sequence[Mark]) -> str:
    """The first line that names an error."""
    errors = (mark.text.strip() for mark in marks if re.search(r"OutOfMemory|Error\b|Exception\b", mark.text))
    return next(errors, "no error told")[:200]
