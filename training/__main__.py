"""The offline verbs: validate, train, evaluate, update, export, download."""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from models import open_registry
from models.__main__ import add_json_option, add_models_option, examples, show
from training import train_verb, update_verb
from training.errors import SettingsError
from training.evaluation import verb as evaluate_verb
from training.inputs import locally
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
    validate = verbs.add_parser(
        "validate",
        help="say what a ratings file holds and what is wrong with it",
        **examples(
            "kindred validate ratings.csv --movies movies.csv",
            "kindred validate orders.csv --columns user=customer,item=sku,time=at,quantity=n --json",
        ),
    )
    add_data_options(validate)
    validate.add_argument("--min-rating", type=float, default=3.5, metavar="X", help="a like from here on (3.5)")
    validate.set_defaults(run=locally(_validate))

    learned = [verb.register(verbs) for verb in (train_verb, evaluate_verb, update_verb)]

    export = verbs.add_parser(
        "export",
        help="write a model's vectors for other tools, or the explorer as files",
        **examples(
            "kindred export --format parquet --model node2vec --out node2vec.parquet",
            "kindred export --format static --out site",
            "kindred export --format redis --out redis://127.0.0.1:6379/0 --ttl 86400",
        ),
    )
    export.add_argument(
        "--format",
        required=True,
        choices=("word2vec", "word2vec-bin", "parquet", "tensorboard", "sparrow", "redis", *exports),
        help="of the vectors; static: the explorer with all it shows, for any web server",
    )
    export.add_argument(
        "--model",
        metavar="M",
        help="of the live release (its default model; item2vec for a blend; redis: item2vec and deepwalk)",
    )
    export.add_argument(
        "--out", required=True, metavar="PATH", help="file to write; tensorboard, static: folder; redis: redis://.."
    )
    redis = export.add_argument_group("with --format redis")
    redis.add_argument("--ttl", type=int, metavar="SECONDS", help="how long keys stay, 0 for ever (86400, a day)")
    redis.add_argument("--prefix", metavar="TEXT", help="of keys (i2vEmb and graphEmb; for --model M, its name)")
    add_models_option(export)
    export.set_defaults(run=partial(_export, exports))

    download = verbs.add_parser(
        "download",
        help="fetch a MovieLens data set, under its own licence",
        **examples("kindred download ml-latest-small", "kindred download ml-25m --dir /srv/data"),
    )
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
    if options.format == "redis":
        return _to_redis(options)
    for name in ("ttl", "prefix"):
        if getattr(options, name) is not None:
            raise SettingsError(f"--{name} goes with --format redis, found --format {options.format}")
    options.out = Path(options.out)
    if options.format in exports:
        return exports[options.format](options)
    from training.export import default_model, export

    release = open_registry(options.models).load()
    name = options.model or default_model(release)
    count = export(release, name, options.format, options.out)
    facts = {"out": str(options.out), "format": options.format, "model": name, "movies": count, "release": release.id}
    print(f"{count} vectors of {name}, release {release.id}", file=sys.stderr)
    return show(options, facts, str(options.out))


def _to_redis(options: argparse.Namespace) -> int:
    from training.redis_store import DAY, export, shown

    ttl = DAY if options.ttl is None else options.ttl
    release = open_registry(options.models).load()
    keys = export(release, options.model, options.out, ttl=ttl, prefix=options.prefix)
    text = ", ".join(f"{count} of {prefix}:" for prefix, count in keys.items())
    print(f"{text} keys, release {release.id}", file=sys.stderr)
    facts = {"out": shown(options.out), "format": options.format, "ttl": ttl, "release": release.id}
    # prefixes are data: they stay as they are
    return show(options, facts | {"keys": [{"prefix": name, "keys": n} for name, n in keys.items()]}, facts["out"])


def _download(options: argparse.Namespace) -> int:
    from training.download import download

    folder = download(options.name, options.dir)
    return show(options, {"folder": str(folder)}, str(folder))
