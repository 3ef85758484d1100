"""The service put together: what it imports, what it documents, how it starts and stops."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

ROOT = Path(__file__).parents[2]


def python(code: str, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_service_never_imports_what_trains() -> None:
    code = "import sys, json, app.main, app.__main__; app.main.app.openapi(); print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(python(code))}
    assert "fastapi" in loaded
    assert loaded.isdisjoint({"gensim", "pandas", "scipy", "numba", "pyarrow", "training", "sample", "pyspark"})


def test_the_command_line_imports_no_framework() -> None:
    code = "import sys, json, app.__main__; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(python(code))}
    assert loaded.isdisjoint({"fastapi", "starlette", "uvicorn", "pydantic", "rapidfuzz"})


def test_the_environment_is_read_only_when_the_app_is_made() -> None:
    read = "import app.main; print('imported'); from app.settings import SettingsError"
    failing = f"{read}\ntry:\n    app.main.app\nexcept SettingsError as error:\n    print(error)"
    out = python(failing, KINDRED_POLL_SECONDS="soon")
    assert out.startswith("imported\nKINDRED_POLL_SECONDS: ")
    assert "found 'soon'" in out
    folder = "import app.main, app.settings; print(app.settings.read_settings().models)"
    assert python(folder, KINDRED_MODELS="/some/where").strip() == "/some/where"


def test_there_is_only_app_to_ask_for() -> None:
    import app.main

    assert app.main.app is app.main.app
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = app.main.nothing


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_path_of_the_contract_is_documented(document: Any) -> None:
    assert {(method, path) for path, method, _ in operations(document)} == {
        ("get", "/similar/{movieId}"),
        ("post", "/similar"),
        ("get", "/vectors/{movieId}"),
        ("post", "/vectors"),
        ("get", "/movies/{movieId}"),
        ("get", "/movies"),
        ("get", "/users/{userId}"),
        ("get", "/users/{userId}/recommendations"),
        ("get", "/users/{userId}/vector"),
        ("get", "/explain/{movieId}/{otherId}"),
        ("get", "/compare/{movieId}"),
        ("get", "/models"),
        ("get", "/models/{name}"),
        ("get", "/catalogue"),
        ("get", "/map"),
        ("get", "/releases"),
        ("get", "/releases/changes"),
        ("get", "/livez"),
        ("get", "/readyz"),
        ("get", "/metrics"),
        ("post", "/admin/reload"),
    }


def test_every_error_is_documented_as_a_problem(document: Any) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status != "200":
                assert list(response["content"]) == ["application/problem+json"], (path, status)
        if path not in {"/livez", "/metrics"}:
            assert "500" in operation["responses"], path
            assert "503" in operation["responses"], path
        if "requestBody" in operation:
            assert {"413", "422"} <= set(operation["responses"]), path


def test_every_parameter_and_answer_has_words_and_an_example(document: Any) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            assert parameter["schema"].get("examples"), (path, parameter["name"])
        content = operation["responses"]["200"]["content"]
        if "application/json" in content and path not in {"/livez", "/readyz", "/admin/reload"}:
            name = content["application/json"]["schema"]["$ref"].split("/")[-1]
            assert document["components"]["schemas"][name]["examples"], (path, method)


def test_examples_are_true_to_their_schemas() -> None:
    from app import examples, queries, schemas, schemas_evidence, schemas_explorer, schemas_users

    for name, made in {
        "MOVIE": schemas.Movie,
        "MOVIE_DETAIL": schemas.MovieDetail,
        "MOVIE_LIST": schemas.MovieList,
        "SIMILAR_TO_MOVIE": schemas.SimilarToMovie,
        "SIMILAR_TO_HISTORY": schemas.SimilarToHistory,
        "MOVIE_VECTOR": schemas.MovieVector,
        "MOVIE_VECTORS": schemas.MovieVectors,
        "MODEL_LIST": schemas.ModelList,
        "MODEL_DETAIL": schemas.ModelDetail,
        "SIMILAR_TO_USER": schemas_users.SimilarToUser,
        "USER": schemas_users.User,
        "USER_VECTOR": schemas_users.UserVector,
        "EXPLANATION": schemas_evidence.Explanation,
        "COMPARISON": schemas_evidence.Comparison,
        "CATALOGUE": schemas_explorer.CatalogueColumns,
        "MAP": schemas_explorer.MovieMap,
        "RELEASES": schemas_explorer.ReleaseList,
        "CHANGES": schemas_explorer.ReleaseChanges,
        "HISTORY": queries.SimilarBody,
        "WANTED_VECTORS": queries.VectorsBody,
    }.items():
        made.model_validate(getattr(examples, name))


def test_the_documentation_is_served_without_a_release(empty: TestClient) -> None:
    for path in ("/docs", "/openapi.json", "/livez", "/metrics", "/releases", "/"):
        assert empty.get(path).status_code == 200


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_sigterm_ends_the_service_with_success(
    folder: Path, run_service: Callable[..., Any], options: tuple[str, ...]
) -> None:
    running = run_service(folder, *options)
    assert running.get("/similar/592") == 200
    code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log
    assert "Application shutdown complete" in log
