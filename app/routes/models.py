"""The live release and its models."""

from typing import Annotated

from fastapi import APIRouter, Path

from app import facts
from app.routes import NO_PARAMETERS, LoadedDep, problems
from app.schemas import ModelDetail, ModelList

router = APIRouter(tags=["models"], dependencies=NO_PARAMETERS)


@router.get("/models", summary="The live release", responses=problems(422))
async def models(loaded: LoadedDep) -> ModelList:
    """The release that answers now, what it was trained on, and its models."""
    return facts.model_list(loaded)


@router.get("/models/{name:id}", summary="One model", responses=problems(404, 422))
async def model(
    loaded: LoadedDep,
    name: Annotated[str, Path(description="Name of a model.", examples=["item2vec"])],
) -> ModelDetail:
    """One model with its settings, held-out metrics and sizes."""
    return facts.model_detail(loaded, name)
