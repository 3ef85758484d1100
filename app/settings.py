"""What can be set from outside, as KINDRED_* environment variables."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from models import KindredError
from models.opening import place

_PREFIX = "KINDRED_"


def _listed(text: object) -> object:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


_Seconds = Annotated[float, Field(gt=0, le=86_400)]
_Origins = Annotated[
    tuple[Annotated[str, Field(pattern=r"^(\*|https?://[^/?#\s]+)$", max_length=300)], ...], BeforeValidator(_listed)
]


class Settings(BaseModel):
    """Settings of the service; none of them changes an answer except `models`.

    Attributes:
        models: folder of the releases, or their address (KINDRED_MODELS).
        poll_seconds: how often to look whether another release was promoted; 0: never.
        max_body_bytes: the largest request body taken, in bytes.
        cache_bytes: how much memory each process may fill with answers it has given; 0: none are kept.
        cache_control: header of every answer that is the same for everybody; empty: none.
        log: form of what is logged; `auto`: text on a terminal, else JSON.
        log_level: what is logged; `debug` shows what was asked for, too.
        access_log: which requests are logged: none, those that failed (5xx), all.
        max_concurrency: how many requests each process works out at once.
        max_queue: how many more wait for their turn; beyond that they are refused.
        request_seconds: after so long a request that is not answered yet is given up.
        max_connections: how many clients each process listens to at once.
        client_seconds: how long a client may take to send a head, a body, or stand still while it is sent an answer.
        idle_seconds: how long a connection may stay without a request.
        keys: bearer keys, separated by commas; empty: none.
        keys_file: the same from a file, one on each line, read again when it changes; empty: none.
        keys_for: what needs a key if there are any: all but /livez and /readyz, or /admin alone.
        cors_origins: whose pages may read answers; `*`: anybody's.
        compat: whose routes are served beside ours: those of the course's recommender (sparrow), or nobody's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: Annotated[Path | str, BeforeValidator(place)] = Path("models/store")
    poll_seconds: float = Field(default=2.0, ge=0, le=86_400)
    max_body_bytes: int = Field(default=1 << 20, ge=1)
    cache_bytes: int = Field(default=32 << 20, ge=0)
    cache_control: str = Field(default="no-cache", pattern="^[ -~]*$", max_length=1000)
    log: Literal["auto", "json", "text"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: Literal["off", "errors", "all"] = "errors"
    max_concurrency: int = Field(default=8, ge=1, le=10_000)
    max_queue: int = Field(default=256, ge=0, le=100_000)
    request_seconds: _Seconds = 30.0
    max_connections: int = Field(default=800, ge=1, le=100_000)
    client_seconds: _Seconds = 10.0
    idle_seconds: _Seconds = 75.0
    keys: SecretStr = SecretStr("")
    keys_file: str = ""
    keys_for: Literal["all", "admin"] = "all"
    cors_origins: _Origins = ()
    compat: Literal["", "sparrow"] = ""


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
