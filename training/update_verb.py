"""The verb `update`: new movies for the live release, without training."""

import argparse
from pathlib import Path

from models import Registry
from models.__main__ import add_models_option, show


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Declare it; the libraries it needs are imported only when it runs."""
    update = verbs.add_parser("update", help="take new movies into the live release, without training")
    update.add_argument("--movies", type=Path, required=True, metavar="FILE", help="movies.csv, movies.dat, u.item")
    update.add_argument("--tags", type=Path, metavar="FILE", help="what viewers call movies: tags.csv, tags.dat")
    update.add_argument("--no-promote", action="store_true", help="add the release without making it the live one")
    add_models_option(update)
    update.set_defaults(run=_update)
    return update


def _update(options: argparse.Namespace) -> int:
    from training.progress import Steps
    from training.update import update

    steps, registry = Steps(), Registry(options.models)
    release, facts = update(registry, options.movies, options.tags, steps)
    promoted = not options.no_promote
    if promoted:
        registry.promote(release)
    steps.say(f"release {release} in {options.models} ({'live' if promoted else 'not promoted'})")
    return show(options, {"release": release, "promoted": promoted, **facts}, release)
