"""Secrets of a new installation, made up once: ``python -m delivery_center.installing.secret_files FOLDER``.

One file per secret, as the containers read them; what is there already is kept, so that a later version adds what it
needs and changes nothing. ``--kubernetes`` prints them as Secret objects instead of telling where they are, ``--helm``
as values of the chart.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.retention import POLICY
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

from delivery_center.accounts import new_password
from delivery_center.composition import COMPOSE
from delivery_center.installing.keys import NEXT, new_link_key

DATABASE = "delivery"
RESTORED = "postgres-restored-rw:5432"
"""Where the restore test of the manifests finds what it restored."""

BROKER_USER = "delivery"
MONITORING_USER = "monitoring"


class Secrets:
    """The files of a folder. Only its owner may enter it; the files themselves may be read by everybody, since each
    container gets its own of them, under whatever user it runs."""

    def __init__(self, folder: Path, *, database: str, broker: str, name: str = DATABASE) -> None:
        """``database``, ``broker``: host and port. ``name``: of the database, of its owner, and before the name of
        each service's role; several installations may share a server."""
        self.folder, self.name = folder, name
        self.database, self.broker = database, broker
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def keep(self, name: str, value: str) -> str:
        """The secret of that name: as it is, or else made now."""
        path = self.folder / name
        if not path.exists():
            draft = path.with_suffix(".new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o444), "w") as file:
                file.write(value)
            draft.replace(path)
        return path.read_text()

    def make(self) -> dict[str, str]:
        """All of them, by name."""
        owner = f"{self.name}:{self.keep('postgres-password', secrets.token_urlsafe(24))}"
        self.keep("database-admin-url", f"postgresql://{owner}@{self.database}/{self.name}")
        self.keep("database-restored-url", f"postgresql://{owner}@{RESTORED}/{self.name}")
        for service in COMPOSE:
            role = f"{self.name}_{service}:{secrets.token_urlsafe(24)}"
            self.keep(f"database-url-{service}", f"postgresql://{role}@{self.database}/{self.name}")
        self._make_broker()
        key = self.keep("signing-key", json.dumps(new_private_jwk()))
        self.keep("public-keys", json.dumps(TokenIssuer(json.loads(key)).public_jwks))
        self.keep("link-keys", new_link_key())
        self.keep("first-passwords", json.dumps({OPERATOR: new_password(), MARKETPLACE: new_password()}))
        self.keep("grafana-password", secrets.token_urlsafe(24))
        return {path.name: path.read_text() for path in sorted(self.folder.iterdir())}

    def _make_broker(self) -> None:
        """Two users: ours, and one that may only look, for whoever scales and watches."""
        url = self.keep("amqp-url", f"amqp://{BROKER_USER}:{secrets.token_urlsafe(24)}@{self.broker}/%2F")
        watching = self.keep("rabbitmq-monitoring-password", secrets.token_urlsafe(24))
        self.keep("rabbitmq-definitions.json", json.dumps(definitions(password_of(url), watching), indent=1))


def password_of(url: str) -> str:
    """The password in an address made here."""
    return urlsplit(url).password or ""


def definitions(password: str, watching: str) -> dict[str, Any]:
    """What RabbitMQ imports at its start: for how long streams keep what was published, and the users, without their
    passwords in clear. Ours may look as well, since it declares nothing before enough nodes run."""

    def user(name: str, secret: str, *tags: str) -> dict[str, Any]:
        salt = secrets.token_bytes(4)
        digest = base64.b64encode(salt + hashlib.sha256(salt + secret.encode()).digest()).decode()
        algorithm = "rabbit_password_hashing_sha256"
        return {"name": name, "password_hash": digest, "hashing_algorithm": algorithm, "tags": list(tags)}

    def may(name: str, pattern: str, read: str) -> dict[str, str]:
        return {"user": name, "vhost": "/", "configure": pattern, "write": pattern, "read": read}

    return {
        "users": [user(BROKER_USER, password, "monitoring"), user(MONITORING_USER, watching, "monitoring")],
        "vhosts": [{"name": "/"}],
        "permissions": [may(BROKER_USER, ".*", ".*"), may(MONITORING_USER, "^$", "^$")],
        "policies": [POLICY],
    }


def objects(found: Mapping[str, str], *, namespace: str) -> list[dict[str, Any]]:
    """The secrets as the manifests expect them: one object per secret, with the key ``value``; for PostgreSQL and
    RabbitMQ also in the form their operators read."""
    made = [_object(name, {"value": value}) for name, value in found.items() if name != NEXT]
    password = found["postgres-password"]
    made.append(_object("postgres-owner", {"username": DATABASE, "password": password}, "kubernetes.io/basic-auth"))
    account = {"username": BROKER_USER, "password": password_of(found["amqp-url"])}
    config = f"default_user = {BROKER_USER}\ndefault_pass = {account['password']}\n"
    made.append(_object("rabbitmq-account", {**account, "default_user.conf": config}))
    broker = f"{urlsplit(found['amqp-url']).hostname}.{namespace}.svc"
    monitoring = {
        "host": f"http://{broker}:15672/%2F",
        "username": MONITORING_USER,
        "password": found["rabbitmq-monitoring-password"],
    }
    made.append(_object("rabbitmq-monitoring", monitoring))
    for one in made:
        one["metadata"]["namespace"] = namespace
    return made


def values(found: Mapping[str, str], *, namespace: str) -> dict[str, Any]:
    """The same for the Helm chart: values with which it makes them itself."""
    made = {
        one["metadata"]["name"]: {"type": one["type"], "stringData": one["stringData"]}
        for one in objects(found, namespace=namespace)
    }
    return {"secrets": {"create": True, "values": made}}


def _object(name: str, values: Mapping[str, str], kind: str = "Opaque") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name.replace(".", "-")},
        "type": kind,
        "stringData": dict(values),
    }


def main(
    folder: Annotated[Path, typer.Argument(help="Where the files are, or are made.")],
    kubernetes: Annotated[bool, typer.Option(help="Print them as objects for `kubectl apply -f -`.")] = False,
    helm: Annotated[bool, typer.Option(help="Print them as values for `helm install -f -`.")] = False,
    namespace: Annotated[str, typer.Option(help="Of those objects.")] = "delivery",
    database: Annotated[str, typer.Option(help="host:port of PostgreSQL.")] = "postgres:5432",
    broker: Annotated[str, typer.Option(help="host:port of RabbitMQ.")] = "rabbitmq:5672",
) -> None:
    """Make the secrets of an installation that are missing."""
    found = Secrets(folder, database=database, broker=broker).make()
    if helm:
        typer.echo(json.dumps(values(found, namespace=namespace), ensure_ascii=False, indent=1))
    elif kubernetes:
        items = objects(found, namespace=namespace)
        typer.echo(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, ensure_ascii=False, indent=1))
    else:
        typer.echo(f"{len(found)} secrets in {folder}")


if __name__ == "__main__":
    typer.run(main)
