"""Files to read, and the command line that reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import kindred


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def run(content: str | bytes, name: str = "ratings.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return run


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run `kindred` with these arguments."""

    def run(*arguments: object) -> Said:
        code = kindred.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return run
