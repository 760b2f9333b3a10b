"""deploy/k8s: every overlay renders, every object is checked against its schema – one that has none fails –, and what
runs there keeps to the rules of a restricted namespace."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from delivery_center.installing.secret_files import Secrets, objects
from delivery_center.running.processes import ROLES
from reporting_svc.bi.roles import CLOSING

from tests.deploy.manifests import (
    K8S,
    Object,
    containers_of,
    everything,
    of_kind,
    of_operators,
    pods,
    rendered,
    schema_of,
    secrets_of,
    selects,
    validate,
)

pytestmark = pytest.mark.integration  # needs a program that not every machine has

INSTALLATIONS = ["single-node", "production"]
OVERLAYS = [*INSTALLATIONS, "site-example", "restore-test"]
OF_THE_SITE = {"files-credentials", "backup-credentials", "entry-tls", "smtp-url", "sms-url", "sms-token"}
"""Secrets that no installation can make up: keys of buckets, the certificate, accounts elsewhere."""


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_valid(overlay: str) -> None:
    found = everything(overlay)
    for one in found:
        validate(one)
    names = [(one["kind"], one["metadata"]["name"]) for one in found]
    assert len(set(names)) == len(names)
    for one in found:
        assert one["metadata"].get("namespace", "delivery") == "delivery"


def test_every_schema_is_one_and_is_used() -> None:
    used = {schema_of(one) for overlay in OVERLAYS for one in everything(overlay)}
    for path in (K8S / "schemas").iterdir():
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))
        assert path in used


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ["spec", "replica"], 2),
        ("Deployment", ["spec", "template", "spec", "securityContext", "runAsNonroot"], True),
        ("ScaledObject", ["spec", "maxReplicas"], 2),
        ("ScaledObject", ["spec", "triggers", 0, "metadata", "protocol"], "https"),
        ("ScaledObject", ["spec", "triggers", 0, "metadata", "queue"], "x"),
        ("HTTPRoute", ["spec", "rules", 0, "backend"], []),
        ("RabbitmqCluster", ["spec", "replicas"], 2),
        ("Cluster", ["spec", "instance"], 3),
        ("ScheduledBackup", ["spec", "schedule"], "0 18 * * *"),
        ("ObjectStore", ["spec", "retentionPolicy"], "30"),
        ("PodMonitor", ["spec", "podMetricsEndpoints", 0, "targetPort"], 9000),
        ("PrometheusRule", ["spec", "groups", 0, "rules", 0, "for"], "2 minutes"),
        ("HorizontalPodAutoscaler", ["spec", "maxReplica"], 9),
        ("Service", ["kind"], "Sevice"),
        ("Gateway", ["apiVersion"], "gateway.networking.k8s.io/v9"),
    ],
)
def test_a_mistake_is_found(kind: str, path: list[Any], value: Any) -> None:
    wrong = copy.deepcopy(next(iter(of_kind("production", kind).values())))
    validate(wrong)
    place = wrong
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(
        (jsonschema.ValidationError, kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError)
    ):
        validate(wrong)


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_every_process_has_its_deployment(overlay: str) -> None:
    """… started by the same command as everywhere, with the database role of its service only."""
    found = of_kind(overlay, "Deployment")
    assert set(found) == {*ROLES, "gateway"}
    for name, (service, role) in ROLES.items():
        (container,) = found[name]["spec"]["template"]["spec"]["containers"]
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        command = [
            word.replace("$(DELIVERY_SERVICE)", environment["DELIVERY_SERVICE"]) for word in container["command"]
        ]
        assert command == ["python", "-m", f"{service}_svc.main", role]
        assert ("DELIVERY_PRIVATE_KEY" in environment) is (service == "identity")
        assert [s for s in secrets_of(found[name]["spec"]["template"]) if s.startswith("database-")] == [
            f"database-url-{service}"
        ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_restricted(overlay: str) -> None:
    for name, template in pods(overlay):
        spec = template["spec"]
        context = spec["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] >= 999, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec.get("serviceAccountName", "default") in ("center", "files", "default"), name
        if "fsGroup" in context and any("persistentVolumeClaim" in volume for volume in spec["volumes"]):
            assert context["fsGroupChangePolicy"] == "OnRootMismatch", name
        for container in containers_of(template):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert set(container["resources"]["requests"]) == {"cpu", "memory", "ephemeral-storage"}, name
            assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}, name
            assert re.search(r":[\w.-]+$", container["image"]), name
        for volume in spec["volumes"]:
            assert "hostPath" not in volume, name
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], name


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_the_namespace_enforces_it(overlay: str) -> None:
    labels = of_kind(overlay, "Namespace")["delivery"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_every_server_has_its_probes_and_time_to_stop(overlay: str) -> None:
    for name, one in of_kind(overlay, "Deployment", "StatefulSet").items():
        spec = one["spec"]["template"]["spec"]
        for container in spec["containers"]:
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), name
            if "health" in {port.get("name") for port in container["ports"]}:  # requests wait in the queue of the other
                probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
                assert {probe["port"] for probe in probes} == {"health"}, name
            pause = pause_of(container) if one["kind"] == "Deployment" else 0
            assert spec["terminationGracePeriodSeconds"] >= 30 + pause, name
            assert pause > 0 or not name.endswith(("-api", "gateway")), "requests come on for a moment"


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_nobody_but_the_entry_names_the_clients_address(overlay: str) -> None:
    """S16: whoever is trusted passes every limit per address, so no other pod may reach the gateway then; and what a
    client says of itself never counts."""
    (site,) = [c for name, c in of_kind(overlay, "ConfigMap").items() if name.startswith("gateway-site")]
    said = "\n".join(line.partition("#")[0] for line in site["data"]["real-ip.conf"].splitlines())
    assert "real_ip_recursive on" not in said
    if "set_real_ip_from" in said:
        ways_in = of_kind(overlay, "NetworkPolicy")["gateway"]["spec"]["ingress"]
        assert all(way.get("from") for way in ways_in)
        assert "real_ip_recursive off" in said


def test_a_service_of_its_own_keeps_the_clients_addresses() -> None:
    """Else every client has a node's address, and all share what one may ask."""
    gateway = of_kind("single-node", "Service")["gateway"]["spec"]
    assert (gateway["type"], gateway["externalTrafficPolicy"]) == ("LoadBalancer", "Local")


def test_a_restored_copy_is_verified_as_one() -> None:
    """A backup is taken while events are under way, which do not count."""
    (box,) = of_kind("restore-test", "Job")["restore-test"]["spec"]["template"]["spec"]["containers"]
    assert box["command"] == ["python", "-m", "delivery_center.verify", "--restored"]


def pause_of(container: Object) -> int:
    """Seconds a pod goes on before it is told to stop."""
    stop = container.get("lifecycle", {}).get("preStop")
    if stop is None:
        return 0
    sleep, seconds = stop["exec"]["command"]
    assert sleep == "sleep"
    return int(seconds)


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_priorities_that_pods_name_are_there(overlay: str) -> None:
    """A pod of another one is made by nobody."""
    named = {template["spec"].get("priorityClassName") for _, template in pods(overlay)} - {None}
    assert named == set(of_kind(overlay, "PriorityClass"))


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_disruption_budgets_and_spreading_count_the_right_pods(overlay: str) -> None:
    budgets = of_kind(overlay, "PodDisruptionBudget")
    for name, one in of_kind(overlay, "Deployment").items():
        selector, template = one["spec"]["selector"], one["spec"]["template"]
        assert selects(selector, template), name
        assert budgets[name]["spec"]["selector"] == selector, name
        assert budgets[name]["spec"]["maxUnavailable"] == 1, name
        spreads = template["spec"]["topologySpreadConstraints"]
        assert [spread["labelSelector"] for spread in spreads] == [selector, selector], name
    for name, service in of_kind(overlay, "Service").items():
        chosen = [
            pod for pod, template in pods(overlay) if selects({"matchLabels": service["spec"]["selector"]}, template)
        ]
        assert len(chosen) == 1, name


@pytest.mark.parametrize("overlay", INSTALLATIONS)
def test_nothing_is_reached_that_no_rule_names(overlay: str) -> None:
    policies = of_kind(overlay, "NetworkPolicy")
    assert policies["default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    there = [template for _, template in (*pods(overlay), *of_operators(overlay))]
    for name, policy in policies.items():
        selector = policy["spec"]["podSelector"]
        assert any(selects(selector, template) for template in there), f"{name} is about nothing"
        for way in (*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])):
            for end in (*way.get("from", []), *way.get("to", [])):
                if "podSelector" in end and "namespaceSelector" not in end:
                    assert any(selects(end["podSelector"], template) for template in there), f"{name} names nobody"
    for pod, template in pods(overlay):
        stored = template["metadata"]["labels"].get("delivery-center/storage") == "yes"
        assert stored is pod.endswith(("api", "live", "worker", "dispatcher", "sender", "Job prepare", "Job finish")), (
            pod
        )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_files_and_are_there(overlay: str, tmp_path: Path) -> None:
    made = objects(Secrets(tmp_path, database="postgres:5432", broker="rabbitmq:5672").make(), namespace="delivery")
    known = {one["metadata"]["name"]: set(one["stringData"]) for one in made}
    for one in made:
        validate(one)
    for name, template in pods(overlay):
        assert set(secrets_of(template)) <= set(known) | OF_THE_SITE, name
        for container in template["spec"]["containers"]:
            for entry in container.get("env", []):
                assert "valueFrom" not in entry, f"{name}: secrets are no environment"
            assert all("secretRef" not in source for source in container.get("envFrom", [])), name
    text = rendered(overlay)
    for name, key in re.findall(r"key: (host|username|password)\n\s+name: (\S+)", text):
        assert name in known[key]
    assert of_kind(overlay, "Secret") == {}


def test_dispatchers_are_counted_by_keda_alone() -> None:
    scaled = of_kind("production", "ScaledObject")["dispatch-dispatcher"]["spec"]
    dispatcher = of_kind("production", "Deployment")["dispatch-dispatcher"]["spec"]
    assert "replicas" not in dispatcher
    assert scaled["minReplicaCount"] == 1
    queue, age = scaled["triggers"]
    assert (queue["type"], queue["metadata"]["protocol"], queue["metadata"]["mode"]) == (
        "rabbitmq",
        "http",
        "QueueLength",
    )
    assert queue["metadata"]["queueName"] == "dispatch.work"
    assert (age["type"], "delivery_dispatch_oldest_wake_seconds" in age["metadata"]["query"]) == ("prometheus", True)
    assert age["metadata"]["ignoreNullValues"] == "false", "a Prometheus that does not know us would count as no work"
    assert scaled["fallback"]["replicas"] <= scaled["maxReplicaCount"]


def test_whatever_is_counted_has_no_fixed_number() -> None:
    """… which each `kubectl apply` would go back to; APIs under load are counted, and may be two at least."""
    scaled = of_kind("production", "HorizontalPodAutoscaler")
    assert sorted(scaled) == ["identity-api", "intake-api", "project-api", "reporting-api"]
    for name, one in scaled.items():
        assert one["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        assert one["spec"]["maxReplicas"] > one["spec"]["minReplicas"] >= 2, name
        assert "replicas" not in of_kind("production", "Deployment")[name]["spec"], name


def test_a_database_that_is_made_keeps_analysts_from_storing_large_objects() -> None:
    """Its owner is no superuser and could not forbid it."""
    (statement,) = of_kind("production", "Cluster")["postgres"]["spec"]["bootstrap"]["initdb"]["postInitApplicationSQL"]
    assert statement == CLOSING
