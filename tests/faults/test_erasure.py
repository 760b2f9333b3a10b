"""A person is erased while everything runs, and the relay dies at each step of publishing its stream anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from delivery_center import demo
from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.composition import Center
from delivery_center.ordering import patiently
from delivery_center.running.processes import System
from delivery_center.verify import quiet
from delivery_shared.messaging.envelope import open_envelope, split
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually
from identity_svc.bootstrap import OPERATOR

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


def stream_of_identity(center: Center) -> bytes:
    """All the stream holds, from its first offset to the last event published."""
    assert center.settings.broker is not None
    store = center.services["identity"].store
    assert store is not None
    last, bodies = Outbox(store).last(), list[bytes]()
    transport = RabbitTransport(center.settings.broker)
    with transport.attach(source="identity", position=0, offset=None) as attachment:

        def complete() -> bool:
            deliveries = attachment.receive(limit=100, timeout=0.2)
            attachment.acknowledge(deliveries)
            bodies.extend(body for delivery in deliveries for body in split(delivery.body))
            return any(int(open_envelope(body).id) == last for body in bodies)

        eventually(complete, timeout=30)
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
    eventually(lambda: quiet(center) == [], timeout=30)
    admin.call("DELETE", f"/api/v1/users/{user_id}")

    def gone() -> bool:
        try:
            admin.get(f"/api/v1/users/{user_id}")
        except Refused as refused:
            return refused.status == 404
        return False

    eventually(gone, timeout=20)
    eventually(lambda: quiet(center) == [], timeout=30)
    before = stream_of_identity(center)
    assert NAME.encode() in before
    assert login_name.encode() in before
    system.stop(["identity-worker"])
    system.start(["identity-worker"], failpoint=failpoint)
    operator.call("DELETE", f"/api/v1/users/{user_id}/personal-data", expect=204)
    assert system.wait_for_death("identity-worker") == -9
    system.start(["identity-worker"])
    eventually(lambda: quiet(center) == [], timeout=60)
    after = stream_of_identity(center)
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
    eventually(lambda: answers() == {401}, timeout=20)
