"""What is answered about all films at once, and about releases: the wire, in camelCase."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app import examples
from app.schemas import Wire
from models.model import Relation

Coordinates = Annotated[list[float], Field(description="One for each movie, four significant digits.")]


class CatalogueColumns(Wire):
    """All movies of the release, a column for each fact; the position in a column is the same movie's in all."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CATALOGUE]})

    release: str
    movie_ids: Annotated[list[str], Field(description="Sorted by code point.")]
    titles: list[str]
    years: Annotated[list[int | None], Field(description="Null where unknown.")]
    likes: Annotated[list[int], Field(description="How many viewers liked each.")]
    genre_names: Annotated[list[str], Field(description="All genres in use, sorted.")]
    genres: Annotated[list[list[int]], Field(description="For each movie positions in `genreNames`.")]


class MovieMap(Wire):
    """Where each movie stands in the picture of a model, in the order of the catalogue."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MAP]})

    model: str
    release: str
    method: Annotated[str, Field(description="pca or umap: how the plane was found.")]
    movie_ids: list[str]
    x: Coordinates
    y: Coordinates
    inferred: Annotated[list[int], Field(description="Positions of movies that were not learned from viewers.")]


class HeldOut(Wire):
    """How well the default model finds likes that it has not seen."""

    name: str
    relation: Relation
    hr10: Annotated[float | None, Field(alias="hr@10", description="Hit rate among the first ten.")]
    ndcg10: Annotated[float | None, Field(alias="ndcg@10", description="The same, first places counting most.")]


class ReleaseSummary(Wire):
    """One release of the folder."""

    release: str
    created_at: Annotated[str, Field(description="UTC, ISO 8601.")]
    label: Annotated[str | None, Field(description="What it was trained on, in the words of whoever trained it.")]
    movies: int
    default: Annotated[str, Field(description="The model that answers when none is named.")]
    models: list[str]
    live: Annotated[bool, Field(description="Whether it answers now.")]
    best: Annotated[HeldOut | None, Field(description="Null where nothing was held out.")]


class ReleaseSwitch(Wire):
    """One change of the live release."""

    at: Annotated[str | None, Field(description="UTC, ISO 8601.")]
    do: Annotated[str, Field(description="promote or rollback.")]
    before: Annotated[str | None, Field(alias="from", description="What was live; null: nothing.")]
    after: Annotated[str, Field(alias="to", description="What is live from then on.")]


class ReleaseList(Wire):
    """The releases there are, and when which went live."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RELEASES]})

    current: Annotated[str | None, Field(description="The release that answers; null: none is loaded.")]
    releases: Annotated[list[ReleaseSummary], Field(description="The newest first, 50 at the most.")]
    switches: Annotated[list[ReleaseSwitch], Field(description="The latest first, 50 at the most.")]
    unreadable: Annotated[int, Field(description="How many of the newest 50 are damaged, and not among `releases`.")]


class ReleaseChanges(Wire):
    """What is different since the release before."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHANGES]})

    before: Annotated[
        str | None,
        Field(description="What was live before, else the next older one; null where there is none that can be read."),
    ]
    after: Annotated[str, Field(description="The release that answers.")]
    changes: Annotated[
        dict[str, Any] | None,
        Field(description="What `kindred diff --json` says of the two; null without a release before."),
    ]
