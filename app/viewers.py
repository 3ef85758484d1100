"""What a release knows of its viewers, as the wire shows it; nothing where it was trained without them."""

from dataclasses import dataclass

from app import facts
from app.errors import NoUsersError, UnknownUserError
from app.neighbours import pooled
from app.queries import HistoryParameters, WeightedModelParameter
from app.schemas_users import User, UserVector
from app.space import Space
from app.state import Loaded
from models.scores import six_digits


@dataclass(frozen=True)
class Viewer:
    """One viewer.

    Attributes:
        user_id: as in the ratings.
        likes: rows of what the viewer liked, oldest first, at least one.
    """

    user_id: str
    likes: list[int]


def viewer_of(loaded: Loaded, user_id: str) -> Viewer:
    """The viewer of this id.

    Raises:
        NoUsersError: the release holds no viewers.
        UnknownUserError: there is no such viewer in it; no other is named.
    """
    viewers = loaded.release.viewers
    if viewers is None:
        raise NoUsersError
    place = viewers.place_of(user_id)
    if place is None:
        raise UnknownUserError(user_id)
    return Viewer(user_id, viewers.likes_at(place).tolist())


def user(loaded: Loaded, viewer: Viewer, asked: HistoryParameters) -> User:
    """The answer of GET /users/{userId}."""
    latest = viewer.likes[::-1][asked.offset : asked.offset + asked.limit]
    return User(
        user_id=viewer.user_id,
        likes=len(viewer.likes),
        release=loaded.release.id,
        models=list(loaded.spaces),
        limit=asked.limit,
        offset=asked.offset,
        history=[facts.movie(loaded.catalogue, row) for row in latest],
    )


def user_vector(loaded: Loaded, viewer: Viewer, asked: WeightedModelParameter) -> UserVector:
    """The answer of GET /users/{userId}/vector: where recommendations are searched from."""
    name, space = facts.space_of(loaded, asked.model)
    return UserVector(
        user_id=viewer.user_id,
        model=name,
        release=loaded.release.id,
        dimension=space.model.dimension,
        source=facts.source_of(space, *viewer.likes),
        vector=_vector(space, viewer, asked.half_life),
    )


def _vector(space: Space, viewer: Viewer, half_life: float) -> list[float]:
    digits: list[float] = six_digits(pooled(space.model, viewer.likes, [], half_life).vector).tolist()
    return digits
