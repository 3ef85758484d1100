"""Any supported ratings file -> typed columns; every row that is turned away is counted and named.

`fast.py` reads with pandas; where a row needs a closer look, `readers.py` reads row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training import fast, readers
from training.errors import DataError, RejectsError
from training.formats import REJECT_LIMIT, ratings_format
from training.order import superseded, together
from training.readers import NO_USER, Columns
from training.records import Rejects, check_file


@dataclass
class ReadReport:
    """What became of every row: rows = kept + rejected + returns + duplicates.

    Attributes:
        rows: read.
        rejects: turned away, by reason, with the first line and value.
        returns: with a quantity of zero or less, in a shop's log: goods taken back are no likes.
        duplicates: of a user and movie that have a later row.
        guests: whether rows without a user are left out of the reject limit.
    """

    path: Path | str
    rows: int = 0
    rejects: Rejects = field(default_factory=Rejects)
    returns: int = 0
    duplicates: int = 0
    guests: bool = False

    @property
    def kept(self) -> int:
        """Rows that are in the columns."""
        return self.rows - self.rejects.total() - self.returns - self.duplicates

    def to_json(self) -> dict[str, Any]:
        """The counts, and the first row of each reason."""
        return {
            "read": self.rows,
            "kept": self.kept,
            "duplicates": self.duplicates,
            "returns": self.returns,
            "rejected": self.rejects.to_json(),
        }

    def check_limit(self) -> None:
        """Raise RejectsError where more than 1 % of the rows were rejected."""
        counted = self.rejects.total()
        if self.guests and NO_USER in self.rejects.by_reason:
            counted -= self.rejects.by_reason[NO_USER].count
        if counted > REJECT_LIMIT * self.rows:
            raise RejectsError(
                f"{self.path}: {counted} of {self.rows} rows rejected, more than {REJECT_LIMIT:.0%}; "
                f"{self._most(guests=not self.guests)} (--allow-rejects goes on without them)"
            )

    def check_any(self) -> None:
        """Raise DataError where there are no rows, or none that can be used."""
        if not self.rows:
            raise DataError(f"{self.path}: no rows after the header")
        if self.returns == self.rows:
            raise DataError(f"{self.path}: expected likes, found {self.rows} rows, all of them returns")
        if not self.kept:
            raise DataError(f"{self.path}: none of {self.rows} rows can be used; {self._most(guests=True)}")

    def _most(self, *, guests: bool) -> str:
        reasons = [item for item in self.rejects.by_reason.items() if guests or item[0] != NO_USER]
        reason, first = max(reasons, key=lambda item: item[1].count)
        return f"most of them: {reason}, {first.first()}"


def read_ratings(path: Path, columns: Mapping[str, str] | None = None) -> tuple[Columns, ReadReport]:
    """Read a ratings file, drop faulty rows and all but the latest of duplicates, and say how many.

    Of rows of the same user and movie the latest counts; at the same time, the one with the higher rating. The rows
    of each user stand together, users in order of first appearance, each one's rows in the order of the file.

    Args:
        path: MovieLens ratings.csv, ratings.dat, u.data, or any CSV or Parquet file with `columns`.
        columns: names of the user, item, time and (optionally) rating and quantity columns.

    Raises:
        DataError: the file cannot be used; the message says what was expected and what was found.
    """
    check_file(path)
    layout = ratings_format(path, columns)
    report = ReadReport(path, guests=layout.guests)
    read = fast.read_fast(path, layout)
    if read is None:
        read, report.returns = readers.read_exactly(path, layout, report.rejects)
    report.rows = len(read.users) + report.returns + report.rejects.total()
    report.check_any()
    latest = _latest(read)
    report.duplicates = len(read.users) - len(latest.users)
    return latest, report


def _latest(ratings: Columns) -> Columns:
    """The latest row of each (user, movie)."""
    order = together(ratings.users)
    if order is not None:
        ratings = ratings.take(order)
    lost = superseded(ratings.users, ratings.movies, ratings.ratings, ratings.times)
    return ratings.take(np.delete(np.arange(len(ratings.users)), lost)) if len(lost) else ratings
