"""A read model on real PostgreSQL, messages as the feeds bring them, and a caller for every kind of account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from delivery_shared.clock import Clock
from delivery_shared.contracts import Contract, dispatch, identity, project, template
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import Message, encode, open_message
from delivery_shared.projection import connect
from flask.testing import FlaskClient
from reporting_svc.api import BLUEPRINTS, ERRORS
from reporting_svc.application import ReportingApplication
from reporting_svc.feed import ReadModel, read_models
from reporting_svc.main import migrate_with_views
from reporting_svc.rebuild import rebuild, state_hash
from reporting_svc.tables import dispatch_event, metadata, project_event
from sqlalchemy import Engine

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


def message_of(contract: Contract, *, id: int, prev: int, time: datetime = NOON) -> Message:
    """``contract`` as it arrives; ``time``: when it was stored."""
    body = encode(
        contract,
        notification_id=id,
        prev=prev,
        subject=str(getattr(contract, "project_id", id)),
        subject_version=id,
        time=time,
        correlation_id="test",
        causation_id="test",
    )
    return open_message(body)


def standing(engine: Engine) -> str:
    """The hash of everything but the log, which keeps also what changes nothing."""
    return state_hash(
        engine, [table for table in metadata.sorted_tables if table not in (project_event, dispatch_event)]
    )


@dataclass
class Feeds:
    """Delivers contracts to the read model through its feeds, each source in its own order."""

    models: dict[str, ReadModel]
    ids: dict[str, int] = field(default_factory=dict)

    def __call__(self, *contracts: Contract, times: int = 1, time: datetime = NOON) -> None:
        """One batch per source. ``times``: how often each message reaches its handler."""
        batches: dict[str, list[Message]] = {}
        for contract in contracts:
            source = contract.producer()
            prev = self.ids.get(source, 0)
            self.ids[source] = prev + 1
            batches.setdefault(source, []).append(message_of(contract, id=prev + 1, prev=prev, time=time))
        for source, messages in batches.items():
            old, new = Position(messages[0].prev, None), Position(messages[-1].id, None)
            self.models[source].apply([m for m in messages for _ in range(times)], old, new)


@pytest.fixture(scope="session")
def migrated(database_url: str) -> Iterator[Engine]:
    migrate_with_views(database_url, "reporting")
    engine = connect(database_url, "reporting")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated: Engine) -> Engine:
    """An empty read model."""
    rebuild(migrated)
    return migrated


@pytest.fixture
def feeds(engine: Engine) -> Feeds:
    models = {model.source: model for model in read_models(engine)}
    for model in models.values():
        model.position()
    return Feeds(models)


class World:
    """Two vendors that are providers too, a customer each, people, one product each: the contracts that say so,
    and short ways to write the life of a project."""

    vendor, rival = id_of("河北服务商"), id_of("北京服务商")
    customer, other_customer = id_of("客户甲乙丙"), id_of("客户丁")
    main, lisi, wangwu, rival_main = id_of("main"), id_of("lisi"), id_of("wangwu"), id_of("rival main")
    product, rival_product = id_of("56001"), id_of("113001")

    def parties(self) -> list[Contract]:
        def party(id: UUID, name: str, kind: Any, number: str | None = None) -> Contract:
            return identity.PartyRegistered(party_id=id, name=name, kind=kind, customer_number=number)

        def user(id: UUID, party_id: UUID, name: str, roles: list[str], main: bool = False) -> Contract:
            side: Any = "isv" if main else "provider"
            return identity.UserSaved(
                user_id=id, party_id=party_id, side=side, main=main, login_name=name, name=name, roles=roles,
                saved_at=NOON,
            )  # fmt: skip

        return [
            party(self.vendor, "河北服务商", "isv"),
            party(self.rival, "北京服务商", "isv"),
            party(self.customer, "客户甲乙丙", "customer", "C1001"),
            party(self.other_customer, "客户丁", "customer", "C1002"),
            user(self.main, self.vendor, "河北主账号", ["vendor_admin", "provider_admin"], main=True),
            user(self.rival_main, self.rival, "北京主账号", ["vendor_admin", "provider_admin"], main=True),
            user(self.lisi, self.vendor, "李四", ["designer"]),
            user(self.wangwu, self.vendor, "王五", ["designer"]),
        ]

    def products(self) -> list[Contract]:
        def listed(id: UUID, code: str, vendor: UUID, minute: int) -> Contract:
            return template.ProductListed(
                product_id=id, code=code, name=f"name_{code}", vendor_id=vendor, template_id=id_of("t"),
                template_version=1, template_name="小程序设计模板", listed_at=NOON + timedelta(minutes=minute),
            )  # fmt: skip

        return [
            template.RoleDefined(role="designer", name="设计师", side="provider"),
            template.RoleDefined(role="account_manager", name="客户经理", side="provider"),
            listed(self.product, "56001", self.vendor, 0),
            listed(self.rival_product, "113001", self.rival, 1),
        ]

    def configured(self, *providers: UUID, maximum: int = 1000, at: datetime = NOON) -> Contract:
        return dispatch.ProvidersConfigured(
            product_id=self.product,
            providers=[dispatch.ConfiguredProvider(provider_id=p, weight=10, maximum=maximum) for p in providers],
            configured_at=at,
        )

    def started(self, name: str, **more: Any) -> project.ProjectStarted:
        values: dict[str, Any] = {
            "project_id": id_of(name), "run": 1, "order_number": name, "business_number": f"{name}001",
            "vendor_id": self.vendor, "customer_id": self.customer, "product_id": self.product,
            "product_name": "name_56001", "edition": "尊贵版 (自营)", "sales_channel": None,
            "template_id": id_of("t"), "template_version": 1, "valid_until": None, "started_at": NOON,
        }  # fmt: skip
        return project.ProjectStarted(**(values | more))

    def entered(self, name: str, visit: int, type: Any, stage: str, **more: Any) -> project.NodeEntered:
        values: dict[str, Any] = {
            "project_id": id_of(name), "run": 1, "visit": visit, "node": f"n{visit}", "name": stage, "type": type,
            "step": visit, "side": SIDES.get(type), "role": None, "assignee_id": None, "timeout": 0,
            "entered_at": NOON + timedelta(minutes=visit),
        }  # fmt: skip
        return project.NodeEntered(**(values | more))

    def completed(self, name: str, visit: int, by: project.Actor, run: int = 1) -> project.NodeCompleted:
        return project.NodeCompleted(
            project_id=id_of(name), run=run, visit=visit, node=f"n{visit}", name="", by=by,
            completed_at=NOON + timedelta(minutes=visit),
        )  # fmt: skip

    def provider_set(self, name: str, provider: UUID, run: int = 1) -> project.ProviderSet:
        return project.ProviderSet(project_id=id_of(name), run=run, provider_id=provider, set_at=NOON)

    def role_filled(self, name: str, role: str, person: UUID, run: int = 1) -> project.RoleFilled:
        return project.RoleFilled(project_id=id_of(name), run=run, role=role, person_id=person, filled_at=NOON)

    def restarted(self, name: str, run: int, provider: UUID, former: UUID) -> project.ProjectRestarted:
        return project.ProjectRestarted(
            project_id=id_of(name), run=run, provider_id=provider, former_provider_id=former, remark="更换",
            by=project.Actor(kind="vendor", user_id=self.main, party_id=self.vendor), restarted_at=NOON,
        )  # fmt: skip

    def queued(self, name: str, reason: Any, run: int = 1, **more: Any) -> dispatch.RequestQueued:
        return dispatch.RequestQueued(
            project_id=id_of(name), run=run, request_id=id_of(f"{name} ask {run} {more.get('role')}"),
            reason=reason, queued_at=NOON, **more,
        )  # fmt: skip

    def ended(self, name: str, how: str, run: int = 1) -> Contract:
        """``how``: paused, resumed, cancelled or completed."""
        common: dict[str, Any] = {"project_id": id_of(name), "run": run}
        by = project.Actor(kind="operator", user_id=id_of("小二"))
        return {
            "paused": lambda: project.ProjectPaused(**common, remark="r", by=by, paused_at=NOON),
            "resumed": lambda: project.ProjectResumed(**common, by=by, resumed_at=NOON),
            "cancelled": lambda: project.ProjectCancelled(**common, remark="r", by=by, cancelled_at=NOON),
            "completed": lambda: project.ProjectCompleted(**common, completed_at=NOON),
        }[how]()

    def staff(self, person: UUID, role: str = "designer") -> project.Actor:
        return project.Actor(kind="staff", user_id=person, party_id=self.vendor, role=role)


@pytest.fixture
def world() -> World:
    return World()


KEY = new_private_jwk()

As = Callable[..., "Session"]


@dataclass
class Session:
    """A signed-in account and the API."""

    client: FlaskClient
    token: str

    def get(self, path: str, **query: Any) -> Any:
        """The response of a GET."""
        return self.client.get(path, query_string=query, headers={"Authorization": f"Bearer {self.token}"})

    def items(self, path: str, field_name: str = "order_number", **query: Any) -> list[Any]:
        """One field of every row of a page."""
        response = self.get(path, **query)
        assert response.status_code == 200, response.json
        return [row[field_name] for row in response.json["items"]]


class SetClock(Clock):
    """Time stands where a test sets it."""

    time = NOON

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def client(engine: Engine, clock: SetClock) -> FlaskClient:
    issuer = TokenIssuer(KEY)
    return create_api(
        name="reporting",
        title="reporting",
        application=ReportingApplication(engine, clock),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        verifier=TokenVerifier(issuer.public_jwks),
        consumers=read_models(engine),
    ).test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> As:
    def sign_in(party: UUID, side: str, *, main: bool = False, user: UUID | None = None, roles: Any = ()) -> Session:
        token, _ = TokenIssuer(KEY).issue(
            user_id=user or uuid4(), party_id=party, side=side, main=main, roles=frozenset(roles),
            department_id=None, name="name", must_change_password=False, session_id=uuid4(),
        )  # fmt: skip
        return Session(client, token)

    return sign_in
