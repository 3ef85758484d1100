"""The files of deploy/, read as YAML and JSON."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def resources() -> list[dict[str, Any]]:
    """Every Kubernetes object."""
    paths = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
    return [document for path in paths for document in documents(path)]


def only(kind: str, name: str = "kindred") -> dict[str, Any]:
    (found,) = [one for one in resources() if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def compose() -> dict[str, Any]:
    (found,) = documents(DEPLOY / "compose.yaml")
    return found


def alerts() -> list[dict[str, Any]]:
    (found,) = documents(DEPLOY / "prometheus" / "alerts.yaml")
    return [rule for group in found["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "kindred.json").read_text(encoding="utf-8"))
    return found


def queries() -> dict[str, str]:
    """Every query of the dashboard by its panel and letter, with Grafana's variables replaced."""
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard()["panels"]
        for target in panel.get("targets", ())
    }
    found |= {one["name"]: one["expr"] for one in dashboard()["annotations"]["list"]}
    values = {"$__rate_interval": "10s", "$instance": ".*", "$route": ".*"}
    for variable, value in values.items():
        found = {name: query.replace(variable, value) for name, query in found.items()}
    return found
