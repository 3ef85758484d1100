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
from training.engine import Engine, Texts
from training.live import Live
from training.progress import Steps
from training.refresh import start_of
from training.settings import Settings
from training.skipgram import Embedding


@dataclass(frozen=True, eq=False)
class Job:
    """What a recipe works on.

    Attributes:
        name: of the model.
        engine: the likes of all viewers, and who does the long steps.
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
    engine: Engine
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
    return _finish(job, _embed(job, job.engine.histories()))


def deepwalk(job: Job) -> Model:
    """Skip-gram over first-order walks on the transition graph (Perozzi et al. 2014)."""
    return _finish(job, _embed(job, job.engine.walks(job.settings, 1.0, 1.0, job.workers)))


def node2vec(job: Job) -> Model:
    """Skip-gram over second-order walks, biased by p and q (Grover and Leskovec 2016)."""
    settings = job.settings
    return _finish(job, _embed(job, job.engine.walks(settings, settings.p, settings.q, job.workers)))


RECIPES: dict[str, Callable[[Job], Model]] = {"item2vec": item2vec, "deepwalk": deepwalk, "node2vec": node2vec}


def train_models(
    engine: Engine,
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
        scaled = chosen.scaled(engine.n_likes, len(catalogue), catalogue.likes)
        job = Job(name, engine, catalogue, scaled, workers, steps, axes, start, stored)
        models[name] = RECIPES[name](job)
        used[name] = scaled.to_json() | {"inferred": job.inferred}
    if models.keys() == RECIPES.keys() and all(model.output is not None for model in models.values()):
        with steps.step(f"{BLEND}: neighbours", total=2 * len(catalogue)) as advance:
            made = blend(models, engine, catalogue, axes=axes)
            models[BLEND] = engine.with_nearest(made, advance) if stored else made
        used[BLEND] = settings_of(tuple(RECIPES))
    return models, used


def _embed(job: Job, texts: Texts) -> Embedding:
    start = None if job.start is None else start_of(job.name, job.start)
    return job.engine.embed(job.name, texts, job.settings, job.workers, job.progress, start)


def _finish(job: Job, embedding: Embedding) -> Model:
    lists = len(job.catalogue) * (1 if embedding.output is None else 2)
    with job.progress.step(f"{job.name}: neighbours", total=lists) as advance:
        model = learned_only(embedding, job.catalogue, job.settings.min_likes or 1)
        model, fit = with_inferred(model if job.axes is None else align(job.name, model, job.axes), job.catalogue)
        job.inferred.update(fit.to_json())
        return job.engine.with_nearest(model, advance) if job.stored else model
