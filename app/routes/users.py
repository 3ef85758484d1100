"""The viewers of a release that was trained with `--users`: their histories, and what they would like."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match
from starlette.types import Scope

from app import answers, viewers
from app.queries import HistoryParameters, RecommendationParameters, WeightedModelParameter
from app.routes import LoadedDep, problems
from app.schemas_users import SimilarToUser, User, UserVector


class AsSent(APIRoute):
    """A route whose last word counts only as it was sent: in /users/a%2Fvector it is a part of the id."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The usual, unless the path before decoding ends otherwise."""
        last_word = self.path.rpartition("}")[2].encode()
        if not scope.get("raw_path", last_word).endswith(last_word):
            return Match.NONE, {}
        return super().matches(scope)


router = APIRouter(tags=["users"], route_class=AsSent)

UserId = Annotated[str, Path(alias="userId", description="Id of a viewer, as in the ratings file.", examples=["42"])]


@router.get(
    "/users/{userId:id}/recommendations",
    summary="Movies for a viewer",
    responses=problems(404, 422),
)
async def recommendations(
    loaded: LoadedDep, user_id: UserId, asked: Annotated[RecommendationParameters, Query()]
) -> SimilarToUser:
    """The movies most like what a viewer liked, best first, none that the viewer has liked among them.

    The answer is that of POST /similar to the same likes. Only in a release trained with `--users`.
    """
    viewer = viewers.viewer_of(loaded, user_id)
    return await run_in_threadpool(answers.recommended, loaded, viewer, asked)


@router.get("/users/{userId:id}/vector", summary="A viewer's vector", responses=problems(404, 422))
async def user_vector(
    loaded: LoadedDep, user_id: UserId, asked: Annotated[WeightedModelParameter, Query()]
) -> UserVector:
    """The weighted mean of the liked movies' unit vectors: where recommendations are searched from."""
    viewer = viewers.viewer_of(loaded, user_id)
    return await run_in_threadpool(viewers.user_vector, loaded, viewer, asked)


# the last, for its id takes whatever is left of the path
@router.get("/users/{userId:id}", summary="One viewer", responses=problems(404, 422))
async def user(loaded: LoadedDep, user_id: UserId, asked: Annotated[HistoryParameters, Query()]) -> User:
    """What a viewer liked, the latest first. Only in a release trained with `--users`."""
    return viewers.user(loaded, viewers.viewer_of(loaded, user_id), asked)
