"""What is answered about viewers: the wire, in camelCase."""

from typing import Annotated

from pydantic import ConfigDict, Field

from app import examples
from app.schemas import Movie, SimilarToHistory, Source, Vector, Wire


class UserName(Wire):
    """A viewer."""

    user_id: str
    likes: Annotated[int, Field(description="How many movies the viewer liked.")]


class _OfUser(Wire):
    user: UserName


# fields of the base named last come first
class SimilarToUser(SimilarToHistory, _OfUser):
    """The movies most like a stored history, best first; `likes` is that history, the latest last."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SIMILAR_TO_USER]})


class User(UserName):
    """A viewer and what the viewer liked."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.USER]})

    release: str
    models: Annotated[list[str], Field(description="Models that can recommend.")]
    limit: int
    offset: int
    history: Annotated[list[Movie], Field(description="The latest first.")]


class UserVector(Wire):
    """A viewer's vector in one model."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.USER_VECTOR]})

    user_id: str
    model: str
    release: str
    dimension: int
    source: Source
    vector: Vector
