"""What all queries have in common, and what all bodies."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

# More than anything here has. Each unknown one is a fault of its own: a hundred thousand would take a second to tell.
_MAX_NAMES = 100


class Parameters(BaseModel):
    """Query parameters: unknown ones are refused, empty ones are as if left out."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, sent: Any) -> Any:
        return _some((name, value) for name, value in sent.items() if value != "") if isinstance(sent, dict) else sent


class Body(BaseModel):
    """A body: what the schema calls a number is a number, not "20"; unknown names are refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_most(cls, sent: Any) -> Any:
        return _some(sent.items()) if isinstance(sent, dict) else sent


def _some(sent: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """As many as are looked at; where there are more, unknown ones are among them, and all is refused."""
    return dict(islice(sent, _MAX_NAMES))
