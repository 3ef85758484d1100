"""Peers that are not among our own dependencies, each in a virtual environment of its own, made by the bench.

What a peer needs stands in requirements/bench-<peer>.in, pinned with hashes in requirements/bench-<peer>.lock
(`make lock`). Its script is bench/peer/<script>.py: it imports nothing of ours, is given its arguments as text, and
prints one line of JSON: {"work", "wall", "cpu", "peak_mb", "quality": {name: number}}.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.rounds import Contender, Sample

ROOT = Path(__file__).parents[1]
TURN_SECONDS = 900.0
INSTALL_SECONDS = 900.0


def python_of(peer: str, tell: Callable[[str], None] = lambda _: None) -> Path:
    """The interpreter of a peer's environment, made where it is missing or its pins have changed.

    Raises:
        RuntimeError: the environment cannot be made, with pip's last lines.
    """
    lock = ROOT / "requirements" / f"bench-{peer}.lock"
    folder = ROOT / "bench" / f".venv-{peer}"
    python, mark = folder / "bin" / "python", folder / "pins"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (python.exists() and mark.exists() and mark.read_text(encoding="ascii") == wanted):
        tell(f"{peer}: making its environment")
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        _run([*pip, "--requirement", str(lock)])
        mark.write_text(wanted, encoding="ascii")
    return python


def peer_contender(
    name: str,
    peer: str,
    script: str,
    arguments: Callable[[int], Sequence[str]],
    judge: Callable[[int], Mapping[str, float]],
) -> Contender:
    """A contender that runs in its own environment.

    Args:
        name: as the table shows it.
        peer: whose environment it is; it is made before the first turn.
        script: in bench/peer/, without its ending.
        arguments: takes the number of the round, gives what the script is called with.
        judge: takes the number of the round once it has run, gives more about the quality of what it left behind.
    """
    python = python_of(peer)

    def turn(number: int) -> Sample:
        command = [str(python), str(ROOT / "bench" / "peer" / f"{script}.py"), *arguments(number)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TURN_SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: exit {done.returncode}\n{done.stderr[-2000:]}")
        told = json.loads(done.stdout.strip().splitlines()[-1])
        quality = {**told.get("quality", {}), **judge(number)}
        return Sample(told["work"], told["wall"], told["cpu"], told["peak_mb"], quality)

    return Contender(name, turn)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
