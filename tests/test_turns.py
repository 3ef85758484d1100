"""Tests of one file run in one process: seen from outside, for nothing fails where they do not."""

import subprocess
import sys
from pathlib import Path

ONE = """
import os, pytest
@pytest.mark.parametrize("number", range(8))
def test_who(number):
    with open({log!r}, "a") as log:
        print(__file__, os.environ["PYTEST_XDIST_WORKER"], file=log)
"""


def test_a_file_is_one_processs(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(ONE.format(log=str(log)), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.turns", "-p", "no:cacheprovider", "-n", "2", "--rootdir"]
    done = subprocess.run([*command, tmp_path, tmp_path], cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told = log.read_text("utf-8").splitlines()
    assert len(told) == 16
    assert len(set(told)) == 2
