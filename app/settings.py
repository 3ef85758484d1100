"""What can be set from outside, as KINDRED_* environment variables."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models import KindredError


class Settings(BaseSettings):
    """Settings of the service; none of them changes an answer except `models`.

    Attributes:
        models: folder of the releases (KINDRED_MODELS).
        poll_seconds: how often to look whether another release was promoted.
        max_body_bytes: the largest request body taken, in bytes.
    """

    model_config = SettingsConfigDict(env_prefix="KINDRED_", frozen=True, extra="ignore")

    models: Path = Path("models/store")
    poll_seconds: float = Field(default=2.0, gt=0, le=86_400)
    max_body_bytes: int = Field(default=1 << 20, ge=1)


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
