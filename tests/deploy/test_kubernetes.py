"""The Kubernetes objects: by their schemas, by each other, and by what the program takes."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

import kindred
from app.main import create_app
from app.serve import _DRAIN_SECONDS
from app.settings import Settings
from tests.deploy.manifests import KUBERNETES, ROOT, documents, only, resources

OLDEST = "1.32"
NAMES = [f"{one['kind']}/{one['metadata']['name']}" for one in resources()]


def pods() -> dict[str, dict[str, Any]]:
    """The pod templates by the name of what makes them."""
    job = only("CronJob", "kindred-train")["spec"]["jobTemplate"]["spec"]["template"]
    return {"serve": only("Deployment")["spec"]["template"], "train": job}


def containers() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every container with the pod it is in."""
    specs = [pod["spec"] for pod in pods().values()]
    return [(one, spec) for spec in specs for one in (*spec.get("initContainers", ()), *spec["containers"])]


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
@pytest.mark.parametrize("resource", resources(), ids=NAMES)
def test_an_object_is_what_its_schema_asks_for(resource: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_the_schemas_refuse_a_misspelt_word() -> None:
    wrong = only("Deployment")
    wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


def test_kustomize_takes_every_file() -> None:
    (kustomization,) = documents(KUBERNETES / "kustomization.yaml")
    assert {*kustomization["resources"], "kustomization.yaml"} == {path.name for path in KUBERNETES.iterdir()}
    named = {image["name"]: f"{image['newName']}:{image['newTag']}" for image in kustomization["images"]}
    assert named == {"kindred-serve": "kindred:serve", "kindred-train": "kindred:train"}
    assert {one["image"] for one, _ in containers()} == set(named)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_puts_them_together() -> None:
    done = subprocess.run(["kubectl", "kustomize", KUBERNETES], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nkind: ") == len(resources())
    assert "image: kindred:serve" in done.stdout
    assert "kindred-serve" not in done.stdout


def test_nothing_says_which_namespace_it_is_in() -> None:
    assert all("namespace" not in one["metadata"] for one in resources())


@pytest.mark.parametrize("pod", pods().values(), ids=pods())
def test_a_pod_has_no_rights(pod: dict[str, Any]) -> None:
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    security = spec["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == security["runAsGroup"] == 10001
    assert f"USER {security['runAsUser']}:" in (ROOT / "Dockerfile").read_text()
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}


@pytest.mark.parametrize("pod", pods().values(), ids=pods())
def test_a_service_beside_it_sets_no_variable_of_ours(pod: dict[str, Any]) -> None:
    """A Service named kindred would set KINDRED_PORT to tcp://..., which no port is."""
    assert pod["spec"]["enableServiceLinks"] is False


@pytest.mark.parametrize("container", [one for one, _ in containers()], ids=lambda one: one["name"])
def test_a_container_has_no_rights_and_limits(container: dict[str, Any]) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


def test_what_is_mounted_is_there_and_the_service_cannot_write_to_it() -> None:
    claims = {one["metadata"]["name"] for one in resources() if one["kind"] == "PersistentVolumeClaim"}
    for container, spec in containers():
        volumes = {one["name"]: one for one in spec["volumes"]}
        assert {one["name"] for one in container["volumeMounts"]} == set(volumes)
        assert {one["mountPath"] for one in container["volumeMounts"]} >= {"/models", "/tmp"}
        used = {one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "emptyDir" not in one}
        assert used <= claims
        assert all("sizeLimit" in one["emptyDir"] for one in volumes.values() if "emptyDir" in one)
    (serve,) = pods()["serve"]["spec"]["containers"]
    assert {one["name"]: one.get("readOnly", False) for one in serve["volumeMounts"]} == {"models": True, "tmp": False}


def test_one_finds_the_other() -> None:
    deployment, service, policy = only("Deployment"), only("Service"), only("NetworkPolicy")
    labels = pods()["serve"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    assert only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert policy["spec"]["podSelector"]["matchLabels"] == labels
    training = only("NetworkPolicy", "kindred-train")["spec"]["podSelector"]["matchLabels"]
    assert training == pods()["train"]["metadata"]["labels"] != labels
    (serve,) = pods()["serve"]["spec"]["containers"]
    (port,) = serve["ports"]
    assert {one["targetPort"] for one in service["spec"]["ports"]} == {port["name"]}
    assert {one["port"] for rule in policy["spec"]["ingress"] for one in rule["ports"]} == {port["name"]}
    probes = [serve[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")]
    assert {probe["port"] for probe in probes} == {port["name"]}
    assert pods()["serve"]["metadata"]["annotations"]["prometheus.io/port"] == str(port["containerPort"])
    assert serve["args"][-1] == str(port["containerPort"])


def test_probes_and_scrapes_ask_for_what_there_is(tmp_path: Path) -> None:
    paths = set(create_app(Settings(models=tmp_path)).openapi()["paths"])
    (serve,) = pods()["serve"]["spec"]["containers"]
    asked = {serve[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert asked == {"/livez", "/readyz"}
    assert asked | {pods()["serve"]["metadata"]["annotations"]["prometheus.io/path"]} <= paths
    # without a release it is not ready; that must not restart it
    assert serve["livenessProbe"]["httpGet"]["path"] == serve["startupProbe"]["httpGet"]["path"] == "/livez"


def test_the_program_takes_what_it_is_told() -> None:
    for container, _ in containers():
        options = kindred.parser().parse_args(container["args"])
        assert callable(options.run)


def test_it_is_given_the_time_to_finish_and_never_too_few_run() -> None:
    spec = only("Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["replicas"] > only("PodDisruptionBudget")["spec"]["maxUnavailable"]
    (serve,) = spec["template"]["spec"]["containers"]
    (_, waits) = serve["lifecycle"]["preStop"]["exec"]["command"]
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > int(waits) + _DRAIN_SECONDS


def test_training_that_cannot_go_better_is_not_tried_again() -> None:
    job = only("CronJob", "kindred-train")["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    (rule,) = job["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["action"] == "FailJob"
    assert rule["onExitCodes"] == {"containerName": "train", "operator": "In", "values": [2, 3]}
