"""What FastAPI cannot be told about the documentation: the media type of errors, parameters that may be empty."""

from typing import Any

from app.errors import MEDIA_TYPE

DESCRIPTION = """
Learned from what viewers liked one after another: ask for a movie, get those most like it.

Ids are strings. Lists are never null. Numbers have six significant digits. The order of answers is total: by
score, then by id. Errors are problem details (RFC 9457). A query parameter left empty is as if left out; an
unknown one is refused. Until a release is loaded every route but `/`, `/releases`, `/livez`, `/docs`,
`/openapi.json` and `/metrics` answers 503.
"""

TAGS = [
    {"name": "similar", "description": "What else is like it."},
    {"name": "vectors", "description": "The embeddings themselves."},
    {"name": "movies", "description": "The films: one by id, many by title."},
    {"name": "users", "description": "The viewers of a release that was trained with `--users`."},
    {"name": "evidence", "description": "Why it is like it, and where models disagree."},
    {"name": "models", "description": "The live release and its models."},
    {"name": "explorer", "description": "What the page at `/` is made of: all movies at once, and the releases."},
    {"name": "health", "description": "For those who run the service."},
    {"name": "admin", "description": "For those who run the service and hold a key; not there until one is set."},
]


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """Say that errors are problem+json, and that optional query parameters may be empty."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status >= "400" and "content" in response:
                    response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    parameter["allowEmptyValue"] = True
    return document
