"""The face of the command line: what is mounted, where it prints, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kindred
from models import Registry
from tests.serving import free_port
from tests.small import MOVIES, contents, sample_ratings, train_arguments
from training import EXTRAS

ROOT = Path(__file__).parents[1]
VERBS = ["validate", "train", "evaluate", "update", "export", "download"]
VERBS += ["versions", "promote", "rollback", "diff", "prune", "serve", "similar", "healthcheck"]
VERBS += ["doctor", "completion"]
# a Python without what [train] installs
WITHOUT_TRAIN = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {(*EXTRAS,)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
import kindred
sys.exit(kindred.main(sys.argv[1:]))
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_ratings(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def store(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases, the second live."""
    folder = tmp_path_factory.mktemp("store")
    for seed in ("1", "2"):
        assert kindred.main(train_arguments(ratings, folder, "--method", "deepwalk", "--seed", seed)) == 0
    return folder


@pytest.fixture
def verbs(ratings: Path, store: Path, tmp_path: Path) -> dict[str, list[str]]:
    """A line for each verb that ends by itself and needs no network, in an order in which they all succeed."""
    registry = Registry(store)
    older, newer = registry.versions()
    registry.promote(newer)
    of_store = ["--models", str(store)]
    new_movies = tmp_path / "new.csv"
    new_movies.write_text("movieId,title,genres\nnew,Batman Again (2026),Action|Crime\n", encoding="utf-8")
    return {
        "validate": ["validate", str(ratings), "--movies", str(MOVIES)],
        "train": train_arguments(ratings, tmp_path / "store"),
        "update": ["update", "--movies", str(new_movies), "--models", str(tmp_path / "store")],
        "export": ["export", "--format", "sparrow", "--out", str(tmp_path / "out"), *of_store],
        "versions": ["versions", *of_store],
        "promote": ["promote", older, *of_store],
        "rollback": ["rollback", *of_store],
        "diff": ["diff", older, "current", *of_store],
        "prune": ["prune", "--keep", "2", *of_store],
        "similar": ["similar", "592", *of_store],
    }


def run(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=120, **options)


def wait_for(what: Callable[[], object]) -> None:
    for _ in range(1_200):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def test_every_verb_is_mounted(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as left:
        kindred.main(["--help"])
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    listed = [line.split()[0] for line in out.partition("VERB\n")[2].splitlines() if line.startswith("    ")]
    assert [name for name in listed if name in VERBS] == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_takes_json(verb: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as left:
        kindred.main([verb, "--help"])
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    assert out.startswith(f"usage: kindred {verb} ")
    assert "--json" in out
    with pytest.raises(SystemExit) as left:
        kindred.main([verb, "--no-such-option"])
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert err.startswith("usage: kindred ")


def test_data_is_on_stdout_and_the_rest_on_stderr(verbs: dict[str, list[str]], store: Path, capsys: Captured) -> None:
    older, newer = Registry(store).versions()
    printed, said = {}, {}
    for verb, arguments in verbs.items():
        assert kindred.main(arguments) == 0, verb
        printed[verb], said[verb] = capsys.readouterr()
    assert [verb for verb, text in said.items() if text] == ["train", "update", "export"]
    assert [line.split()[:2] for line in printed["versions"].splitlines()][1] == ["*", newer]
    assert printed["versions"].splitlines()[0].startswith(f"  {older} ")
    assert (printed["promote"], printed["rollback"]) == (f"{older}\n", f"{newer}\n")
    assert printed["prune"] == "nothing to remove\n"


def test_json_is_one_object_on_one_line(verbs: dict[str, list[str]], store: Path, capsys: Captured) -> None:
    older, newer = Registry(store).versions()
    printed = {}
    for verb, arguments in verbs.items():
        assert kindred.main([*arguments, "--json"]) == 0, verb
        out, _ = capsys.readouterr()
        assert out.count("\n") == 1, verb
        printed[verb] = json.loads(out)
        assert isinstance(printed[verb], dict)
        assert not any("_" in key for key in printed[verb]), verb
    assert printed["versions"]["current"] == newer
    assert [(row["id"], row["current"]) for row in printed["versions"]["versions"]] == [(older, False), (newer, True)]
    assert (printed["promote"], printed["rollback"]) == ({"current": older}, {"current": newer})
    assert printed["prune"] == {"removed": [], "inUse": [], "kept": [older, newer]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promote", "20200101T000000Z-00000000"], "no version '20200101T000000Z-00000000'"),
        (["prune", "--keep", "0"], "expected to keep at least 1 version, found 0"),
        (["rollback", "--models", "{empty}"], "no version was live before None"),
        (["validate", "{empty}/none.csv"], "none.csv: no such file"),
        (["healthcheck", "--port", "{free port}"], "no answer on port"),
    ],
)
def test_what_fails_is_one_line_on_stderr_and_exit_1(
    store: Path, tmp_path: Path, capsys: Captured, arguments: list[str], message: str
) -> None:
    words = [word.format_map({"empty": tmp_path, "free port": free_port()}) for word in arguments]
    more = ["--models", str(store)] if words[0] in ("promote", "prune") else []
    assert kindred.main([*words, *more]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("kindred: ")
    assert message in err


def test_without_the_training_libraries_everything_else_works(verbs: dict[str, list[str]], capsys: Captured) -> None:
    needed = []
    for verb, arguments in verbs.items():
        done = run("-c", WITHOUT_TRAIN, *arguments)
        if done.returncode:
            needed.append(verb)
            assert (done.returncode, done.stdout) == (1, ""), verb
            assert done.stderr.startswith("kindred: "), verb
            assert done.stderr.endswith(" is not installed: pip install 'kindred[train]'\n"), verb
        else:
            assert done.stdout, verb
            assert done.stderr == "", verb
    assert needed == ["validate", "train", "update", "export"]
    assert kindred.main(verbs["similar"]) == 0
    assert run("-c", WITHOUT_TRAIN, *verbs["similar"]).stdout == capsys.readouterr().out


def test_the_explorer_is_exported_without_the_training_libraries(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    arguments = ["export", "--format", "static", "--out", str(out), "--models", str(store)]
    done = run("-c", WITHOUT_TRAIN, *arguments)
    assert (done.returncode, done.stdout) == (0, f"{out}\n"), done.stderr
    files = contents(out)
    told = json.loads(files["data/export.json"])
    size = sum(map(len, files.values())) / 1e6
    assert done.stderr == f"{len(files)} files, {size:,.1f} MB, release {Registry(store).current()}\n"
    assert (told["release"], told["files"]) == (Registry(store).current(), len(files) - 1)
    assert {"index.html", "ui/main.js", "data/catalogue.json", "data/similar/deepwalk/next/0.json"} <= set(files)
    # over what is there, and as JSON
    done = run("-c", WITHOUT_TRAIN, *arguments, "--json")
    assert json.loads(done.stdout) == {
        "out": str(out), "format": "static", "files": len(files), "bytes": sum(map(len, files.values())),
        "release": told["release"],
    }  # fmt: skip
    assert contents(out) == files


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--out", "{site}", "--model", "deepwalk"], "--model: expected none with --format static"),
        (["--out", "{store}"], "found current in it"),
        (["--out", "{store}/current"], "expected a folder, found a file"),
        (["--out", "{site}", "--models", "{site}"], "no release in"),
    ],
)
def test_where_the_explorer_cannot_go(
    store: Path, tmp_path: Path, capsys: Captured, more: list[str], message: str
) -> None:
    before = contents(store)
    words = [word.format_map({"site": tmp_path / "site", "store": store}) for word in more]
    assert kindred.main(["export", "--format", "static", "--models", str(store), *words]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("kindred: ")
    assert message in err
    assert contents(store) == before
    assert not (tmp_path / "site").exists()


def test_export_names_every_format(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        kindred.main(["export", "--help"])
    assert "{word2vec,word2vec-bin,parquet,tensorboard,sparrow,redis,static}" in capsys.readouterr().out


def test_any_other_module_missing_is_not_taken_for_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models.nothing", None)
    monkeypatch.setattr("models.__main__.open_registry", lambda _: __import__("models.nothing"))
    with pytest.raises(ModuleNotFoundError, match=r"models\.nothing"):
        kindred.main(["versions"])


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_while_training_it_leaves_nothing(ratings: Path, tmp_path: Path, sent: int, code: int) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    endless = train_arguments(ratings, tmp_path / "store", "--epochs", "10000", "--vector-size", "256")
    log = tmp_path / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "kindred.py", *endless], cwd=ROOT, stdout=subprocess.PIPE, stderr=file, text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
        )  # fmt: skip
    try:
        wait_for(lambda: any(temporary.glob("kindred-corpus-*/*")))
        process.send_signal(sent)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (code, "")
    said = log.read_text()
    assert said.endswith("\nkindred: stopped\n")
    assert "Traceback" not in said
    assert not (tmp_path / "store").exists()
    assert not list(temporary.iterdir())


def test_told_twice_to_stop_it_still_tidies_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tidied = []

    def endless(_: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            tidied.append(True)
        return 0

    monkeypatch.setattr("models.__main__._versions", endless)
    assert kindred.main(["versions"]) == 143
    assert tidied == [True]


@pytest.mark.parametrize(("program", "last"), [(["kindred.py"], "kindred: stopped\n"), (["-m", "app"], "")])
def test_ctrl_c_stops_the_service_without_a_traceback(
    store: Path, tmp_path: Path, program: list[str], last: str
) -> None:
    log = tmp_path / "log"
    command = [sys.executable, *program, "serve", "--models", str(store), "--port", str(free_port())]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=file, text=True)
    try:
        wait_for(lambda: "Uvicorn running" in log.read_text())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    said = log.read_text()
    assert (process.returncode, out) == (130, "")
    assert "Application shutdown complete" in said
    assert "Traceback" not in said
    assert said.endswith(last)


@pytest.mark.parametrize("verb", ["versions", "similar"])
def test_a_reader_that_has_left_is_no_noise(verbs: dict[str, list[str]], verb: str) -> None:
    # as users have it: the tests themselves may run unbuffered, where it shows at another place
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for unbuffered in ({}, {"PYTHONUNBUFFERED": "1"}):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "kindred.py", *verbs[verb]],
            cwd=ROOT,
            env=environment | unbuffered,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, "")
