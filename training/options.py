"""Options that several verbs have: which files, which settings; and what they come to."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import MODEL_NAMES
from models.opening import place
from training.settings import PRESETS, Settings, choose_settings

if TYPE_CHECKING:
    from training.here import Here
    from training.prepare import Prepared
    from training.progress import Steps

# of each setting its kind, and what it is; the presets' values are added where they do not depend on the data
_SETTINGS = {
    "--min-rating": (float, "a rating is a like from here on"),
    "--vector-size": (int, "length of each vector"),
    "--window": (int, "movies to each side that count as context"),
    "--epochs": (int, "passes over the corpus (histories: by their size, walks: 5; lesson: 10)"),
    "--negative": (int, "noise movies for each pair; with 0 no relation=next"),
    "--ns-exponent": (float, "noise movies are drawn by likes to this power"),
    "--min-count": (int, "fewer places in the corpus: not learned, inferred"),
    "--min-likes": (int, "fewer likes: not learned, but inferred (5, fewer where the data are few)"),
    "--walks": (int, "random walks (by the number of movies; lesson: 20000)"),
    "--walk-length": (int, "movies in a walk"),
    "--p": (float, "node2vec: return parameter"),
    "--q": (float, "node2vec: in-out parameter"),
    "--seed": (int, "of walks and training"),
}


def add_data_options(parser: argparse.ArgumentParser, *, anywhere: bool = False) -> None:
    """The files, and how they are read; `anywhere`: the ratings may have any address."""
    parser.add_argument(
        "ratings",
        type=str if anywhere else place,
        metavar="RATINGS",
        help=".csv, .csv.gz, .parquet, ratings.dat, u.data; here, or s3://.., gs://..",
    )
    parser.add_argument("--movies", type=place, metavar="FILE", help="titles, genres: movies.csv, movies.dat, u.item")
    parser.add_argument("--columns", metavar="K=NAME,..", help="user=..,item=..,time=..[,rating=..][,quantity=..]")
    parser.add_argument("--allow-rejects", action="store_true", help="go on with more than 1 %% of rows rejected")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Everything that decides what a model becomes, and the number of threads."""
    parser.add_argument("--method", default=",".join(MODEL_NAMES), metavar="M,..", help="which models (all three)")
    parser.add_argument(
        "--preset", default="default", choices=("default", "lesson"), help="where settings start from (default)"
    )
    parser.add_argument("--tags", type=place, metavar="FILE", help="what viewers call movies: tags.csv, tags.dat")
    for flag, (kind, text) in _SETTINGS.items():
        parser.add_argument(flag, type=kind, metavar="N" if kind is int else "X", help=text + _usually(flag))
    parser.add_argument("--hs", action=argparse.BooleanOptionalAction, default=None, help="hierarchical softmax (on)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="threads (all cores)")


def _usually(flag: str) -> str:
    """The presets' own value of a setting, where it is one for all data."""
    name = flag.removeprefix("--").replace("-", "_")
    default, lesson = (getattr(PRESETS[preset]["node2vec"], name) for preset in ("default", "lesson"))
    if default is None or "(" in _SETTINGS[flag][1]:
        return ""
    return f" ({default})" if default == lesson else f" ({default}; lesson: {lesson})"


def chosen_columns(options: argparse.Namespace) -> dict[str, str] | None:
    """Names of the columns, where they were given."""
    from training.formats import parse_columns

    return parse_columns(options.columns) if options.columns else None


def chosen_settings(options: argparse.Namespace) -> dict[str, Settings]:
    """Settings of each method: the preset's with what was given on top."""
    names = Settings.__dataclass_fields__
    given: dict[str, Any] = {
        name: value for name, value in vars(options).items() if name in names and value is not None
    }
    methods = [name.strip() for name in options.method.split(",")]
    return choose_settings(methods, options.preset, given)


def read_data(
    options: argparse.Namespace, settings: dict[str, Settings], steps: "Steps", label: str | None = None
) -> "Prepared[Here]":
    """Read the files and say what is in them."""
    from training.prepare import prepare

    min_rating = next(iter(settings.values())).min_rating
    ratings = Path(options.ratings)
    with steps.step(f"reading {ratings.name}"):
        prepared = prepare(
            ratings,
            options.movies,
            chosen_columns(options),
            min_rating,
            allow_rejects=options.allow_rejects,
            label=label,
            tags_path=options.tags,
        )
    steps.say(prepared.summary())
    return prepared
