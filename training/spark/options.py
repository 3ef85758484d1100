"""Options of `train --engine spark`, and what they come to; Spark is imported only where it is asked for."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from models.tidy import temporary_folder
from training.errors import SettingsError
from training.options import chosen_columns

if TYPE_CHECKING:
    from training.prepare import Prepared
    from training.progress import Steps
    from training.settings import Settings


def add_spark_options(parser: argparse.ArgumentParser) -> None:
    """Where the steps that grow with the data run."""
    group = parser.add_argument_group("beyond one machine")
    group.add_argument(
        "--engine", default="local", choices=("local", "spark"), help="local; spark: RATINGS may be any URI"
    )
    group.add_argument("--master", metavar="URL", help="local[*], spark://.., yarn, k8s://.. (as Spark is configured)")
    group.add_argument("--conf", action="append", default=[], metavar="K=V", help="a setting of Spark's; repeatable")
    group.add_argument("--work", metavar="URI", help="folder for tables and walks, which all workers reach; they stay")
    group.add_argument(
        "--embedder",
        default="gensim",
        choices=("gensim", "mllib"),
        help="gensim; mllib: on the workers, by hierarchical softmax only (no relation=next, no blend), movies x "
        "vector size up to 268 million; --workers is its partitions, more are faster and worse",
    )


def check_local(options: argparse.Namespace) -> None:
    """Raise SettingsError where an option of Spark's stands without it."""
    given = [name for name in ("master", "conf", "work") if getattr(options, name)]
    if options.embedder != "gensim":
        given.append("embedder")
    if given:
        raise SettingsError(f"--{given[0]} goes with --engine spark, found --engine {options.engine}")


def for_embedder(options: argparse.Namespace, settings: "dict[str, Settings]") -> "dict[str, Settings]":
    """The settings as far as the embedder can.

    Raises:
        SettingsError: asked for what it does not do.
    """
    if options.embedder == "gensim":
        return settings
    from training.spark.mllib import settings_for

    return {name: settings_for(one, asked=options.negative is not None) for name, one in settings.items()}


@contextmanager
def prepared_on_spark(
    options: argparse.Namespace, settings: "dict[str, Settings]", steps: "Steps"
) -> "Iterator[Prepared[Any]]":
    """Read the files, with a session that lasts until training is over.

    Raises:
        SettingsError: options that cannot be.
        EngineError: Spark does not start, or a job of it failed.
        DataError: a file cannot be used.
    """
    conf = _conf(options.conf)
    with temporary_folder("kindred-spark-") as scratch:
        folder = _folder(options, scratch, conf)
        from training.spark.prepare import prepare
        from training.spark.session import session

        with session(options.master, conf) as spark:
            with steps.step(f"reading {Path(options.ratings).name}"):
                prepared = prepare(
                    spark,
                    _address(options.ratings),
                    options.movies,
                    chosen_columns(options),
                    next(iter(settings.values())).min_rating,
                    folder=folder,
                    scratch=scratch,
                    embedder=options.embedder,
                    allow_rejects=options.allow_rejects,
                    label=options.label,
                    tags_path=options.tags,
                )
            steps.say(prepared.summary())
            yield prepared
            if options.work:
                steps.say(f"tables and walks: {folder}")


def _address(ratings: str) -> str:
    """As Spark finds it: Java may have begun in another folder."""
    here = Path(ratings)
    return str(here.resolve()) if "://" not in ratings and here.exists() else ratings


def _conf(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, sign, value in pairs:
        if not name or not sign:
            raise SettingsError(f"--conf: expected K=V, found {name + sign + value!r}")
    return {name: value for name, _, value in pairs}


def _folder(options: argparse.Namespace, scratch: Path, conf: dict[str, str]) -> str:
    """Where tables are kept: a new folder of the one that was given, or here where all workers are."""
    master = options.master or conf.get("spark.master") or "local[*]"
    here = master.startswith("local")
    if not options.work:
        if not here:
            raise SettingsError(
                f"--work: expected a folder that all workers of {master} reach (s3a://.., hdfs://.., a shared path), "
                "found none"
            )
        return (scratch / "tables").as_uri()
    work = Path(options.work).resolve().as_uri() if here and "://" not in options.work else options.work.rstrip("/")
    return f"{work}/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
