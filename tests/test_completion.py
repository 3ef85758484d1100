"""Completion, in a real bash: what the shell would offer."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kindred

BASH = shutil.which("bash")
Captured = pytest.CaptureFixture[str]

# the words as bash hands them to the function that `complete` has named
OFFER = """
source {script}
function=$(complete -p kindred | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
"$function" kindred "${{COMP_WORDS[$COMP_CWORD]}}" "${{COMP_WORDS[$COMP_CWORD - 1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if BASH is None:
        pytest.skip("there is no bash")
    path = tmp_path_factory.mktemp("completion") / "kindred.bash"
    shown = subprocess.run(
        [sys.executable, "kindred.py", "completion", "bash"],
        cwd=Path(kindred.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    path.write_text(shown.stdout)
    return path


def offered(script: Path, folder: Path, *words: str) -> set[str]:
    program = OFFER.format(script=shlex.quote(str(script)), words=shlex.join(["kindred", *words]))
    done = subprocess.run(["bash", "--norc", "-c", program], cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def test_verbs(script: Path, tmp_path: Path) -> None:
    assert {"train", "serve", "promote", "doctor", "completion"} <= offered(script, tmp_path, "")
    assert offered(script, tmp_path, "pr") == {"promote", "prune"}


def test_options(script: Path, tmp_path: Path) -> None:
    assert offered(script, tmp_path, "train", "--wa") == {"--walks", "--walk-length"}
    assert offered(script, tmp_path, "train", "--dry") == {"--dry-run"}
    assert offered(script, tmp_path, "versions", "--wa") == set()


def test_choices(script: Path, tmp_path: Path) -> None:
    assert offered(script, tmp_path, "train", "--preset", "") == {"default", "lesson"}
    assert offered(script, tmp_path, "export", "--format", "word") == {"word2vec", "word2vec-bin"}
    assert offered(script, tmp_path, "download", "ml-l") == {"ml-latest-small"}
    assert offered(script, tmp_path, "completion", "") == {"bash", "zsh", "fish"}


def test_files_and_folders(script: Path, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").touch()
    (tmp_path / "releases").mkdir()
    assert offered(script, tmp_path, "validate", "ra") == {"ratings.csv"}
    assert offered(script, tmp_path, "train", "ratings.csv", "--movies", "r") == {"ratings.csv", "releases"}
    assert offered(script, tmp_path, "versions", "--models", "r") == {"releases"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_is_told_every_verb(shell: str, capsys: Captured) -> None:
    assert kindred.main(["completion", shell, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["shell"] == shell
    assert kindred.main(["completion", shell]) == 0
    assert capsys.readouterr().out == told["script"] + "\n"
    assert all(word in told["script"] for word in ("healthcheck", "walk-length", "lesson"))
    parser = shutil.which(shell)
    if parser is not None:
        done = subprocess.run([parser, "-n", "/dev/stdin"], input=told["script"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
