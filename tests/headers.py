"""Headers that an answer has of its own."""

from collections.abc import Mapping

from app.headers import ALWAYS

EVERY = {"x-request-id", "server-timing", *(name.decode() for name, _ in ALWAYS)}


def own(headers: Mapping[str, str]) -> dict[str, str]:
    """Without those that all answers have, some of which are never the same twice."""
    return {name: value for name, value in headers.items() if name not in EVERY}
