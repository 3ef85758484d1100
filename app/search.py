"""Typo-tolerant title search: distinct words matched by prefix and edit distance, an inverted index behind."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.words import ARTICLES, compact, words
from models import Catalogue
from models.catalogue import NO_YEAR

# Only so many words of a query are looked up: bounds the time of an answer.
MAX_WORDS = 12
# What a title must reach of the best title's coverage to be an answer at all.
_KEEP = 0.6
_LIGHT = 0.1
# How well a word of a title answers a word of the query; the last word may still be in typing.
_EXACT, _TYPED, _PREFIX, _EDITED, _EDITED_PREFIX = 1.0, 1.0, 0.9, 0.8, 0.5
# A title that is the query outweighs one with nothing in common that is liked a thousand times as much.
_LIKENESS = 3.0
_YEAR = re.compile(r"\(?\d{4}\)?")

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Found:
    """Rows that answer a query, best first, and how many there are in all."""

    rows: list[int]
    total: int


class TitleSearch:
    """An index over the titles and years of a catalogue; built once, then only read.

    Takes about a second and 20 MB for 60,000 titles; a query takes milliseconds.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Build the index."""
        self._catalogue = catalogue
        self._popularity = np.log10(1.0 + np.maximum(catalogue.likes, 0))
        self._vocabulary, self._starts, self._rows = _inverted(catalogue)
        self._position = {word: index for index, word in enumerate(self._vocabulary)}
        self._by_length = defaultdict(list)
        for word in self._vocabulary:
            self._by_length[len(word)].append(word)
        self._compact = [compact(title) for title in catalogue.titles]

    def find(self, query: str, limit: int) -> Found:
        """The best titles for a query: its coverage first, then likes and likeness, then id.

        A movie whose id is the query comes first; an empty query answers the most liked.
        """
        text = query.strip()
        named = self._catalogue.row_of.get(text)
        rows = self._ranked(text)
        if named is not None:
            rows = np.concatenate([[named], rows[rows != named]])
        return Found(rows[:limit].tolist(), len(rows))

    def _ranked(self, text: str) -> npt.NDArray[np.intp]:
        """All rows that answer, best first."""
        if not text:
            return np.argsort(-self._catalogue.likes.astype(np.int64), kind="stable")
        coverage = self._coverage(words(text)[:MAX_WORDS])
        best = float(coverage.max(initial=0.0))
        rows = np.flatnonzero(coverage >= _KEEP * best) if best > 0 else np.empty(0, dtype=np.intp)
        weight = self._popularity[rows] + _LIKENESS * self._likeness(text, rows)
        return rows[np.lexsort((rows, -weight, -coverage[rows]))]

    def _likeness(self, text: str, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """How much of the query and the whole title are the same, 0..1, with years or without."""
        titles = [self._compact[row] for row in rows.tolist()]
        if not titles:
            return np.empty(0, dtype=np.float32)
        asked = [compact(text), compact(_without_years(text))]
        alike: npt.NDArray[np.float32] = process.cdist(asked, titles, scorer=OSA.normalized_similarity).max(axis=0)
        return alike

    def _coverage(self, asked: list[str]) -> npt.NDArray[np.float64]:
        """Which part of the query's words each title answers, 0..1; articles hardly count."""
        covered = np.zeros(len(self._catalogue))
        weights = [_LIGHT if word in ARTICLES and len(asked) > 1 else 1.0 for word in asked]
        for place, (word, weight) in enumerate(zip(asked, weights, strict=True), start=1):
            best = np.zeros(len(self._catalogue))
            matches = self._matches(word, _TYPED if place == len(asked) else _PREFIX)
            # the better match is written over the worse
            for first, behind, value in sorted(matches, key=lambda match: match[2]):
                best[self._rows[self._starts[first] : self._starts[behind]]] = value
            covered += weight * best
        return np.round(covered / sum(weights, 1e-9), 4)

    def _matches(self, word: str, prefix: float) -> Iterator[tuple[int, int, float]]:
        """Ranges of the vocabulary that answer a word, and how well."""
        exact = self._position.get(word)
        first, behind = self._range(word)
        if behind > first:
            yield first, behind, prefix
        if exact is not None:
            yield exact, exact + 1, _EXACT
        # a number is not misspelt: 1989 is not nearly 1988
        elif not word.isdigit():
            for index, value in self._misspelt(word):
                yield index, index + 1, value

    def _misspelt(self, word: str) -> Iterator[tuple[int, float]]:
        """Words within one edit (from three letters) or two (from six), and those beginning like that."""
        edits = 0 if len(word) < 3 else 1 if len(word) < 6 else 2
        for length in range(len(word) - edits, len(word) + edits + 1):
            near = self._by_length.get(length, [])
            found_words = process.extract(word, near, scorer=OSA.distance, score_cutoff=edits, limit=None)
            for found, distance, _ in found_words:
                yield self._position[found], _EDITED * (1 - distance / max(length, len(word)))
        if len(word) >= 5:
            for index in range(*self._range(word[:2])):
                if OSA.distance(word, self._vocabulary[index][: len(word)], score_cutoff=1) <= 1:
                    yield index, _EDITED_PREFIX

    def _range(self, prefix: str) -> tuple[int, int]:
        """First and behind the last word of the sorted vocabulary that begins with `prefix`."""
        low = bisect_left(self._vocabulary, prefix)
        return low, bisect_left(self._vocabulary, prefix + "\U0010ffff", lo=low)


def _inverted(catalogue: Catalogue) -> tuple[list[str], IntArray, IntArray]:
    """The sorted vocabulary, and for word i the rows rows[starts[i]:starts[i + 1]]; a year is a word too."""
    of_word: dict[str, list[int]] = defaultdict(list)
    for row, (title, year) in enumerate(zip(catalogue.titles, catalogue.years.tolist(), strict=True)):
        own = words(title)
        for word in own if year == NO_YEAR else dict.fromkeys([*own, str(year)]):
            of_word[word].append(row)
    vocabulary = sorted(of_word)
    starts = np.cumsum([0, *(len(of_word[word]) for word in vocabulary)], dtype=np.int32)
    rows = np.fromiter((row for word in vocabulary for row in of_word[word]), dtype=np.int32)
    return vocabulary, starts, rows


def _without_years(text: str) -> str:
    return " ".join(word for word in text.split() if not _YEAR.fullmatch(word))
