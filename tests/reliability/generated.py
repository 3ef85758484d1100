"""Requests that schemathesis generates from the OpenAPI document, one by one and in chains of what was answered.

`python -m tests.reliability.generated 100000`: so many, valid and invalid, every check of every answer. The service is
in the same process, behind a transport that opens no socket; what it raises is not caught.
"""

import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any
from unittest import SkipTest

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck
from hypothesis.errors import Unsatisfiable
from requests.adapters import HTTPAdapter
from schemathesis import GenerationMode
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from urllib3 import HTTPResponse

from app.limits import MAX_URL_BYTES
from app.settings import Settings
from bench.inprocess import InProcess
from bench.processes import in_child
from tests.fitted import fitted
from tests.reliability.whole import whole_store

BASE = "http://127.0.0.1"
DIMENSION = 4  # of every model in the release
EXAMPLES, STEPS, PARTS = 200, 12, 2
# one chain for so many single requests
CHAINED = 0.3
SLOWEST_SECONDS = 30.0


class Transport(HTTPAdapter):
    """Requests go to the app, and are counted by the status of their answers."""

    def __init__(self, app: InProcess) -> None:
        super().__init__()
        self._app = app
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = [("host", "127.0.0.1"), *((name, str(value)) for name, value in request.headers.items())]
        began = time.perf_counter()
        answer = self._app.ask(str(request.method), request.path_url, content, headers)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.statuses[answer.status] += 1
        raw = HTTPResponse(io.BytesIO(answer.body), answer.headers, answer.status, version=11, preload_content=False)
        return self.build_response(request, raw)


class Generated:
    """The service over a small release with everything in it, and who asks it."""

    def __init__(self, folder: Path) -> None:
        self.app = InProcess(Settings(models=folder, poll_seconds=0))
        self.app.__enter__()
        self.transport = Transport(self.app)
        self.session = requests.Session()
        self.session.mount(BASE, self.transport)
        self.schema = schemathesis.openapi.from_dict(deepcopy(self.app.app.openapi()))

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.transport.statuses.total()

    def single(self, seed: int, examples: int) -> None:
        """So many of every operation, each by itself, half of them invalid on purpose."""
        for found in self.schema.get_all_operations():
            operation = found.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                try:
                    run = _given(operation.as_strategy(generation_mode=mode), examples // 2 or 1, seed)(self._one)
                    run()
                except (SkipTest, Unsatisfiable):  # nothing about it can be invalid
                    continue

    def chains(self, seed: int, examples: int) -> None:
        """So many chains: what was answered is asked about."""
        session = self.session

        class Chain(self.schema.as_state_machine()):  # type: ignore[misc]
            rule_order_seed = seed

            def get_call_kwargs(self, case: Case) -> dict[str, Any]:  # noqa: ARG002
                return {"session": session, "base_url": BASE}

            def before_call(self, case: Case) -> None:
                case.body = fitted(case.body, lambda _: DIMENSION)

            def validate_response(self, response: Response, case: Case, *more: Any, **options: Any) -> None:
                if not too_long(response):
                    super().validate_response(response, case, *more, **options)

        hypothesis.seed(seed)(Chain.TestCase)
        Chain.run(settings=hypothesis.settings(_settings(examples), stateful_step_count=STEPS))

    def links(self) -> int:
        """How many ways there are from an answer to another request."""
        self.schema.as_state_machine()
        return int(self.schema.statistic.transitions.total)

    def _one(self, case: Case) -> None:
        case.body = fitted(case.body, lambda _: DIMENSION)
        response = case.call(base_url=BASE, session=self.session)
        if not too_long(response):
            case.validate_response(response)


def too_long(response: Response) -> bool:
    """Whether the URL or the body was longer than any is read: that is the answer, whatever else is wrong with it."""
    if response.status_code == 414:
        assert len(str(response.request.path_url)) > MAX_URL_BYTES
    elif response.status_code == 413:
        assert len(response.request.body or b"") > Settings().max_body_bytes
    else:
        return False
    assert response.headers["content-type"] == ["application/problem+json"]
    return True


def _settings(examples: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )


def _given(strategy: Any, examples: int, seed: int) -> Callable[[Callable[[Case], None]], Callable[[], None]]:
    def wrap(one: Callable[[Case], None]) -> Callable[[], None]:
        def run(case: Case) -> None:
            one(case)

        found: Callable[[], None] = hypothesis.seed(seed)(_settings(examples)(hypothesis.given(case=strategy)(run)))
        return found

    return wrap


def _part(folder: Path, first: int, count: int) -> tuple[Counter[int], float]:
    made, seed = Generated(folder), first
    while made.count < count:
        made.single(seed, EXAMPLES)
        if made.count < count:
            made.chains(seed, round(EXAMPLES * CHAINED))
        seed += 1
        print(f"{time.strftime('%H:%M:%S')} {made.count} requests", file=sys.stderr, flush=True)
    return made.transport.statuses, made.transport.slowest


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as made:
        store = whole_store(Path(made) / "store")
        statuses, slowest = in_child(partial(_part, Path(store.folder), 1000 * first, count), 4 * 3600)
    told = ", ".join(f"{status}: {many}" for status, many in sorted(statuses.items()))
    print(f"{statuses.total()} requests, every check passed; {told}; the slowest took {slowest:.2f} s")
    return 0 if max(statuses) < 500 and slowest < SLOWEST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
