"""The offline verbs: validate, train, evaluate, update, export, download."""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from models import Registry
from models.__main__ import add_json_option, add_models_option, show
from training import train_verb, update_verb
from training.evaluation import verb as evaluate_verb
from training.options import add_data_options, chosen_columns

# runs a verb, or a part of one; the exit code
Run = Callable[[argparse.Namespace], int]


def register(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", exports: Mapping[str, Run] = MappingProxyType({})
) -> None:
    """Declare this room's verbs; the libraries they need are imported only when one runs.

    Args:
        verbs: where to.
        exports: formats of `export` that others write, by name.
    """
    validate = verbs.add_parser("validate", help="say what a ratings file holds and what is wrong with it")
    add_data_options(validate)
    validate.add_argument("--min-rating", type=float, default=3.5, metavar="X", help="a like from here on (3.5)")
    validate.set_defaults(run=_validate)

    learned = [verb.register(verbs) for verb in (train_verb, evaluate_verb, update_verb)]

    export = verbs.add_parser("export", help="write a model's vectors for other tools, or the explorer as files")
    export.add_argument(
        "--format",
        required=True,
        choices=("word2vec", "word2vec-bin", "parquet", "tensorboard", "sparrow", *exports),
        help="of the vectors; static: the explorer with all it shows, for any web server",
    )
    export.add_argument("--model", metavar="M", help="of the live release (its default model; item2vec for a blend)")
    export.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="file to write; tensorboard, static: folder"
    )
    add_models_option(export)
    export.set_defaults(run=partial(_export, exports))

    download = verbs.add_parser("download", help="fetch a MovieLens data set, under its own licence")
    download.add_argument("name", choices=("ml-latest-small", "ml-25m", "ml-32m"))
    download.add_argument("--dir", type=Path, default=Path("data"), metavar="DIR", help="where to unpack (data)")
    download.set_defaults(run=_download)
    for parser in (validate, *learned, export, download):
        add_json_option(parser)


def _validate(options: argparse.Namespace) -> int:
    from training.validate import validate

    facts, text, refused = validate(options.ratings, options.movies, chosen_columns(options), options.min_rating)
    show(options, facts, text)
    if refused is not None and not options.allow_rejects:
        raise refused
    return 0


def _export(exports: Mapping[str, Run], options: argparse.Namespace) -> int:
    if options.format in exports:
        return exports[options.format](options)
    from training.export import default_model, export

    release = Registry(options.models).load()
    name = options.model or default_model(release)
    count = export(release, name, options.format, options.out)
    facts = {"out": str(options.out), "format": options.format, "model": name, "movies": count, "release": release.id}
    print(f"{count} vectors of {name}, release {release.id}", file=sys.stderr)
    return show(options, facts, str(options.out))


def _download(options: argparse.Namespace) -> int:
    from training.download import download

    folder = download(options.name, options.dir)
    return show(options, {"folder": str(folder)}, str(folder))
