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
    "source": "learned",
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
_USER = {"userId": "42", "likes": 1}
SIMILAR_TO_USER: dict[str, Any] = {"user": _USER, **SIMILAR_TO_HISTORY, "unknown": []}
USER: dict[str, Any] = {
    **_USER,
    "release": RELEASE,
    "models": ["item2vec"],
    "limit": 20,
    "offset": 0,
    "history": [MOVIE],
}
USER_VECTOR: dict[str, Any] = {
    "userId": "42",
    "model": "item2vec",
    "release": RELEASE,
    "dimension": 3,
    "source": "learned",
    "vector": [0.25, -0.3, 0.1],
}
MOVIE_VECTOR = {**_VECTOR, "model": "item2vec", "release": RELEASE, "dimension": 3}
MOVIE_VECTORS = {"model": "item2vec", "release": RELEASE, "dimension": 3, "vectors": [_VECTOR], "unknown": []}
MODEL_LIST = {
    "release": RELEASE,
    "createdAt": "2026-01-01T00:00:00Z",
    "default": "item2vec",
    "data": {"label": "simulated viewers (built-in sample)", "users": 2000},
    "models": [_MODEL],
    "users": 2000,
}
MODEL_DETAIL = {
    **_MODEL,
    "release": RELEASE,
    "settings": {"window": 5},
    "metrics": {"hr@10": 0.21},
    "sizes": {"vectors.npy": 102528},
}

_OTHER = {
    "movieId": "593",
    "title": "Silence of the Lambs, The",
    "year": 1991,
    "genres": ["Crime", "Horror", "Thriller"],
    "likes": 279,
}
EXPLANATION: dict[str, Any] = {
    "movie": MOVIE,
    "other": _OTHER,
    "release": RELEASE,
    "evidence": {
        "viewers": 610,
        "likes": 189,
        "otherLikes": 279,
        "likedBoth": 120,
        "floor": 1,
        "expected": 86.4443,
        "lift": 1.38818,
        "liftLow": 1.25463,
        "liftHigh": 1.51468,
        "confidence": 0.95,
        "transitions": 7,
        "transitionsBack": 3,
        "transitionProbability": 0.037234,
        "transitionProbabilityBack": 0.0108303,
    },
    "sharedGenres": ["Crime", "Thriller"],
    "models": [
        {"name": "item2vec", "relation": "similar", "source": "learned", "score": 0.41, "rank": 25, "total": 389}
    ],
}
COMPARISON: dict[str, Any] = {
    "movie": MOVIE,
    "release": RELEASE,
    "relation": "similar",
    "limit": 1,
    "lists": [
        {"model": "item2vec", "source": "learned", "similar": [SIMILAR_MOVIE]},
        {"model": "deepwalk", "source": "learned", "similar": [SIMILAR_MOVIE]},
    ],
    "pairs": [{"models": ["item2vec", "deepwalk"], "overlap": 1.0, "rbo": 1.0}],
}

CATALOGUE: dict[str, Any] = {
    "release": RELEASE,
    "movieIds": ["592"],
    "titles": ["Batman"],
    "years": [1989],
    "likes": [189],
    "genreNames": ["Action", "Crime", "Thriller"],
    "genres": [[0, 1, 2]],
}
MAP: dict[str, Any] = {
    "model": "item2vec",
    "release": RELEASE,
    "method": "pca",
    "movieIds": ["592"],
    "x": [0.1372],
    "y": [-0.4021],
    "inferred": [],
}
RELEASES: dict[str, Any] = {
    "current": RELEASE,
    "releases": [
        {
            "release": RELEASE,
            "createdAt": "2026-01-01T00:00:00Z",
            "label": "simulated viewers (built-in sample)",
            "movies": 444,
            "default": "blend",
            "models": ["item2vec", "blend"],
            "live": True,
            "best": {"name": "blend", "relation": "similar", "hr@10": 0.251, "ndcg@10": 0.134},
        }
    ],
    "switches": [{"at": "2026-01-01T00:01:00Z", "do": "promote", "from": None, "to": RELEASE}],
    "unreadable": 0,
}
CHANGES: dict[str, Any] = {
    "before": "20251231T000000Z-4567cdef",
    "after": RELEASE,
    "changes": {
        "before": "20251231T000000Z-4567cdef",
        "after": RELEASE,
        "defaultModel": {"before": "item2vec", "after": "blend"},
        "added": {"count": 1, "movies": [{"movieId": "592", "title": "Batman", "year": 1989, "likes": 189}]},
    },
}

HISTORY: dict[str, Any] = {"likes": ["592", "593"], "dislikes": ["1"], "limit": 5}
WANTED_VECTORS: dict[str, Any] = {"movieIds": ["592", "593"], "model": "item2vec"}
