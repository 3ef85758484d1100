"""Generated requests, made to fit the release they are asked of."""

from collections.abc import Callable
from typing import Any

from app.queries import MAX_DIMENSION


def fitted(body: Any, dimension: Callable[[str], int]) -> Any:
    """How long a vector must be depends on the model, which a schema cannot say: give it that length."""
    vector = body.get("vector") if isinstance(body, dict) else None
    # a vector that breaks its schema goes out as it is
    if not (isinstance(vector, list) and 1 <= len(vector) <= MAX_DIMENSION):
        return body
    length = dimension(str(body.get("model")))
    return {**body, "vector": (vector * length)[:length]}
