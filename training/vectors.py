"""The learned vectors of a model, for formats that hold nothing else."""

import numpy as np
import numpy.typing as npt

from models.model import Model
from models.release import Release
from training.errors import SettingsError


def learned(release: Release, model: Model, forbidden: str) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Ids and float32 (n, dimension) vectors of all learned movies.

    Raises:
        SettingsError: an id has white space or one of the `forbidden` letters.
    """
    rows = np.flatnonzero(model.learned)
    ids = [release.catalogue.ids[row] for row in rows]
    for movie_id in ids:
        if any(letter in forbidden or letter.isspace() for letter in movie_id):
            raise SettingsError(f"movie id {movie_id!r} has a letter that this format cannot hold")
    return ids, model.vectors[rows]
