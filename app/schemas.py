"""What is answered: the wire, in camelCase."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app import examples
from models.model import Relation


def _like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


Source = Annotated[
    Literal["learned", "inferred"],
    Field(description="learned from viewers, or inferred from genres, year, title and tags."),
]
Number = Annotated[float, Field(description="Six significant digits.")]
Vector = Annotated[list[float], Field(description="As stored, six significant digits.")]


class Wire(BaseModel):
    """An answer; made by our own names, sent by its camelCase ones."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid")


class MovieName(Wire):
    """Enough to recognise a movie."""

    movie_id: str
    title: str
    year: Annotated[int | None, Field(description="Null where unknown.")]


class Movie(MovieName):
    """One movie of the catalogue."""

    model_config = _like(examples.MOVIE)

    genres: list[str]
    likes: Annotated[int, Field(description="How many viewers liked it.")]


class MovieDetail(Movie):
    """A movie and where its vectors come from."""

    model_config = _like(examples.MOVIE_DETAIL)

    sources: Annotated[dict[str, Source], Field(description="For each model.")]


class MovieList(Wire):
    """Answer of a title search, best first."""

    model_config = _like(examples.MOVIE_LIST)

    query: str
    total: Annotated[int, Field(description="How many titles answer the query.")]
    movies: list[Movie]


class SimilarMovie(Movie):
    """One answer and its place."""

    model_config = _like(examples.SIMILAR_MOVIE)

    source: Source
    score: Number
    rank: Annotated[int, Field(description="1 for the best of all; counts what `offset` leaves out.")]


class ModelRef(Wire):
    """Which model of which release answered."""

    name: str
    release: str


class _SimilarPage(Wire):
    model: ModelRef
    relation: Relation
    source: Source
    total: Annotated[int, Field(description="Movies that pass the filters.")]
    limit: int
    offset: int
    similar: list[SimilarMovie]


class _OfMovie(Wire):
    movie: Movie


class _OfHistory(Wire):
    likes: Annotated[list[str], Field(description="Those the release knows.")]
    dislikes: Annotated[list[str], Field(description="Those the release knows.")]
    unknown: Annotated[list[str], Field(description="Ids sent that the release does not know.")]


# fields of the base named last come first
class SimilarToMovie(_SimilarPage, _OfMovie):
    """The movies most like one movie, best first."""

    model_config = _like(examples.SIMILAR_TO_MOVIE)


class SimilarToHistory(_SimilarPage, _OfHistory):
    """The movies most like a history or a vector, best first; inferred if any movie it starts from is."""

    model_config = _like(examples.SIMILAR_TO_HISTORY)


class MovieVector(Wire):
    """A movie's vector in one model."""

    model_config = _like(examples.MOVIE_VECTOR)

    movie_id: str
    model: str
    release: str
    dimension: int
    source: Source
    vector: Vector


class VectorEntry(Wire):
    """One vector of several."""

    movie_id: str
    source: Source
    vector: Vector


class MovieVectors(Wire):
    """Vectors in the order asked for."""

    model_config = _like(examples.MOVIE_VECTORS)

    model: str
    release: str
    dimension: int
    vectors: list[VectorEntry]
    unknown: Annotated[list[str], Field(description="Ids sent that the release does not know.")]


class ModelSummary(Wire):
    """One model of the release."""

    name: str
    dimension: Annotated[int, Field(description="Length of its vectors.")]
    movies: Annotated[int, Field(description="Movies with a vector.")]
    learned: Annotated[int, Field(description="Of these, learned from viewers; the others are inferred.")]
    relations: list[Relation]
    default: bool


class ModelList(Wire):
    """The live release and its models."""

    model_config = _like(examples.MODEL_LIST)

    release: str
    created_at: Annotated[str, Field(description="UTC, ISO 8601.")]
    default: str
    data: Annotated[dict[str, Any], Field(description="What it was trained on: label, fingerprint, counts.")]
    models: list[ModelSummary]
    users: Annotated[int, Field(description="Viewers with a history at /users; 0: trained without `--users`.")]


class ModelDetail(ModelSummary):
    """One model with all that is known of it."""

    model_config = _like(examples.MODEL_DETAIL)

    release: str
    settings: Annotated[dict[str, Any], Field(description="All settings of its training, with the seed.")]
    metrics: Annotated[dict[str, Any], Field(description="Held-out numbers, empty where none were taken.")]
    sizes: Annotated[dict[str, int], Field(description="Bytes of each of its files.")]


class Alive(Wire):
    """The process answers."""

    status: Literal["alive"]


class Ready(Wire):
    """A release is loaded; `warnings` say why it is not the one that should answer."""

    status: Literal["ready"]
    release: str
    warnings: list[str]


class Reloaded(Wire):
    """The store was looked at: which release answers now, and which did before."""

    result: Literal["loaded", "unchanged"]
    release: str
    before: str | None


class ParameterFault(Wire):
    """What is wrong with one parameter."""

    parameter: str
    message: str
    found: str


class Problem(Wire):
    """RFC 9457 problem details, with what helps."""

    type: Annotated[str, Field(description="Which kind of problem; about:blank where the status says all.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The path that was asked for.")]
    suggestions: Annotated[list[MovieName] | None, Field(description="Unknown movie: the nearest there are.")] = None
    models: Annotated[list[str] | None, Field(description="Unknown model: those there are.")] = None
    errors: Annotated[list[ParameterFault] | None, Field(description="Invalid parameters, one by one.")] = None
    request_id: Annotated[str | None, Field(description="Failure of the service: what its log calls it.")] = None
