"""A real Prometheus over a real service: its configuration, its rules, and every query of the dashboard."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models import Registry
from tests.deploy.manifests import DEPLOY, alerts, documents, queries
from tests.models.tiny import publish
from tests.serving import Running, free_port

PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
pytestmark = pytest.mark.skipif(
    not (PROMTOOL and PROMETHEUS), reason="needs Prometheus and its promtool (Debian: prometheus)"
)
SECONDS = 60


def promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_one() -> None:
    promtool("check", "config", str(DEPLOY / "prometheus" / "prometheus.yaml"))


def test_every_alert_fires_when_it_must_and_only_then() -> None:
    promtool("test", "rules", str(Path(__file__).with_name("alerts_test.yaml")))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    registry = Registry(tmp_path_factory.mktemp("store"))
    registry.promote(publish(registry))
    running = Running(registry.folder)
    running.wait()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ask(service: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Prometheus by its API: our configuration, but for the address of the service and the time between scrapes."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    (config,) = documents(DEPLOY / "prometheus" / "prometheus.yaml")
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in config["rule_files"]]
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{service.port}"]
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    command = [str(PROMETHEUS), f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"]
    process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)

    def get(path: str, **parameters: str) -> Any:
        url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    try:
        wait(lambda: get("targets")["activeTargets"][0]["health"] == "up")
        yield get
    finally:
        process.terminate()
        process.wait(timeout=30)


def refused(service: Running) -> None:
    """A request that is turned away: its body is too large."""
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{service.url}/similar", data=b"x" * (1 << 21), timeout=10)


def wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            if holds():
                return
        except (OSError, IndexError):
            pass
        assert time.monotonic() < end
        time.sleep(0.2)


def test_the_service_is_scraped_and_its_rules_can_be_worked_out(ask: Callable[..., Any]) -> None:
    (target,) = ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")

    def rules() -> list[dict[str, Any]]:
        return [rule for group in ask("rules")["groups"] for rule in group["rules"]]

    wait(lambda: all(rule["health"] != "unknown" for rule in rules()))
    assert {rule["name"]: rule["health"] for rule in rules()} == {rule["alert"]: "ok" for rule in alerts()}
    assert [rule["name"] for rule in rules() if rule["state"] == "firing"] == []


@pytest.mark.parametrize("name", queries())
def test_a_panel_of_the_dashboard_shows_something(name: str, ask: Callable[..., Any], service: Running) -> None:
    def found() -> bool:
        for path in ("/similar/592", "/similar/592?limit=2", "/similar/none", "/models"):
            service.get(path)
        refused(service)
        return bool(ask("query", query=queries()[name])["result"])

    if name == "Releases":
        # marks where another release began to answer; there was none
        assert ask("query", query=queries()[name])["result"] == []
        return
    wait(found)
