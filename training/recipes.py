"""item2vec, deepwalk, node2vec: each the list of its steps and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.catalogue import Catalogue
from models.release import Model
from training.coldstart import complete
from training.graph import build_graph
from training.neighbours import nearest
from training.progress import Steps
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import Embedding, train_skipgram
from training.walks import random_walks


@dataclass(frozen=True, eq=False)
class Job:
    """What a recipe works on.

    Attributes:
        name: of the model.
        sequences: one of liked movies for each viewer.
        catalogue: the movies; each gets a vector.
        settings: with epochs and walks set.
        workers: threads.
        progress: told of each step.
    """

    name: str
    sequences: Sequences
    catalogue: Catalogue
    settings: Settings
    workers: int
    progress: Steps


def item2vec(job: Job) -> Model:
    """Skip-gram over viewing histories (Barkan and Koenigstein 2016)."""
    return _finish(job, _embed(job, job.sequences))


def deepwalk(job: Job) -> Model:
    """Skip-gram over first-order walks on the transition graph (Perozzi et al. 2014)."""
    return _finish(job, _embed(job, _walk(job, p=1.0, q=1.0)))


def node2vec(job: Job) -> Model:
    """Skip-gram over second-order walks, biased by p and q (Grover and Leskovec 2016)."""
    return _finish(job, _embed(job, _walk(job, p=job.settings.p, q=job.settings.q)))


RECIPES: dict[str, Callable[[Job], Model]] = {"item2vec": item2vec, "deepwalk": deepwalk, "node2vec": node2vec}


def _walk(job: Job, p: float, q: float) -> Sequences:
    settings = job.settings
    if settings.walks is None:
        raise ValueError("walks: expected a number, found None; call settings.scaled first")
    with job.progress.step(f"{job.name}: {settings.walks:,} walks"):
        graph = build_graph(job.sequences, len(job.catalogue))
        return random_walks(
            graph, settings.walks, settings.walk_length, seed=settings.seed, p=p, q=q, threads=job.workers
        )


def _embed(job: Job, corpus: Sequences) -> Embedding:
    with job.progress.step(f"{job.name}: skip-gram", total=job.settings.epochs) as advance:
        return train_skipgram(corpus, job.catalogue.ids, job.settings, workers=job.workers, on_epoch=advance)


def _finish(job: Job, embedding: Embedding) -> Model:
    with job.progress.step(f"{job.name}: neighbours"):
        vectors, learned = complete(embedding, job.catalogue)
        rows, scores = nearest(vectors, learned)
    output = None
    if embedding.output is not None:
        output = np.zeros_like(vectors)
        output[embedding.rows] = embedding.output
    return Model(vectors, learned, rows, scores, output)
