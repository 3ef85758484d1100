"""The door: who is let in, to what, and that keys show nowhere."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.app.test_keys import ONE, TWO


@pytest.fixture
def made(folder: Path) -> Iterator[Callable[..., TestClient]]:
    clients = []

    def make(**settings: Any) -> TestClient:
        client = TestClient(
            create_app(Settings(models=folder, poll_seconds=0, **settings)), raise_server_exceptions=False
        )
        clients.append(client.__enter__())
        return client

    yield make
    for client in clients:
        client.__exit__(None, None, None)


GOOD = {"authorization": f"Bearer {ONE}"}


def test_without_keys_admin_is_not_there(made: Callable[..., TestClient]) -> None:
    client = made()
    for path in ("/admin/reload", "/admin", "/admin/nothing", "/%61dmin/reload", "/admin%2Freload"):
        for method in ("GET", "POST", "PUT"):
            answer = client.request(method, path, headers=GOOD)
            assert answer.status_code == 404
            assert answer.json()["type"] == "about:blank"
            assert answer.json()["detail"].startswith("nothing is served at")
    assert client.get("/similar/592").status_code == 200


def test_a_key_for_admin_guards_admin_alone(made: Callable[..., TestClient]) -> None:
    client = made(keys=ONE, keys_for="admin")
    for path in ("/similar/592", "/metrics", "/", "/openapi.json"):
        assert client.get(path).status_code == 200
    for path in ("/admin/reload", "/admin", "/admin/nothing", "/%61dmin/reload", "/admin%2Freload"):
        answer = client.post(path, headers={"authorization": f"Bearer {TWO}"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="kindred"'
        assert TWO not in answer.text
    assert client.post("/admin/reload", headers=GOOD).status_code == 200
    assert client.post("/admin/nothing", headers=GOOD).status_code == 404


def test_a_key_for_all_guards_all_but_the_probes(made: Callable[..., TestClient]) -> None:
    client = made(keys=f"{TWO},{ONE}")
    paths = ("/similar/592", "/movies", "/metrics", "/", "/ui/main.js", "/docs", "/openapi.json", "/nothing", "/livez/")
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.post("/similar", json={"likes": ["592"]}).status_code == 401
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
    assert client.get("/similar/592", headers=GOOD).status_code == 200
    assert client.get("/similar/592", headers=GOOD).headers["etag"]
    # what is kept is guarded, too, also for those who have a copy
    assert client.get("/similar/592").status_code == 401
    assert client.get("/similar/592", headers={"if-none-match": "*"}).status_code == 401
    assert client.head("/similar/592").status_code == 401
    counted = client.get("/metrics", headers=GOOD).text
    assert 'kindred_requests_total{method="GET",route="unmatched",status="401"}' in counted
    assert 'kindred_refused_total{reason="key"} 13.0' in counted


def test_keys_show_nowhere(made: Callable[..., TestClient], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = made(keys=ONE, access_log="all", log_level="debug")
    wrong = {"authorization": f"Bearer {TWO}"}
    answers = [client.get(path, headers=wrong) for path in ("/similar/592", "/metrics")]
    answers += [client.get(path, headers=GOOD) for path in ("/similar/592", "/metrics", "/openapi.json", "/nothing")]
    answers.append(client.post("/similar", headers=GOOD, content=b"{"))
    shown = caplog.text + "".join(answer.text + str(answer.headers) for answer in answers)
    assert "kindred_requests_total" in shown
    assert ONE not in shown
    assert TWO not in shown


def test_the_documentation_names_the_scheme_where_it_applies(made: Callable[..., TestClient]) -> None:
    for_all = made(keys=ONE).get("/openapi.json", headers=GOOD).json()
    for_none = made().get("/openapi.json").json()
    for document in (for_all, for_none):
        [(name, scheme)] = document["components"]["securitySchemes"].items()
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        assert document["paths"]["/admin/reload"]["post"]["security"] == [{name: []}]
        assert {"401", "404"} <= set(document["paths"]["/admin/reload"]["post"]["responses"])
    guarded = {path for path, methods in for_all["paths"].items() if any("security" in one for one in methods.values())}
    assert set(for_all["paths"]) - guarded == {"/livez", "/readyz"}
    assert "security" not in for_none["paths"]["/movies"]["get"]
