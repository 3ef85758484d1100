"""`kindred doctor`: what it finds in stores, files and settings of all kinds, and that it survives each."""

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import kindred
from models import Registry
from models.checks import looked
from models.incoming import HOST
from models.lock import Owner, locked
from tests.models.tiny import FIRST, SECOND, flip, publish
from tests.small import sample_ratings

ROOT = Path(__file__).parents[1]
Captured = pytest.CaptureFixture[str]
Checks = list[dict[str, str]]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KINDRED_")]:
        monkeypatch.delenv(name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(probe.getsockname()[1]))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two releases, the newer live."""
    registry = Registry(tmp_path / "store")
    for at in (FIRST, SECOND):
        registry.promote(publish(registry, at))
    return tmp_path / "store"


@pytest.fixture
def ask(capsys: Captured) -> Callable[..., tuple[int, Checks]]:
    def run(*arguments: str) -> tuple[int, Checks]:
        code = kindred.main(["doctor", *arguments, "--json"])
        out, err = capsys.readouterr()
        told = json.loads(out)
        assert (code, "Traceback" in err) == (0 if told["ok"] else 1, False)
        assert told["ok"] == all(check["state"] != "fail" for check in told["checks"])
        for check in told["checks"]:
            assert check.keys() == {"name", "state", "found", "advice"}
            assert check["state"] in ("ok", "warn", "fail")
            assert check["found"]
            assert "\n" not in check["found"] + check["advice"]
            assert check["advice"] or check["state"] != "fail"
        return code, told["checks"]

    return run


def named(checks: Checks, name: str, state: str | None = None) -> Checks:
    return [check for check in checks if check["name"] == name and check["state"] == (state or check["state"])]


def test_all_is_well(store: Path, ask: Callable[..., tuple[int, Checks]], capsys: Captured) -> None:
    code, checks = ask("--models", str(store))
    assert code == 0
    live = Registry(store).current()
    assert [check["found"] for check in named(checks, "current", "ok")] == [live]
    assert [check["found"].split(":")[0] for check in named(checks, "release", "ok")] == Registry(store).versions()
    assert {"python", "cores", "memory", "temporary", "disk", "train", "settings", "port"} <= {
        check["name"] for check in checks
    }
    assert kindred.main(["doctor", "--models", str(store)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(checks) + 1
    assert all(line.split()[0] in ("ok", "warn", "fail") for line in lines[:-1])
    assert lines[-1] == "nothing failed"


def test_no_store_yet_is_no_fault(tmp_path: Path, ask: Callable[..., tuple[int, Checks]]) -> None:
    code, checks = ask("--models", str(tmp_path / "none"))
    assert code == 0
    assert "train" in named(checks, "store", "warn")[0]["advice"]
    assert not (tmp_path / "none").exists()


def damaged_vectors(store: Path) -> None:
    flip(store / "versions" / str(Registry(store).current()) / "item2vec" / "vectors.npy")


def damaged_old(store: Path) -> None:
    flip(store / "versions" / Registry(store).versions()[0] / "catalogue.json", 5)


def no_manifest(store: Path) -> None:
    (store / "versions" / str(Registry(store).current()) / "manifest.json").unlink()


def nonsense_in_current(store: Path) -> None:
    (store / "current").write_bytes(b"\xff\x00 nonsense")


def current_is_a_folder(store: Path) -> None:
    (store / "current").unlink()
    (store / "current").mkdir()


def versions_is_a_file(store: Path) -> None:
    (store / "versions").rename(store / "elsewhere")
    (store / "versions").write_text("")


def manifest_of_the_future(store: Path) -> None:
    path = store / "versions" / str(Registry(store).current()) / "manifest.json"
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 9'))


@pytest.mark.parametrize(
    ("breaks", "name", "state"),
    [
        (damaged_vectors, "release", "fail"),
        (damaged_old, "release", "warn"),
        (no_manifest, "release", "fail"),
        (nonsense_in_current, "current", "fail"),
        (current_is_a_folder, "current", "fail"),
        (manifest_of_the_future, "release", "fail"),
        (versions_is_a_file, "store", "fail"),
    ],
)
def test_a_broken_store_is_told_and_survived(
    store: Path, ask: Callable[..., tuple[int, Checks]], breaks: Callable[[Path], None], name: str, state: str
) -> None:
    breaks(store)
    code, checks = ask("--models", str(store))
    assert named(checks, name, state), checks
    assert code == (1 if state == "fail" else 0)


def test_a_store_that_is_a_file(tmp_path: Path, ask: Callable[..., tuple[int, Checks]]) -> None:
    (tmp_path / "store").write_text("")
    code, checks = ask("--models", str(tmp_path / "store"))
    assert (code, named(checks, "store", "fail")[0]["found"]) == (
        1, f"{tmp_path / 'store'}: expected a folder, found a file",
    )  # fmt: skip


def test_what_is_left_over_and_who_holds_the_lock(store: Path, ask: Callable[..., tuple[int, Checks]]) -> None:
    left = store / "versions" / f".incoming-{HOST}-999999999-{'0' * 32}"
    left.mkdir()
    (left / "part").write_bytes(b"0" * 1000)
    with locked(store / "lock", "prune"):
        _, checks = ask("--models", str(store))
        assert named(checks, "lock", "ok")[0]["found"].startswith(f"held by prune (pid {os.getpid()} on ")
    assert named(checks, "leftovers", "warn")
    _, checks = ask("--models", str(store))
    assert not named(checks, "lock")
    (store / "lock").write_bytes(Owner("train", "gone", 1, 0.0).written())
    _, checks = ask("--models", str(store))
    assert named(checks, "lock", "warn")[0]["found"].startswith("left by train (pid 1 on gone")


@pytest.mark.parametrize(
    ("variable", "value", "name", "state"),
    [
        ("KINDRED_POLL_SECONDS", "often", "settings", "fail"),
        ("KINDRED_POL_SECONDS", "2", "settings", "warn"),
        ("PORT", "http", "port", "fail"),
        ("PORT", "99999", "port", "fail"),
    ],
)
def test_wrong_settings(
    tmp_path: Path, ask: Callable[..., tuple[int, Checks]], monkeypatch: pytest.MonkeyPatch,
    variable: str, value: str, name: str, state: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, value)
    code, checks = ask("--models", str(tmp_path))
    assert code == (1 if state == "fail" else 0)
    assert variable in named(checks, name, state)[0]["found"]


def test_no_variable_of_ours_is_strange(
    tmp_path: Path, ask: Callable[..., tuple[int, Checks]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every KINDRED_ name that the program's own text has."""
    files = [path for room in ("app", "models", "training") for path in (ROOT / room).rglob("*.py")]
    read = {name for path in files for name in re.findall(r"KINDRED_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))}
    assert {"KINDRED_MODELS", "KINDRED_CACHE", "KINDRED_COMPAT"} <= read
    for name in read:
        monkeypatch.setenv(name, "")
    _, checks = ask("--models", str(tmp_path))
    assert not [check for check in named(checks, "settings", "warn") if "nothing reads" in check["found"]]


def test_a_port_that_is_taken(
    tmp_path: Path, ask: Callable[..., tuple[int, Checks]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        code, checks = ask("--models", str(tmp_path))
    assert (code, len(named(checks, "port", "warn"))) == (0, 1)


def test_data(tmp_path: Path, ask: Callable[..., tuple[int, Checks]]) -> None:
    ratings = sample_ratings(tmp_path, 20)
    code, checks = ask("--models", str(tmp_path / "none"), "--ratings", str(ratings))
    assert (code, len(named(checks, "data", "ok"))) == (0, 1)
    for text in ("", "a,b\n1,2\n", "userId,movieId,rating,timestamp\n1,x\n\x00"):
        ratings.write_text(text)
        code, checks = ask("--models", str(tmp_path / "none"), "--ratings", str(ratings))
        assert (code, len(named(checks, "data", "fail"))) == (1, 1)
    code, checks = ask("--models", str(tmp_path / "none"), "--ratings", str(tmp_path / "none.csv"))
    assert "none.csv: no such file" in named(checks, "data", "fail")[0]["found"]


def test_little_memory_and_disk(
    tmp_path: Path, ask: Callable[..., tuple[int, Checks]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.doctor.free_memory", lambda: 10**8)
    monkeypatch.setattr("models.doctor.free_disk", lambda _: 10**6)
    code, checks = ask("--models", str(tmp_path))
    assert (code, len(named(checks, "memory", "warn")), len(named(checks, "disk", "fail"))) == (1, 1, 1)


def test_whatever_a_check_stumbles_over_is_a_finding() -> None:
    def stumbles(_: object) -> list[object]:
        raise ZeroDivisionError("of all\nthings")

    (check,) = looked(stumbles, None)  # type: ignore[arg-type]
    assert (check.name, check.state, check.found) == ("stumbles", "fail", "of all things")
