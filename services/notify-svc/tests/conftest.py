"""The service on real PostgreSQL, messages as the feeds bring them, and signed-in accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from delivery_shared.clock import Clock
from delivery_shared.contracts import Contract, identity, project, template
from delivery_shared.contracts.template import Reminder
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import Message, encode, open_message
from delivery_shared.migrate import migrate
from delivery_shared.projection import Projection, connect
from flask.testing import FlaskClient
from notify_svc.api import BLUEPRINTS, ERRORS
from notify_svc.application import NotifyApplication
from notify_svc.feed import feeds as all_feeds
from notify_svc.tables import metadata
from sqlalchemy import Engine, text

SIDES = {
    "claim_order": "provider",
    "general": "provider",
    "confirm": "provider",
    "submit_requirement": "customer",
    "complete_project": "customer",
}
"""Who operates a node of a type, where the template has no choice or the test makes none; nobody the others."""

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    """The same id for the same name in every run."""
    return uuid5(NAMESPACE_OID, name)


def message_of(contract: Contract, *, id: int, prev: int) -> Message:
    """``contract`` as it arrives."""
    body = encode(
        contract,
        notification_id=id,
        prev=prev,
        subject=str(getattr(contract, "project_id", id)),
        subject_version=id,
        time=NOON,
        correlation_id="test",
        causation_id="test",
    )
    return open_message(body)


@dataclass
class Feeds:
    """Delivers contracts through the feeds, each source in its own order."""

    projections: dict[str, Projection]
    keys: list[str]
    """Keys of deliveries the feeds have hinted."""
    ids: dict[str, int] = field(default_factory=dict)

    def __call__(self, *contracts: Contract, times: int = 1) -> None:
        """One batch per source. ``times``: how often each message reaches its handler."""
        batches: dict[str, list[Message]] = {}
        for contract in contracts:
            source = contract.producer()
            prev = self.ids.get(source, 0)
            self.ids[source] = prev + 1
            batches.setdefault(source, []).append(message_of(contract, id=prev + 1, prev=prev))
        for source, messages in batches.items():
            old, new = Position(messages[0].prev, None), Position(messages[-1].id, None)
            self.projections[source].apply([m for m in messages for _ in range(times)], old, new)

    def retry(self) -> int:
        """Retry what is parked and due."""
        return sum(projection.retry_parked() for projection in self.projections.values())


@pytest.fixture(scope="session")
def migrated(database_url: str) -> Iterator[Engine]:
    migrate(database_url=database_url, schema="notify", package="notify_svc", driver="psycopg2")
    engine = connect(database_url, "notify")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated: Engine) -> Engine:
    """The service with nothing in it."""
    tables = ", ".join([*metadata.tables, "feed_position", "parked"])
    with migrated.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))
    return migrated


BOTH = frozenset({"sms", "email"})


def feeds_of(engine: Engine, configured: frozenset[str] = frozenset()) -> Feeds:
    """The feeds of an installation with the channels ``configured``."""
    keys: list[str] = []
    projections = {p.source: p for p in all_feeds(engine, configured=configured, hint=keys.append)}
    for projection in projections.values():
        projection.position()
    return Feeds(projections, keys)


@pytest.fixture
def feeds(engine: Engine) -> Feeds:
    """Neither SMS nor email is configured."""
    return feeds_of(engine)


class World:
    """A vendor, a provider, a customer with two users, staff, and message templates."""

    vendor, provider, rival, customer = id_of("云梦DB"), id_of("河北服务商"), id_of("北京服务商"), id_of("客户甲乙丙")
    vendor_main, vendor_manager = id_of("vendor main"), id_of("vendor manager")
    provider_main, lisi, zhao, qian = id_of("provider main"), id_of("lisi"), id_of("zhao"), id_of("qian")
    rival_main, buyer, helper = id_of("rival main"), id_of("buyer"), id_of("helper")

    def user(self, id: UUID, party_id: UUID, side: Any, *roles: str, **more: Any) -> identity.UserSaved:
        values: dict[str, Any] = {
            "user_id": id, "party_id": party_id, "side": side, "main": side == "isv", "login_name": "x", "name": "x",
            "roles": list(roles), "mobile": "18888888888", "email": "x@example.com", "saved_at": NOON,
        }  # fmt: skip
        return identity.UserSaved(**(values | more))

    def people(self) -> list[Contract]:
        both = ("vendor_admin", "provider_admin")
        parties: list[Contract] = [
            identity.PartyRegistered(party_id=id, name=name, kind="isv")
            for id, name in ((self.vendor, "云梦DB"), (self.provider, "河北服务商"), (self.rival, "北京服务商"))
        ]
        return [
            *parties,
            identity.PartyRegistered(party_id=self.customer, name="客户甲乙丙", kind="customer"),
            self.user(self.vendor_main, self.vendor, "isv", *both),
            self.user(self.vendor_manager, self.vendor, "vendor", "vendor_project_manager"),
            self.user(self.provider_main, self.provider, "isv", *both),
            self.user(self.rival_main, self.rival, "isv", *both),
            self.user(self.lisi, self.provider, "provider", "designer", "account_manager"),
            self.user(self.zhao, self.provider, "provider", "account_manager"),
            self.user(self.qian, self.rival, "provider", "account_manager"),
            self.user(self.buyer, self.customer, "customer"),
            self.user(self.helper, self.customer, "customer"),
        ]

    def template(self, code: str = "told", **more: Any) -> template.MessageTemplateDefined:
        values: dict[str, Any] = {
            "message_template": code, "name": "项目完成节点-通知客户", "title": "订单 {{ order_number }}",
            "body": "{{ customer_name }}：{{ product_name }} 到 {{ node_name }}（{{ provider_name }}，{{ time }}）",
            "channels": ["sms", "email"],
        }  # fmt: skip
        return template.MessageTemplateDefined(**(values | more))

    def started(self, name: str = "1", run: int = 1, **more: Any) -> project.ProjectStarted:
        return project.ProjectStarted(
            project_id=id_of(name), run=run, order_number=f"80{name}", business_number=f"80{name}001",
            vendor_id=self.vendor, customer_id=self.customer, product_id=id_of("product"), product_name="name_80",
            edition=None, sales_channel=None, template_id=id_of("t"), template_version=1, valid_until=None,
            started_at=NOON, **more,
        )  # fmt: skip

    def provider_set(self, name: str = "1", run: int = 1) -> project.ProviderSet:
        return project.ProviderSet(project_id=id_of(name), run=run, provider_id=self.provider, set_at=NOON)

    def entered(
        self, visit: int, type: Any, *reminders: Reminder, name: str = "1", run: int = 1, **more: Any
    ) -> project.NodeEntered:
        values: dict[str, Any] = {
            "project_id": id_of(name), "run": run, "visit": visit, "node": f"n{visit}", "name": f"节点{visit}",
            "type": type, "step": visit, "side": SIDES.get(type), "role": None, "assignee_id": None, "timeout": 0,
            "reminders": list(reminders), "entered_at": NOON + timedelta(minutes=visit),
        }  # fmt: skip
        return project.NodeEntered(**(values | more))

    def design(self, visit: int, *reminders: Reminder, **more: Any) -> project.NodeEntered:
        """A node of 李四."""
        values = {"side": "provider", "role": "designer", "assignee_id": self.lisi} | more
        return self.entered(visit, "general", *reminders, **values)

    def completed(self, visit: int, *reminders: Reminder, name: str = "1", run: int = 1) -> project.NodeCompleted:
        return project.NodeCompleted(
            project_id=id_of(name), run=run, visit=visit, node=f"n{visit}", name=f"节点{visit}",
            by=project.Actor(kind="system"), reminders=list(reminders), completed_at=NOON + timedelta(minutes=visit),
        )  # fmt: skip

    def overdue(self, visit: int, *reminders: Reminder, name: str = "1", run: int = 1) -> project.NodeOverdue:
        at = NOON + timedelta(minutes=visit)
        return project.NodeOverdue(
            project_id=id_of(name), run=run, visit=visit, node=f"n{visit}", name=f"节点{visit}", side="server",
            role=None, assignee_id=None, timeout=1, entered_at=at, counted_from=at, due_at=at + timedelta(hours=2),
            reminders=list(reminders), overdue_at=at + timedelta(hours=2, seconds=1),
        )  # fmt: skip

    def rejected(self, visit: int, *reminders: Reminder, name: str = "1", run: int = 1) -> project.NodeRejected:
        return project.NodeRejected(
            project_id=id_of(name), run=run, visit=visit, node=f"n{visit}", name=f"节点{visit}",
            by=project.Actor(kind="customer"), reason="r", reminders=list(reminders),
            rejected_at=NOON + timedelta(minutes=visit),
        )  # fmt: skip

    def role_filled(self, role: str, person: UUID, name: str = "1", run: int = 1) -> project.RoleFilled:
        return project.RoleFilled(project_id=id_of(name), run=run, role=role, person_id=person, filled_at=NOON)

    def restarted(self, run: int, name: str = "1") -> project.ProjectRestarted:
        return project.ProjectRestarted(
            project_id=id_of(name), run=run, provider_id=self.rival, former_provider_id=self.provider, remark="r",
            by=project.Actor(kind="vendor"), restarted_at=NOON,
        )  # fmt: skip

    def ended(self, how: str, name: str = "1", run: int = 1) -> Contract:
        if how == "completed":
            return project.ProjectCompleted(project_id=id_of(name), run=run, completed_at=NOON)
        by = project.Actor(kind="operator")
        return project.ProjectCancelled(project_id=id_of(name), run=run, remark="r", by=by, cancelled_at=NOON)


@pytest.fixture
def world() -> World:
    return World()


def to(receiver: str, trigger: Any = "entered", message_template: str = "told") -> Reminder:
    """A row of 消息提醒设置."""
    return Reminder(receiver=receiver, trigger=trigger, message_template=message_template)


KEY = new_private_jwk()


@dataclass
class Session:
    """A signed-in account and the API."""

    client: FlaskClient
    token: str

    def get(self, path: str, **query: Any) -> Any:
        """The response of a GET."""
        return self.client.get(path, query_string=query, headers={"Authorization": f"Bearer {self.token}"})

    def put(self, path: str) -> Any:
        """The response of a PUT without a body."""
        return self.client.put(path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str) -> Any:
        """The response of a POST without a body."""
        return self.client.post(path, headers={"Authorization": f"Bearer {self.token}"})


As = Callable[..., Session]


class Stopwatch(Clock):
    """A clock that goes on by one minute at every look."""

    def now(self) -> datetime:
        self.offset += timedelta(minutes=1)
        return NOON + self.offset


@pytest.fixture
def client(engine: Engine) -> FlaskClient:
    return create_api(
        name="notify",
        title="notify",
        application=NotifyApplication(engine, Stopwatch()),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        verifier=TokenVerifier(TokenIssuer(KEY).public_jwks),
        consumers=all_feeds(engine, configured=frozenset(), hint=str),
    ).test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> As:
    def sign_in(user: UUID, side: Any = "provider") -> Session:
        token, _ = TokenIssuer(KEY).issue(
            user_id=user, party_id=id_of("party"), side=side, main=False, roles=frozenset(), department_id=None,
            name="x", must_change_password=False, session_id=uuid4(),
        )  # fmt: skip
        return Session(client, token)

    return sign_in
