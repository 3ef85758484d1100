"""The verbs: similar, healthcheck, serve's options."""

import json
from collections.abc import Callable
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.__main__ import main


def test_similar_prints_the_json_of_the_service(
    client: TestClient, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similar", "592", "--limit", "3", "--models", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == client.get("/similar/592?limit=3").json()


def test_similar_takes_a_title_and_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "godfahter", "--limit", "2", "--models", str(folder), "--model", "deepwalk"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("858  Godfather, The (1972): deepwalk, learned, release 2026")
    assert [line.split()[0] for line in lines[1:]] == ["1", "2"]


def test_an_unknown_title_comes_with_suggestions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "zzzzqqqq", "--models", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kindred: no movie 'zzzzqqqq' in this release; nearest: ")
    assert err.count("\n") == 1


def test_an_unknown_model_lists_the_models(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "592", "--models", str(folder), "--model", "w2v"]) == 1
    assert "there are: item2vec, deepwalk" in capsys.readouterr().err


def test_no_release_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "592", "--models", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("kindred: no release in ")


@pytest.mark.parametrize(
    "arguments",
    [["similar", "592", "--limit", "0"], ["similar"], ["serve", "--port", "70000"], ["serve", "--workers", "0"], []],
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


def test_healthcheck(
    folder: Path, run_service: Callable[..., Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = run_service(folder)
    port = str(running.port)
    assert main(["healthcheck", "--port", port, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["answer"]["status"]) == (200, "ready")
    monkeypatch.setenv("KINDRED_PORT", port)
    assert main(["healthcheck"]) == 0
    monkeypatch.setenv("PORT", "1")
    assert main(["healthcheck"]) == 1
    assert "no answer on port 1" in capsys.readouterr().err
    assert running.stop()[0] == 0
    assert main(["healthcheck", "--port", port]) == 1


def test_healthcheck_fails_on_503(capsys: pytest.CaptureFixture[str]) -> None:
    with create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno")

        thread = Thread(target=answer)
        thread.start()
        assert main(["healthcheck", "--port", str(server.getsockname()[1])]) == 1
        thread.join()
    assert capsys.readouterr().out == "503 no\n"
