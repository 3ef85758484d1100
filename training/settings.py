"""The settings of a recipe, and the presets they start from."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.release import MODEL_NAMES
from training.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """Everything that decides what a model becomes; nothing here is about speed.

    Attributes:
        min_rating: a rating counts as a like from here on.
        vector_size: length of each vector.
        window: movies to each side that count as context; Gensim draws 1..window anew at each position.
        epochs: passes over the corpus; None: enough passes for the data's size.
        hs: hierarchical softmax; with `negative` > 0 the input vectors learn from both.
        negative: noise movies for each true pair (SGNS), which gives output vectors; 0: none.
        ns_exponent: noise movies are drawn by likes ** ns_exponent; 0 draws all alike.
        min_count: a movie in fewer places of the corpus is not learned, but inferred.
        min_likes: a movie with fewer likes is not learned, but inferred from these and what is known of it; None: as
            many as the data bear (`enough_likes`).
        learning_rate: at the start; falls linearly to MIN_LEARNING_RATE.
        walks: how many (graph recipes); None: enough for the number of movies.
        walk_length: movies in a walk at the most (graph recipes).
        p, q: return and in-out parameter of Node2vec.
        seed: of walks and training.
    """

    min_rating: float = 3.5
    vector_size: int = 64
    window: int = 5
    epochs: int | None = None
    hs: bool = True
    negative: int = 5
    ns_exponent: float = 0.0
    min_count: int = 1
    min_likes: int | None = None
    learning_rate: float = 0.025
    walks: int | None = None
    walk_length: int = 20
    p: float = 1.0
    q: float = 1.0
    seed: int = 592

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        at_least = {
            "vector_size": 1,
            "window": 1,
            "epochs": 1,
            "min_count": 1,
            "min_likes": 1,
            "walks": 1,
            "walk_length": 2,
        }
        at_least |= {"negative": 0, "seed": 0}
        at_most = {"vector_size": 4_096, "window": 1_000, "epochs": 10_000, "negative": 1_000, "seed": 2**32 - 1}
        at_most |= {"walk_length": 1_000_000, "walks": 2**31 - 1}
        for name, low in at_least.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= at_most.get(name, value):
                raise SettingsError(f"{name}: expected {low}..{at_most.get(name, '')}, found {value}")
        for name in ("p", "q", "learning_rate"):
            if not 0 < getattr(self, name) < float("inf"):
                raise SettingsError(f"{name}: expected a number > 0, found {getattr(self, name)}")
        if not self.hs and not self.negative:
            raise SettingsError("expected hs, negative > 0 or both, found neither: nothing would be learned")
        if not -10 <= self.ns_exponent <= 10 or self.min_rating != self.min_rating:
            raise SettingsError(f"expected ns_exponent in -10..10 and a min_rating, found {self}")

    def scaled(self, n_tokens: int, n_movies: int, likes: npt.NDArray[np.integer] | None = None) -> "Settings":
        """The same with `walks`, `epochs` and `min_likes` set for data of this size where they are None.

        Args:
            n_tokens: likes in all histories.
            n_movies: movies in the catalogue.
            likes: int (n_movies,), of each movie; None: all are enough.
        """
        walks = self.walks or min(max(20_000, 4 * n_movies), 2_000_000)
        epochs = self.epochs or min(max(round(EPOCH_TOKENS / max(1, n_tokens)), 5), 50)
        min_likes = self.min_likes or (1 if likes is None else enough_likes(likes))
        return replace(self, walks=walks, epochs=epochs, min_likes=min_likes)

    def to_json(self) -> dict[str, Any]:
        """All settings by name."""
        return asdict(self)


MIN_LEARNING_RATE = 0.0001
# epochs are chosen so that training goes over about this many movies of histories (5 passes at least, 50 at most)
EPOCH_TOKENS = 2_000_000

# likes that make a vector worth answering with, and the part of all likes that movies with so many must have
ENOUGH_LIKES, ENOUGH_SHARE = 5, 0.8

_DEFAULT = Settings()
# The course's own: Spark MLlib's Word2Vec (skip-gram, hierarchical softmax, its min count of 5 and learning rate
# of 0.025), vectors of 10, window 5, 10 iterations; for DeepWalk 20,000 walks of length 10.
_LESSON = Settings(vector_size=10, epochs=10, negative=0, min_count=5, min_likes=1, walks=20_000, walk_length=10)

PRESETS: dict[str, dict[str, Settings]] = {
    "default": {
        "item2vec": _DEFAULT,
        "deepwalk": replace(_DEFAULT, epochs=5),
        "node2vec": replace(_DEFAULT, epochs=5, p=2.0, q=0.5),
    },
    "lesson": {
        "item2vec": _LESSON,
        "deepwalk": _LESSON,
        "node2vec": replace(_LESSON, p=2.0, q=0.5),
    },
}


def enough_likes(likes: npt.NDArray[np.integer]) -> int:
    """How many likes a movie needs to be learned: ENOUGH_LIKES, or fewer where too little would be left.

    The most, up to ENOUGH_LIKES, with which the movies that have so many hold ENOUGH_SHARE of all likes.
    """
    total = int(likes.sum())
    shares = {least: int(likes[likes >= least].sum()) for least in range(1, ENOUGH_LIKES + 1)}
    return max(least for least, share in shares.items() if least == 1 or share >= ENOUGH_SHARE * total)


def choose_settings(methods: list[str], preset: str, given: dict[str, Any]) -> dict[str, Settings]:
    """Settings of each method: the preset's with what was given on top.

    Raises:
        SettingsError: an unknown method or preset, a value out of range, or one that no method uses.
    """
    if preset not in PRESETS:
        raise SettingsError(f"preset: expected one of {', '.join(PRESETS)}, found {preset!r}")
    for method in methods:
        if method not in MODEL_NAMES or methods.count(method) > 1:
            raise SettingsError(f"method: expected each of {', '.join(MODEL_NAMES)} at most once, found {method!r}")
    users = {"p": ["node2vec"], "q": ["node2vec"], "walks": ["deepwalk", "node2vec"]}
    users["walk_length"] = users["walks"]
    for name in given:
        if name in users and not set(methods) & set(users[name]):
            raise SettingsError(f"{name}: only {' and '.join(users[name])} use it, found {', '.join(methods)}")
    return {
        method: replace(
            PRESETS[preset][method],
            **{name: value for name, value in given.items() if method in users.get(name, [method])},
        )
        for method in methods
    }
