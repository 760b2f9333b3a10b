"""What manifests do for an installation that lives: it is watched, its broker loses no replica, a start is not killed,
a tool that keeps a repository and a cluster alike finds its way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from delivery_center.running.processes import ROLES

from tests.deploy.manifests import Object, everything, of_kind, of_operators, pods, selects
from tools.handbook import FILE
from tools.manifests import ALERTS, written

pytestmark = pytest.mark.integration  # needs a program that not every machine has

WATCHED = ["production", "site-example"]
"""Overlays with the component `monitoring`."""
ALL = ["single-node", *WATCHED]
INSIDE = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"}


def every_pod(overlay: str) -> list[tuple[str, Object]]:
    return [*pods(overlay), *of_operators(overlay)]


def relabelled(endpoint: Object, template: Object) -> dict[str, str]:
    """What Prometheus makes of a pod's labels."""
    found: dict[str, str] = {}
    for rule in endpoint["relabelings"]:
        assert rule["action"] == "replace"
        names = [name.removeprefix("__meta_kubernetes_pod_label_") for name in rule.get("sourceLabels", [])]
        labels = {
            key.replace("/", "_").replace(".", "_"): value for key, value in template["metadata"]["labels"].items()
        }
        given = rule.get("separator", ";").join(labels[name] for name in names)
        found[rule["targetLabel"]] = rule.get("replacement", given)
    return found


def watched(overlay: str) -> list[tuple[str, dict[str, str]]]:
    """Every pod of ours that a monitor finds, with the labels its series get."""
    found = []
    for monitor in of_kind(overlay, "PodMonitor").values():
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        for name, template in pods(overlay):
            if selects(monitor["spec"]["selector"], template):
                ports = {port["name"]: port for box in template["spec"]["containers"] for port in box["ports"]}
                assert endpoint["port"] in ports, name
                found.append((name, relabelled(endpoint, template)))
    return found


@pytest.mark.parametrize("overlay", WATCHED)
def test_every_process_is_counted(overlay: str) -> None:
    """15 of 15, under the names the alert rules know, and the gateway."""
    found = watched(overlay)
    processes = sorted(labels["process"] for _, labels in found if labels["job"] == "delivery")
    assert processes == sorted(ROLES)
    assert all(name == f"Deployment {labels['process']}" for name, labels in found if labels["job"] == "delivery")
    assert [name for name, labels in found if labels["job"] == "gateway"] == ["Deployment gateway"]
    broker = of_kind(overlay, "PodMonitor")["rabbitmq"]["spec"]["selector"]
    assert [name.split()[-1] for name, pod in (*pods(overlay), *of_operators(overlay)) if selects(broker, pod)] == [
        "rabbitmq"
    ]


@pytest.mark.parametrize("overlay", WATCHED)
def test_prometheus_reaches_what_it_looks_at(overlay: str) -> None:
    allowed = []
    for policy in of_kind(overlay, "NetworkPolicy").values():
        for way in policy["spec"].get("ingress", []):
            for source in way.get("from", []):
                if source.get("namespaceSelector", {}).get("matchLabels") == {
                    "kubernetes.io/metadata.name": "monitoring"
                }:
                    allowed.append((policy["spec"]["podSelector"], {port["port"] for port in way["ports"]}))
    for monitor in of_kind(overlay, "PodMonitor").values():
        port = 15692 if monitor["metadata"]["name"] == "rabbitmq" else 9000
        for name, template in every_pod(overlay):
            if selects(monitor["spec"]["selector"], template):
                assert any(selects(selector, template) and port in ports for selector, ports in allowed), name


@pytest.mark.parametrize("overlay", WATCHED)
def test_rules_and_dashboard_are_those_of_the_repository(overlay: str) -> None:
    rules = of_kind(overlay, "PrometheusRule")["delivery"]["spec"]
    kept = [yaml.safe_load((ALERTS.parent / name).read_text(encoding="utf-8")) for name in ("alerts.yml", "slos.yml")]
    assert rules["groups"] == [group for file in kept for group in file["groups"]]
    dashboard = of_kind(overlay, "ConfigMap")["delivery-dashboard"]
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    panels = json.loads((ALERTS.parent / "dashboard.json").read_text(encoding="utf-8"))
    assert json.loads(dashboard["data"]["dashboard.json"]) == panels


def test_what_is_written_is_up_to_date() -> None:
    """`make docs` writes it."""
    for path, text in written():
        assert path.read_text(encoding="utf-8") == text, path


def test_nothing_is_declared_before_the_cluster_is_whole() -> None:
    """… and what was declared on fewer nodes grows; whoever asks the broker for its nodes reaches it."""
    cluster = of_kind("production", "RabbitmqCluster")["rabbitmq"]["spec"]
    nodes = str(cluster["replicas"])
    settings = [one for name, one in of_kind("production", "ConfigMap").items() if name.startswith("settings-")]
    assert [one["data"]["DELIVERY_BROKER_NODES"] for one in settings] == [nodes]
    (prepare,) = of_kind("production", "Job")["prepare"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "DELIVERY_BROKER_NODES", "value": nodes} in prepare["env"]
    said = dict(line.split(" = ") for line in cluster["rabbitmq"]["additionalConfig"].strip().splitlines())
    grows = "quorum_queue.continuous_membership_reconciliation"
    assert (said[f"{grows}.enabled"], said[f"{grows}.target_group_size"]) == ("true", nodes)
    policies = of_kind("production", "NetworkPolicy")
    out, into = policies["storage"]["spec"]["egress"][1], policies["rabbitmq"]["spec"]["ingress"][0]
    assert {port["port"] for port in out["ports"]} == {port["port"] for port in into["ports"]} == {5672, 15672}


def test_a_broker_starts_again_on_the_disk_it_had() -> None:
    """Mounting a volume for a group opens the cookie to it, and Erlang refuses that."""
    spec = of_kind("single-node", "StatefulSet")["rabbitmq"]["spec"]["template"]["spec"]
    assert spec["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    (cookie,) = spec["initContainers"]
    assert "chmod 400" in cookie["command"][-1]
    assert cookie["volumeMounts"] == [{"name": "data", "mountPath": "/var/lib/rabbitmq"}]
    assert cookie["image"] == spec["containers"][0]["image"]


def test_a_database_that_replays_its_log_is_not_killed() -> None:
    spec = of_kind("single-node", "StatefulSet")["postgres"]["spec"]["template"]["spec"]
    probe = spec["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 1800


@pytest.mark.parametrize("overlay", ALL)
def test_names_are_found_through_the_cache_of_a_node(overlay: str) -> None:
    (way,) = of_kind(overlay, "NetworkPolicy")["names"]["spec"]["egress"]
    assert {"ipBlock": {"cidr": "169.254.20.10/32"}} in way["to"]
    assert {(port["protocol"], port["port"]) for port in way["ports"]} == {("UDP", 53), ("TCP", 53)}


@pytest.mark.parametrize("overlay", ALL)
def test_the_world_outside_is_not_the_cluster(overlay: str) -> None:
    """What of ours speaks HTTPS to somebody outside reaches no address inside; only operators reach Kubernetes."""
    for name, policy in of_kind(overlay, "NetworkPolicy").items():
        if not any(selects(policy["spec"]["podSelector"], template) for _, template in pods(overlay)):
            continue
        for way in policy["spec"].get("egress", []):
            if {"protocol": "TCP", "port": 443} in way.get("ports", []):
                (end,) = way["to"]
                assert set(end["ipBlock"]["except"]) == INSIDE, name


@pytest.mark.parametrize("overlay", ALL)
@pytest.mark.parametrize(("name", "hook"), [("prepare", "Sync"), ("finish", "PostSync")])
def test_jobs_fit_those_who_apply_again_and_again(overlay: str, name: str, hook: str) -> None:
    """Argo CD and Flux replace it where a version changes, and it does not vanish, to be run once more for nothing."""
    job = of_kind(overlay, "Job")[name]
    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": hook,
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "kustomize.toolkit.fluxcd.io/force": "enabled",
    }
    assert "ttlSecondsAfterFinished" not in job["spec"]


@pytest.mark.parametrize("overlay", ALL)
def test_pods_tell_the_version_they_run(overlay: str) -> None:
    for name, one in of_kind(overlay, "Deployment").items():
        template = one["spec"]["template"]
        versions = {box["image"].rpartition(":")[2] for box in template["spec"]["containers"]}
        assert versions == {template["metadata"]["labels"]["app.kubernetes.io/version"]}, name
        assert "app.kubernetes.io/version" not in one["spec"]["selector"]["matchLabels"], name
        assert one["spec"].get("minReadySeconds", 0) > 0 or name == "dc", name


def test_what_cannot_change_names_no_version() -> None:
    """The claims of a StatefulSet are fixed, so an upgrade would be refused."""
    for name, one in of_kind("single-node", "StatefulSet").items():
        for claim in one["spec"]["volumeClaimTemplates"]:
            assert "app.kubernetes.io/version" not in claim["metadata"].get("labels", {}), name
        assert "app.kubernetes.io/version" not in one["spec"]["template"]["metadata"]["labels"], name


def test_streams_of_events_outlast_the_entry() -> None:
    (rule,) = of_kind("production", "HTTPRoute")["gateway"]["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s"}


def test_letters_leave_a_cluster_where_a_site_wants_them_to() -> None:
    template = of_kind("site-example", "Deployment")["notify-sender"]["spec"]["template"]
    (box,) = template["spec"]["containers"]
    environment: dict[str, Any] = {entry["name"]: entry["value"] for entry in box["env"]}
    sources = template["spec"]["volumes"][0]["projected"]["sources"]
    files = {f"/run/secrets/delivery/{item['path']}" for one in sources for item in one["secret"]["items"]}
    for name in ("DELIVERY_SMTP_URL_FILE", "DELIVERY_SMS_URL_FILE", "DELIVERY_SMS_TOKEN_FILE"):
        assert environment[name] in files
    (settings,) = (one for name, one in of_kind("site-example", "ConfigMap").items() if name.startswith("settings-"))
    assert settings["data"]["DELIVERY_MIRROR_ENDPOINTS"] == "https://market.aliyuncs.com"
    assert settings["data"]["DELIVERY_MAIL_FROM"] == "service@example.com"
    assert settings["data"]["OTEL_TRACES_SAMPLER_ARG"] == "0.1"


def test_a_site_needs_no_line_but_its_own() -> None:
    """The example differs from the installation below it in images, settings and what its components bring."""
    below = {(one["kind"], one["metadata"]["name"]) for one in everything("single-node")}
    mine = {(one["kind"], one["metadata"]["name"]) for one in everything("site-example")}
    brought = {f"{kind} {name}" for kind, name in mine - below if not name.startswith("settings-")}
    assert brought == {
        "ConfigMap delivery-dashboard",
        "Deployment dc",
        "NetworkPolicy bi",
        "NetworkPolicy mail",
        "NetworkPolicy metrics",
        "NetworkPolicy metrics-rabbitmq",
        "NetworkPolicy mirror",
        "NetworkPolicy otlp",
        "NetworkPolicy sms",
        "PodMonitor delivery",
        "PodMonitor gateway",
        "PodMonitor rabbitmq",
        "PrometheusRule delivery",
    }


def test_what_the_document_has_done_in_a_cluster_can_be_done() -> None:
    """Pods in which something is run are there with what it reads; who is stopped is every process, and nobody else."""
    commands = re.findall(r"^(?:.*[|] )?kubectl .*", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) > 20
    assert [line for line in commands if "kubectl apply" in line and "--server-side" not in line] == []
    there = of_kind("site-example", "Deployment")
    entered = {name for line in commands for name in re.findall(r"exec (?:-i )?deploy/([a-z-]+)", line)}
    assert entered == {"dc", "project-api"}
    assert entered <= set(there)
    for line in commands:
        for folder in re.findall(r"deploy/project-api -- tar -C (\S+)", line):
            (box,) = there["project-api"]["spec"]["template"]["spec"]["containers"]
            assert folder in {mount["mountPath"] for mount in box["volumeMounts"]}
    jobs = of_kind("site-example", "Job")
    assert {name for line in commands for name in re.findall(r"job/(\w+)", line)} == set(jobs)
    stopped = set(
        re.findall(r"scale deployment --replicas=[01] -l '([a-z./]+) in [(]([a-z,]+)[)]'", "\n".join(commands))
    )
    ((label, values),) = stopped
    assert sorted(
        name for name, one in there.items() if one["metadata"]["labels"].get(label) in values.split(",")
    ) == sorted(ROLES)
    ((label, value),) = set(re.findall(r"apply .* -l (\S+)=(\w+)", "\n".join(commands)))
    chosen = [one for one in everything("site-example") if one["metadata"].get("labels", {}).get(label) == value]
    assert [(one["kind"], one["metadata"]["name"]) for one in chosen] == [("Job", "prepare")]
