"""What may be asked, declared once for checking and for the documentation."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app import examples
from app.asked import Body
from app.asked import Parameters as Parameters
from app.neighbours import Dials, Filters
from models.model import MAX_NEIGHBOURS, Relation
from models.viewers import HALF_LIFE

MAX_IDS = 1000
MAX_DIMENSION = 10_000
# Embeddings have lengths of about one; a million times that is a mistake, and its products stay finite.
MAX_COMPONENT = 1e6
MAX_LIKES = 2**31 - 1

Genre = Annotated[
    str | None, Field(description="Only movies of this genre; case does not matter.", examples=["Action"])
]
ModelName = Annotated[
    str | None,
    Field(description="Which model answers; the release's default model if left out.", examples=["item2vec"]),
]
MovieIds = Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(max_length=MAX_IDS)]
Component = Annotated[float, Field(ge=-MAX_COMPONENT, le=MAX_COMPONENT, allow_inf_nan=False)]


def _whole(sent: Any) -> Any:
    """JSON has one kind of number: 20.0 is as whole as 20."""
    return int(sent) if isinstance(sent, float) and sent.is_integer() else sent


_WHOLE = BeforeValidator(_whole)


class ModelParameter(Parameters):
    """Which model to ask."""

    model: ModelName = None


class CompareParameters(Parameters):
    """Which models to put side by side, and how."""

    models: Annotated[
        str | None,
        Field(
            max_length=1000,
            description="Names of models, separated by commas; all that know the relation if left out.",
            examples=["item2vec,deepwalk,node2vec"],
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many movies of each list.", examples=[10])] = 10
    relation: Annotated[Relation, Field(description="similar or next, as for /similar.", examples=["similar"])] = (
        "similar"
    )

    @property
    def names(self) -> list[str]:
        """The models named, each once, in order."""
        named = (name.strip() for name in (self.models or "").split(","))
        return list(dict.fromkeys(name for name in named if name))


class SearchParameters(Parameters):
    """What to look for among the titles."""

    query: Annotated[
        str,
        Field(
            max_length=200,
            description="A title or its beginning, typos allowed, a year helps; or an id. Empty: the most liked.",
            examples=["bat"],
        ),
    ] = ""
    limit: Annotated[int, Field(ge=1, le=1000, description="How many movies at the most.", examples=[10])] = 10


class _Page(BaseModel):
    """Page, filters and dials, the same for both ways of asking."""

    limit: Annotated[int, Field(ge=1, le=1000, description="How many movies at the most.", examples=[20]), _WHOLE] = 20
    offset: Annotated[
        int, Field(ge=0, le=1_000_000, description="How many of the best to leave out.", examples=[0]), _WHOLE
    ] = 0
    model: ModelName = None
    genre: Genre = None
    year_from: Annotated[
        int | None, Field(ge=0, le=9999, description="First year of release, itself included.", examples=[1980]), _WHOLE
    ] = None
    year_to: Annotated[
        int | None, Field(ge=0, le=9999, description="Last year of release, itself included.", examples=[1999]), _WHOLE
    ] = None
    min_likes: Annotated[
        int,
        Field(ge=0, le=MAX_LIKES, description="Only movies liked by at least so many viewers.", examples=[5]),
        _WHOLE,
    ] = 0
    diversity: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            allow_inf_nan=False,
            description="0: by score alone. 1: as unlike each other as possible. Reorders the best 1,000 (MMR).",
            examples=[0.3],
        ),
    ] = 0.0
    popularity: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            allow_inf_nan=False,
            description="Adds 0.1 × popularity × ln(1 + likes) to each score; negative finds hidden gems.",
            examples=[-0.5],
        ),
    ] = 0.0
    relation: Annotated[
        Relation,
        Field(
            description="similar: cosine of the vectors. next: what is watched right after, where the model knows.",
            examples=["similar"],
        ),
    ] = "similar"

    learned_only: Annotated[
        bool,
        Field(
            description="Only movies learned from viewers. What is inferred lies near the middle of any history.",
            examples=[True],
        ),
    ] = True

    @property
    def filters(self) -> Filters:
        """Which movies may be answered."""
        return Filters(self.genre, self.year_from, self.year_to, self.min_likes, self.learned_only)

    @property
    def dials(self) -> Dials:
        """How they are scored and ordered."""
        return Dials(self.diversity, self.popularity, self.relation)

    @property
    def is_lookup(self) -> bool:
        """Whether the neighbours stored in a release usually answer it: too little work for a thread."""
        years = self.year_from is not None or self.year_to is not None
        filtered = years or self.genre is not None or self.min_likes or self.learned_only
        return not (filtered or self.diversity or self.popularity) and self.offset + self.limit <= MAX_NEIGHBOURS


class SimilarParameters(_Page, Parameters):
    """Page, filters and dials in a query string."""

    learned_only: Annotated[
        bool, Field(description="Only movies learned from viewers, none inferred.", examples=[True])
    ] = False


class _Memory(BaseModel):
    """How a history is weighed."""

    half_life: Annotated[
        float,
        Field(
            ge=0,
            le=1_000_000,
            allow_inf_nan=False,
            description="A like counts half as much as one that came so many likes later. 0: all count alike.",
            examples=[HALF_LIFE],
        ),
    ] = HALF_LIFE


class WeightedModelParameter(_Memory, ModelParameter):
    """Which model to ask, and how to weigh."""


class RecommendationParameters(_Memory, _Page, Parameters):
    """The same for a stored history."""


class HistoryParameters(Parameters):
    """Which part of a viewer's history to show."""

    limit: Annotated[int, Field(ge=1, le=1000, description="How many movies at the most.", examples=[20])] = 20
    offset: Annotated[
        int, Field(ge=0, le=1_000_000, description="How many of the latest to leave out.", examples=[0])
    ] = 0


_LIKES_OR_VECTOR: list[Any] = [
    {"required": ["likes"], "properties": {"likes": {"minItems": 1}}},
    {"required": ["vector"], "properties": {"vector": {"type": "array"}}},
]


class SimilarBody(_Memory, _Page, Body):
    """A viewer's history, or a vector of the caller's own; at least one like or a vector."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": _LIKES_OR_VECTOR,
            "examples": [examples.HISTORY],
        }
    )

    likes: Annotated[
        MovieIds,
        Field(description="Ids of movies the viewer loved, the latest last; of an id sent twice the later counts."),
    ] = Field(default=[])
    dislikes: Annotated[
        MovieIds, Field(description="Ids of movies the viewer did not: half the weight of the likes.")
    ] = Field(default=[])
    vector: Annotated[
        list[Component] | None,
        Field(
            min_length=1,
            max_length=MAX_DIMENSION,
            description="Search from this point of the model's space instead; as long as the model's dimension.",
        ),
    ] = None


class VectorsBody(Body):
    """Whose vectors are wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.WANTED_VECTORS]})

    movie_ids: Annotated[MovieIds, Field(min_length=1, description="Ids of movies, answered in this order.")]
    model: ModelName = None
