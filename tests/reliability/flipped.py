"""Flip bits in every part of every file of a store, and cut, lengthen and swap the files: what comes of it.

`python -m tests.reliability.flipped 2500`: so many flips in a whole new release and in each of the old ones that
are kept in the tests. Each is either refused, with the file named, or every answer is what it was.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import in_child
from models import KindredError, Registry
from tests.reliability.whole import ABOUT_FILMS, ABOUT_MODELS, ASKED, OLD_STORES, Answers, old_store, whole_store

SEED = 592


@dataclass
class Seen:
    """What became of damaged files.

    Attributes:
        tried: how many.
        refused: with the file named.
        same: loaded, every answer as before.
        wrong: anything else, in words.
    """

    tried: int = 0
    refused: int = 0
    same: int = 0
    wrong: list[str] = field(default_factory=list)
    by_file: Counter[str] = field(default_factory=Counter)


class Damaged:
    """A store, one of its files damaged at a time."""

    def __init__(self, registry: Registry, asked: tuple[str, ...], *, sealed: bool = True) -> None:
        version = registry.current()
        assert version is not None
        self.registry, self.version, self.seen = registry, version, Seen()
        self.folder = Path(registry.folder) / "versions" / version
        self.files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        self.files += [Path(registry.folder) / name for name in ("current", "history.jsonl")]
        self._asked, self._sealed, self._answers = asked, sealed, Answers(registry)
        self._expected = self._answers.of(registry.load(), asked)
        assert {status for status, _ in self._expected} <= {200, 404, 422}
        assert sum(status == 200 for status, _ in self._expected) > len(asked) / 2
        self._steps, self._previous = registry.history(), self._before()

    def flips(self, count: int) -> None:
        """So many, the same number in each file, one in each of as many equal parts of it."""
        chosen, each = random.Random(SEED), -(-count // len(self.files))
        for path in self.files:
            content = path.read_bytes()
            for number in range(each):
                low, high = (len(content) * edge // each for edge in (number, number + 1))
                position, bit = chosen.randrange(low, max(high, low + 1)), chosen.randrange(8)
                damaged = bytearray(content)
                damaged[position] ^= 1 << bit
                self._try(path, bytes(damaged), f"bit {bit} of byte {position}")

    def cuts(self, swaps: int = 1000) -> None:
        """Every way for a file to be of another length or gone, and to be one of so many others."""
        for path in self.files:
            for how, content in _cuts(path, self.files, swaps):
                self._try(path, content, how)

    def _try(self, path: Path, content: bytes | None, how: str) -> None:
        whole, name = path.read_bytes(), path.relative_to(self.folder if self.folder in path.parents else path.parent)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        self.seen.tried += 1
        self.seen.by_file[name.as_posix()] += 1
        found = self._outcome(name.as_posix())
        if found in ("refused", "same"):
            setattr(self.seen, found, getattr(self.seen, found) + 1)
        else:
            self.seen.wrong.append(f"{name}, {how}: {found}")
        path.write_bytes(whole)

    def _outcome(self, name: str) -> str:
        try:
            if name == "history.jsonl":
                return self._history()
            release = self.registry.load()
        except KindredError as error:
            return "refused" if self._named(name, str(error)) else f"refused without the file's name: {error}"
        except BaseException as error:
            return f"crashed: {error!r}"
        same = release.id == self.version and self._answers.of(release, self._asked) == self._expected
        return "same" if same else "other answers"

    def _named(self, name: str, message: str) -> bool:
        if "\n" in message or len(message) > 1500:
            return False
        # without a manifest it is no version; a current that names none tells which and what there is
        if name in ("current", "manifest.json") and re.match("no (version|release)", message):
            return True
        # an old manifest that says something else than the files: one of both is damaged, nobody can tell which
        return name in message or (name == "manifest.json" and not self._sealed)

    def _history(self) -> str:
        told = self.registry.history()
        # a step may be missing where its line is damaged; none is ever another one
        if any(step not in self._steps for step in told):
            return f"other steps: {told}"
        before = self._before()
        if before == self._previous:
            return "same"
        return "refused" if before is None else f"would go back to {before}"

    def _before(self) -> str | None:
        try:
            return self.registry.previous()
        except KindredError:
            return None


def _cuts(path: Path, files: list[Path], swaps: int) -> Iterator[tuple[str, bytes | None]]:
    content = path.read_bytes()
    header = content.find(b"\n") + 1 if path.suffix == ".npy" else 2
    yield "gone", None
    for length in (0, 1, 10, header, len(content) // 2, len(content) - 1):
        yield f"cut to {length} bytes", content[:length]
    for more in (b"\0", b" ", b"\n", b"x", content):
        yield f"{more[:1]!r} and {len(more) - 1} more bytes appended", content + more
    yield "zeros of the same length", bytes(len(content))
    others = [other for other in files if other.suffix == path.suffix and other.read_bytes() != content]
    for other in others[:swaps]:
        yield f"the content of {other.name}", other.read_bytes()


def new_release(count: int, folder: Path, swaps: int = 1000) -> Seen:
    """A release as it is written today."""
    damaged = Damaged(whole_store(folder), ASKED + ABOUT_MODELS)
    damaged.flips(count)
    damaged.cuts(swaps)
    return damaged.seen


def old_release(name: str, count: int, folder: Path, swaps: int = 1000) -> Seen:
    """One that is older than the hashes in manifests and histories: what it says of its training rests on nothing."""
    damaged = Damaged(old_store(folder, name), ABOUT_FILMS, sealed=False)
    damaged.files = [path for path in damaged.files if path.name != "history.jsonl"]
    damaged.flips(count)
    damaged.cuts(swaps)
    return damaged.seen


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2500
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        runs = {"new": lambda: new_release(count, folder / "new")}
        for name in OLD_STORES:
            runs[name] = lambda name=name: old_release(name, count, folder / name)  # type: ignore[misc]
        for name, run in runs.items():
            seen = in_child(run, 900)
            print(
                f"{name}: {seen.tried} damaged, {seen.refused} refused, {seen.same} the same, {len(seen.wrong)} wrong"
            )
            print(*seen.wrong[:20], sep="\n", end="\n" if seen.wrong else "")
            wrong += len(seen.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
