"""The films of a release: id, title, year, genres and how many viewers liked each."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import IntegrityError

NO_YEAR = 0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Columns over all movies of a release; the position in them is the movie's row.

    Rows are sorted by movie_id (as text, by code point), so that the order of rows is the order of ids.

    Attributes:
        ids: movie_id of each row, unique, never empty.
        titles: title without its year; the movie_id where none is known.
        years: int16 (n_movies,), year of release, NO_YEAR where unknown.
        genres: the genres of each row, in the order of the source.
        likes: int32 (n_movies,), viewers who liked the movie.
        tags: what viewers call each movie, most often first; empty as a whole where none were given.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    years: npt.NDArray[np.int16]
    genres: tuple[tuple[str, ...], ...]
    likes: npt.NDArray[np.int32]
    tags: tuple[tuple[str, ...], ...] = ()
    _masks: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse columns that do not belong together."""
        lengths = {
            "titles": len(self.titles),
            "years": len(self.years),
            "genres": len(self.genres),
            "likes": len(self.likes),
            "tags": len(self.tags or self.ids),
        }
        for name, length in lengths.items():
            if length != len(self.ids):
                raise IntegrityError(f"catalogue: expected {len(self.ids)} {name}, found {length}")
        if not all(map(operator.lt, self.ids, self.ids[1:])) or "" in self.ids[:1]:
            raise IntegrityError("catalogue: ids must be unique, not empty and sorted")
        if len(self) and (self.likes.min() < 0 or self.years.min() < 0):
            raise IntegrityError("catalogue: expected likes and years of 0 or more, found less")

    def __len__(self) -> int:
        """How many movies the release knows."""
        return len(self.ids)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """From movie_id to row."""
        return dict(zip(self.ids, range(len(self.ids)), strict=True))

    @cached_property
    def genre_names(self) -> tuple[str, ...]:
        """All genres in use, sorted."""
        return tuple(sorted({genre for genres in self.genres for genre in genres}))

    def with_genre(self, genre: str) -> npt.NDArray[np.bool_]:
        """Bool (n_movies,), True where the movie has this genre, upper or lower case; kept once computed."""
        wanted = genre.casefold()
        if wanted not in {name.casefold() for name in self.genre_names}:
            return np.zeros(len(self), dtype=np.bool_)
        if wanted not in self._masks:
            has = (any(name.casefold() == wanted for name in genres) for genres in self.genres)
            self._masks[wanted] = np.fromiter(has, dtype=np.bool_, count=len(self))
        return self._masks[wanted]

    def to_json(self) -> dict[str, Any]:
        """The columns as plain JSON; genres and tags as positions in a list of names."""
        return {
            "ids": list(self.ids),
            "titles": list(self.titles),
            "years": self.years.tolist(),
            "likes": self.likes.tolist(),
            **_positions("genre", self.genres),
            **(_positions("tag", self.tags) if self.tags else {}),
        }

    @classmethod
    def from_json(cls, columns: Mapping[str, Any]) -> "Catalogue":
        """Read what `to_json` gave.

        Raises:
            IntegrityError: a column is missing, of the wrong type or length.
        """
        try:
            return cls(
                ids=_texts(columns["ids"]),
                titles=_texts(columns["titles"]),
                years=np.array(_numbers(columns["years"]), dtype=np.int16),
                genres=_names("genre", columns),
                likes=np.array(_numbers(columns["likes"]), dtype=np.int32),
                tags=_names("tag", columns) if "tags" in columns else (),
            )
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise IntegrityError(f"catalogue.json: not a catalogue: {error!r}") from error


def _positions(kind: str, lists: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Lists of names as the sorted names, and for each list positions among them."""
    names = sorted({name for one in lists for name in one})
    position = {name: index for index, name in enumerate(names)}
    return {f"{kind}Names": names, f"{kind}s": [[position[name] for name in one] for one in lists]}


def _names(kind: str, columns: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The opposite of `_positions`; equal lists are one object."""
    names = _texts(columns[f"{kind}Names"])
    keys = list(map(tuple, columns[f"{kind}s"]))
    known = {key: tuple(names[index] for index in key) for key in set(keys)}
    if any(type(index) is not int or index < 0 for key in known for index in key):
        raise ValueError(f"expected positions in {kind}Names as {kind}s")
    return tuple(map(known.__getitem__, keys))


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    texts = tuple(values)
    _expect(str, "text", texts)
    return texts


def _numbers(values: Iterable[Any]) -> tuple[int, ...]:
    numbers = tuple(values)
    _expect(int, "a whole number", numbers)
    return numbers


def _expect(kind: type, name: str, values: Sequence[Any]) -> None:
    if not set(map(type, values)) <= {kind}:
        found = next(value for value in values if type(value) is not kind)
        raise TypeError(f"expected {name}, found {found!r}")
