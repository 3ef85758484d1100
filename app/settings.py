"""What can be set from outside, as KINDRED_* environment variables."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models import KindredError


class Settings(BaseSettings):
    """Settings of the service; none of them changes an answer except `models`.

    Attributes:
        models: folder of the releases (KINDRED_MODELS).
        poll_seconds: how often to look whether another release was promoted; 0: never.
        max_body_bytes: the largest request body taken, in bytes.
        cache_bytes: how much memory each process may fill with answers it has given; 0: none are kept.
        cache_control: header of every answer that is the same for everybody; empty: none.
    """

    model_config = SettingsConfigDict(env_prefix="KINDRED_", frozen=True, extra="ignore")

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
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "KINDRED_" + "_".join(map(str, first["loc"])).upper()
        raise SettingsError(f"{name}: {first['msg']}, found {first['input']!r}") from error
