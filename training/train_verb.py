"""The verb `train`: learn, measure, publish, and go live if that is no step back."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models import open_registry
from models.__main__ import add_models_option, examples, show
from models.opening import place
from training.errors import GateError, SettingsError
from training.inputs import locally
from training.options import add_data_options, add_settings, chosen_settings, read_data
from training.spark.options import add_spark_options, check_local, for_embedder, prepared_on_spark

if TYPE_CHECKING:
    from models import Viewers
    from models.details import Details
    from training.prepare import Prepared
    from training.progress import Steps
    from training.settings import Settings


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Declare it; the libraries it needs are imported only when it runs."""
    train = verbs.add_parser(
        "train",
        help="learn what goes with what, and publish it as a release",
        **examples(
            "kindred train ratings.csv --movies movies.csv --dry-run",
            "kindred train ratings.csv --movies movies.csv",
            "kindred train ratings.csv --method deepwalk,node2vec --p 1 --q 2 --walks 100000 --no-promote",
            "kindred train ratings.csv --preset lesson --compat sparrow --links links.csv --users",
            "kindred train s3a://bucket/ratings --engine spark --master spark://spark:7077 --work s3a://bucket/work",
        ),
    )
    add_data_options(train, anywhere=True)
    add_settings(train)
    train.add_argument("--deterministic", action="store_true", help="the same release bit by bit for the same seed")
    train.add_argument("--no-promote", action="store_true", help="add the release without making it the live one")
    train.add_argument("--no-evaluate", action="store_true", help="do not measure on held-out likes first")
    train.add_argument("--label", metavar="TEXT", help="a word on the data, shown by /models")
    train.add_argument(
        "--map", default="pca", choices=("pca", "umap", "none"), help="the picture of all movies (pca; umap: [map])"
    )
    train.add_argument("--users", action="store_true", help="also keep who liked what, for /users: personal data")
    train.add_argument(
        "--dry-run", action="store_true", help="read and check, say how long training would take; write nothing"
    )
    _add_course_options(train)
    _add_live_options(train)
    add_spark_options(train)
    add_models_option(train)
    train.set_defaults(run=locally(_train))
    return train


def _add_course_options(parser: argparse.ArgumentParser) -> None:
    """What the pages of the course's recommender show."""
    group = parser.add_argument_group("for KINDRED_COMPAT=sparrow")
    group.add_argument(
        "--compat", choices=("sparrow",), help="also keep numbers and means of ratings; with --users, the highest"
    )
    group.add_argument("--links", type=place, metavar="FILE", help="with --compat: ids at IMDb and TMDb, links.csv")


def _add_live_options(parser: argparse.ArgumentParser) -> None:
    """What is done beside the release that is live."""
    parser.add_argument(
        "--continue", dest="carry_on", action="store_true", help="start from the live release; fewer epochs, unmeasured"
    )
    parser.add_argument("--no-align", action="store_true", help="leave the axes of the vectors as they come")
    gates = parser.add_mutually_exclusive_group()
    gates.add_argument(
        "--gate",
        action="append",
        metavar="NUMBER>=LIMIT",
        help="go live only if, e.g. blend.next.mrr>=0.05; repeatable (hr@10>=0.9*current and lift@10>=0.9*current)",
    )
    gates.add_argument("--no-gate", action="store_true", help="go live however good")


def _train(options: argparse.Namespace) -> int:
    from training.gate import asked
    from training.judgement import judge
    from training.live import live_release, say_if_older
    from training.maps import Drawing
    from training.progress import Steps
    from training.publish import train
    from training.refresh import continued

    settings, steps = for_embedder(options, chosen_settings(options)), Steps()
    drawing = None if options.map == "none" else Drawing(options.map, next(iter(settings.values())).seed)
    gates = asked(options.gate, none=options.no_gate, measured=not (options.no_evaluate or options.carry_on))
    _check_course(options)
    if options.dry_run:
        from training.dry_run import dry_run

        return dry_run(options, settings, steps)
    registry = open_registry(options.models)
    registry.prepare()
    live = registry.load() if options.carry_on else live_release(registry, steps)
    with _prepared(options, settings, steps) as prepared:
        prepared, details = _detailed(options, prepared)
        if live is not None and options.carry_on:
            size = prepared.engine.n_likes, len(prepared.catalogue)
            settings = continued(settings, live, size, epochs=options.epochs)
        release = train(
            prepared,
            settings,
            1 if options.deterministic else max(1, options.workers),
            registry,
            steps,
            measure=not options.no_evaluate,
            axes=None if options.no_align else live,
            start=live if options.carry_on else None,
            users=options.users,
            drawing=drawing,
            details=details,
        )
    say_if_older(registry, release, steps)
    refused = judge(gates, registry, release, prepared.catalogue, live, steps)
    promoted = not (refused or options.no_promote)
    if promoted:
        registry.promote(release)
    steps.say(f"release {release} in {options.models} ({'live' if promoted else 'not promoted'})")
    facts = {"release": release, "promoted": promoted, "refused": refused, "data": prepared.facts}
    show(options, facts, release)
    if refused:
        raise GateError(f"{release} is not promoted: {'; '.join(refused)}")
    return 0


@contextmanager
def _prepared(
    options: argparse.Namespace, settings: "dict[str, Settings]", steps: "Steps"
) -> "Iterator[Prepared[Any]]":
    """What training starts from, on the engine that was asked for."""
    if options.engine == "spark":
        with prepared_on_spark(options, settings, steps) as prepared:
            yield prepared
    else:
        check_local(options)
        yield read_data(options, settings, steps, options.label)


def _check_course(options: argparse.Namespace) -> None:
    """Raise SettingsError where the options for the course's pages cannot be."""
    if options.links is not None and options.compat is None:
        raise SettingsError("--links goes with --compat sparrow, found none")
    if options.compat is not None and options.engine == "spark":
        raise SettingsError("--compat goes with --engine local, found --engine spark")


def _detailed(
    options: argparse.Namespace, prepared: "Prepared[Any]"
) -> "tuple[Prepared[Any], Callable[[Viewers | None], Details] | None]":
    """What makes the details of movies, where they are asked for, and the manifest's word on where they are from."""
    if options.compat is None:
        return prepared, None
    from training.details import details_of
    from training.links import read_links
    from training.prepare import fingerprint
    from training.records import Rejects

    links, rejects = ({}, Rejects()) if options.links is None else read_links(options.links)
    facts: dict[str, Any] = {"compat": options.compat}
    if options.links is not None:
        facts |= {"links_file": fingerprint(options.links), "links_rejected": rejects.to_json()}
    here, catalogue = prepared.engine, prepared.catalogue
    prepared = replace(prepared, facts=prepared.facts | facts)
    return prepared, lambda viewers: details_of(here.ratings, here.row_of, catalogue, links, viewers)
