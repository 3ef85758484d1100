"""A wheel that comes out the same, byte by byte, whoever builds it, wherever and whenever."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from deploy.supply.pins import SupplyError

_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def build_commit(repository: Path, commit: str, out: Path) -> Path:
    """Build what was committed, at the time of the commit; what lies around in the clone has no part in it.

    Raises:
        SupplyError: git does not know the commit, or the build failed.
    """
    epoch = int(_run(["git", "log", "-1", "--format=%ct", commit, "--"], repository))
    with tempfile.TemporaryDirectory() as folder:
        archive, source = Path(folder, "source.tar"), Path(folder, "source")
        _run(["git", "archive", "--output", str(archive), commit], repository)
        with tarfile.open(archive) as packed:
            packed.extractall(source, filter="data")
        return build(source, out, epoch)


def build(source: Path, out: Path, epoch: int) -> Path:
    """Build a folder of sources with the setuptools that is installed, without a network.

    Args:
        source: holds pyproject.toml; stays as it is.
        out: folder for the wheel.
        epoch: the time that files of the wheel bear, in seconds since 1970.

    Returns:
        The wheel.

    Raises:
        SupplyError: the build failed, with its last words.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # in a copy, for two things differ from clone to clone: the rights of files, and what an earlier build left
        copy, made = Path(folder, "source"), Path(folder, "made")
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__", ".*"))
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        made.mkdir()
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
        _run([sys.executable, "-c", _BUILD, str(made)], copy, environment, umask=0o022)
        (wheel,) = made.glob("*.whl")
        return Path(shutil.copy(wheel, out))


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None, umask: int = -1) -> str:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, umask=umask, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise SupplyError(f"{' '.join(command[:2])} ended with {done.returncode}: {said}")
    return done.stdout.strip()
