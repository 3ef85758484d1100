"""What can be set from outside, as KINDRED_* environment variables."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import KindredError

_PREFIX = "KINDRED_"


class Settings(BaseModel):
    """Settings of the service; none of them changes an answer except `models`.

    Attributes:
        models: folder of the releases (KINDRED_MODELS).
        poll_seconds: how often to look whether another release was promoted; 0: never.
        max_body_bytes: the largest request body taken, in bytes.
        cache_bytes: how much memory each process may fill with answers it has given; 0: none are kept.
        cache_control: header of every answer that is the same for everybody; empty: none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: Path = Path("models/store")
    poll_seconds: float = Field(default=2.0, ge=0, le=86_400)
    max_body_bytes: int = Field(default=1 << 20, ge=1)
    cache_bytes: int = Field(default=32 << 20, ge=0)
    cache_control: str = Field(default="no-cache", pattern="^[ -~]*$", max_length=1000)


class SettingsError(KindredError):
    """An environment variable does not hold what it should."""


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: naming the variable, what is wrong with it and what was found.
    """
    variables = {name: _PREFIX + name.upper() for name in Settings.model_fields}
    given = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{variables[str(first['loc'][0])]}: {first['msg']}, found {first['input']!r}") from error
