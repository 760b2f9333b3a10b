"""What an installation needs before its first process, and before those of a new version: ``python -m
delivery_center.installing.prepare``. A database role and a schema for each service, the tables, the first accounts, the
broker's streams and queues. Safe to repeat, and the one step that may do all this.

Where the broker is to have several nodes (``DELIVERY_BROKER_NODES``), it waits for them before it declares anything:
what is declared earlier would lie on fewer. A feed that is new in this version, or begins again, may need what its
stream does not hold any more: the relay is then set back.

A service whose database is another one is prepared there, as ``DELIVERY_<SERVICE>_DATABASE_ADMIN_URL`` says; the
database itself must exist.

Each service signs in as a role of its own, which owns its schema and sees no other. The administrator's role, which
creates them, becomes a member of all: ``verify`` and the operator's tools read every schema with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
import reporting_svc.bi.installing
import structlog
from amqp.exceptions import AMQPError
from delivery_shared.environment import databases, with_secrets
from delivery_shared.logs import configure_logging
from delivery_shared.messaging.cluster import TooFewNodes
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from kombu.exceptions import OperationalError
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from delivery_center.composition import COMPOSE, Center, known
from delivery_center.supplying import supply

log = structlog.get_logger()

PATIENCE = 600.0
"""Seconds it waits for the nodes of the broker; whoever runs it starts it again."""

FURTHER_SCHEMAS: Mapping[str, Iterable[str]] = {"reporting": reporting_svc.bi.installing.SCHEMAS}
"""Schemas of a service beside the one of its name."""


def database_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """The address each service uses, with its own role, from the files that ``DATABASE_URL_FILES`` names:
    ``/run/secrets/database-url-{service}``.

    :raises SystemExit: the variable or a file is missing.
    """
    pattern = environment.get("DATABASE_URL_FILES")
    if not pattern:
        raise SystemExit("missing in the environment: DATABASE_URL_FILES")
    try:
        return {name: Path(pattern.format(service=name)).read_text(encoding="utf-8").strip() for name in COMPOSE}
    except OSError as error:
        raise SystemExit(f"DATABASE_URL_FILES: {error.filename} cannot be read") from None


def create_role(admin: psycopg.Connection, *, url: str, schemas: Iterable[str]) -> None:
    """The role that ``url`` signs in as, with that password, and its schemas. The password is sent as a verifier: it
    stands in no log of the server."""
    parts = conninfo_to_dict(url)
    role, password = str(parts["user"]), str(parts["password"])
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    names = {"role": sql.Identifier(role), "password": sql.Literal(verifier)}
    change = "ALTER ROLE {role} LOGIN PASSWORD {password}"
    if not known:
        change = "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {password}"
    admin.execute(sql.SQL(change).format(**names))
    admin.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(**names))
    for schema in schemas:
        own = sql.SQL("CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}")
        admin.execute(own.format(schema=sql.Identifier(schema), **names))


def _meet(name: str, admin: psycopg.Connection, url: str) -> None:
    """:raises SystemExit: the service's own address leads to another database than its schema was made in."""
    where = "SELECT current_database(), pg_postmaster_start_time()"
    with psycopg.connect(url) as own:
        if own.execute(where).fetchone() != admin.execute(where).fetchone():
            raise SystemExit(
                f"{name} has its database at {own.info.host}:{own.info.port}/{own.info.dbname}, but is prepared at"
                f" {admin.info.host}:{admin.info.port}/{admin.info.dbname} (DATABASE_ADMIN_URL,"
                f" DELIVERY_{name.upper()}_DATABASE_ADMIN_URL)"
            )


def declare(broker: Broker, *, patience: float = PATIENCE) -> None:
    """The streams and queues, once the nodes they are to lie on run.

    :raises SystemExit: they do not within ``patience`` seconds, or the broker does not answer, or not us.
    """
    try:
        if broker.nodes > 1 and broker.missing():
            broker.cluster.wait(broker.nodes, patience=patience)
        broker.declare()
    except TooFewNodes as refusal:
        raise SystemExit(str(refusal)) from refusal
    except (OSError, OperationalError, AMQPError) as error:
        raise SystemExit(f"the broker cannot be used: {broker.address}: {error}") from error


def prepare(environment: Mapping[str, str]) -> None:
    """Do all of it.

    :raises SystemExit: the environment lacks something, a server does not answer, or nodes of the broker do not come.
    """
    environment = with_secrets(environment)
    try:
        _prepare(environment)
    except psycopg.OperationalError as error:
        raise SystemExit(f"the database cannot be used: {str(error).splitlines()[0]}") from error


def _prepare(environment: Mapping[str, str]) -> None:
    urls = database_urls(environment)
    admin_url = environment.get("DATABASE_ADMIN_URL")
    if not admin_url:
        raise SystemExit("missing in the environment: DATABASE_ADMIN_URL")
    admin_urls = databases(environment, kind="DATABASE_ADMIN_URL")
    known(admin_urls)
    for name, url in urls.items():
        with psycopg.connect(admin_urls.get(name, admin_url), autocommit=True) as admin:
            create_role(admin, url=url, schemas=(name, *FURTHER_SCHEMAS.get(name, ())))
            _meet(name, admin, url)
    for name, compose in COMPOSE.items():
        settings = replace(Settings.read({**environment, "DATABASE_URL": urls[name]}), databases={})
        broker = settings.broker
        assert broker is not None
        transport = RabbitTransport(broker)
        service = compose(settings, transport)
        try:
            service.migrate()
        finally:
            service.close()
            transport.close()
        log.info("prepared", service=name)
    declare(Broker.read(environment))
    _supply(environment, urls)


def _supply(environment: Mapping[str, str], urls: Mapping[str, str]) -> None:
    """Where this version has a feed that is new or begins again, and its stream was cut: have it published again."""
    center = Center(replace(Settings.read({**environment, "DATABASE_URL": urls["identity"]}), databases=urls))
    try:
        for lack in supply(center):
            log.info("published again for feeds that need it", source=lack.source, feeds=sorted(lack.feeds))
    finally:
        center.stop()


def main() -> None:
    """Prepare what the environment names."""
    configure_logging()
    prepare(os.environ)


if __name__ == "__main__":
    main()
