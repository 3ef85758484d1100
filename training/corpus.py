r"""Sequences -> a file that Gensim trains from without Python objects, and of which it loses nothing.

Gensim's `corpus_file` reads lines until it has more than 10,000 words, trains on the first 10,000 of them and drops
the others; each thread begins at an equal share of the bytes, wherever that is, and reads until it has an equal share
of the words, and what it then has in hand. So the file is made of blocks that end where Gensim stops to read:

    00592 00593 01210\n        whole sequences, 10,000 words at the most; a word is a catalogue row, as wide as all
    00593 00260\n
    ----- ----- ... -----\n    words that are not in the vocabulary, up to 10,001: counted, and passed over

All blocks are as long, in words and in bytes, and each thread has as many. `docs/decisions/0014-walks.md` has more.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import numpy as np
import numpy.typing as npt

from models.tidy import undisturbed
from training.errors import DataError
from training.sequences import LONGEST, Sequences

BLOCK = 10_001
_ROOM = BLOCK - 1
_NEWLINE = ord("\n")


class Corpus:
    """A corpus file that is there from `with` to its end, however that comes.

    Attributes:
        path: the file, in a folder of its own among the system's temporary files (TMPDIR).
        counts: int64 (n_movies,), in how many places each catalogue row stands.
        n_blocks: how many blocks the file has.
        n_lines: how many lines, those that fill up included.
    """

    def __init__(self, n_movies: int, n_tokens: int = 0) -> None:
        """Make an empty file.

        Args:
            n_movies: rows of the catalogue.
            n_tokens: about how many movies will be added: 4 to 8 bytes each on disk.

        Raises:
            DataError: the disk has no room for so many.
        """
        width = len(str(max(0, n_movies - 1)))
        words = np.array([f"{row:0{width}d} " for row in range(n_movies)], dtype=f"S{width + 1}")
        self._words = words.view(f"V{width + 1}")
        self._filler = b"-" * width + b" "
        self._room = _ROOM
        self._folder = TemporaryDirectory(prefix="kindred-corpus-")
        self.path = Path(self._folder.name) / "corpus.txt"
        self._check_room(n_tokens * (width + 1))
        self._file = self.path.open("wb")
        self.counts = np.zeros(n_movies, np.int64)
        self.n_blocks = self.n_lines = 0

    def __enter__(self) -> "Corpus":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with undisturbed():
            self._file.close()
            self._folder.cleanup()

    def word(self, row: int) -> str:
        """The word of a catalogue row; `int` makes it a row again."""
        return bytes(self._words[row].tobytes()).decode("ascii").rstrip()

    def add(self, sequences: Sequences) -> None:
        """Write them behind those that are there; what is longer than LONGEST becomes several lines."""
        self.counts += np.bincount(sequences.rows, minlength=len(self.counts))
        offsets = sequences.split(LONGEST).offsets
        offsets = np.append(offsets[:-1][np.diff(offsets) > 0], offsets[-1])
        begin = 0
        while begin < len(offsets) - 1:
            end = int(np.searchsorted(offsets, offsets[begin] + self._room, side="right")) - 1
            if end > begin:
                self._write(sequences.rows, offsets[begin : end + 1])
            if end < len(offsets) - 1:
                self._end_block()
            begin = end

    def close(self, workers: int) -> None:
        """Nothing more is added: the last block is filled, and there are as many blocks for each of the threads."""
        if self._room < _ROOM:
            self._end_block()
        while self.n_blocks % workers:
            self._end_block()
        self._file.close()

    def _write(self, rows: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64]) -> None:
        """Lines that fit into the block at hand."""
        words = self._words[rows[offsets[0] : offsets[-1]]]
        letters = words.view(np.uint8).reshape(len(words), -1)
        letters[offsets[1:] - offsets[0] - 1, -1] = _NEWLINE
        self._file.write(letters.data)
        self._room -= len(words)
        self.n_lines += len(offsets) - 1

    def _end_block(self) -> None:
        self._file.write(self._filler * self._room + self._filler[:-1] + b"\n")
        self._room = _ROOM
        self.n_blocks += 1
        self.n_lines += 1

    def _check_room(self, wanted: int) -> None:
        free = shutil.disk_usage(self._folder.name).free
        if wanted > free:
            folder = Path(self._folder.name).parent
            self._folder.cleanup()
            raise DataError(
                f"the corpus takes {wanted / 1e9:.1f} GB on disk, found {free / 1e9:.1f} GB free in {folder} "
                "(TMPDIR names another folder)"
            )
