"""The verb `update`: new movies for the live release, without training."""

import argparse

from models import open_registry
from models.__main__ import add_models_option, examples, show
from models.opening import place
from training.inputs import locally


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Declare it; the libraries it needs are imported only when it runs."""
    update = verbs.add_parser(
        "update",
        help="take new movies into the live release, without training",
        **examples(
            "kindred update --movies movies.csv", "kindred update --movies new.csv --tags tags.csv --no-promote"
        ),
    )
    update.add_argument("--movies", type=place, required=True, metavar="FILE", help="movies.csv, movies.dat, u.item")
    update.add_argument("--tags", type=place, metavar="FILE", help="what viewers call movies: tags.csv, tags.dat")
    update.add_argument("--no-promote", action="store_true", help="add the release without making it the live one")
    add_models_option(update)
    update.set_defaults(run=locally(_update))
    return update


def _update(options: argparse.Namespace) -> int:
    from training.live import say_if_older
    from training.progress import Steps
    from training.update import update

    steps, registry = Steps(), open_registry(options.models)
    registry.prepare()
    release, facts = update(registry, options.movies, options.tags, steps)
    say_if_older(registry, release, steps)
    promoted = not options.no_promote
    if promoted:
        registry.promote(release)
    steps.say(f"release {release} in {options.models} ({'live' if promoted else 'not promoted'})")
    return show(options, {"release": release, "promoted": promoted, **facts}, release)
