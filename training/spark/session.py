"""A Spark session, and what is said where there is no Java to run it."""

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from models.stop import postponed
from training.errors import EngineError
from training.readers import first_line

JAVA = 17
# Nothing is broadcast because Spark thinks it small: what grows with the data stays where it is.
_ALWAYS = {
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.adaptive.autoBroadcastJoinThreshold": "-1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}
_LOGGING = f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'log4j2.properties').as_uri()}"
# unless --conf says otherwise; under spark-submit, and in a session that is there, nothing of it is touched
_USUALLY = {
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": _LOGGING,
}
# On one machine Java is new each time, and most of what Spark gives it to compile runs once or twice: the thorough
# compiler waits ten times as long as it would. The garbage collector is the one for few cores. Other makes of Java have
# other names for both.
_JAVA = (
    "-XX:+IgnoreUnrecognizedVMOptions -XX:+UseParallelGC -XX:Tier4InvocationThreshold=50000"
    " -XX:Tier4MinInvocationThreshold=6000 -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)
_USUALLY_HERE = _USUALLY | {
    "spark.driver.extraJavaOptions": f"{_LOGGING} {_JAVA}",
    "spark.sql.shuffle.partitions": "32",
}
_TELLING = [logging.getLogger(), logging.getLogger("py4j.clientserver"), logging.getLogger("py4j.java_gateway")]


@contextmanager
def session(master: str | None, conf: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """The session that is there, as under spark-submit, or one that is started here and stopped at the end.

    Args:
        master: `local[*]`, `spark://...`, `yarn`, `k8s://...`; None: as Spark is configured, else `local[*]`.
        conf: more of Spark's own settings.

    Raises:
        EngineError: no Java, one that is too old, a cluster that does not answer, or a job that failed.
    """
    running = SparkContext._active_spark_context is not None
    if not running and "PYSPARK_GATEWAY_PORT" not in os.environ:
        check_java()
    with _stops_without_a_trace():
        spark = _start(master, dict(conf or {}), running)
        try:
            yield spark
        except Exception as error:
            if stop := _stopped_by(error):
                raise stop from None
            if isinstance(error, PySparkException | Py4JJavaError):
                raise EngineError(f"Spark: {cause(error)}") from error
            raise
        finally:
            if not running:
                _stop(spark)


def _start(master: str | None, given: dict[str, str], running: bool) -> SparkSession:
    here = _here(master or given.get("spark.master"))
    if here:
        # the same Python for this machine's workers, and no port that others reach; a cluster has its own ways
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    theirs = running or "PYSPARK_GATEWAY_PORT" in os.environ
    usually = {} if theirs else _USUALLY_HERE if here else _USUALLY
    asked = {} if master is None else {"spark.master": master}
    settings = {"spark.app.name": "kindred", **asked, **usually, **given, **_ALWAYS}
    # said at every function over Arrow tables; pandas has no part in them
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    try:
        _launch(settings)
        with _ctrl_c_as_it_was():
            spark = SparkSession.builder.config(map=settings).getOrCreate()
    except (PySparkException, OSError) as error:
        raise EngineError(f"Spark does not start: {first_line(error)}") from error
    for name, value in _ALWAYS.items():
        spark.conf.set(name, value)
    return spark


def _launch(settings: Mapping[str, str]) -> None:
    """Java alone, if it is not there. Stopped before it has said where it listens, it would be there for ever."""
    held = postponed() if threading.current_thread() is threading.main_thread() else nullcontext()
    with held:
        SparkContext._ensure_initialized(conf=SparkConf().setAll(list(settings.items())))


@contextmanager
def _stops_without_a_trace() -> Iterator[None]:
    for logger in _TELLING:
        logger.addFilter(_worth_saying)
    try:
        yield
    finally:
        for logger in _TELLING:
            logger.removeFilter(_worth_saying)


def _worth_saying(record: logging.LogRecord) -> bool:
    """Not the trace with which py4j tells of a stop that came while Java was waited for, or of what failed after it."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not (isinstance(error, KeyboardInterrupt) or _stopped_by(error))


@contextmanager
def _ctrl_c_as_it_was() -> Iterator[None]:
    """PySpark puts a handler of its own in the place of the one there is, and leaves it behind when it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stopped_by(error: BaseException) -> BaseException | None:
    """Ctrl-C or a signal that cut Java short, where what failed after it is no more than a consequence."""
    before = error.__context__
    while before is not None and isinstance(before, Exception):
        before = before.__context__
    return before


def _stop(spark: SparkSession) -> None:
    """Whatever became of Java: a signal may have ended it first, or cut off what it was saying.

    What Spark says of jobs that end with it, after a failure or a stop, is left unsaid.
    """
    if sys.exc_info()[0] is None:
        spark.stop()
        return
    with suppress(Exception):
        spark.sparkContext.setLogLevel("OFF")
        spark.sparkContext.cancelAllJobs()
    with suppress(Exception):
        spark.stop()


def _here(master: str | None) -> bool:
    """Whether all of Spark will run on this machine."""
    if master is None:
        return not {"PYSPARK_GATEWAY_PORT", "SPARK_HOME", "SPARK_CONF_DIR"} & os.environ.keys()
    return master.startswith("local")


def check_java() -> int:
    """The version of the Java that Spark would run on.

    Raises:
        EngineError: none is found, or one older than JAVA.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    if found is None:
        where = f"JAVA_HOME={home}" if home else "the PATH, and JAVA_HOME is not set"
        raise EngineError(f"Spark needs Java: expected java {JAVA} or later, found none in {where}")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    said = (told.stderr or told.stdout).strip()
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if told.returncode or version is None:
        raise EngineError(f"Spark needs Java: expected java {JAVA} or later, found {found}, which says {said[:80]!r}")
    if int(version[1]) < JAVA:
        raise EngineError(f"Spark needs Java: expected java {JAVA} or later, found {version[1]} ({found})")
    return int(version[1])


def cause(error: Exception) -> str:
    """What went wrong below all that failed because of it, in one line, without the trace."""
    said = str(error).strip().rpartition("Caused by: ")[2]
    return " ".join(said.partition("\n\tat ")[0].split())
