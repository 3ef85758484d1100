"""Files anywhere Spark reads -> what training starts from, as `training.prepare` does with files of one machine."""

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import SparkSession

from training.prepare import About, Prepared, utc
from training.spark.engine import SparkEngine
from training.spark.likes import counts, likes_of, with_rows
from training.spark.ratings import read_ratings, stored


def prepare(
    spark: SparkSession,
    address: str,
    movies_path: Path | None,
    columns: Mapping[str, str] | None,
    min_rating: float,
    *,
    folder: str,
    scratch: Path,
    embedder: str = "gensim",
    allow_rejects: bool = False,
    label: str | None = None,
    tags_path: Path | None = None,
) -> Prepared[SparkEngine]:
    """Read the ratings with Spark and what is known of movies here, and build the catalogue.

    Args:
        spark: the session.
        address: of the ratings.
        movies_path: on the driver's machine, as is the next.
        tags_path: what viewers call movies.
        columns: names of the ratings' columns.
        min_rating: a rating is a like from here on.
        folder: URI where tables are kept; all workers reach it.
        scratch: on the driver's disk.
        embedder: gensim or mllib.
        allow_rejects: go on with more than 1 % of rows rejected.
        label: a word on the data.

    Raises:
        DataError: a file cannot be used, too many rows are rejected, or no likes are left.
    """
    ratings = read_ratings(spark, address, columns, folder)
    if not allow_rejects:
        ratings.report.check_limit()
    about = About.read(movies_path, tags_path)
    likes = likes_of(ratings, min_rating)
    catalogue = about.catalogue(*counts(ratings, min_rating))
    placed = stored(with_rows(likes, catalogue.ids), f"{folder}/likes")
    engine = SparkEngine(placed, catalogue.likes.astype("int64"), folder, scratch, embedder)
    facts = {
        "label": label,
        "ratings_file": {"name": Path(address).name, "fingerprint": ratings.fingerprint},
        "columns": dict(columns) if columns else None,
        "min_rating": min_rating if "rating" in ratings.frame.columns else None,
        "likes": engine.n_likes,
        "users": engine.n_viewers,
        "movies": len(catalogue),
        "movies_liked": int((catalogue.likes > 0).sum()),
        "first_time": utc(ratings.first_time),
        "last_time": utc(ratings.last_time),
        "rows": ratings.report.to_json(),
        "engine": {"name": "spark", "version": spark.version, "embedder": embedder},
    }
    return Prepared(catalogue, engine, ratings.report, about.movie_rejects, facts | about.facts, about.tag_rejects)
