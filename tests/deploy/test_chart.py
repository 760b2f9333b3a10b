"""The Helm chart, rendered by Helm's own engine: it makes what the overlays make, and what a site may choose otherwise
is valid, reachable and as restricted as that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from delivery_center.installing.secret_files import Secrets, objects, values

from tests.deploy.cluster import Cluster, cluster
from tests.deploy.manifests import Object, containers_of, everything, secrets_of, selects, validate
from tools.chart import CHART

helm = pytest.importorskip("helm_python", reason="Helm's engine comes for Linux on x86-64 only")
pytestmark = pytest.mark.integration

PRODUCTION: Object = yaml.safe_load((CHART / "values-production.yaml").read_text(encoding="utf-8"))
SITE: Object = {
    "images": {
        "center": {"repository": "registry.example.com/delivery-center", "tag": "0.2.0"},
        "gateway": {"repository": "registry.example.com/delivery-center-gateway", "tag": "0.2.0"},
    },
    "monitoring": {"enabled": True},
    "bi": {"enabled": True},
    "otlp": {"enabled": True, "sampled": "0.1"},
    "mail": {"enabled": True, "from": "service@example.com"},
    "sms": {"enabled": True},
    "mirror": {"enabled": True},
    "toolbox": {"enabled": True},
}
"""What deploy/k8s/overlays/site-example says."""
EXTERNAL: Object = {
    "database": {"kind": "external", "external": {"networks": ["10.1.0.0/16", "10.2.0.0/16"], "port": 5433}},
    "broker": {"kind": "external", "external": {"networks": ["10.3.0.5/32"]}, "nodes": 3},
    "files": {"bucket": "s3://files/projects", "region": "cn-hangzhou"},
    "entry": {"kind": "none"},
    "monitoring": {"enabled": True, "namespace": "watch", "labels": {"release": "prometheus"}},
    "images": {"pullPolicy": "Always", "pullSecrets": [{"name": "registry"}]},
    "replicas": {"project-api": 3},
    "resources": {"reporting-worker": {"requests": {"cpu": "2"}, "limits": {"memory": "2Gi"}}},
    "settings": {"DELIVERY_LOG_LEVEL": "DEBUG", "DELIVERY_FILE_TYPES": "dwg"},
}


@cache
def chart() -> Any:
    return helm.Chart.load(str(CHART))


def rendered(given: Object, **release: Any) -> list[Object]:
    files = chart().render(given, name="center", namespace="delivery", **release)
    texts = [text for path, text in files.items() if not path.endswith("NOTES.txt")]
    return [one for text in texts for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one]


def install(given: Object) -> None:
    """As far as Helm gets without a cluster."""
    chart().validate_schema(given)
    rendered(given)


def named(objects: list[Object]) -> dict[tuple[str, str], Object]:
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def bare(objects: list[Object]) -> dict[tuple[str, str], Object]:
    """Without what tells who rendered them: labels of objects, checksums in names and annotations, the namespace; and
    what only Helm goes by."""
    found = {}
    for one in objects:
        text = re.sub(r"\b(settings|gateway-site|prepare|finish)-[0-9a-z]{8,10}\b", r"\1", yaml.safe_dump(one))
        plain: Object = yaml.safe_load(text)
        meta = plain["metadata"]
        meta.pop("namespace", None)
        if meta.get("annotations") == {"helm.sh/resource-policy": "keep"}:
            del meta["annotations"]
        labels = {key: value for key, value in meta.pop("labels", {}).items() if key.startswith("grafana")}
        meta |= {"labels": labels} if labels else {}
        if plain["kind"] in ("Deployment", "Job"):
            template = plain["spec"]["template"]["metadata"]
            template.pop("annotations", None)
            template["labels"].pop("app.kubernetes.io/part-of", None)
        if meta["name"] == "gateway-site":
            site = plain["data"]["real-ip.conf"]
            plain["data"]["real-ip.conf"] = [line for line in site.splitlines() if not line.startswith("#")]
        if plain["kind"] == "PriorityClass" or plain["kind"] == "Namespace":
            meta.pop("namespace", None)
        found[plain["kind"], meta["name"]] = plain
    return found


@pytest.mark.parametrize(
    ("overlay", "given"),
    [("single-node", {}), ("production", PRODUCTION), ("site-example", SITE)],
    ids=lambda x: str(x)[:12],
)
def test_it_makes_what_the_overlay_makes(overlay: str, given: Object) -> None:
    """But for the namespace, which `helm install` makes or finds."""
    wanted = bare(everything(overlay))
    del wanted["Namespace", "delivery"]
    made = bare(rendered(given))
    assert sorted(made) == sorted(wanted)
    for name, one in wanted.items():
        assert made[name] == one, name


@pytest.mark.parametrize("given", [{}, PRODUCTION, SITE, EXTERNAL], ids=["single", "production", "site", "external"])
def test_helm_finds_nothing_to_say(given: Object) -> None:
    found = helm.lint(str(CHART), given, strict=True, namespace="delivery", kube_version="v1.33.0")
    assert [message for message in found["messages"] if message["severity"] >= 2] == []
    assert found["errors"] == []


def test_servers_of_ones_own_are_reached_and_nothing_else_is_made() -> None:
    made = named(rendered(EXTERNAL))
    for one in made.values():
        validate(one)
    kinds = {kind for kind, _ in made}
    assert not kinds & {"StatefulSet", "Cluster", "RabbitmqCluster", "PersistentVolumeClaim", "Gateway"}
    policies = {name: one["spec"] for (kind, name), one in made.items() if kind == "NetworkPolicy"}
    assert not policies.keys() & {"postgres", "rabbitmq", "bi", "metrics-rabbitmq"}
    database, broker = policies["storage"]["egress"]
    assert [end["ipBlock"]["cidr"] for end in database["to"]] == ["10.1.0.0/16", "10.2.0.0/16"]
    assert [port["port"] for port in database["ports"]] == [5433]
    assert [port["port"] for port in broker["ports"]] == [5672, 15672]
    settings = made["ConfigMap", "settings"]["data"]
    assert (settings["DELIVERY_BROKER_NODES"], settings["DELIVERY_LOG_LEVEL"]) == ("3", "DEBUG")
    assert settings["DELIVERY_FILE_TYPES"] == "dwg"
    project = made["Deployment", "project-api"]["spec"]
    assert project["replicas"] == 3
    assert project["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert {box["imagePullPolicy"] for box in containers_of(project["template"])} == {"Always"}
    (worker,) = made["Deployment", "reporting-worker"]["spec"]["template"]["spec"]["containers"]
    assert worker["resources"]["requests"] == {"cpu": "2"}
    assert made["PodMonitor", "delivery"]["metadata"]["labels"]["release"] == "prometheus"
    (source,) = policies["metrics"]["ingress"][0]["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "watch"}
    assert made["Service", "gateway"]["spec"].get("type") is None


def test_secrets_are_there_or_are_made(tmp_path: Path) -> None:
    """Every one a pod reads is among those that `secret_files` makes, in the file for Helm as for kubectl."""
    found = Secrets(tmp_path, database="postgres:5432", broker="rabbitmq:5672").make()
    wanted = {one["metadata"]["name"]: one for one in objects(found, namespace="delivery")}
    given = values(found, namespace="delivery")
    assert not [kind for kind, _ in named(rendered({})) if kind == "Secret"]
    made = {name: one for (kind, name), one in named(rendered(given)).items() if kind == "Secret"}
    assert made.keys() == wanted.keys()
    for name, one in made.items():
        validate(one)
        assert (one["type"], one["stringData"]) == (wanted[name]["type"], wanted[name]["stringData"])
        assert one["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    for one in rendered(given):
        if one["kind"] in ("Deployment", "Job", "StatefulSet"):
            assert set(secrets_of(one["spec"]["template"])) <= set(made), one["metadata"]["name"]


def test_every_release_prepares_and_finishes_anew() -> None:
    """A Job cannot be changed: each revision has its own, and Helm removes the one of before."""
    first, second = (
        {name for kind, name in named(rendered({}, revision=n, is_upgrade=n > 1)) if kind == "Job"} for n in (1, 2)
    )
    assert {re.sub(r"-[0-9a-f]{8}$", "", name) for name in first} == {"prepare", "finish"}
    assert len(first | second) == 4


@contextmanager
def installed(given: Object) -> Iterator[tuple[Any, Cluster]]:
    """Helm itself, and a cluster it has installed the chart in."""
    with cluster((one["apiVersion"], one["kind"]) for one in rendered(given)) as there:
        options = {"namespace": "delivery", "storage_driver": "memory", "qps": 1000, "burst_limit": 1000}
        with helm.Config(kube_apiserver=there.address, **options) as helmed:
            helmed.install(chart(), "center", given)
            yield helmed, there


def of_version(tag: str) -> Object:
    return {"images": {"center": {"tag": tag}, "gateway": {"tag": tag}}}


def test_back_and_forth_the_jobs_of_that_version_run() -> None:
    """Helm applies what it kept of a release: its Jobs have gone meanwhile, and are made again."""
    with installed(of_version("0.2.0")) as (helmed, there):

        def ran() -> set[tuple[str, str]]:
            jobs = [one for one in there.made if one["kind"] == "Job"]
            there.made.clear()
            assert [one["metadata"]["name"] for one in there.all("Job")] == sorted(
                one["metadata"]["name"] for one in jobs
            )
            for one in there.all("Deployment"):
                assert {box["image"].rpartition(":")[2] for box in containers_of(one["spec"]["template"])} == {tag}
            return {
                (job["metadata"]["labels"]["app.kubernetes.io/component"], box["image"])
                for job in jobs
                for box in containers_of(job["spec"]["template"])
            }

        def wanted() -> set[tuple[str, str]]:
            return {(name, f"delivery-center:{tag}") for name in ("prepare", "finish")}

        tag = "0.2.0"
        assert ran() == wanted()
        tag = "0.3.0"
        helmed.upgrade(chart(), "center", of_version(tag))
        assert ran() == wanted()
        tag = "0.2.0"
        helmed.rollback("center")
        assert ran() == wanted()
        tag = "0.3.0"
        helmed.rollback("center", version=2)
        assert ran() == wanted()


@pytest.mark.parametrize(
    ("given", "left"),
    [({}, {("PersistentVolumeClaim", "files")}), (PRODUCTION, {("Cluster", "postgres")})],
    ids=["single", "production"],
)
def test_what_holds_data_outlives_its_release(given: Object, left: set[tuple[str, str]]) -> None:
    """The claims of a StatefulSet do by themselves; an operator takes the disks of a database with its object."""
    with installed(given) as (helmed, there):
        helmed.uninstall("center")
        assert set(there.objects) == left
        helmed.install(chart(), "center", given)
        assert left < set(there.objects)


def test_alerts_name_the_runbooks_where_a_site_keeps_them() -> None:
    def named_by(**monitoring: str) -> set[str]:
        (rules,) = (one for one in rendered({"monitoring": {"enabled": True, **monitoring}}) if "Rule" in one["kind"])
        said = [rule for group in rules["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
        validate(rules)
        return {rule["annotations"]["runbook_url"].removesuffix(f"#{rule['alert'].lower()}") for rule in said}

    assert named_by() == {"{{ $externalLabels.runbooks }}docs/operations.md"}
    site = "https://git.example.com/delivery-center/blob/v1.0.0/"
    assert named_by(runbooks=site) == {f"{site}docs/operations.md"}


def test_presets_of_an_older_chart_are_not_enough() -> None:
    """So the document has an upgrade take those of the new one (tests/tools/test_handbook.py)."""
    with pytest.raises(helm.HelmError, match="nil pointer"):
        rendered({"mirror": None})


def test_processes_are_found_by_the_labels_of_the_overlays() -> None:
    """What the document stops for a restore, and waits for after an upgrade."""

    def labels(objects: list[Object]) -> set[tuple[str, str, str]]:
        return {
            (kind, re.sub(r"-[0-9a-f]{8}$", "", name), one["metadata"]["labels"]["app.kubernetes.io/component"])
            for (kind, name), one in named(objects).items()
            if kind in ("Deployment", "Job")
        }

    assert labels(rendered(SITE)) == labels(everything("site-example"))


def test_pods_are_replaced_when_their_settings_change() -> None:
    def checksum(given: Object, name: str) -> str:
        one = named(rendered(given))["Deployment", name]
        (found,) = one["spec"]["template"]["metadata"]["annotations"].values()
        return str(found)

    assert checksum({}, "project-api") != checksum({"settings": {"DELIVERY_THREADS": "16"}}, "project-api")
    trusting = {"entry": {"trusted": ["10.0.0.0/8"], "from": {"entry": "yes"}}}
    assert checksum({}, "gateway") != checksum(trusting, "gateway")


def test_an_image_may_be_named_by_its_digest() -> None:
    digest = "sha256:" + "0" * 64
    made = named(rendered({"images": {"center": {"digest": digest}}}))
    (box,) = made["Deployment", "notify-sender"]["spec"]["template"]["spec"]["containers"]
    assert box["image"] == f"delivery-center@{digest}"
    for (kind, name), one in made.items():
        if kind == "Deployment":
            assert selects(one["spec"]["selector"], one["spec"]["template"]), name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"replica": {}}, "additional properties 'replica' not allowed"),
        ({"database": {"kind": "own"}}, "/database/kind"),
        ({"broker": {"nodes": 0}}, "/broker/nodes"),
        ({"replicas": {"project-api": "2"}}, "/replicas/project-api"),
        ({"replicas": {"project": 2}}, "additional properties 'project' not allowed"),
        ({"images": {"center": {"digest": "sha256:1"}}}, "/images/center/digest"),
        ({"mail": {"enabled": True}}, "/mail/from"),
        ({"entry": {"trusted": ["10.0.0.0/8"]}}, "entry.trusted without entry.from"),
        ({"monitoring": {"runbooks": "docs"}}, "/monitoring/runbooks"),
        ({"secrets": {"create": True}}, "/secrets/values"),
        ({"settings": {"DELIVERY_LOG_LEVEL": 1}}, "/settings/DELIVERY_LOG_LEVEL"),
        ({"database": {"kind": "external", "external": {"networks": ["10.0.0.1"]}}}, "/database/external/networks/0"),
    ],
)
def test_a_mistake_is_named(given: Object, said: str) -> None:
    with pytest.raises(helm.HelmError, match=re.escape(said)):
        install(given)
