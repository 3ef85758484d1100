"""The running service against its own OpenAPI document: what is documented holds, whatever is sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from app.main import create_app
from app.queries import MAX_DIMENSION
from app.settings import Settings

DIMENSIONS = {"item2vec": 8, "deepwalk": 4}  # of the models in the fixture's release

schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@pytest.fixture(scope="module")
def url(folder: Path, run_service: Callable[..., Any]) -> str:
    address: str = run_service(folder).url
    return address


@schemathesis.hook
def before_call(context: Any, case: Case, kwargs: Any) -> None:
    """How long a vector must be depends on the model, which a schema cannot say: give it that length."""
    body = case.body
    vector = body.get("vector") if isinstance(body, dict) else None
    # a vector that breaks its schema goes out as it is
    if isinstance(vector, list) and 1 <= len(vector) <= MAX_DIMENSION:
        dimension = DIMENSIONS.get(str(body.get("model")), 8)
        case.body = {**body, "vector": (vector * dimension)[:dimension]}


@schema.parametrize()
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: Case, url: str) -> None:
    case.call_and_validate(base_url=url)
