"""Database and broker across a network nobody trusts: every connection is encrypted, and to the right server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import trustme
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.messaging.topology import Broker
from eventsourcing.persistence import OperationalError
from project_svc.store import ProjectStore

from tools.private_rabbit import PrivateRabbit, private_rabbitmq
from tools.private_servers import Identity, PrivatePostgres, private_postgres

pytestmark = pytest.mark.faults

NAME = "localhost"
"""Whom the certificates are for; the servers are at 127.0.0.1 as well, where they are not."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    authority: Path
    postgres: PrivatePostgres
    rabbit: PrivateRabbit

    def database(self, host: str = NAME) -> str:
        query = f"sslmode=verify-full&sslrootcert={self.authority}"
        return f"postgresql://postgres@{host}:{self.postgres.port}/postgres?{query}"

    def broker(self, host: str = NAME) -> Broker:
        return Broker(url=f"amqps://guest:guest@{host}:{self.rabbit.tls_port}/%2F", namespace=f"{uuid4().hex[:6]}.")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers with certificates of an authority that nobody knows but whoever is told."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    issued = authority.issue_cert(NAME)
    identity = Identity(folder / "key.pem", folder / "certificate.pem")
    issued.private_key_pem.write_to_path(identity.key)
    issued.cert_chain_pems[0].write_to_path(identity.certificate)
    with private_postgres(tls=identity) as postgres, private_rabbitmq(tls=identity) as rabbit:
        yield Servers(authority=folder / "authority.pem", postgres=postgres, rabbit=rabbit)


@pytest.fixture
def trusted(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.authority))


def test_an_order_goes_to_its_end_over_tls(servers: Servers, trusted: None, tmp_path: Path) -> None:
    """Given a database that takes nobody without TLS and a broker's TLS port, when a project runs through all services,
    then it is completed, and no session of the database was without."""
    broker = servers.broker()
    with System(database_url=servers.database(), broker=broker, folder=tmp_path) as system:
        system.migrate()
        system.start()
        with PreparedSystem(system) as prepared:
            robots = prepared.robots()
            (project,) = robots.order(prepared.orders(1))
            robots.run(lambda: project in robots.completed, timeout=60)
            prepared.assert_well()
            with psycopg.connect(servers.database()) as connection:
                sessions = connection.execute(
                    "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                    " WHERE client_addr IS NOT NULL"
                ).fetchone()
            assert sessions is not None
            assert sessions[0] == sessions[1] > len(system.running)


CONSUMER = """
from kombu.exceptions import OperationalError
try:
    with broker.connected() as connection:
        connection.ensure_connection(max_retries=1)
except OperationalError as error:
    print(error)
"""
RELAY = """
import pika
def failed(connection, error):
    print(repr(error))
    connection.ioloop.stop()
pika.SelectConnection(pika.URLParameters(broker.url), on_open_error_callback=failed).ioloop.start()
"""


@pytest.mark.parametrize("way", [CONSUMER, RELAY])
@pytest.mark.parametrize(
    ("host", "known", "why"),
    [("127.0.0.1", True, "IP address mismatch"), (NAME, False, "unable to get local issuer certificate")],
)
def test_whoever_has_another_name_is_no_broker_of_ours(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, way: str, host: str, known: bool, why: str
) -> None:
    """A certificate for another host, or of an unknown authority, ends the connection before anybody signs in: that of
    the consumers, and that of the relays."""
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(servers.authority))
    code = f"from delivery_shared.messaging.topology import Broker\nbroker = {servers.broker(host)!r}\n{way}"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert f"certificate verify failed: {why}" in ended.stdout, ended.stderr


def test_whoever_has_another_name_is_no_database_of_ours(servers: Servers) -> None:
    """The store keeps what the address says of TLS: it opens no connection to a server with another name."""
    with closing(ProjectStore(database_url=servers.database())) as store, store.connection() as connection:
        assert connection.info.get_parameters()["sslmode"] == "verify-full"
    with pytest.raises(OperationalError, match="couldn't get a connection"):
        ProjectStore(database_url=servers.database("127.0.0.1"))
