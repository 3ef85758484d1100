"""Ratings files -> a clean table, with the rules, reasons and counts of `training.ratings`, however many files.

Rows that are not plain (`rows.py`) are judged by the same code as on one machine. A quoted field that spans lines is
not put together: its lines are judged one by one.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, Observation, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - its name everywhere

from training.errors import DataError
from training.formats import Format
from training.ratings import ReadReport
from training.readers import Check, as_text, number, seconds
from training.spark.rows import NO_TEXT, Source, read_rows
from training.spark.session import cause

_SHOWN = 80
_JUDGED = pyarrow.schema(
    [
        *(("at", pyarrow.int64()), ("user", pyarrow.string()), ("movie", pyarrow.string())),
        *(("rating", pyarrow.float64()), ("time", pyarrow.float64()), ("returned", pyarrow.bool_())),
        *(("reason", pyarrow.string()), ("value", pyarrow.string())),
    ]
)


@dataclass(frozen=True, eq=False)
class Ratings:
    """One row for each user and movie.

    Attributes:
        frame: viewer (long, ascending by the user's first row in the file, another for each user; of several files,
            in the order in which Spark reads them), user, movie (string), rating (float; absent where the files have
            none), time (double, seconds since 1970).
        report: what became of every row read; lines are not known here, and 0.
        best: the highest rating; None where there are none.
        first_time, last_time: of `frame`.
        fingerprint: hexadecimal; the same for the same rows in whatever order and files.
    """

    frame: DataFrame
    report: ReadReport
    best: float | None
    first_time: float
    last_time: float
    fingerprint: str


def read_ratings(spark: SparkSession, address: str, columns: Mapping[str, str] | None, folder: str) -> Ratings:
    """Read ratings, drop faulty rows and all but the latest of duplicates, and say how many.

    Of rows of the same user and movie the latest counts; at the same time, the one with the higher rating.

    Args:
        spark: the session.
        address: a file, or a folder with files of one layout, wherever Spark reads: a path, `s3a://`, `hdfs://`.
        columns: names of the user, item, time and (optionally) rating and quantity columns.
        folder: where tables are kept that are read more than once; all workers reach it.

    Raises:
        DataError: the files cannot be used; the message says what was expected and what was found.
    """
    source = read_rows(spark, address, columns)
    report = ReadReport(address, guests=source.layout.guests)
    try:
        rows = _judged_rows(source, report, folder)
    except (PySparkException, Py4JJavaError) as error:
        raise DataError(f"{address}: cannot be read: {cause(error)}") from error
    report.check_any()
    latest = _latest(rows.where(~F.col("returned")))
    if source.layout.columns.get("rating") not in source.names:
        latest = latest.drop("rating")
    told = Observation()
    frame = stored(latest.observe(told, *_facts(latest.columns)), f"{folder}/ratings")
    facts = told.get
    report.duplicates = report.kept - facts["kept"]
    fingerprint = f"{int(facts['hashes']) % 2**64:016x}"
    return Ratings(frame, report, facts["best"], facts["first"], facts["last"], fingerprint)


def stored(frame: DataFrame, address: str) -> DataFrame:
    """The same table, read back from Parquet: what is made of it does not make it again."""
    frame.write.mode("overwrite").parquet(address)
    return frame.sparkSession.read.schema(frame.schema).parquet(address)


def _judged_rows(source: Source, report: ReadReport, folder: str) -> DataFrame:
    """The rows that are not turned away; the report tells of all. The files themselves are read once."""
    told = Observation()
    numbers = F.count("*").alias("rows"), F.count("odd").alias("odd"), F.count_if("returned").alias("returned")
    rows = stored(source.rows.observe(told, *numbers), f"{folder}/rows")
    plain = rows.where(F.col("odd").isNull()).drop("odd")
    if not told.get["odd"]:  # as a rule, and then no Python is asked
        report.rows, report.returns = told.get["rows"], told.get["returned"]
        return plain
    nothing = F.lit(None).cast("string")
    plain = plain.withColumns({"reason": nothing, "value": nothing})
    judge = partial(_judge, layout=source.layout, names=source.names)
    odd = rows.where(F.col("odd").isNotNull()).select("at", "odd")
    judged = plain.unionByName(stored(odd.mapInArrow(judge, plain.schema), f"{folder}/odd"))
    _count(judged, report)
    return judged.where(F.col("reason").isNull())


def _judge(batches: Iterable[pyarrow.RecordBatch], layout: Format, names: list[str]) -> Iterator[pyarrow.RecordBatch]:
    check = Check(layout, names)
    for batch in batches:
        pairs = zip(batch["at"].to_pylist(), batch["odd"].to_pylist(), strict=True)
        judged = [_verdict(check, at, odd, layout.separator) for at, odd in pairs]
        yield pyarrow.RecordBatch.from_pylist([row for row in judged if row], schema=_JUDGED)


def _fields(odd: Any, separator: str) -> list[str]:
    """The columns of a line or a struct as texts, as `training.records` and `training.readers` make them."""
    if not separator:
        return [as_text(value) for value in odd.values()]
    if separator != ",":
        return list(odd.split(separator))
    try:
        return next(csv.reader([odd]))
    except csv.Error:  # a field longer than the module allows
        return list(odd.split(","))


def _verdict(check: Check, at: int, odd: Any, separator: str) -> dict[str, Any] | None:
    """What becomes of one row; None where a line of a CSV file is blank."""
    fields = _fields(odd, separator)
    if separator == "," and len(fields) < 2 and not "".join(fields).strip():
        return None
    if separator and NO_TEXT in odd:
        return {"at": at, "reason": NO_TEXT, "value": odd[:_SHOWN]}
    fault = check.fault(fields)
    if fault is not None:
        return {"at": at, "reason": fault[0], "value": fault[1][:_SHOWN]}
    return {
        "at": at,
        "user": fields[check.user].strip(),
        "movie": fields[check.item].strip(),
        "rating": None if check.rating is None else number(fields[check.rating]),
        "time": seconds(fields[check.time]),
        "returned": check.returned(fields),
    }


def _count(rows: DataFrame, report: ReadReport) -> None:
    """Fill the report: each reason, in the order in which they were met, with its first value."""
    kinds = rows.groupBy("reason", "returned")
    counted = kinds.agg(F.count("*").alias("n"), F.min_by("value", "at").alias("value"), F.min("at").alias("at"))
    for kind in counted.orderBy("at").collect():
        report.rows += kind.n
        if kind.reason == NO_TEXT:
            raise DataError(f"{report.path}: expected utf-8 text, found bytes that are none in {kind.value!r}")
        if kind.reason is not None:
            report.rejects.add(kind.reason, 0, kind.value, kind.n)
        elif kind.returned:
            report.returns += kind.n


def _latest(rows: DataFrame) -> DataFrame:
    """The latest row of each user and movie; a user's number is the place of the first row, a duplicate or not."""
    best = F.max(F.struct("time", F.col("rating").cast("float").alias("rating"))).alias("best")
    one = rows.repartition("user").groupBy("user", "movie").agg(F.min("at").alias("at"), best)
    viewer = F.min("at").over(Window.partitionBy("user")).alias("viewer")
    return one.select(viewer, "user", "movie", F.col("best.rating").alias("rating"), F.col("best.time").alias("time"))


def _facts(names: list[str]) -> list[Column]:
    """What is told of a table of these columns while it is written."""
    columns = [name for name in names if name != "viewer"]
    return [
        F.count("*").alias("kept"),
        F.max("rating" if "rating" in columns else F.lit(None).cast("float")).alias("best"),
        F.min("time").alias("first"),
        F.max("time").alias("last"),
        F.sum(F.xxhash64(*columns).cast("decimal(20,0)")).alias("hashes"),
    ]
