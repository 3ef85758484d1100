"""Java is found, or one clear line says what is missing."""

import signal
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")

from models.stop import Stopped, heeded
from training.errors import EngineError
from training.spark.session import check_java, session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def a_java(folder: Path, says: str, code: int = 0) -> None:
    path = folder / "bin" / "java"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


@pytest.mark.parametrize(("says", "version"), [('openjdk version "17.0.15"', 17), ('java version "21" 2023', 21)])
def test_a_java_that_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, version: int) -> None:
    a_java(tmp_path, says)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert check_java() == version


@pytest.mark.parametrize(
    ("says", "code", "message"),
    [
        ('openjdk version "11.0.2"', 0, "expected java 17 or later, found 11 "),
        ('java version "1.8.0_292"', 0, "expected java 17 or later, found 8 "),
        ("no such thing", 0, "which says 'no such thing'"),
        ('openjdk version "17.0.15"', 1, "expected java 17 or later, found"),
    ],
)
def test_a_java_that_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, code: int, message: str
) -> None:
    a_java(tmp_path, says, code)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=message):
        check_java()


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="found none in JAVA_HOME="):
        check_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="found none in the PATH, and JAVA_HOME is not set"):
        check_java()


def test_java_is_started_for_the_little_that_one_machine_gives_it(spark: "SparkSession") -> None:
    arguments = spark._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()
    assert {"-XX:+UseParallelGC", "-XX:Tier4InvocationThreshold=50000"} < set(arguments)
    assert any("log4j2.properties" in argument for argument in arguments)


def test_a_session_that_is_there_keeps_its_settings(spark: "SparkSession") -> None:
    with session("local[2]", {"spark.kindred.mine": "7"}) as same:
        assert same.conf.get("spark.kindred.mine") == "7"
    assert spark.conf.get("spark.sql.shuffle.partitions") == "3"  # as the fixture asks


def test_nothing_is_broadcast_because_it_looks_small(spark: "SparkSession") -> None:
    few = spark.range(3)
    plan = few.join(spark.range(4), "id")._jdf.queryExecution().toString()
    assert "Broadcast" not in plan
    assert "SortMergeJoin" in plan


def test_ctrl_c_is_heard_by_whom_it_was_before(spark: "SparkSession") -> None:
    assert spark is not None
    # tests run in the background have it ignored
    assert signal.getsignal(signal.SIGINT) in (signal.default_int_handler, signal.SIG_IGN)


def test_a_stop_while_java_is_waited_for_is_told_without_a_trace(
    spark: "SparkSession", caplog: pytest.LogCaptureFixture
) -> None:
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    later = threading.Timer(1, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
    later.start()
    try:
        with pytest.raises(Stopped), heeded(), session(None) as same:
            same._jvm.java.lang.Thread.sleep(20_000)
    finally:
        later.join()
        signal.signal(signal.SIGINT, found)
    assert [record for record in caplog.records if record.exc_info] == []
    assert spark.range(3).count() == 3


def fails_after(first: BaseException, then: Exception) -> None:
    try:
        raise first
    finally:
        raise then


def test_who_is_stopped_hears_of_nothing_that_failed_because_of_it(spark: "SparkSession") -> None:
    # what py4j says when it was cut short
    with pytest.raises(KeyboardInterrupt), session(None):
        fails_after(KeyboardInterrupt(), KeyError("p"))
    with pytest.raises(KeyError, match="mine"), session(None):
        fails_after(ValueError(), KeyError("mine"))
