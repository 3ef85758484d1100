"""Files of any supported layout -> rows: the plain ones in columns, every other as it stands, for a closer look.

A row is plain where ids are printable ASCII without spaces, numbers are digits with at most one point, and no quote is
in it. Almost all rows are; Spark reads them without Python. `ratings.py` looks at the others.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.errors import DataError
from training.formats import Format, ratings_format
from training.readers import MAX_RATING, quantity_column
from training.records import missing_columns

# U+FFFD: what stands for bytes that are no UTF-8
NO_TEXT = "\ufffd"
# \A and \z: for Java, `$` stands before a line separator too
_PLAIN_ID = r"\A[!-~]+\z"
_PLAIN_NUMBER = r"\A[0-9]{1,18}(\.[0-9]{1,9})?\z"
_WHOLE = ("tinyint", "smallint", "int", "bigint")
_TIMES = ("timestamp", "timestamp_ntz")
# a line is one column: what separates columns for Spark stands in no line, and would take nothing away if it did
_LINES = {"header": "true", "enforceSchema": "false", "sep": "\x01", "quote": "", "columnNameOfCorruptRecord": "whole"}


@dataclass(frozen=True, eq=False)
class Source:
    """What a reader is to know of files.

    Attributes:
        layout: how their lines are laid out.
        names: of their columns.
        rows: at (long, ascending in a file), user, movie (string), rating, time (double), returned (boolean), and odd:
            null where the row is plain, else the line, or the struct of all its columns.
    """

    layout: Format
    names: list[str]
    rows: DataFrame


def read_rows(spark: SparkSession, address: str, columns: Mapping[str, str] | None) -> Source:
    """Rows of one file or of all files below a folder; nothing is read before they are asked for.

    Raises:
        DataError: nothing there, no known layout, or a needed column is missing.
        SettingsError: columns were named for files that have no column names.
    """
    try:
        layout = _layout(spark, address, columns)
        names, raw = _parquet(spark, address) if not layout.separator else _text(spark, address, layout)
    except AnalysisException as error:
        missing = error.getCondition() == "PATH_NOT_FOUND"
        raise DataError(f"{address}: {'no such file' if missing else f'cannot be read: {error}'}") from error
    if missing := missing_columns(layout, names):
        raise DataError(f"{address}: expected columns {', '.join(missing)}, found {', '.join(names) or 'none'}")
    return Source(layout, names, _columns(layout, names, raw))


def _layout(spark: SparkSession, address: str, columns: Mapping[str, str] | None) -> Format:
    """Told by the name of the address, or else by the names of the files in it."""
    try:
        return ratings_format(Path(address), columns)
    except DataError:
        files = sorted(Path(name) for name in _below(spark).text(address).inputFiles())
        if not files:
            raise
    layouts = [ratings_format(file, columns) for file in files]
    for file, layout in zip(files, layouts, strict=True):
        if layout != layouts[0]:
            raise DataError(f"{address}: expected files of one layout, found {files[0].name} and {file.name}")
    return layouts[0]


def _below(spark: SparkSession) -> Any:
    return spark.read.option("recursiveFileLookup", "true")


def _parquet(spark: SparkSession, address: str) -> tuple[list[str], DataFrame]:
    frame = _below(spark).parquet(address)
    return frame.columns, frame.select(F.monotonically_increasing_id().alias("at"), F.struct("*").alias("raw"))


def _text(spark: SparkSession, address: str, layout: Format) -> tuple[list[str], DataFrame]:
    """Lines, without the header of each file; that all files have the same is checked when they are read."""
    lines = _below(spark).text(address).select(F.make_valid_utf8("value").alias("raw"))
    first = lines.first()
    if first is None:
        raise DataError(f"{address}: the file is empty")
    if "\0" in first.raw:
        raise DataError(f"{address}: expected lines of text, found a binary file")
    names = layout.header
    if names is None:
        names = tuple(name.strip() for name in next(csv.reader([first.raw]), []))
        schema = f"`{first.raw.replace('`', '``')}` string, whole string"
        lines = _below(spark).csv(address, schema=schema, **_LINES).toDF("line", "whole")
        lines = lines.select(F.coalesce("whole", "line", F.lit("")).alias("raw"))
    lines = lines.select(F.monotonically_increasing_id().alias("at"), "raw")
    return list(names), lines.where(F.trim("raw") != "")


def _columns(layout: Format, names: list[str], raw: DataFrame) -> DataFrame:
    """Each column of ours; null where it is not plain."""
    if layout.separator:
        kinds = dict.fromkeys(names, "string")
        raw = raw.withColumn("fields", F.split("raw", layout.separator, -1))
        fits = (F.size("fields") == len(names)) & ~F.col("raw").contains(NO_TEXT)
        if layout.separator == ",":
            fits &= ~F.col("raw").contains('"')
    else:
        kinds = dict(raw.select("raw.*").dtypes)
        fits = F.lit(True)

    def field(name: str) -> Column:
        return F.get("fields", F.lit(names.index(name))) if layout.separator else F.col("raw").getField(name)

    columns = layout.columns
    user, movie = (_plain_id(field(columns[key]), kinds[columns[key]]) for key in ("user", "item"))
    time = _plain_number(field(columns["time"]), kinds[columns["time"]])
    fits &= user.isNotNull() & movie.isNotNull() & (time >= 0)
    rating, returned = F.lit(None).cast("double"), F.lit(False)
    if columns.get("rating") in names:
        rating = _plain_number(field(columns["rating"]), kinds[columns["rating"]])
        fits &= F.abs(rating) <= MAX_RATING
    quantity = quantity_column(layout, names)
    if quantity is not None:
        returned = _plain_number(field(quantity), kinds[quantity]) <= 0
        fits &= returned.isNotNull()
    return raw.select(
        "at",
        *(user.alias("user"), movie.alias("movie"), rating.alias("rating"), time.alias("time")),
        returned.alias("returned"),
        F.when(~F.coalesce(fits, F.lit(False)), F.col("raw")).alias("odd"),
    )


def _plain_id(column: Column, kind: str) -> Column:
    if kind in _WHOLE:
        return column.cast("string")
    return F.when(column.rlike(_PLAIN_ID), column) if kind == "string" else F.lit(None).cast("string")


def _plain_number(column: Column, kind: str) -> Column:
    """As `readers.number`; of a column of times, as `readers.seconds`."""
    if kind == "string":
        return F.when(column.rlike(_PLAIN_NUMBER), column.try_cast("double"))
    if kind in _TIMES:
        return F.unix_micros(column.cast("timestamp")) / 1e6
    if kind in (*_WHOLE, "float", "double"):
        number = column.cast("double")
        return F.when(F.abs(number) < float("inf"), number)
    return F.lit(None).cast("double")
