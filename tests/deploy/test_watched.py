"""Alerts and dashboard ask for nothing that the service does not tell, by a real service's /metrics."""

import urllib.error
import urllib.request
from pathlib import Path

import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from models import Registry
from tests.deploy.manifests import DEPLOY, alerts, compose, dashboard, documents, only, queries
from tests.models.tiny import publish
from tests.serving import Running

# what Prometheus adds to every series of a target
ADDED = {"job", "instance"}
Told = dict[str, set[str]]
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in alerts()} | queries()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Every series a service tells, after a few requests of each kind: its name, and the labels seen on it."""
    folder = tmp_path_factory.mktemp("store")
    registry = Registry(folder)
    registry.promote(publish(registry))
    running = Running(folder)
    try:
        running.wait()
        for path in ("/similar/592", "/similar/592", "/similar/none", "/models"):
            running.get(path)
        too_large = urllib.request.Request(f"{running.url}/similar", data=b"x" * (1 << 21), method="POST")
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(too_large, timeout=10)
        text = urllib.request.urlopen(f"{running.url}/metrics", timeout=10).read().decode()
    finally:
        running.stop()
    labels: Told = {"up": set()}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    found = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        elif isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def grouped(expression: str) -> set[str]:
    """Every label that is summed by."""
    found: set[str] = set()

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            found.update(node.modifier.labels)

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_is_asked_for_is_told(name: str, told: Told) -> None:
    asked, labels = selectors(EXPRESSIONS[name]), set(ADDED)
    assert asked, name
    for selector in asked:
        assert selector.name in told, f"{name}: no metric {selector.name}"
        labels |= told[selector.name]
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert matched <= told[selector.name] | ADDED, f"{name}: {selector.name} has no {matched}"
    assert grouped(EXPRESSIONS[name]) - {"le"} <= labels, name


@pytest.mark.parametrize("variable", dashboard()["templating"]["list"], ids=lambda one: one["name"])
def test_a_variable_of_the_dashboard_is_told(variable: dict, told: Told) -> None:
    query = variable["query"]["query"].removeprefix("label_values(").removesuffix(")")
    expression, _, label = query.rpartition(",")
    (selector,) = selectors(expression)
    assert label.strip() in told[selector.name] | ADDED


def test_every_alert_says_what_it_is_and_is_seen_to_fire() -> None:
    (tested,) = documents(Path(__file__).with_name("alerts_test.yaml"))
    cases = [case for test in tested["tests"] for case in test["alert_rule_test"]]
    fired = {case["alertname"] for case in cases if case["exp_alerts"]}
    quiet = {case["alertname"] for case in cases if not case["exp_alerts"]}
    assert fired == quiet == {rule["alert"] for rule in alerts()}
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_alerts_are_listed_in_the_documentation() -> None:
    text = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert {rule["alert"] for rule in alerts() if f"`{rule['alert']}`" in text} == {rule["alert"] for rule in alerts()}


def test_the_alert_on_memory_is_seven_eighths_of_the_limits() -> None:
    (rule,) = [rule for rule in alerts() if rule["alert"] == "KindredMemory"]
    assert rule["expr"].endswith("> 448 * 1024 * 1024")
    limit = 448 * 8 // 7
    assert compose()["services"]["kindred"]["mem_limit"] == f"{limit}m"
    (container,) = only("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["memory"] == f"{limit}Mi"


def test_the_dashboard_is_whole() -> None:
    board = dashboard()
    (source,) = documents(DEPLOY / "grafana/provisioning/datasources/prometheus.yaml")[0]["datasources"]
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": source["type"], "uid": source["uid"]}
            assert panel["targets"]
            assert panel["title"]
