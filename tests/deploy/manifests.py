"""The manifests as a cluster would get them, and what is asked of every one of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tools.programs import kustomize

K8S = Path(__file__).parents[2] / "deploy" / "k8s"
VERSION = "1.33"

Object = dict[str, Any]


@cache
def rendered(overlay: str) -> str:
    command = [*kustomize(), str(K8S / "overlays" / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def everything(overlay: str) -> list[Object]:
    return list(yaml.load_all(rendered(overlay), Loader=yaml.CSafeLoader))


def of_kind(overlay: str, *kinds: str) -> dict[str, Object]:
    return {one["metadata"]["name"]: one for one in everything(overlay) if one["kind"] in kinds}


def schema_of(one: Object) -> Path:
    """Where the schema of a custom resource is kept."""
    return K8S / "schemas" / f"{one['kind'].lower()}-{one['apiVersion'].replace('/', '-')}.json"


def validate(one: Object) -> None:
    """:raises Exception: the object is not what its schema says, or has none. Custom resources are checked against
    the schemas kept here, Kubernetes' own against those of its API; both refuse unknown fields."""
    own = schema_of(one)
    if own.exists():
        jsonschema.Draft202012Validator(json.loads(own.read_text())).validate(one)
    else:
        kubernetes_validate.validate(one, VERSION, strict=True)


def pods(overlay: str) -> Iterator[tuple[str, Object]]:
    """Every pod template of ours."""
    for one in everything(overlay):
        if one["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield f"{one['kind']} {one['metadata']['name']}", one["spec"]["template"]


def of_operators(overlay: str) -> Iterator[tuple[str, Object]]:
    """The pods that operators make for us, as far as policies and budgets go by their labels."""
    for one in everything(overlay):
        name, spec = one["metadata"]["name"], one.get("spec", {})
        if one["apiVersion"].startswith("postgresql.cnpg.io") and one["kind"] == "Cluster":
            labels = {"cnpg.io/cluster": name, **spec.get("inheritedMetadata", {}).get("labels", {})}
        elif one["kind"] == "RabbitmqCluster":
            given = spec["override"]["statefulSet"]["spec"]["template"]["metadata"]["labels"]
            labels = {"app.kubernetes.io/name": name, **given}
        else:
            continue
        yield f"{one['kind']} {name}", {"metadata": {"labels": labels}}


def selects(selector: Object, template: Object) -> bool:
    labels = template["metadata"]["labels"]
    if not all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for asked in selector.get("matchExpressions", []):
        assert asked["operator"] == "In"
        if labels.get(asked["key"]) not in asked["values"]:
            return False
    return True


def secrets_of(template: Object) -> list[str]:
    found = []
    for volume in template["spec"].get("volumes", []):
        if "secret" in volume:
            found.append(volume["secret"]["secretName"])
        found += [source["secret"]["name"] for source in volume.get("projected", {}).get("sources", [])]
    return found


def containers_of(template: Object) -> list[Object]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]
