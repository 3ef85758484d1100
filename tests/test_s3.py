"""Train into a bucket, serve from it, switch in it: against a real S3-compatible server."""

import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kindred import main
from models import ReleaseError, Store, open_registry
from models.remote import Bucket
from tests.buckets import BUCKET, S3, needs_s3
from tests.models.tiny import write
from tests.serving import ROOT, Running
from tests.small import MOVIES, TINY, sample_ratings

pytestmark = needs_s3
STORE = f"s3://{BUCKET}/kindred"
KEY = "kindred/versions"
ADD = """
import sys
from models import open_registry
from tests.models.tiny import write
store = open_registry(sys.argv[1])
store.promote(store.add(write))
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """The server, found by whoever is started here; ratings in the bucket."""
    server = S3()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in server.environment.items():
            patched.setenv(name, value)
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patched.setenv("AWS_MAX_ATTEMPTS", "2")  # who is not there is not waited for
        patched.setenv("KINDRED_CACHE", str(tmp_path_factory.mktemp("cache")))
        server.put("data/ratings.csv", sample_ratings(tmp_path_factory.mktemp("data")).read_bytes())
        server.put("data/movies.csv", MOVIES.read_bytes())
        yield server
    server.stop()


def commands() -> dict[str, list[str]]:
    """Those of README.md, by verb."""
    lines = re.findall(r"^kindred (.* s3://films/kindred)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    return {line.partition(" ")[0]: shlex.split(line) for line in lines}


def run(*arguments: str, code: int = 0, **environment: str) -> Any:
    """Run it; what it says with --json, or its last line on stderr where it fails."""
    command = [sys.executable, str(ROOT / "kindred.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) if not code else done.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def trained(s3: S3) -> str:
    """A release in the bucket, of ratings in the bucket."""
    quick = (*TINY, "--method", "deepwalk", "--no-evaluate", "--json")
    told = run(*commands()["train"], *quick)
    assert told["promoted"]
    assert told["data"]["ratingsFile"]["name"] == "ratings.csv"
    release: str = told["release"]
    return release


@pytest.fixture(scope="module")
def store(trained: str) -> Store:
    return open_registry(STORE)


def answers(running: Running, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return json.loads(response.read()) | {"status": response.status}
    finally:
        connection.close()


def wait_for(true: Callable[[], bool], what: str) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def test_a_release_trained_into_a_bucket_is_all_there(s3: S3, trained: str, store: Store) -> None:
    assert (store.versions(), store.current()) == ([trained], trained)
    manifest = store.manifest(trained)
    assert {key for key in s3.listed() if key.startswith("kindred")} == {
        "kindred/current",
        "kindred/history.jsonl",
        f"{KEY}/{trained}/manifest.json",
        *(f"{KEY}/{trained}/{name}" for name in manifest.files),
    }
    listed = run("versions", "--models", STORE, "--json")
    assert (listed["current"], [row["id"] for row in listed["versions"]]) == (trained, [trained])
    similar = run("similar", "592", "--models", STORE, "--json", "--limit", "3")
    assert len(similar["similar"]) == 3
    # put last, when the others were there
    put = s3.asked("PUT", "kindred")
    order = [key for key in put if key != "kindred/lock"]
    assert order[-3:] == [f"{KEY}/{trained}/manifest.json", "kindred/history.jsonl", "kindred/current"]


def test_the_service_follows_what_is_promoted_and_outlives_the_bucket(
    s3: S3, trained: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    second = store.add(lambda folder: write(folder, "2026-12-30T00:00:00Z", 2))
    third = store.add(lambda folder: write(folder, "2026-12-31T00:00:00Z", 3))
    before = len(s3.asked("GET", f"{KEY}/{trained}"))
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "service"))
    assert commands()["serve"] == ["serve", "--models", STORE]
    running = Running(STORE)
    try:
        running.wait()
        assert answers(running, "/models")["release"] == trained
        # each object once, and the manifest once to know what there is
        fetched = s3.asked("GET", f"{KEY}/{trained}")[before:]
        assert sorted(fetched) == sorted(
            [f"{KEY}/{trained}/{name}" for name in (*store.manifest(trained).files, "manifest.json", "manifest.json")]
        )
        # while it only waits, it reads nothing but the name of the live one
        asked = len(s3.log().splitlines())
        wait_for(lambda: len(s3.log().splitlines()) >= asked + 5, "five looks")
        assert all("/kindred/current" in line for line in s3.log().splitlines()[asked : asked + 5])
        assert run("promote", second, "--models", STORE, "--json") == {"current": second}
        wait_for(lambda: answers(running, "/models")["release"] == second, "the promoted one answers")
        behind = Bucket(f"s3://{BUCKET}")
        # damaged behind everybody's back, and made live all the same
        damaged = f"{KEY}/{third}/item2vec/vectors.npy"
        behind.write(damaged, bytes(store.manifest(third).files["item2vec/vectors.npy"]["bytes"]))
        refused = run("promote", third, "--models", STORE, code=1)
        assert refused.startswith("kindred: item2vec/vectors.npy: expected sha256 ")
        behind.write("kindred/current", f"{third}\n".encode())
        wait_for(lambda: "item2vec/vectors.npy: expected sha256" in running.log(), "the damaged one is refused")
        assert answers(running, "/models")["release"] == second
        behind.write("kindred/current", f"{second}\n".encode())
        assert run(*commands()["rollback"], "--json") == {"current": trained}
        wait_for(lambda: answers(running, "/models")["release"] == trained, "back again")
        # the second was checked, and so fetched, by who promoted it, into the same cache
        assert [running.log().count(f"release {one} fetched") for one in (trained, second, third)] == [1, 0, 0]
    finally:
        code, log = running.stop()
    assert code == 0, log


def test_a_bucket_that_goes_away_takes_nothing_from_who_answers(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    server = S3()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.environment["AWS_ENDPOINT_URL"])
    command = [sys.executable, "-c", ADD, STORE]
    running = None
    try:
        subprocess.run(command, cwd=ROOT, check=True)
        running = Running(STORE, "--workers", "2")
        running.wait()
        server.stop()
        wait_for(lambda: "/current: cannot be reached: " in running.log(), "the bucket is missed")
        assert [running.get("/similar/592") for _ in range(10)] == [200] * 10
        assert running.get("/readyz") == 200
    finally:
        server.process.kill()
        code, log = running.stop() if running else (1, "not started")
    assert code == 0, log


def test_what_cannot_be_read_is_one_clear_line(s3: S3, trained: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ReleaseError, match=r"^s3://nowhere/kindred/current: no such bucket: nowhere$"):
        open_registry("s3://nowhere/kindred").current()
    told = run("versions", "--models", STORE, code=1, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert told.startswith(f"kindred: {STORE}/")
    assert "no credentials" in told
    s3.put("data/empty.csv", b"")
    for name, why in (("nothing.csv", "no such file"), ("empty.csv", "the file is empty")):
        assert main(["validate", f"s3://{BUCKET}/data/{name}"]) == 1
        assert capsys.readouterr().err == f"kindred: s3://{BUCKET}/data/{name}: {why}\n"
