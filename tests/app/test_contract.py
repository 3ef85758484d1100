"""The running service against its own OpenAPI document: what is documented holds, whatever is sent."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from app.main import create_app
from app.settings import Settings
from models import Catalogue
from tests.app.conftest import HISTORIES, viewers_of
from tests.fitted import fitted
from tests.small import sequences_of
from training.cooccurrence import evidence

DIMENSIONS = {"item2vec": 8, "deepwalk": 4}  # of the models in the fixture's release

KEY = "the-key-of-those-who-run-it"

schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory,
    publish: Callable[..., str],
    catalogue: Catalogue,
    run_service: Callable[..., Any],
) -> str:
    """The service over a release with everything in it: evidence and viewers too."""
    folder = tmp_path_factory.mktemp("whole")
    histories = [[catalogue.row_of[movie_id] for movie_id in likes] for likes in HISTORIES.values()]
    kept = replace(evidence(sequences_of(histories), len(catalogue)), viewers=int(catalogue.likes.max()))
    publish(folder, 5, created_at="2025-12-31T00:00:00Z")
    publish(folder, viewers=viewers_of(catalogue, HISTORIES), evidence=kept)
    address: str = run_service(folder, keys=KEY, keys_for="admin").url
    return address


@pytest.fixture
def statuses() -> Iterator[set[int]]:
    """What an operation answered with; a contract that is never seen kept is none."""
    seen: set[int] = set()
    yield seen
    assert 200 in seen, f"answered with {sorted(seen)} only"


@pytest.mark.parametrize(
    "path",
    [
        "/explain/592/593",
        "/explain/592/592",
        "/compare/592",
        "/users/42",
        "/users/42/vector",
        "/users/42/recommendations",
        "/map",
        "/releases/changes",
    ],
)
def test_the_release_has_what_is_asked_about_evidence_and_viewers(url: str, path: str) -> None:
    with urlopen(url + path) as answer:
        body = json.load(answer)
    assert answer.status == 200
    assert body.get("evidence", {}) is not None
    assert body.get("changes", {}) is not None


@schema.auth().apply_to(path="/admin/reload")
class Bearer:
    """Whoever runs the service; schemathesis also sees to it that nobody else gets in."""

    def get(self, _case: Case, _context: Any) -> str:
        return KEY

    def set(self, case: Case, data: str, _context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schema.parametrize()
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: Case, url: str, statuses: set[int]) -> None:
    case.body = fitted(case.body, lambda model: DIMENSIONS.get(model, 8))
    statuses.add(case.call_and_validate(base_url=url).status_code)
