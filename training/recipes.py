"""item2vec, deepwalk, node2vec: each the list of its steps and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.catalogue import Catalogue
from models.model import Model
from training.align import align
from training.blend import NAME as BLEND
from training.blend import blend, settings_of
from training.coldstart import learned_only, with_inferred
from training.corpus import Corpus
from training.graph import build_graph
from training.live import Live
from training.neighbours import with_nearest
from training.progress import Steps
from training.refresh import start_of
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import Embedding, train_on
from training.walks import walk_chunks


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
        axes: the release whose axes the model is turned onto; None: its axes are as they come.
        start: the release whose vectors training starts from; None: from nothing.
        stored: whether the nearest of each movie are wanted; for judging a model its vectors are enough.
        inferred: filled in by the recipe: how vectors of movies that are not learned were inferred.
    """

    name: str
    sequences: Sequences
    catalogue: Catalogue
    settings: Settings
    workers: int
    progress: Steps
    axes: Live | None = None
    start: Live | None = None
    stored: bool = True
    inferred: dict[str, Any] = field(default_factory=dict)


def item2vec(job: Job) -> Model:
    """Skip-gram over viewing histories (Barkan and Koenigstein 2016)."""
    with Corpus(len(job.catalogue), len(job.sequences.rows)) as corpus:
        corpus.add(job.sequences)
        embedding = _embed(job, corpus)
    return _finish(job, embedding)


def deepwalk(job: Job) -> Model:
    """Skip-gram over first-order walks on the transition graph (Perozzi et al. 2014)."""
    return _finish(job, _walk(job, p=1.0, q=1.0))


def node2vec(job: Job) -> Model:
    """Skip-gram over second-order walks, biased by p and q (Grover and Leskovec 2016)."""
    return _finish(job, _walk(job, p=job.settings.p, q=job.settings.q))


RECIPES: dict[str, Callable[[Job], Model]] = {"item2vec": item2vec, "deepwalk": deepwalk, "node2vec": node2vec}


def train_models(
    sequences: Sequences,
    catalogue: Catalogue,
    settings: Mapping[str, Settings],
    workers: int,
    steps: Steps,
    *,
    axes: Live | None = None,
    start: Live | None = None,
    stored: bool = True,
) -> tuple[dict[str, Model], dict[str, dict[str, Any]]]:
    """Every model of `settings`, and their blend where all recipes are there and have output vectors.

    With `axes` turned onto those of that release, with `start` trained from the vectors of that one; without
    `stored` the nearest of each movie are not worked out.

    Returns:
        The models by name, and the settings of each with what was chosen by the data's size filled in.
    """
    models, used = {}, {}
    for name, chosen in settings.items():
        scaled = chosen.scaled(len(sequences.rows), len(catalogue), catalogue.likes)
        job = Job(name, sequences, catalogue, scaled, workers, steps, axes, start, stored)
        models[name] = RECIPES[name](job)
        used[name] = scaled.to_json() | {"inferred": job.inferred}
    if models.keys() == RECIPES.keys() and all(model.output is not None for model in models.values()):
        with steps.step(f"{BLEND}: neighbours", total=2 * len(catalogue)) as advance:
            made = blend(models, sequences, catalogue, axes=axes)
            models[BLEND] = with_nearest(made, tell=advance) if stored else made
        used[BLEND] = settings_of(tuple(RECIPES))
    return models, used


def _walk(job: Job, p: float, q: float) -> Embedding:
    settings = job.settings
    if settings.walks is None:
        raise ValueError("walks: expected a number, found None; call settings.scaled first")
    with Corpus(len(job.catalogue), settings.walks * settings.walk_length) as corpus:
        with job.progress.step(f"{job.name}: {settings.walks:,} walks"):
            graph = build_graph(job.sequences, len(job.catalogue))
            size = (settings.walks, settings.walk_length)
            for chunk in walk_chunks(graph, *size, seed=settings.seed, p=p, q=q, threads=job.workers):
                corpus.add(chunk)
        del graph
        return _embed(job, corpus)


def _embed(job: Job, corpus: Corpus) -> Embedding:
    start = None if job.start is None else start_of(job.name, job.start)
    with job.progress.step(f"{job.name}: skip-gram", total=job.settings.epochs) as advance:
        return train_on(corpus, job.settings, workers=job.workers, on_epoch=advance, start=start)


def _finish(job: Job, embedding: Embedding) -> Model:
    lists = len(job.catalogue) * (1 if embedding.output is None else 2)
    with job.progress.step(f"{job.name}: neighbours", total=lists) as advance:
        model = learned_only(embedding, job.catalogue, job.settings.min_likes or 1)
        model, fit = with_inferred(model if job.axes is None else align(job.name, model, job.axes), job.catalogue)
        job.inferred.update(fit.to_json())
        return with_nearest(model, tell=advance) if job.stored else model
