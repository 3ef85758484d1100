"""What stands in the corpus file, what Gensim makes of it, and that no file is left behind."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import sequences_of
from training import corpus as module
from training.corpus import BLOCK, Corpus
from training.errors import DataError
from training.sequences import LONGEST, Sequences

MOVIES = 120
FILLER = "---"


def lines_of(corpus: Corpus) -> list[list[str]]:
    text = corpus.path.read_text("ascii")
    assert not text or text.endswith("\n")
    return [line.split(" ") for line in text.splitlines()]


def kept(lines: list[list[str]]) -> list[list[int]]:
    """The obvious way: rows of the lines that are not there to fill up."""
    return [[int(word) for word in line] for line in lines if line[0] != FILLER]


def written(parts: list[Sequences], workers: int = 1) -> list[list[str]]:
    with Corpus(MOVIES) as corpus:
        for part in parts:
            corpus.add(part)
        corpus.close(workers)
        lines = lines_of(corpus)
        assert corpus.n_lines == len(lines)
        assert corpus.path.stat().st_size == corpus.n_blocks * BLOCK * 4
        assert corpus.counts.tolist() == np.bincount(np.concatenate([p.rows for p in parts]), minlength=120).tolist()
        return lines


def many(n: int, seed: int) -> list[list[int]]:
    random = np.random.default_rng(seed)
    return [random.integers(MOVIES, size=length).tolist() for length in random.integers(1, 700, size=n)]


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.one_of(st.integers(0, 40), st.integers(4_990, 2 * LONGEST + 3)), min_size=1, max_size=9),
    cut=st.integers(0, 9),
    workers=st.integers(1, 4),
)
def test_every_sequence_is_there_whole_in_blocks_as_gensim_reads_them(
    lengths: list[int], cut: int, workers: int
) -> None:
    lists = [[(7 * place + length) % MOVIES for place in range(length)] for length in lengths]
    lines = written([sequences_of(part) for part in (lists[:cut], lists[cut:]) if part], workers)
    pieces = [one[low : low + LONGEST] for one in lists for low in range(0, len(one), LONGEST)]
    assert kept(lines) == pieces
    sizes, words = [], 0
    for line in lines:
        words += len(line)
        if line[0] == FILLER:
            sizes.append(words)
            words = 0
    assert sizes == [BLOCK] * len(sizes)
    assert words == 0
    assert len(sizes) % workers == 0


def test_the_same_file_however_the_sequences_come() -> None:
    lists = many(90, seed=1)
    whole = written([sequences_of(lists)])
    assert written([sequences_of(lists[low : low + 7]) for low in range(0, 90, 7)]) == whole


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_gensim_trains_on_every_word_once_in_each_epoch(workers: int) -> None:
    lists = many(200, seed=2)
    options: dict[str, Any] = {"vector_size": 4, "min_count": 1, "sg": 1, "workers": workers, "sample": 0}
    with Corpus(MOVIES) as corpus:
        corpus.add(sequences_of(lists))
        corpus.close(workers)
        model = Word2Vec(**options)
        model.build_vocab_from_freq({corpus.word(row): int(count) for row, count in enumerate(corpus.counts)})
        size = {"total_words": corpus.n_blocks * BLOCK - 1, "total_examples": corpus.n_lines // workers}
        trained, raw = model.train(corpus_file=str(corpus.path), epochs=2, **size)
    assert trained == 2 * sum(map(len, lists))
    assert raw == 2 * corpus.n_blocks * BLOCK


def test_a_plain_file_loses_words_which_is_why_there_are_blocks(tmp_path: Path) -> None:
    lists = many(200, seed=2)
    path = tmp_path / "plain.txt"
    path.write_text("\n".join(" ".join(f"{row:03}" for row in one) for one in lists), "ascii")
    model = Word2Vec(vector_size=4, min_count=1, sg=1, workers=1, sample=0)
    model.build_vocab(corpus_file=str(path))
    trained, _ = model.train(corpus_file=str(path), epochs=1, total_words=model.corpus_total_words)
    assert trained < sum(map(len, lists))


def test_words_are_rows_of_one_width() -> None:
    with Corpus(1_001) as corpus:
        assert [corpus.word(row) for row in (0, 592, 1_000)] == ["0000", "0592", "1000"]
    with Corpus(1) as corpus:
        assert corpus.word(0) == "0"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, None])
def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type | None) -> None:
    monkeypatch.setattr(module.TemporaryDirectory.__init__, "__defaults__", (None, None, str(tmp_path), False))

    def work() -> None:
        with Corpus(MOVIES) as corpus:
            corpus.add(sequences_of(many(5, seed=3)))
            assert corpus.path.is_relative_to(tmp_path)
            assert list(tmp_path.iterdir())
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(error):
            work()
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room_is_refused_before_anything_is_written() -> None:
    with pytest.raises(DataError, match=r"takes 4000000\.0 GB on disk, found .* GB free in .*TMPDIR"):
        Corpus(MOVIES, 10**15)


def test_pairs_of_the_histories_are_the_pairs_of_the_file() -> None:
    lists = many(30, seed=4)
    expected = [pair for one in lists for pair in pairwise(one)]
    assert [pair for one in kept(written([sequences_of(lists)])) for pair in pairwise(one)] == expected
