"""The explorer's files, read once: what `/` and `/ui/{file}` send, and what a static export copies."""

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

from starlette.types import Scope

from app.answer import Answer

FOLDER = Path(__file__).with_name("ui")
INDEX = "index.html"

_NAME = re.compile(r"[a-z][a-z0-9_-]*\.(html|css|js|svg)")
_TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css",
    ".js": b"text/javascript",
    ".svg": b"image/svg+xml",
}
# nothing from elsewhere and nothing inline: a title that is markup stays text, whatever a script does with it
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"cache-control", b"no-cache"),
    (b"vary", b"accept-encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_REFUSED = re.compile(rb"q=0(\.0*)?")


class File:
    """One file as ready answers: as it is, and packed for those who say that they can unpack."""

    def __init__(self, name: str, body: bytes) -> None:
        """Pack it; a third is left of it, and every process packs alike."""
        suffix = Path(name).suffix
        route = "/" if name == INDEX else "/ui/{file}"
        headers = (*_HEADERS, (b"content-security-policy", _POLICY)) if suffix == ".html" else _HEADERS
        kind = (b"content-type", _TYPES[suffix])
        self.plain = Answer(route, body, headers, (kind,))
        packed = gzip.compress(body, mtime=0)
        self.packed = Answer(route, packed, headers, (kind, (b"content-encoding", b"gzip")))

    def for_request(self, scope: Scope) -> Answer:
        """What this request can read."""
        return self.packed if any(map(_unpacks, scope["headers"])) else self.plain


def read_files(folder: Path = FOLDER) -> dict[str, bytes]:
    """The page and what it loads, by name; nothing else that may lie there."""
    names = sorted(path.name for path in folder.glob("*") if _NAME.fullmatch(path.name) and path.is_file())
    return {name: (folder / name).read_bytes() for name in names}


def answers_of(files: Mapping[str, bytes]) -> dict[str, File]:
    """Each file made ready."""
    return {name: File(name, body) for name, body in files.items()}


def _unpacks(header: tuple[bytes, bytes]) -> bool:
    """Whether a header says that gzip is welcome (RFC 9110, 12.5.3)."""
    if header[0] != b"accept-encoding":
        return False
    codings = (coding.replace(b" ", b"").lower().partition(b";") for coding in header[1].split(b","))
    return any(name == b"gzip" and not _REFUSED.fullmatch(weight) for name, _, weight in codings)
