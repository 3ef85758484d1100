"""A standalone Spark of one master and two workers on this machine: real processes, any of which a test may kill."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pyspark

ROOT = Path(__file__).parents[3]
HOME = Path(pyspark.__file__).parent
HERE = "127.0.0.1"
# for a slow machine; a quick one waits for nothing
PATIENCE = 300.0
CONF = {
    "spark.driver.host": HERE,
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    "spark.sql.shuffle.partitions": "2",
    # no task before both workers have come
    "spark.cores.max": "2",
    "spark.scheduler.minRegisteredResourcesRatio": "1",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "300s",
}
Found = TypeVar("Found")


class Session:
    """A process that leads a session, and all that it starts."""

    def __init__(self, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def alive(self) -> list[int]:
        """Processes that have not ended; a group is not enough, for Spark's Python makes one of its own."""
        told = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
        there = (line.split() for line in told.splitlines())
        return [int(pid) for pid, state in there if state[0] != "Z" and _session_of(int(pid)) == self.process.pid]

    def kill(self) -> None:
        """SIGKILL to everybody, until nobody is left."""
        while alive := self.alive():
            for pid in alive:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        self.process.wait()


class Cluster:
    """The processes of a cluster and of its drivers; `stop` ends them all."""

    def __init__(self, folder: Path) -> None:
        """Start it; all that it writes is below `folder`."""
        self.folder = folder
        self.workers: list[Session] = []
        self.drivers: list[Session] = []
        self._env = _env(folder)
        self.master = self._start("master", "Master", "--port", "0")
        try:
            at = re.compile(rf"Starting Spark master at (spark://{HERE}:\d+)")
            self.url = until(lambda: at.search(self.master.log), self.master)[1]
            for name in ("worker-1", "worker-2"):
                given = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / name), self.url)
                self.workers.append(self._start(name, "Worker", *given))
        except BaseException:
            self.stop()
            raise

    def train(self, work: Path, *arguments: str) -> Session:
        """Begin `kindred train --engine spark` on the cluster, where walks have to travel however small the table."""
        conf = [text for name, value in CONF.items() for text in ("--conf", f"{name}={value}")]
        command = [
            sys.executable,
            "-m",
            "tests.training.spark.cut",
            *arguments,
            "--engine",
            "spark",
            "--master",
            self.url,
            *conf,
        ]
        log = self.folder / f"driver-{len(self.drivers)}.log"
        self.drivers.append(Session([*command, "--work", work.as_uri()], self._env, log))
        return self.drivers[-1]

    def stop(self) -> None:
        for one in (*self.drivers, *self.workers, self.master):
            one.kill()

    def _start(self, name: str, what: str, *arguments: str) -> Session:
        command = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{what.lower()}.{what}"]
        log = self.folder / f"{name}.log"
        return Session([*command, "--host", HERE, "--webui-port", "0", *arguments], self._env, log)


def until(found: Callable[[], Found | None], *needed: Session) -> Found:
    """Wait until there is something, while all that are needed live."""
    end = time.monotonic() + PATIENCE
    while not (there := found()):
        for one in needed:
            assert one.process.poll() is None, one.log
        assert time.monotonic() < end, [one.log for one in needed]
        time.sleep(0.01)
    return there


def _env(folder: Path) -> dict[str, str]:
    """Nothing of this machine's own Spark, and no file outside `folder`."""
    temporary = folder / "tmp"
    temporary.mkdir()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    # one compiler and few threads: nothing here runs long enough for more
    java = f"-Djava.io.tmpdir={temporary} -XX:-UsePerfData -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return own | {
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": HERE,
        "SPARK_LOCAL_DIRS": str(temporary),
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": str(temporary),
        "JAVA_TOOL_OPTIONS": java,
    }


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
