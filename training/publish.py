"""What was prepared -> a release in a folder of releases: the whole offline job."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from models import BLEND, Model, Release, Store, Viewers, save
from models.details import Details
from training import LIBRARIES
from training.align import residuals, say
from training.errors import DataError
from training.evaluation.run import Evaluation, best_model, evaluate
from training.live import Live, beside, created_at
from training.maps import BY_PCA, Drawing, with_maps
from training.prepare import Prepared
from training.progress import Steps
from training.recipes import train_models
from training.settings import Settings


def train(
    prepared: Prepared[Any],
    settings: Mapping[str, Settings],
    workers: int,
    registry: Store,
    steps: Steps,
    *,
    measure: bool = True,
    axes: Release | None = None,
    start: Release | None = None,
    users: bool = False,
    drawing: Drawing | None = BY_PCA,
    details: Callable[[Viewers | None], Details] | None = None,
) -> str:
    """Measure and train each model of `settings` and add the release; it is whole or not there. Returns its id.

    Args:
        prepared: the data.
        settings: of each recipe.
        workers: threads of training.
        registry: where the release goes.
        steps: told of each step.
        measure: train on all but held-out likes first, so that the release says how good it is and which of its
            models is the default.
        axes: the release whose axes the new one is turned onto; None: its axes are as they come.
        start: the release whose vectors training starts from. It has seen what would be held out, so that nothing
            is measured; None: training starts from nothing.
        users: also keep who liked what. Personal data: never unless asked for.
        drawing: how maps are made; None: the release has none.
        details: makes what the course's pages show, of the viewers that are kept; None: the release has none.
    """
    catalogue = prepared.catalogue
    onto = beside(axes, catalogue)
    measure = measure and start is None
    held_out = _measured(prepared, settings, workers, steps) if measure else None
    models, used = train_models(
        prepared.engine,
        catalogue,
        settings,
        workers,
        steps,
        axes=onto,
        start=beside(start, catalogue),
    )
    facts = prepared.facts | _axes(models, onto, steps)
    models = with_maps(models, drawing, onto, steps)
    if drawing is not None:
        facts["map"] = drawing.to_json()
    last = BLEND if BLEND in models else next(iter(models))
    if start is not None:
        facts["continued_from"] = start.id
        last = start.manifest.default_model if start.manifest.default_model in models else last
    with steps.step("evidence"):
        counted = prepared.engine.evidence()
    viewers = prepared.engine.viewers() if users else None
    with steps.step("release"):
        return registry.add(
            lambda folder: save(
                folder,
                catalogue,
                models,
                created_at=created_at(registry),
                default_model=best_model(held_out) if held_out else last,
                settings=used,
                data=facts,
                metrics=held_out.to_json() if held_out else None,
                libraries={"python": platform.python_version()}
                | {name: version(name) for name in (*LIBRARIES, "numpy")},
                evidence=counted,
                viewers=viewers,
                details=details and details(viewers),
            )
        )


def _axes(models: Mapping[str, Model], axes: Live | None, steps: Steps) -> dict[str, Any]:
    """What the manifest says of them."""
    aligned = None if axes is None else residuals(models, axes)
    if aligned is None:
        return {}
    steps.say(say(aligned))
    return {"aligned": aligned}


def _measured(
    prepared: Prepared[Any], settings: Mapping[str, Settings], workers: int, steps: Steps
) -> Evaluation | None:
    """The held-out table; None, with a word, where the data are too few to hold anything out."""
    try:
        return evaluate(prepared.engine, prepared.catalogue, settings, workers=workers, steps=steps)
    except DataError as error:
        steps.say(f"not measured: {error}")
        return None
