"""Three rooms, one direction, and nothing that runs what it reads: by the syntax trees of all files."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "models", "training", "sample")
FILES = [*sorted(path for room in (*ROOMS, "deploy") for path in (ROOT / room).rglob("*.py")), ROOT / "kindred.py"]
LONGEST = 250
WRITTEN = (".py", ".md", ".toml", ".yml", ".yaml", ".json", ".lock", ".in", ".cfg", ".ini", ".csv", ".html", ".js")
# to keep what is made, and not written by us, out of the last test
MADE = {"__pycache__", "build", "dist", "results", "store"}


def in_room(room: str) -> list[Path]:
    files = [path for path in FILES if path.relative_to(ROOT).parts[0] == room]
    assert len(files) >= 4, room
    return files


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """The first word of every module that is imported, at the top, in a function or by its name in a text."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "expected imports by full name"
            found.add(str(node.module))
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            assert isinstance(node.args[0], ast.Constant), "expected the name of a module"
            found.add(str(node.args[0].value))
    return {name.partition(".")[0] for name in found}


def called(node: ast.Call) -> str:
    """The last word of what is called: `load` for `np.load(...)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def importers(library: str) -> set[str]:
    return {name_of(path) for path in FILES if library in imported(tree_of(path))}


@pytest.mark.parametrize("path", in_room("models"), ids=name_of)
def test_the_contract_needs_numpy_and_the_standard_library_only(path: Path) -> None:
    allowed = {"numpy", "models"} | ({"fsspec"} if name_of(path) == "models/remote.py" else set())
    assert imported(tree_of(path)) - sys.stdlib_module_names <= allowed


def test_only_one_file_reaches_for_other_machines_and_only_when_asked() -> None:
    assert importers("fsspec") == {"models/remote.py"}
    at_the_top = [node for node in tree_of(ROOT / "models" / "remote.py").body if "fsspec" in ast.dump(node)]
    assert not [node for node in at_the_top if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("path", in_room("app"), ids=name_of)
def test_the_service_knows_nothing_of_training(path: Path) -> None:
    theirs = {"training", "sample", "tests", "bench", "kindred"}
    theirs |= {"gensim", "pandas", "scipy", "numba", "pyarrow", "pyspark", "rich"}
    assert imported(tree_of(path)).isdisjoint(theirs)


@pytest.mark.parametrize("path", in_room("training"), ids=name_of)
def test_training_knows_nothing_of_the_service(path: Path) -> None:
    theirs = {"app", "sample", "tests", "bench", "kindred", "fastapi", "starlette", "uvicorn", "pydantic"}
    assert imported(tree_of(path)).isdisjoint(theirs)


@pytest.mark.parametrize("path", in_room("sample"), ids=name_of)
def test_the_sample_is_made_with_numpy_alone(path: Path) -> None:
    assert imported(tree_of(path)) - sys.stdlib_module_names <= {"numpy", "sample"}


def test_only_two_files_import_gensim() -> None:
    assert importers("gensim") == {"training/skipgram.py", "training/export.py"}


def test_only_three_files_are_compiled() -> None:
    assert importers("numba") == {
        "training/bag.py",
        "training/pair_counts.py",
        "training/select.py",
        "training/walk_steps.py",
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_runs_what_it_reads(path: Path) -> None:
    tree = tree_of(path)
    assert imported(tree).isdisjoint({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec"), node.lineno
        assert called(node) not in ("system", "popen", "read_pickle", "to_pickle"), node.lineno
        for option in node.keywords:
            if option.arg in ("shell", "allow_pickle"):
                assert isinstance(option.value, ast.Constant), node.lineno
                assert option.value.value is False, node.lineno


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert ast.get_docstring(tree_of(path)) or not path.read_text(encoding="utf-8").strip()


def written_files() -> Iterator[Path]:
    """Every text file of the project, without what is made from it."""
    for folder, folders, names in os.walk(ROOT):
        hidden = {name for name in folders if name.startswith(".") and name not in (".ci", ".github")}
        made = {name for name in folders if name in MADE or name.endswith(".egg-info")}
        folders[:] = sorted(set(folders) - hidden - made)
        for name in names:
            path = Path(folder) / name
            if path.suffix in WRITTEN or not path.suffix or path.parent.name == ".ci":
                yield path


def test_no_file_tells_where_it_was_written() -> None:
    """Neither the clone's folder, nor a folder beside it, nor anybody's home."""
    beside = [ROOT, *ROOT.parent.iterdir()] if len(ROOT.parts) > 2 else []
    places = [str(place) for place in (*beside, Path.home()) if place != Path("/")]
    place = re.compile("|".join([rf"{re.escape(text)}(?![\w.-])" for text in places] + [r"/(home|Users)/\w+"]))
    read = 0
    for path in written_files():
        found = place.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{name_of(path)}: {found and found[0]}"
        read += 1
    assert read > 100


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_no_link_is_kept() -> None:
    """A link leads out of the clone, to where nobody else has anything."""
    told = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip(f"not a clone: {told.stderr.strip()}")
    kept = told.stdout.splitlines()
    assert len(kept) > 100
    assert [line for line in kept if line.startswith("120000 ")] == []
