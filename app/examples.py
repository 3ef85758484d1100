"""Example answers for the documentation."""

from typing import Any

RELEASE = "20260101T000000Z-0123abcd"

MOVIE: dict[str, Any] = {
    "movieId": "592",
    "title": "Batman",
    "year": 1989,
    "genres": ["Action", "Crime", "Thriller"],
    "likes": 189,
}
SIMILAR_MOVIE = {
    "movieId": "1377",
    "title": "Batman Returns",
    "year": 1992,
    "genres": ["Action", "Crime"],
    "likes": 102,
    "score": 0.8731,
    "rank": 1,
}
_PAGE = {
    "model": {"name": "item2vec", "release": RELEASE},
    "relation": "similar",
    "source": "learned",
    "total": 310,
    "limit": 1,
    "offset": 0,
    "similar": [SIMILAR_MOVIE],
}
_VECTOR = {"movieId": "592", "source": "learned", "vector": [0.12, -0.5, 0.031]}
_MODEL = {
    "name": "item2vec",
    "dimension": 64,
    "movies": 400,
    "learned": 390,
    "relations": ["similar", "next"],
    "default": True,
}

MOVIE_DETAIL = {**MOVIE, "sources": {"item2vec": "learned", "deepwalk": "inferred"}}
MOVIE_LIST = {"query": "bat", "total": 1, "movies": [MOVIE]}
SIMILAR_TO_MOVIE = {"movie": MOVIE, **_PAGE}
SIMILAR_TO_HISTORY = {"likes": ["592"], "dislikes": [], "unknown": ["no-such-id"], **_PAGE}
MOVIE_VECTOR = {**_VECTOR, "model": "item2vec", "release": RELEASE, "dimension": 3}
MOVIE_VECTORS = {"model": "item2vec", "release": RELEASE, "dimension": 3, "vectors": [_VECTOR], "unknown": []}
MODEL_LIST = {
    "release": RELEASE,
    "createdAt": "2026-01-01T00:00:00Z",
    "default": "item2vec",
    "data": {"label": "simulated viewers (built-in sample)", "users": 2000},
    "models": [_MODEL],
}
MODEL_DETAIL = {
    **_MODEL,
    "release": RELEASE,
    "settings": {"window": 5},
    "metrics": {"hr@10": 0.21},
    "sizes": {"vectors.npy": 102528},
}

HISTORY: dict[str, Any] = {"likes": ["592", "593"], "dislikes": ["1"], "limit": 5}
WANTED_VECTORS: dict[str, Any] = {"movieIds": ["592", "593"], "model": "item2vec"}
