"""A person or a buyer is erased while everything runs, also where the relay dies as it publishes its stream anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from delivery_center import demo
from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.composition import Center
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.ordering import patiently, place_order
from delivery_center.running.processes import System
from delivery_center.verify import quiet
from delivery_shared.messaging.envelope import open_envelope, split
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

pytestmark = pytest.mark.faults

NAME, MOBILE = "欧阳无痕", "13900001111"


@pytest.fixture(scope="module")
def center(system: System) -> Iterator[Center]:
    """Looks at the installation from outside."""
    center = Center(Settings.read(system.environment))
    yield center
    center.stop()


@pytest.fixture
def accounts(system: System) -> Iterator[tuple[Client, Client, Notebook]]:
    """The operator and the admin of a new ISV."""
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    with Client(system.address) as client:
        operator = settle(client, book, OPERATOR)
        form = {"name": "抹除服务商", "number": str(uuid4().int)[:16], "login": "admin", "person": "管理员"}
        isv = register_party(operator, book, kind="isv", **form)
        yield operator, settle(client, book, isv["login_name"]), book


def stream_of(center: Center, source: str) -> bytes:
    """All the stream of a service holds, from its first offset to the last event published."""
    assert center.settings.broker is not None
    store = center.services[source].store
    assert store is not None
    last, bodies = Outbox(store).last(), list[bytes]()
    transport = RabbitTransport(center.settings.broker)
    with transport.attach(source=source, position=0, offset=None) as attachment:

        def complete() -> bool:
            deliveries = attachment.receive(limit=100, timeout=0.2)
            attachment.acknowledge(deliveries)
            bodies.extend(body for delivery in deliveries for body in split(delivery.body))
            return any(int(open_envelope(body).id) == last for body in bodies)

        eventually(complete)
    transport.close()
    return b"\n".join(bodies)


@pytest.mark.requirement("U-21")
@pytest.mark.parametrize("failpoint", ["relay.stream_deleted", "relay.renewed", "relay.after_publish"])
def test_the_relay_dies_while_the_stream_is_published_anew(
    system: System, center: Center, accounts: tuple[Client, Client, Notebook], failpoint: str
) -> None:
    """Given a person who was deleted, when the data are erased and the relay dies at ``failpoint``, then after its
    restart the stream and every copy are without the person, and all feeds have gone on."""
    operator, admin, book = accounts
    login_name = f"ouyang{uuid4().hex[:8]}"
    form = {"login_name": login_name, "name": NAME, "side": "provider", "roles": ["designer"], "mobile": MOBILE}

    user_id = patiently(partial(create_user, admin, book, **form))["user_id"]
    eventually(lambda: quiet(center) == [])
    admin.call("DELETE", f"/api/v1/users/{user_id}")

    def gone() -> bool:
        try:
            admin.get(f"/api/v1/users/{user_id}")
        except Refused as refused:
            return refused.status == 404
        return False

    eventually(gone)
    eventually(lambda: quiet(center) == [])
    before = stream_of(center, "identity")
    assert NAME.encode() in before
    assert login_name.encode() in before
    system.stop(["identity-worker"])
    system.start(["identity-worker"], failpoint=failpoint)
    operator.call("DELETE", f"/api/v1/users/{user_id}/personal-data", expect=204)
    assert system.wait_for_death("identity-worker") == -9
    system.start(["identity-worker"])
    eventually(lambda: quiet(center) == [])
    after = stream_of(center, "identity")
    for text in (NAME, MOBILE, login_name):
        assert text.encode() not in after
    assert user_id.encode() in after
    for name in ("project", "dispatch", "notify", "reporting"):
        [consumer] = [c for c in center.services[name].consumers if c.source == "identity"]
        [row] = consumer.rows("SELECT * FROM person WHERE user_id = %(id)s", {"id": user_id})
        shown = {
            key: value for key, value in row.items() if key in ("name", "login_name", "mobile", "landline", "email")
        }
        assert not any(shown.values()), (name, shown)
    assert quiet(center) == []


BUYER = "司马忘川"


def tables_with(text: str, database_url: str) -> set[str]:
    """The tables of all services with a row that holds ``text``, as text or as bytes."""
    found = set()
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            held = connection.execute(
                f"SELECT EXISTS (SELECT FROM {table} AS t WHERE t::text LIKE ANY (%s))",  # type: ignore[arg-type]
                ([f"%{text}%", f"%{text.encode().hex()}%"],),
            ).fetchone()
            if held == (True,):
                found.add(table)
    return found


STORED = {"identity.identity_events"}
"""The name an operator registered a customer under stays in the fact, where nothing reads it any more (ADR 0023)."""


@pytest.mark.requirement("U-21")
def test_a_buyer_is_forgotten_wherever_an_order_named_him(
    system: System, center: Center, installation: PreparedSystem, accounts: tuple[Client, Client, Notebook]
) -> None:
    """Over the public API, between all processes: afterwards no stream holds the name and no row but one, and the order
    goes on."""
    operator, _, book = accounts
    marketplace = settle(operator, book, MARKETPLACE)
    number, order = f"B{uuid4().hex[:10].upper()}", uuid4().hex[:16]
    registered = {"kind": "customer", "name": BUYER, "number": number, "user": None}
    party_id = operator.post("/api/v1/parties", registered)["party_id"]
    project_id = place_order(marketplace, str(installation.product_id), (BUYER, number), order, order)
    eventually(lambda: quiet(center) == [])
    url = system.environment["DATABASE_URL"]
    before = tables_with(BUYER, url)
    assert before >= {"identity.party", "reporting.buyer", "dispatch.ordered", "notify.project", "template.party"}
    for source in ("identity", "project"):
        assert BUYER.encode() in stream_of(center, source)
    path = f"/api/v1/parties/{party_id}/personal-data"
    for _ in range(2):
        operator.call("DELETE", path, expect=204)

    def forgotten() -> bool:
        assert tables_with(BUYER, url) == STORED
        return True

    eventually(forgotten)
    eventually(lambda: quiet(center) == [])
    for source in ("identity", "project"):
        after = stream_of(center, source)
        assert BUYER.encode() not in after
        assert (party_id if source == "identity" else project_id).encode() in after
    details = operator.get(f"/api/v1/projects/{project_id}")
    assert (order in repr(details), BUYER in repr(details)) == (True, False)
    installation.assert_well()


@pytest.mark.requirement("U-32")
def test_a_token_is_void_in_every_process_once_its_user_signs_out(
    system: System, accounts: tuple[Client, Client, Notebook]
) -> None:
    """Over the broker, between separate processes: identity revokes, every API process hears of it."""
    _, admin, _ = accounts
    paths = ("/api/v1/me", "/api/v1/templates", "/api/v1/messages", "/api/v1/purchased-services",
             "/api/v1/files/00000000-0000-4000-8000-000000000001", "/api/v1/staff-loads")  # fmt: skip
    assert len({system.address(path).removesuffix(path) for path in paths}) == 6, "one of each service"

    def answers() -> set[int]:
        headers = {"Authorization": f"Bearer {admin.token}"}
        return {admin.http.get(admin.address(path), headers=headers).status_code for path in paths}

    assert 401 not in answers()
    admin.call("DELETE", "/api/v1/sessions/current")
    eventually(lambda: answers() == {401})
