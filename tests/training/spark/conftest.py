"""One real Spark of two cores for all tests of this folder; without Java or PySpark they are skipped."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[3]
CONF = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "3",
    "spark.default.parallelism": "3",
    "spark.ui.enabled": "false",
}


def why_not() -> str | None:
    """Why no Spark can run here."""
    pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")
    from training.errors import EngineError
    from training.spark.session import check_java

    try:
        check_java()
    except EngineError as error:
        return str(error)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.spark)


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    from training.spark.session import session

    # workers import this clone's modules, wherever the tests are run from
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            # one compiler: nothing here runs long enough for more
            patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
            running = stack.enter_context(session("local[2]", CONF))
        yield running
