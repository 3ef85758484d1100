"""One answer of 200 as ready bytes: what goes out at once, to GET and HEAD, whole or as 304."""

import re
from collections.abc import Iterable
from hashlib import blake2b

from starlette.types import Message, Scope

from app.headers import completed

Headers = Iterable[tuple[bytes, bytes]]

# What an answer takes beside its body: the object, its headers and its place among those kept; a little generous.
OVERHEAD = 1500
_JSON = ((b"content-type", b"application/json"),)
_TAG = re.compile(rb'"([\x21\x23-\x7e\x80-\xff]*)"')


class Answer:
    """An answer that is the same whoever asks, until the release changes.

    Attributes:
        route: template of its path, for the metrics.
        body: JSON, or a file of the explorer.
        size: bytes it takes, all counted.
        spellings: under how many spellings of its query it is kept.
    """

    __slots__ = ("_headers", "_not_modified", "_tag", "body", "key", "route", "size", "spellings")

    def __init__(self, route: str, body: bytes, headers: Headers = (), about: Headers = _JSON) -> None:
        """Make the headers ready; the tag is a digest of the body: the same in every process that answers the same.

        Args:
            route: template of its path.
            body: what is sent.
            headers: of 200 and 304 alike, beside those that follow from the body.
            about: headers that say what the body is.
        """
        self.route, self.body = route, body
        self.size = len(body) + OVERHEAD
        self.spellings = 0
        self.key: object = None
        self._tag = blake2b(body, digest_size=16).hexdigest().encode()
        self._not_modified = completed(((b"etag", b'"%b"' % self._tag), *headers))
        self._headers = (*about, (b"content-length", b"%d" % len(body)), *self._not_modified)

    def messages(self, scope: Scope) -> tuple[Message, Message]:
        """Head and body for one request; the dictionaries are new, so that nobody can change what is kept."""
        for name, value in scope["headers"]:
            if name == b"if-none-match" and self._is(value):
                head = {"type": "http.response.start", "status": 304, "headers": self._not_modified}
                return head, {"type": "http.response.body", "body": b""}
        head = {"type": "http.response.start", "status": 200, "headers": self._headers}
        return head, {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body}

    def _is(self, sent: bytes) -> bool:
        """Whether a line of If-None-Match names this answer: `*`, or tags compared weakly (RFC 9110, 13.1.2)."""
        return self._tag in _TAG.findall(sent) or sent.strip() == b"*"
