"""intake-svc composed as in production, on a scratch database. Tests share it: each works as vendors of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import template
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk, real_now
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Service, Settings
from delivery_shared.testing.fixtures import broker, database_url
from delivery_shared.testing.messages import Feeds, Published
from flask.testing import FlaskClient
from intake_svc.application import IntakeApplication
from intake_svc.domain.acts import Act, Create, Notice
from intake_svc.endpoints import VARIABLE
from intake_svc.kinds import KINDS, Kind
from intake_svc.kinds.kind import Incoming
from intake_svc.main import service as compose
from intake_svc.policies import consumers

from .there import DeliveryCenter, running

__all__ = ["broker", "database_url"]

NOON = datetime(2026, 10, 16, 4, 0, tzinfo=UTC)
SECRETS = {"aliyun-spi": "aliyun-secret-1", "huawei": "huawei-secret-1", "tencent": "tencent-secret-1"}
SIDES = {
    "vendor_admin": ("isv", True, ()),
    "vendor_project_manager": ("vendor", False, ("vendor_project_manager",)),
    "staff": ("provider", False, ("designer",)),
    "platform_operator": ("operator", False, ("platform_operator",)),
}


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer(new_private_jwk())


@pytest.fixture(scope="session")
def there() -> Iterator[DeliveryCenter]:
    """A marketplace's own delivery center."""
    with running() as center:
        yield center


@pytest.fixture(scope="session")
def service(database_url: str, issuer: TokenIssuer, there: DeliveryCenter) -> Iterator[Service]:
    settings = Settings(
        database_url=database_url,
        broker=None,
        public_keys=json.dumps(issuer.public_jwks),
        environment={VARIABLE: f"{there.base},https://market.aliyuncs.com"},
    )
    service = compose(settings)
    service.migrate()
    yield service
    service.close()


@pytest.fixture(scope="session")
def api(service: Service) -> Any:
    return service.create_api()


@pytest.fixture(scope="session")
def application(api: Any) -> IntakeApplication:
    found: IntakeApplication = api.extensions["application"]
    return found


@dataclass
class User:
    """A signed-in caller: the test client with a token."""

    client: FlaskClient
    token: str
    party_id: UUID

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.open(
            f"/api/v1/{path}",
            method=method,
            json=body,
            headers={
                "Authorization": f"Bearer {self.token}",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )


@pytest.fixture
def sign_in(api: Any, issuer: TokenIssuer) -> Callable[..., User]:
    def sign_in(kind: str, party_id: UUID | None = None) -> User:
        side, main, roles = SIDES[kind]
        party_id = party_id or uuid4()
        token, _ = issuer.issue(
            user_id=uuid4(), party_id=party_id, side=side, main=main, roles=frozenset(roles), department_id=None,
            name="测试", must_change_password=False, session_id=uuid4(),
        )  # fmt: skip
        return User(api.test_client(), token, party_id)

    return sign_in


@pytest.fixture
def vendor(sign_in: Callable[..., User]) -> User:
    return sign_in("vendor_admin")


@pytest.fixture
def feeds(application: IntakeApplication) -> Feeds:
    return Feeds(consumers(application.store), at=NOON)


@dataclass
class Marketplace:
    """A marketplace of some kind, connected for a vendor who sells one product there."""

    vendor: User
    kind: Kind
    connection_id: UUID
    address: str
    secret: str
    product_id: UUID
    seen: list[Any] = field(default_factory=list)

    def send(self, said: Any, *, ahead: timedelta = timedelta(0), secret: str | None = None) -> Any:
        """``said`` as the marketplace sends it, by its clock."""
        return self.call(self.kind.write(said, secret or self.secret, real_now() + ahead))

    def call(self, incoming: Incoming) -> Any:
        return self.vendor.client.open(
            self.address, method=incoming.method, query_string=incoming.query, headers=dict(incoming.headers),
            data=incoming.body,
        )  # fmt: skip

    def order(self, number: str = "", **changes: Any) -> Notice:
        number = number or f"B{uuid4().hex[:10]}"
        own = number if self.kind.name == "tencent" else f"O{number}"
        told = {"order_number": own, "business_number": number, "customer_number": "1744526877246715"}
        create = Create(**{**told, "product_code": "cmgj01", "sku": "pro", **changes})
        return self.kind.new_order(order=number, create=create)

    def about(self, order: Notice, verb: str, act: Act | None, number: str = "", key: str = "") -> Notice:
        key = key or f"{verb} {order.order} {number}".strip()
        return Notice(key=key, order=order.order, verb=verb, act=act, numbered=bool(number))

    def notices(self, **query: str) -> list[dict[str, Any]]:
        """Oldest first."""
        answer = self.vendor(
            "GET", f"connections/{self.connection_id}/notices?" + "&".join(f"{k}={v}" for k, v in query.items())
        )
        assert answer.status_code == 200, answer.text
        return sorted(answer.json["items"], key=lambda notice: (notice["order_key"], notice["number"]))

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self.vendor("GET", f"connections/{self.connection_id}/health").json
        return found


SKUS = [("cmgj01", "pro", "专业版"), ("cmgj01", "max", "旗舰版")]


@pytest.fixture
def connect(sign_in: Callable[..., User], feeds: Feeds) -> Callable[..., Marketplace]:
    """Connects a marketplace over HTTP."""

    def connect(
        kind: str, *, ready_when: str = "started", stage: str = "live", vendor: User | None = None
    ) -> Marketplace:
        vendor, product_id = vendor or sign_in("vendor_admin"), uuid4()
        feeds(listed(product_id, vendor.party_id))
        made = vendor("POST", "connections", {"kind": kind, "name": "云市场", "ready_when": ready_when})
        assert made.status_code == 201, made.text
        path = f"connections/{made.json['id']}"
        given = vendor("PUT", f"{path}/secret", {"secret": SECRETS[kind]} if kind in SECRETS else {})
        assert given.status_code == 200, given.text
        entries = [
            {"product_code": code, "sku": sku, "product_id": str(product_id), "edition": edition}
            for code, sku, edition in SKUS
        ]
        mapped = vendor("PUT", f"{path}/sku-map", {"entries": entries})
        assert mapped.status_code == 200, mapped.text
        assert vendor("PUT", f"{path}/stage", {"stage": stage}).status_code == 200
        secret = SECRETS.get(kind) or given.json["secret"]
        return Marketplace(vendor, KINDS[kind], UUID(made.json["id"]), made.json["address"], secret, product_id)

    return connect


def listed(product_id: UUID, vendor_id: UUID, code: str = "66001") -> template.ProductListed:
    return template.ProductListed(
        product_id=product_id, code=code, name="建站", vendor_id=vendor_id, template_id=uuid4(), template_version=1,
        template_name="建站流程", listed_at=NOON,
    )  # fmt: skip


@pytest.fixture
def published(application: IntakeApplication) -> Published:
    outbox = Outbox(application.store)
    return Published(outbox, outbox.last())
