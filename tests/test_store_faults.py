"""A full disk, a store that is read-only, a permission lost, a clock that jumps: one clear line, and all as it was."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kindred import main
from models import Pruned, Registry
from tests.models.tiny import FIRST, SECOND, THIRD, publish
from tests.small import contents, sample_ratings, train_arguments

ROOT = Path(__file__).parents[1]
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
MEGABYTES = 4
RUN = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from kindred import main
told = []
for arguments in json.loads(sys.argv[1]):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(arguments)
    told.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system of its own."""
    if not ROOT_USER or shutil.which("mount") is None:
        pytest.skip("only root mounts a file system")
    folder = tempfile.mkdtemp()
    options = f"size={MEGABYTES}m,mode=755"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        Path(folder).rmdir()
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.decode().strip()}")
    yield Path(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)
    Path(folder).rmdir()


def made(folder: Path) -> Registry:
    """Three versions, the second live after the first."""
    registry = Registry(folder)
    for scale, day in enumerate((FIRST, SECOND, THIRD), start=1):
        publish(registry, day, scale)
    registry.promote(registry.versions()[0])
    registry.promote(registry.versions()[1])
    return registry


def fill(folder: Path, *, but: int = 0) -> Path:
    """Take all room there is `but` for so many bytes."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free - but
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free)
    return ballast


def fail(runs: list[list[str]], why: str, *, before: tuple[str, ...] = ()) -> None:
    """Each ends with 1 and one line that says why; all in one process, which is started with `before`."""
    command = [*before, sys.executable, "-c", RUN, json.dumps(runs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == len(runs)
    for code, out, err in told:
        said = [line for line in err.splitlines() if line.startswith("kindred: ")]
        assert (code, out, len(said)) == (1, "", 1), (code, out, err)
        assert why in said[0], said
        assert "Traceback" not in err


def verbs(registry: Registry, ratings: Path) -> dict[str, list[str]]:
    store = ["--models", str(registry.folder)]
    quick = ("--method", "deepwalk", "--no-evaluate", "--map", "none")
    return {
        "promote": ["promote", registry.versions()[2], *store],
        "rollback": ["rollback", *store],
        "prune": ["prune", "--keep", "1", *store],
        "train": train_arguments(ratings, registry.folder, *quick),
    }


def test_a_full_disk(disk: Path, ratings: Path) -> None:
    registry = made(disk / "store")
    live = registry.current()
    for but in (0, 40_000):  # nothing can be begun; the first files of a release can
        ballast = fill(disk, but=but)
        before = contents(registry.folder)
        asked = verbs(registry, ratings)
        if but:
            fail([asked["train"]], "no room for ")
        else:
            fail([asked[verb] for verb in ("promote", "rollback", "train")], "No space left on device")
        assert contents(registry.folder) == before
        assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()
        assert registry.load().id == live
        if but:
            # what makes room works without any
            assert registry.prune(1).removed == [registry.history()[0].after]
        ballast.unlink()
    registry.promote(registry.versions()[1])
    assert registry.rollback() == live


def test_a_store_that_is_read_only(disk: Path, ratings: Path) -> None:
    registry = made(disk / "store")
    before = contents(registry.folder)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    fail([*verbs(registry, ratings).values()], "Read-only file system")
    live = registry.load()
    registry.promote(live.id)  # nothing to be done
    assert contents(registry.folder) == before
    folder = Registry(disk / "new")
    fail([train_arguments(ratings, folder.folder)], f"{folder.folder}: cannot be made: {disk} cannot be written to")


def test_a_permission_lost(tmp_path: Path, ratings: Path) -> None:
    unprivileged: tuple[str, ...] = ()
    if ROOT_USER:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write anywhere, and there is no setpriv to take that away")
        unprivileged = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
    registry = made(tmp_path / "store")
    before = contents(registry.folder)
    places = (registry.folder, registry.folder / "versions")
    try:
        for place in places:
            place.chmod(0o555)
        asked = verbs(registry, ratings)
        fail([*asked.values()], "Permission denied", before=unprivileged)
        registry.folder.chmod(0o755)
        fail([asked[verb] for verb in ("promote", "rollback", "prune")], "Permission denied", before=unprivileged)
    finally:
        for place in places:
            place.chmod(0o755)
    assert contents(registry.folder) == before
    assert sorted(entry.name for entry in (registry.folder / "versions").iterdir()) == registry.versions()
    assert registry.load().id == registry.versions()[1]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let `train` run so much later or earlier than it is."""

    def jump(by: timedelta) -> None:
        class Jumped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> "Jumped":
                return cls.fromtimestamp((datetime.now(UTC) + by).timestamp(), tz)

        monkeypatch.setattr("training.live.datetime", Jumped)

    return jump


def test_a_clock_that_jumps_between_two_trainings(
    ratings: Path, tmp_path: Path, clock: Callable[[timedelta], None], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = train_arguments(ratings, tmp_path / "store", "--method", "deepwalk", "--no-evaluate", "--map", "none")
    clock(timedelta(days=30 * 365))
    assert main([*arguments, "--seed", "1"]) == 0
    registry = Registry(tmp_path / "store")
    ahead = registry.current()
    clock(timedelta(0))
    capsys.readouterr()
    assert main([*arguments, "--seed", "2"]) == 0
    now = registry.current()
    assert f"release {now} is older than {ahead} by its id: the clock is wrong, or was" in capsys.readouterr().err
    assert registry.versions() == [now, ahead]
    # what is live and what was before is what took place, whatever the clock said
    assert registry.previous() == ahead
    assert registry.prune(1) == Pruned([], [])
    assert registry.rollback() == ahead
    assert registry.prune(1) == Pruned([now], [])
    assert registry.load().id == ahead


def test_a_clock_that_went_back_hides_no_switch(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "store")
    future, past, present = (publish(registry, day) for day in ("2099-12-31T23:59:59Z", "1970-01-01T00:00:00Z", FIRST))
    for version in (future, past, present):
        registry.promote(version)
    assert registry.versions() == [past, present, future]
    assert registry.prune(1) == Pruned([past], [])
    assert registry.versions() == [present, future]
    assert registry.current() == present
