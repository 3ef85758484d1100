"""JSON of single movies, made when first needed and put together to answers: no object per movie and answer."""

from pydantic_core import to_json

from models import Catalogue
from models.catalogue import NO_YEAR

# About 300 bytes each. When there are more, all are let go: an answer needs few, and each takes two microseconds.
MOST = 65_536


class Pieces:
    """For each movie its JSON without the last brace, so that more can be added."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Start with none."""
        self._catalogue = catalogue
        self._made: dict[int, bytes] = {}

    def of(self, rows: list[int]) -> list[bytes]:
        """The beginning of each movie, as `schemas.Movie` writes it.

        >>> Pieces(catalogue).of([0])
        [b'{"movieId":"1","title":"Toy Story","year":1995,"genres":["Comedy"],"likes":215']
        """
        made = self._made
        try:
            return [made[row] for row in rows]
        except KeyError:
            if len(made) + len(rows) > MOST:
                # anew, and not emptied: another thread may be reading
                made = self._made = {}
            for row in rows:
                if row not in made:
                    made[row] = self._make(row)
            return [made[row] for row in rows]

    def _make(self, row: int) -> bytes:
        films, year = self._catalogue, int(self._catalogue.years[row])
        movie = {
            "movieId": films.ids[row],
            "title": films.titles[row],
            "year": None if year == NO_YEAR else year,
            "genres": films.genres[row],
            "likes": int(films.likes[row]),
        }
        return to_json(movie)[:-1]
