"""A process that imports what trains once, and for each task forks a run of `kindred` that it may kill with SIGKILL.

The one that forks is the one that kills: a child it has not waited for yet keeps its id, so that nobody else is hit.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
_WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir")


class Forks:
    """Runs of `kindred`, each in a process of its own."""

    def __init__(self) -> None:
        # whoever is killed leaves its temporary files behind: here, where they go in the end
        self.temporary = TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing"],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "TMPDIR": self.temporary.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: list[str], **kill: Any) -> Any:
        """Run one verb to its end.

        Args:
            arguments: of `kindred`.
            kill: `seconds`: kill it so long after its start, or after the line on stderr that begins with `line`;
                `write`: kill it right before its nth change to a folder or file below `below`.

        Returns:
            code: of the exit, -9 where it was killed; seconds: from its start to its end; late: from `line` to its end.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"arguments": arguments, **kill}), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.communicate(timeout=30)
        self.temporary.cleanup()


def _answer(task: dict[str, Any]) -> dict[str, float]:
    reading, writing = os.pipe()
    began = marked = time.monotonic()
    child = os.fork()
    if not child:
        os.dup2(writing, 2)
        _be_the_child(task)
    os.close(writing)
    with os.fdopen(reading) as said:
        for line in said if "line" in task else ():
            if line.startswith(task["line"]):
                marked = time.monotonic()
                break
        if "seconds" in task:
            time.sleep(task["seconds"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    ended = time.monotonic()
    return {"code": os.waitstatus_to_exitcode(status), "seconds": ended - began, "late": ended - marked}


def _be_the_child(task: dict[str, Any]) -> None:
    from kindred import main

    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if "write" in task:
            _die_before(task["write"], task["below"])
        code = main(task["arguments"])
    finally:
        os._exit(code)


def _die_before(write: int, below: str) -> None:
    left = write

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        opened = event == "open" and str(arguments[0]).startswith(below) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if opened or event in _WRITES:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    from training import export, publish  # noqa: F401 - what takes long to import

    for text in sys.stdin:
        print(json.dumps(_answer(json.loads(text))), flush=True)
