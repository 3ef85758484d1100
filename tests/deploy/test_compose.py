"""The compose file: by the specification, and by the files and images it names."""

import json
from typing import Any

import pytest
from compose_spec import PyCompose

import kindred
from app.serve import _DRAIN_SECONDS
from tests.deploy.manifests import DEPLOY, ROOT, compose, documents

OURS = ("kindred", "train", "sample")


def checked(found: dict[str, Any]) -> list[str]:
    """The names of the services of a file that keeps to the specification."""
    return list(PyCompose.from_json(json.dumps(found)).service_names())


def test_it_keeps_to_the_specification() -> None:
    assert set(checked(compose())) == {*OURS, "prometheus", "grafana"}


def test_the_specification_refuses_a_misspelt_word() -> None:
    wrong = compose()
    wrong["services"]["kindred"]["read_onl"] = True
    with pytest.raises(ValueError, match="read_onl"):
        checked(wrong)


def test_every_port_is_for_this_machine_alone() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", OURS)
def test_ours_have_no_rights(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert f" AS {service['build']['target']}\n" in (ROOT / "Dockerfile").read_text()
    assert service["image"] == f"kindred:{service['build']['target']}"
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    # what learns has no network; what answers cannot change what it answers from
    assert (service.get("network_mode") == "none") == (name != "kindred")


def test_the_service_reads_and_has_the_time_to_finish() -> None:
    service = compose()["services"]["kindred"]
    assert service["volumes"] == ["models:/models:ro"]
    assert int(service["stop_grace_period"].removesuffix("s")) > _DRAIN_SECONDS


def test_the_program_takes_what_it_is_told() -> None:
    options = kindred.parser().parse_args(compose()["services"]["train"]["command"])
    assert (str(options.ratings), str(options.movies)) == ("ratings.csv", "movies.csv")


def test_what_is_mounted_is_there() -> None:
    found, mounted = compose(), []
    for service in found["services"].values():
        for volume in service.get("volumes", ()):
            source, target = volume.split(":")[:2]
            if source.startswith("./"):
                assert (DEPLOY / source).is_dir(), source
                mounted.append(target)
            else:
                assert source in found["volumes"]
    assert sorted(mounted) == ["/etc/grafana/provisioning", "/etc/kindred/dashboards", "/etc/prometheus"]


def test_prometheus_asks_the_service_and_grafana_asks_prometheus() -> None:
    services = compose()["services"]
    (config,) = documents(DEPLOY / "prometheus" / "prometheus.yaml")
    (scrape,) = config["scrape_configs"]
    (target,) = scrape["static_configs"][0]["targets"]
    host, port = target.split(":")
    assert services[host]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert "metrics_path" not in scrape
    assert all((DEPLOY / "prometheus" / name).is_file() for name in config["rule_files"])
    assert "--config.file=/etc/prometheus/prometheus.yaml" in services["prometheus"]["command"]
    (sources,) = documents(DEPLOY / "grafana/provisioning/datasources/prometheus.yaml")
    (source,) = sources["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (providers,) = documents(DEPLOY / "grafana/provisioning/dashboards/kindred.yaml")
    (provider,) = providers["providers"]
    mounts = dict(volume.split(":")[:2] for volume in services["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DEPLOY / "grafana/dashboards" / home.removeprefix(f"{provider['options']['path']}/")).is_file()
