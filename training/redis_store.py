"""A model's vectors as keys of Redis, the way the course's recommender reads them.

A key is `<prefix>:<movie id>`, its value the vector's numbers with a space between, and it expires.
"""

import itertools
from collections.abc import Iterator
from urllib.parse import urlsplit

import redis

from models.model import Model
from models.release import Release
from training.errors import SettingsError, TrainingError
from training.vectors import learned

DAY = 24 * 3600
MOST_SECONDS = 100 * 365 * DAY
# the course's names of what it serves from Redis
PREFIXES = {"item2vec": "i2vEmb", "deepwalk": "graphEmb"}
# with a prefix behind it: the release that all keys of this prefix are of; missing while they are being written
RELEASE = "kindred:release:"
BATCH = 1_000
_TIMEOUT = 10.0


def export(release: Release, model: str | None, address: str, *, ttl: int, prefix: str | None = None) -> dict[str, int]:
    """Write the learned vectors of the live release.

    A key that is there is replaced by one command, so that a reader meets an old vector or a new one, never a part.
    While it goes on some keys are old and some new; `kindred:release:<prefix>` is removed before and names the release
    afterwards. Keys of movies that are no longer there are left to expire.

    Args:
        release: to be read from.
        model: which; None: item2vec and deepwalk, those of them that there are.
        address: `redis://[user:password@]host:port/database`, `rediss://` or `unix://`.
        ttl: seconds after which a key expires; 0: never.
        prefix: of the keys of `model`; None: the course's name, or the model's own.

    Returns:
        How many keys were written, by prefix.

    Raises:
        SettingsError: no such model, an address or options that cannot be, or an id that the course could not read.
        TrainingError: Redis does not answer or does not take it; keys written until then stay.
    """
    if not 0 <= ttl <= MOST_SECONDS:
        raise SettingsError(f"--ttl: expected 0..{MOST_SECONDS} seconds, found {ttl}")
    names = [model] if model else [name for name in PREFIXES if name in release.models]
    prefixes = {name: prefix or PREFIXES.get(name, name) for name in names or PREFIXES}
    _check(release, model, prefix, prefixes)
    client = _client(address)
    try:
        client.ping()
        counts = {}
        for name, first in prefixes.items():
            client.delete(RELEASE + first)
            counts[first] = _write(client, release, release.models[name], first, ttl)
            client.set(RELEASE + first, release.id, ex=ttl or None)
    except redis.RedisError as error:
        raise TrainingError(f"{shown(address)}: {_reason(error)}") from error
    finally:
        client.close()
    return counts


def shown(address: str) -> str:
    """The address without user and password."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "--out"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _check(release: Release, model: str | None, prefix: str | None, prefixes: dict[str, str]) -> None:
    for name, first in prefixes.items():
        if name not in release.models:
            raise SettingsError(f"--model: expected one of {', '.join(release.models)}, found {name!r}")
        if ":" in first or first != first.strip() or not first.isprintable():
            # the course takes what stands behind the first colon for the id
            raise SettingsError(f"--prefix: expected a name without colons, found {first!r}")
    if prefix and not model:
        raise SettingsError("--prefix goes with --model, found none")


def _client(address: str) -> redis.Redis:
    try:
        return redis.Redis.from_url(
            address, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, client_name="kindred"
        )
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"--out: expected redis://host:port/database, rediss://.. or unix://.., found {shown(address)!r}"
        ) from error


def _write(client: redis.Redis, release: Release, model: Model, prefix: str, ttl: int) -> int:
    count = 0
    for batch in _batches(release, model):
        # no transaction: nothing waits for a thousand keys
        with client.pipeline(transaction=False) as pipe:
            for movie_id, value in batch:
                pipe.set(f"{prefix}:{movie_id}", value, ex=ttl or None)
            pipe.execute()
        count += len(batch)
    return count


def _batches(release: Release, model: Model) -> Iterator[list[tuple[str, str]]]:
    ids, vectors = learned(release, model, ":")
    pairs = ((movie_id, " ".join(map(str, vector))) for movie_id, vector in zip(ids, vectors, strict=True))
    while batch := list(itertools.islice(pairs, BATCH)):
        yield batch


def _reason(error: redis.RedisError) -> str:
    if isinstance(error, redis.AuthenticationError):
        return f"not let in: {error} (redis://user:password@host:port/database)"
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return f"no Redis answers: {error}"
    return f"refused: {error}"
