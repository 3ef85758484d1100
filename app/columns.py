"""All films at once, in columns: the bytes that the models of /catalogue and /map would be written as.

Written from plain lists, for a model of so many movies takes a hundred times as long to check as to write.
"""

import numpy as np
import numpy.typing as npt
from pydantic_core import to_json

from app import facts
from app.errors import NoMapError
from app.state import Loaded
from models.catalogue import NO_YEAR


def catalogue(loaded: Loaded) -> bytes:
    """The answer of GET /catalogue; O(n_movies), 70 ms for 60,000."""
    films = loaded.catalogue
    position = {name: index for index, name in enumerate(films.genre_names)}
    return to_json(
        {
            "release": loaded.release.id,
            "movieIds": films.ids,
            "titles": films.titles,
            "years": [None if year == NO_YEAR else year for year in films.years.tolist()],
            "likes": films.likes.tolist(),
            "genreNames": films.genre_names,
            "genres": [[position[name] for name in names] for names in films.genres],
        }
    )


def movie_map(loaded: Loaded, model: str | None) -> bytes:
    """The answer of GET /map; O(n_movies).

    Raises:
        UnknownModelError: listing the models.
        NoMapError: the release has none of this model.
    """
    name, space = facts.space_of(loaded, model)
    places = space.model.map
    if places is None:
        raise NoMapError(name)
    release = loaded.release
    head = {"model": name, "release": release.id, "method": method_of(release.manifest.data.get("map"))}
    inferred = np.flatnonzero(~space.model.learned).tolist()
    return b'%b,"movieIds":%b,"x":%b,"y":%b,"inferred":%b}' % (
        to_json(head)[:-1],
        to_json(loaded.catalogue.ids),
        _four_digits(places[:, 0]),
        _four_digits(places[:, 1]),
        to_json(inferred),
    )


def method_of(described: object) -> str:
    """How the maps were made, as the manifest says it; what made the first ones did not always say."""
    method = described.get("method") if isinstance(described, dict) else None
    return method if isinstance(method, str) else "pca"


def _four_digits(values: npt.NDArray[np.floating]) -> bytes:
    """A JSON array of finite numbers: a pixel of a wide screen is a part in four thousand."""
    return b"[%b]" % ((b"%.4g," * len(values))[:-1] % tuple(values.tolist()))
