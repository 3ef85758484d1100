"""Ctrl-C at every step of what a verb writes: exit 130, and what it makes is there as a whole or not at all."""

import shutil
import signal
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import kindred
from models import Registry, load
from tests.models.tiny import FIRST, SECOND, THIRD, publish
from tests.small import contents, sample_ratings
from training import download as downloads
from training.evaluation.run import Evaluation

Captured = pytest.CaptureFixture[str]
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link")
MOST = 400


class CtrlC:
    """SIGINT right before the nth change to a file or folder; 0: never. Hooks stay, so there is one for all tests.

    Attributes:
        again: whether whoever is at the keyboard presses it twice: also right before the change after that.
    """

    def __init__(self) -> None:
        self.left = 0
        self.below = ""
        self.again = False
        self.sent = 0
        sys.addaudithook(self._seen)

    def at(self, number: int, below: Path) -> None:
        self.left, self.below, self.sent = number, str(below), 0

    def _seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.left and self._changes(event, arguments):
            self.left -= 1
            if not self.left:
                self.sent += 1
                self.left = 1 if self.again and self.sent == 1 else 0
                signal.raise_signal(signal.SIGINT)

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, _, flags = arguments
            return isinstance(flags, int) and bool(flags & 3) and str(path).startswith(self.below)
        return event in CHANGES


CTRL_C = CtrlC()


@pytest.fixture(autouse=True, params=[False, True], ids=["once", "twice"])
def _as_on_a_terminal(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A job in the background ignores SIGINT: take it as a terminal's does, and keep temporary files in sight."""
    CTRL_C.again = request.param
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    yield
    CTRL_C.at(0, tmp_path)
    signal.signal(signal.SIGINT, before)


def interrupted(
    arguments: list[str],
    folder: Path,
    capsys: Captured,
    check: Callable[[], None],
    every: int = 1,
    before: Callable[[], object] = lambda: None,
) -> int:
    """Run the verb with Ctrl-C at its first change, its second and so on, until it ends before that; how many."""
    for number in range(1, MOST, every):
        before()
        CTRL_C.at(number, folder)
        code = kindred.main(arguments)
        stopped = CTRL_C.sent > 0
        CTRL_C.at(0, folder)
        err = capsys.readouterr().err
        assert "Traceback" not in err
        check()
        assert not list((folder / "temporary").iterdir())
        if not stopped:
            assert code == 0, err
            return number - 1
        assert code == 130, err
        assert err.endswith("kindred: stopped\n")
    raise AssertionError(f"not at its end after {MOST} changes")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    registry = Registry(tmp_path / "store")
    for at in (FIRST, SECOND, THIRD):
        registry.promote(publish(registry, at))
    return tmp_path / "store"


def whole(store: Path) -> None:
    """Every release loads, one is live, and nothing else is there."""
    registry = Registry(store)
    assert registry.current() in registry.versions()
    assert {entry.name for entry in (store / "versions").iterdir()} == set(registry.versions())
    for version in registry.versions():
        load(store / "versions" / version)
    assert {entry.name for entry in store.iterdir()} == {"current", "history.jsonl", "versions"}


def remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if path.is_file():
        path.unlink()


def test_promote_and_rollback(store: Path, tmp_path: Path, capsys: Captured) -> None:
    older = Registry(store).versions()[0]
    assert interrupted(["promote", older, "--models", str(store)], tmp_path, capsys, partial(whole, store)) >= 2
    assert Registry(store).current() == older
    assert interrupted(["rollback", "--models", str(store)], tmp_path, capsys, partial(whole, store)) >= 2


def test_prune(store: Path, tmp_path: Path, capsys: Captured) -> None:
    assert interrupted(["prune", "--keep", "1", "--models", str(store)], tmp_path, capsys, partial(whole, store)) >= 3
    assert len(Registry(store).versions()) == 1


@pytest.mark.parametrize("name", ["parquet", "tensorboard", "static"])
def test_export(store: Path, tmp_path: Path, capsys: Captured, name: str) -> None:
    out = tmp_path / "place" / "out"
    arguments = ["export", "--format", name, "--out", str(out), "--models", str(store)]
    assert kindred.main(arguments) == 0
    expected = contents(out) if out.is_dir() else {"": out.read_bytes()}
    out.rename(tmp_path / "first")

    def check() -> None:
        assert [entry.name for entry in out.parent.iterdir()] in ([], ["out"])
        if out.exists():
            assert (contents(out) if out.is_dir() else {"": out.read_bytes()}).keys() == expected.keys()

    # one change for each file of the explorer: not at all of them
    every = 19 if name == "static" else 1
    assert interrupted(arguments, tmp_path, capsys, check, every, partial(remove, out)) >= 2


def test_download(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"ratings.csv": "userId,movieId,rating,timestamp\n", "movies.csv": "movieId,title,genres\n"}

    def fetch(_: str, archive: Path, __: object) -> None:
        with zipfile.ZipFile(archive, "w") as zipped:
            for name, text in files.items():
                zipped.writestr(f"ml-25m/{name}", text)

    monkeypatch.setattr(downloads, "_fetch", fetch)
    data = tmp_path / "data"

    def check() -> None:
        assert [entry.name for entry in data.iterdir()] in ([], ["ml-25m"]) if data.exists() else True
        if (data / "ml-25m").exists():
            assert contents(data / "ml-25m").keys() == files.keys()

    assert interrupted(["download", "ml-25m", "--dir", str(data)], tmp_path, capsys, check) >= 4
    assert contents(data / "ml-25m").keys() == files.keys()


def test_update(store: Path, tmp_path: Path, capsys: Captured) -> None:
    new, kept = tmp_path / "new.csv", tmp_path / "kept"
    new.write_text("movieId,title,genres\n0,Batman Again (2026),Action|Crime\n", encoding="utf-8")
    shutil.copytree(store, kept)

    def again() -> None:
        shutil.rmtree(store)
        shutil.copytree(kept, store)

    arguments = ["update", "--movies", str(new), "--models", str(store)]
    assert interrupted(arguments, tmp_path, capsys, partial(whole, store), every=5, before=again) >= 10
    assert "0" in Registry(store).load().catalogue.row_of


def test_evaluate(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page: training, which is interrupted in tests/test_kindred.py, is left out."""
    ratings, report = sample_ratings(tmp_path, 30), tmp_path / "pages" / "report.html"
    nothing = Evaluation("leave-last-one", 0, 0, 0, [592], [], {})
    monkeypatch.setattr("training.evaluation.run.evaluate", lambda *_, **__: nothing)

    def check() -> None:
        if report.parent.exists():
            assert [entry.name for entry in report.parent.iterdir()] in ([], ["report.html"])
        if report.exists():
            assert report.read_text().endswith("</html>\n")

    arguments = ["evaluate", str(ratings), "--report", str(report)]
    assert interrupted(arguments, tmp_path, capsys, check) >= 2
    assert report.exists()


def test_completion_and_doctor(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> str:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("went on")

    monkeypatch.setattr("shtab.complete", stopped)
    monkeypatch.setattr("models.doctor.cores", stopped)
    for arguments in (["completion", "bash"], ["doctor", "--models", str(tmp_path)]):
        assert kindred.main(arguments) == 130
        assert capsys.readouterr().err == "kindred: stopped\n"
