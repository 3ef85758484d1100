"""A model's vectors in the formats of other tools."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from gensim.models import KeyedVectors

from models.catalogue import NO_YEAR
from models.model import Model
from models.release import Release
from models.tidy import undisturbed
from training.errors import SettingsError, TrainingError
from training.vectors import learned


def export(release: Release, model_name: str | None, format_name: str, out: Path) -> int:
    """Write the vectors of one model; `out` appears whole or not at all.

    word2vec, word2vec-bin and sparrow (the course's `id:v1 v2 ...`) hold learned vectors only, as these formats
    have no place to tell an inferred one; parquet and tensorboard hold every movie with its source.

    Returns:
        How many vectors were written.

    Raises:
        SettingsError: no such model, or an id that the format cannot hold.
        TrainingError: the file cannot be written.
    """
    name = model_name or default_model(release)
    if name not in release.models:
        raise SettingsError(f"--model: expected one of {', '.join(release.models)}, found {name!r}")
    part = out.parent / f".{out.name}.{os.getpid()}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        count = _WRITERS[format_name](release, release.models[name], part)
        part.replace(out)
    except OSError as error:
        raise TrainingError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        with undisturbed():
            shutil.rmtree(part, ignore_errors=True)
            with suppress(OSError):
                part.unlink()
    return count


def default_model(release: Release) -> str:
    """The model whose vectors are written when none is named: the default one, if vectors are all that it is.

    A blend's answers are made of counts too, which no vector format holds; then it is the first of its parts.
    """
    name = release.manifest.default_model
    model = release.models[name]
    return name if model.priors is None and model.links is None else next(iter(release.models))


def _word2vec(binary: bool) -> Callable[[Release, Model, Path], int]:
    def write(release: Release, model: Model, path: Path) -> int:
        ids, vectors = learned(release, model, "")
        keyed = KeyedVectors(model.dimension)
        keyed.add_vectors(ids, vectors)
        keyed.save_word2vec_format(str(path), binary=binary)
        return len(ids)

    return write


def _sparrow(release: Release, model: Model, path: Path) -> int:
    ids, vectors = learned(release, model, ":")
    with path.open("w", encoding="utf-8") as file:
        for movie_id, vector in zip(ids, vectors, strict=True):
            file.write(f"{movie_id}:{' '.join(map(str, vector))}\n")
    return len(ids)


def _parquet(release: Release, model: Model, path: Path) -> int:
    catalogue = release.catalogue
    table = pyarrow.table(
        {
            "movieId": list(catalogue.ids),
            "title": list(catalogue.titles),
            "year": pyarrow.array(
                [int(year) if year != NO_YEAR else None for year in catalogue.years], pyarrow.int16()
            ),
            "genres": [list(genres) for genres in catalogue.genres],
            "likes": catalogue.likes,
            "source": np.where(model.learned, "learned", "inferred").tolist(),
            "vector": pyarrow.FixedSizeListArray.from_arrays(np.array(model.vectors).ravel(), model.dimension),
        }
    )
    pyarrow.parquet.write_table(table, path)
    return len(catalogue)


def _tensorboard(release: Release, model: Model, path: Path) -> int:
    """The two files of the Embedding Projector: vectors.tsv, and metadata.tsv with a header."""
    path.mkdir()
    np.savetxt(path / "vectors.tsv", model.vectors, fmt="%.9g", delimiter="\t")
    catalogue = release.catalogue
    with (path / "metadata.tsv").open("w", encoding="utf-8") as file:
        file.write("movieId\ttitle\tyear\tgenres\tlikes\tsource\n")
        for row, movie_id in enumerate(catalogue.ids):
            source = "learned" if model.learned[row] else "inferred"
            fields = (movie_id, catalogue.titles[row], catalogue.years[row], "|".join(catalogue.genres[row]))
            line = "\t".join(" ".join(str(field).split()) for field in (*fields, catalogue.likes[row], source))
            file.write(line + "\n")
    return len(catalogue)


_WRITERS: dict[str, Callable[[Release, Model, Path], int]] = {
    "word2vec": _word2vec(binary=False),
    "word2vec-bin": _word2vec(binary=True),
    "parquet": _parquet,
    "tensorboard": _tensorboard,
    "sparrow": _sparrow,
}
