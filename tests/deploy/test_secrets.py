"""Secrets of an installation: made once, kept, readable as files; and what goes with one that is not."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from delivery_center.composition import COMPOSE
from delivery_center.installing.secret_files import Secrets, objects
from delivery_shared.environment import with_secrets
from delivery_shared.service import Settings

from tools.compose_file import document


def made(folder: Path) -> dict[str, str]:
    return Secrets(folder, database="postgres:5432", broker="rabbitmq:5672").make()


def test_every_secret_of_the_compose_file_is_made_once(tmp_path: Path) -> None:
    first = made(tmp_path / "secrets")
    assert set(document({})["secrets"]) <= set(first)
    assert made(tmp_path / "secrets") == first
    assert made(tmp_path / "other")["signing-key"] != first["signing-key"]
    (tmp_path / "secrets" / "amqp-url").unlink()
    again = made(tmp_path / "secrets")
    assert {name for name in first if again[name] != first[name]} == {"amqp-url"}


def test_only_the_owner_enters_the_folder(tmp_path: Path) -> None:
    made(tmp_path / "secrets")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o444}


def test_each_service_signs_in_as_a_role_of_its_own(tmp_path: Path) -> None:
    found = made(tmp_path)
    urls = [found[f"database-url-{name}"] for name in COMPOSE]
    assert [url.partition("://")[2].partition(":")[0] for url in urls] == [f"delivery_{name}" for name in COMPOSE]
    assert len({url.partition("@")[0].rpartition(":")[2] for url in urls}) == len(COMPOSE)


def test_the_broker_gets_verifiers_not_passwords(tmp_path: Path) -> None:
    found = made(tmp_path)
    password = found["amqp-url"].partition("@")[0].rpartition(":")[2]
    text = found["rabbitmq-definitions.json"]
    assert password not in text
    ours, monitoring = json.loads(text)["users"]
    for user, secret in ((ours, password), (monitoring, found["rabbitmq-monitoring-password"])):
        stored = base64.b64decode(user["password_hash"])
        assert hashlib.sha256(stored[:4] + secret.encode()).digest() == stored[4:]
    assert (ours["name"], ours["tags"], monitoring["tags"]) == ("delivery", ["monitoring"], ["monitoring"])


def test_as_objects_of_kubernetes(tmp_path: Path) -> None:
    found = made(tmp_path) | {"next-signing-key": "{}"}  # which signs nothing yet
    by_name = {one["metadata"]["name"]: one for one in objects(found, namespace="delivery")}
    assert by_name["database-url-project"]["stringData"] == {"value": found["database-url-project"]}
    assert by_name["postgres-owner"]["type"] == "kubernetes.io/basic-auth"
    assert "next-signing-key" not in by_name
    assert {one["metadata"]["namespace"] for one in by_name.values()} == {"delivery"}


def test_a_secret_may_come_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("postgresql://a:b@c/d\n")
    environment = {"DATABASE_URL_FILE": str(path), "AMQP_URL": "amqp://x", "DELIVERY_PUBLIC_KEYS": "{}"}
    settings = Settings.read(environment)
    assert settings.database_url == "postgresql://a:b@c/d"
    assert settings.environment["DATABASE_URL"] == "postgresql://a:b@c/d"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "x", "DATABASE_URL_FILE": "full"}, "both given"),
        ({"AMQP_URL_FILE": "none"}, "AMQP_URL_FILE is unusable"),
        ({"AMQP_URL_FILE": "empty"}, "AMQP_URL_FILE is empty"),
    ],
)
def test_a_secret_that_is_none_is_told_by_name(
    environment: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("full").write_text("secret")
    Path("empty").write_text("\n")
    with pytest.raises(SystemExit, match=said) as caught:
        with_secrets(environment)
    assert "secret" not in str(caught.value)


def test_other_files_are_no_secrets() -> None:
    assert with_secrets({"DELIVERY_READY_FILE": "/none"}) == {"DELIVERY_READY_FILE": "/none"}
