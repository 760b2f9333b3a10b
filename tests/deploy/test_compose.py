"""docker-compose.yml: valid, complete, hardened, and without a secret in it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from delivery_center.composition import COMPOSE
from delivery_center.running.processes import ROLES, SERVERS
from delivery_shared.environment import SECRETS

from tools.compose_file import FILE, IMAGE, ROOT, VARIABLE, Container, containers, document, in_order

DRAIN = 30
"""Seconds a process takes at most to finish what it has in hand."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return document({})


@pytest.fixture(scope="module")
def running() -> dict[str, Container]:
    return containers({})


def check(compose: dict[str, Any]) -> None:
    """:raises ValueError: it is no Compose file, or names what it does not define."""
    PyCompose.from_json(json.dumps(compose)).validate()
    for name, service in compose["services"].items():
        missing = set(service.get("depends_on", {})) - set(compose["services"])
        if missing:
            raise ValueError(f"{name} depends on {missing}")


def test_the_file_is_what_the_specification_allows(compose: dict[str, Any]) -> None:
    check(compose)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda gateway: gateway.update(reed_only=True),
        lambda gateway: gateway.update(secrets=["unknown"]),
        lambda gateway: gateway.update(networks=["unknown"]),
        lambda gateway: gateway["healthcheck"].update(intervall="1s"),
        lambda gateway: gateway["depends_on"].update(unknown={"condition": "service_healthy"}),
    ],
)
def test_a_wrong_file_is_refused(compose: dict[str, Any], spoil: Callable[[dict[str, Any]], None]) -> None:
    wrong = copy.deepcopy(compose)
    spoil(wrong["services"]["gateway"])
    with pytest.raises(ValueError, match=r"reed_only|unknown|intervall"):
        check(wrong)


def test_every_process_has_its_container(running: dict[str, Container]) -> None:
    """… with the command that starts it everywhere else, and after the one step that prepares the database."""
    for name, (service, role) in ROLES.items():
        assert running[name].command == ["python", "-m", f"{service}_svc.main", role]
        assert running[name].depends_on == dict.fromkeys(("prepare", "past"), "service_completed_successfully")
        assert running[name].raw["depends_on"]["past"]["required"] is False, "only where there are demo data"
    assert set(running) - set(ROLES) == {
        "postgres", "rabbitmq", "prepare", "past", "gateway", "gateway-metrics", "demo", "dc", "prometheus",
        "alertmanager", "grafana",
    }  # fmt: skip
    assert [one.name for one in in_order(running) if not one.profiles][:3] == ["postgres", "rabbitmq", "prepare"]
    assert running["gateway"].depends_on == dict.fromkeys(SERVERS, "service_healthy")


def test_only_demo_monitoring_and_tools_are_left_out_by_default(running: dict[str, Container]) -> None:
    assert {name: one.profiles for name, one in running.items() if one.profiles} == {
        "past": ["demo"],
        "demo": ["demo"],
        "dc": ["ops"],
        "prometheus": ["monitoring"],
        "alertmanager": ["monitoring"],
        "grafana": ["monitoring"],
    }


def test_every_container_is_hardened_and_limited(running: dict[str, Container]) -> None:
    for name, one in running.items():
        assert one.raw["read_only"] is True, name
        assert one.raw["cap_drop"] == ["ALL"], name
        assert one.raw["security_opt"] == ["no-new-privileges:true"], name
        assert set(one.raw["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        if one.is_ours:
            assert one.user == "10001:10001", name
            assert "cap_add" not in one.raw, name
            assert int(one.raw["stop_grace_period"].removesuffix("s")) > DRAIN, name
        if name not in ("prepare", "past", "demo", "dc", "prometheus", "alertmanager", "grafana"):
            asks = one.raw["healthcheck"]["test"]
            assert asks[0] == "CMD", name
            assert not [word for word in asks if ":8000/" in word], f"{name}: behind the requests it serves"


def test_secrets_come_as_files_from_outside_the_repository(
    compose: dict[str, Any], running: dict[str, Container]
) -> None:
    for name, one in running.items():
        assert not [variable for variable in SECRETS if one.environment.get(variable) and "URL" not in variable], name
        assert not {"DATABASE_URL", "AMQP_URL", "DATABASE_ADMIN_URL"} & set(one.environment), name
        wanted = {value.rpartition("/")[2] for value in one.environment.values() if value.startswith("/run/secrets/")}
        wanted = {part for pattern in wanted for part in [pattern.format(service=s) for s in COMPOSE]}
        assert wanted == set(one.secrets) - {"rabbitmq-definitions.json"}, name
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}


@pytest.mark.parametrize("part", ["mail", "sms"])
def test_what_sends_may_have_its_secrets_as_files(part: str, running: dict[str, Container]) -> None:
    """… beside the file, since Docker starts nothing whose secret is not there."""
    more = yaml.safe_load((ROOT / "deploy" / "compose" / f"{part}.yml").read_text(encoding="utf-8"))
    assert set(more["services"]) == {name for name, (service, _) in ROLES.items() if service == "notify"}
    for one in more["services"].values():
        assert set(one) == {"environment", "secrets"}
        paths = {f"/run/secrets/{name}" for name in one["secrets"]}
        assert set(one["environment"].values()) == paths
        assert {variable.removesuffix("_FILE") for variable in one["environment"]} <= set(SECRETS)
        assert set(more["secrets"]) == set(one["secrets"])
    for name, secret in more["secrets"].items():
        assert secret == {"file": f"${{SECRETS:-./deploy/secrets}}/{name}"}
        assert name not in running["notify-sender"].secrets


def test_every_variable_stands_in_the_document() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("are taken:")[2]
    told = set(re.findall(r"`([A-Z_]+)`", table.partition("**Kubernetes**")[0]))
    built = {"VERSION", "REVISION", "CONSOLE"}  # see Install and Upgrade
    assert {found[1] for found in VARIABLE.finditer(FILE.read_text(encoding="utf-8"))} - built == told - {
        "COMPOSE_FILE"
    }


def test_configuration_lies_in_files(compose: dict[str, Any]) -> None:
    """Docker writes inline contents into the container, which a read-only one refuses."""
    for kind in ("configs", "secrets"):
        for name, one in compose[kind].items():
            assert set(one) == {"file"}, name


def test_images_are_pinned_to_a_minor_version() -> None:
    """… so that no restart of a machine brings another one into what runs."""
    images = {one["image"] for one in document({})["services"].values()} | {base_image()}
    others = {image for image in images if not image.startswith("delivery-center")}
    assert len(others) == 6
    assert {image for image in others if not re.search(r":v?\d+\.\d+", image)} == set()
    assert base_image() == document({})["services"]["prepare"]["build"]["args"]["BASE"]


def base_image() -> str:
    found: list[str] = re.findall(r"^ARG BASE=(\S+)", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return found[0]


def test_the_operators_command_line_has_what_it_needs(running: dict[str, Container]) -> None:
    """… the owner's address, every role's for a restore, the broker, the keys; nothing prepared before it."""
    dc = running["dc"]
    assert dc.raw["entrypoint"] == ["dc"]
    assert set(dc.secrets) == set(running["prepare"].secrets)
    assert dc.environment["DATABASE_URL_FILE"] == running["prepare"].environment["DATABASE_ADMIN_URL_FILE"]
    assert dc.depends_on == {"postgres": "service_healthy", "rabbitmq": "service_healthy"}


def test_each_service_gets_its_own_database_role_only(running: dict[str, Container]) -> None:
    for name, (service, _) in ROLES.items():
        databases = [secret for secret in running[name].secrets if secret.startswith("database-")]
        assert databases == [f"database-url-{service}"]
        assert ("signing-key" in running[name].secrets) is (service == "identity")


def test_only_the_gateway_can_be_reached_from_outside(compose: dict[str, Any], running: dict[str, Container]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    published = {name: one.raw["ports"] for name, one in running.items() if "ports" in one.raw}
    assert published == {"gateway": ["127.0.0.1:8080:8080"], "grafana": ["127.0.0.1:3000:3000"]}
    assert running["gateway"].raw["networks"] == ["front"]
    for name in ("postgres", "rabbitmq"):
        assert running[name].raw["networks"] == ["inside"]
