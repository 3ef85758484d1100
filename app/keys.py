"""Bearer keys: who may ask. None of them is ever shown, and comparing takes as long whatever was sent."""

import logging
import re
import time
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from app.settings import Settings, SettingsError

log = logging.getLogger("kindred")

MIN_LENGTH, MAX_LENGTH = 20, 200
MAX_KEYS = 1000
# A file of keys is looked at this often at the most, and no more of it is read.
LOOK_SECONDS = 1.0
_MAX_FILE_BYTES = MAX_KEYS * (MAX_LENGTH + 2)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # what a bearer token may be made of (RFC 6750)
_BEARER = re.compile(rb"bearer +([\x21-\x7e]+)", re.IGNORECASE)

Header = tuple[bytes, bytes]


class Keys:
    """The keys that are good now, as digests."""

    def __init__(self, keys: Iterable[str], file: Path | None = None) -> None:
        """Take keys, or the file they are in.

        Raises:
            SettingsError: a key is no key, or there are none; keys themselves are never named.
        """
        self._file = file
        self._looked = time.monotonic()
        self._seen = _identity(file)
        try:
            self._digests = digests(keys, "KINDRED_KEYS") if file is None else _read(file)
        except OSError as error:
            raise SettingsError(f"KINDRED_KEYS_FILE: {error.strerror}: {file}") from error

    def admit(self, headers: Iterable[Header]) -> bool:
        """Whether a request holds one of the keys: one Authorization header, as Bearer."""
        self._look()
        sent = [value for name, value in headers if name == b"authorization"]
        token = _BEARER.fullmatch(sent[0].strip()) if len(sent) == 1 else None
        digest = sha256(token[1] if token else b"").digest()
        good = False
        for known in self._digests:  # all of them: which one fits, or whether any does, takes the same time
            good |= compare_digest(known, digest)
        return good

    def _look(self) -> None:
        """Read the file again if it has changed; one without good keys changes nothing, and is told of once."""
        if self._file is None or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        seen = _identity(self._file)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._digests = _read(self._file)
        except (OSError, SettingsError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            log.warning("keys not read again, those before stay: %s", reason)
        else:
            log.info("keys read again, now %d", len(self._digests))


def keys_of(settings: Settings) -> Keys | None:
    """The keys that are set; None where none are.

    Raises:
        SettingsError: they cannot be used, or are set twice.
    """
    here = settings.keys.get_secret_value()
    if here and settings.keys_file:
        raise SettingsError("expected KINDRED_KEYS or KINDRED_KEYS_FILE, found both")
    if settings.keys_file:
        return Keys((), Path(settings.keys_file))
    return Keys(here.split(",")) if here else None


def digests(keys: Iterable[str], source: str) -> tuple[bytes, ...]:
    """A digest of each key, so that all are of one length.

    Raises:
        SettingsError: naming the place of the key that is none, and what is wrong with it.
    """
    made = []
    for place, key in enumerate((key.strip() for key in keys), start=1):
        if not MIN_LENGTH <= len(key) <= MAX_LENGTH:
            raise SettingsError(
                f"{source}: expected keys of {MIN_LENGTH}..{MAX_LENGTH} characters, found {len(key)} in key {place}"
            )
        if not _TOKEN.fullmatch(key):
            raise SettingsError(f"{source}: expected letters, digits and -._~+/ only, found others in key {place}")
        made.append(sha256(key.encode("ascii")).digest())
    if not 1 <= len(made) <= MAX_KEYS:
        raise SettingsError(f"{source}: expected 1..{MAX_KEYS} keys, found {len(made)}")
    return tuple(dict.fromkeys(made))


def _identity(file: Path | None) -> tuple[int, ...] | None:
    """What changes with a file, rights and links included; None where there is none to be seen."""
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino) if status else None


def _read(file: Path) -> tuple[bytes, ...]:
    with file.open("rb") as opened:
        content = opened.read(_MAX_FILE_BYTES + 1)
    if len(content) > _MAX_FILE_BYTES:
        raise SettingsError(f"KINDRED_KEYS_FILE: expected at most {_MAX_FILE_BYTES} bytes, found more")
    lines = (line.strip() for line in content.decode("utf-8", "replace").splitlines())
    return digests([line for line in lines if line and not line.startswith("#")], "KINDRED_KEYS_FILE")
