"""The offline verbs: validate, train, export, download."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from models import MODEL_NAMES, Registry
from models.__main__ import add_json_option, add_models_option, show


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare this room's verbs; the libraries they need are imported only when one runs."""
    validate = verbs.add_parser("validate", help="say what a ratings file holds and what is wrong with it")
    _add_data_options(validate)
    validate.add_argument("--min-rating", type=float, default=3.5, metavar="X", help="a like from here on (3.5)")
    validate.set_defaults(run=_validate)

    train = verbs.add_parser("train", help="learn what goes with what, and publish it as a release")
    _add_data_options(train)
    _add_settings(train)
    train.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="threads (all cores)")
    train.add_argument("--deterministic", action="store_true", help="the same release bit by bit for the same seed")
    train.add_argument("--no-promote", action="store_true", help="add the release without making it the live one")
    train.add_argument("--label", metavar="TEXT", help="a word on the data, shown by /models")
    add_models_option(train)
    train.set_defaults(run=_train)

    export = verbs.add_parser("export", help="write a model's vectors for other tools")
    export.add_argument(
        "--format", required=True, choices=("word2vec", "word2vec-bin", "parquet", "tensorboard", "sparrow")
    )
    export.add_argument("--model", metavar="M", help="of the live release (its default model)")
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write; tensorboard: folder")
    add_models_option(export)
    export.set_defaults(run=_export)

    download = verbs.add_parser("download", help="fetch a MovieLens data set, under its own licence")
    download.add_argument("name", choices=("ml-latest-small", "ml-25m", "ml-32m"))
    download.add_argument("--dir", type=Path, default=Path("data"), metavar="DIR", help="where to unpack (data)")
    download.set_defaults(run=_download)
    for parser in (validate, train, export, download):
        add_json_option(parser)


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ratings", type=Path, metavar="RATINGS", help=".csv, .csv.gz, .parquet, ratings.dat, u.data")
    parser.add_argument("--movies", type=Path, metavar="FILE", help="titles and genres: movies.csv, movies.dat, u.item")
    parser.add_argument("--columns", metavar="K=NAME,..", help="user=..,item=..,time=..[,rating=..][,quantity=..]")
    parser.add_argument("--allow-rejects", action="store_true", help="go on with more than 1 %% of rows rejected")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--method", default=",".join(MODEL_NAMES), metavar="M,..", help="which models (all three)")
    parser.add_argument("--preset", default="default", choices=("default", "lesson"), help="where settings start from")
    for flag, kind, text in (
        ("--min-rating", float, "a rating is a like from here on"),
        ("--vector-size", int, "length of each vector"),
        ("--window", int, "movies to each side that count as context"),
        ("--epochs", int, "passes over the corpus (by the data's size)"),
        ("--negative", int, "noise movies for each pair; 0: none, and no relation=next"),
        ("--ns-exponent", float, "noise movies are drawn by likes to this power"),
        ("--min-count", int, "fewer places in the corpus: not learned, inferred"),
        ("--walks", int, "random walks (by the number of movies)"),
        ("--walk-length", int, "movies in a walk"),
        ("--p", float, "node2vec: return parameter"),
        ("--q", float, "node2vec: in-out parameter"),
        ("--seed", int, "of walks and training"),
    ):
        parser.add_argument(flag, type=kind, metavar="N" if kind is int else "X", help=text)
    parser.add_argument("--hs", action=argparse.BooleanOptionalAction, default=None, help="hierarchical softmax")


def _columns(options: argparse.Namespace) -> dict[str, str] | None:
    from training.formats import parse_columns

    return parse_columns(options.columns) if options.columns else None


def _validate(options: argparse.Namespace) -> int:
    from training.validate import validate

    facts, text, refused = validate(options.ratings, options.movies, _columns(options), options.min_rating)
    show(options, facts, text)
    if refused is not None and not options.allow_rejects:
        raise refused
    return 0


def _train(options: argparse.Namespace) -> int:
    from training.progress import Steps
    from training.publish import prepare, train
    from training.settings import Settings, choose_settings

    names = Settings.__dataclass_fields__
    given: dict[str, Any] = {
        name: value for name, value in vars(options).items() if name in names and value is not None
    }
    methods = [name.strip() for name in options.method.split(",")]
    settings = choose_settings(methods, options.preset, given)
    min_rating = settings[methods[0]].min_rating
    steps = Steps()
    with steps.step(f"reading {options.ratings.name}"):
        prepared = prepare(
            options.ratings,
            options.movies,
            _columns(options),
            min_rating,
            allow_rejects=options.allow_rejects,
            label=options.label,
        )
    steps.say(prepared.summary())
    registry = Registry(options.models)
    workers = 1 if options.deterministic else max(1, options.workers)
    release = train(prepared, settings, workers, registry, steps)
    if not options.no_promote:
        registry.promote(release)
    promoted = "not promoted" if options.no_promote else "live"
    steps.say(f"release {release} in {options.models} ({promoted})")
    return show(options, {"release": release, "promoted": not options.no_promote, "data": prepared.facts}, release)


def _export(options: argparse.Namespace) -> int:
    from training.export import export

    release = Registry(options.models).load()
    count = export(release, options.model, options.format, options.out)
    facts = {"out": str(options.out), "format": options.format, "movies": count, "release": release.id}
    print(f"{count} vectors of release {release.id}", file=sys.stderr)
    return show(options, facts, str(options.out))


def _download(options: argparse.Namespace) -> int:
    from training.download import download

    folder = download(options.name, options.dir)
    return show(options, {"folder": str(folder)}, str(folder))
