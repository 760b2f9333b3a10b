"""A whole installation in this process – all services, no broker – with two tenants that know nothing of each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.composition import Center
from delivery_center.gateway.routing import Gateway
from delivery_shared.contracts.dispatch import StaffAssigned
from delivery_shared.http.access import SCOPES
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.links import LinkKeys
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

__all__ = ["Installation", "Tenant", "center", "installation", "issuer"]

PASSWORD = "Tr0ub4dor-and-3"
LINK_KEY = "k" * 32


@pytest.fixture(scope="session")
def private_jwk() -> dict[str, Any]:
    return new_private_jwk()


@pytest.fixture(scope="session")
def issuer(private_jwk: dict[str, Any]) -> TokenIssuer:
    return TokenIssuer(private_jwk)


@pytest.fixture(scope="session")
def center(
    private_jwk: dict[str, Any], issuer: TokenIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Center]:
    """All services, migrated and running."""
    with scratch_database() as database_url:
        settings = Settings(
            database_url=database_url,
            broker=None,
            public_keys=json.dumps(issuer.public_jwks),
            data_dir=tmp_path_factory.mktemp("data"),
            environment={
                "DELIVERY_PRIVATE_KEY": json.dumps(private_jwk),
                "DELIVERY_FIRST_PASSWORDS": json.dumps({OPERATOR: PASSWORD, MARKETPLACE: PASSWORD}),
                "DELIVERY_TEMPLATE_REVISIONS": "1",
                "DELIVERY_LINK_KEYS": LINK_KEY,
            },
        )
        center = Center(settings)
        center.migrate()
        center.start()
        yield center
        center.stop()


@dataclass(frozen=True)
class Tenant:
    """An ISV with its people and its customer. ``ids``: what the routes name, by parameter."""

    isv: dict[str, str]
    admin: Client
    manager: Client
    staff: Client
    claimer: Client
    customer: Client
    ids: dict[str, str]
    guest: Client | None = None
    """The customer, come by a link to the project that ``ids`` name."""
    guest_elsewhere: Client | None = None
    """The same customer, come by a link to another one of his projects."""
    keys: dict[str, dict[str, str]] = field(default_factory=dict)

    def with_key(self, *scopes: str) -> Client:
        """A program of the ISV, with a key of these scopes that is made once and a token of now."""
        name = " ".join(scopes)[:60]
        if name not in self.keys:
            self.keys[name] = self.admin.post("/api/v1/access-keys", {"name": name, "scopes": list(scopes)})
        key = self.keys[name]
        return self.admin.with_key(key["access_key_id"], key["secret"])

    @property
    def callers(self) -> dict[str, Client]:
        """By kind of the authorization matrix."""
        return {
            "vendor_admin": self.admin,
            "provider_admin": self.admin,
            "vendor_project_manager": self.manager,
            "staff": self.staff,
            "account_manager": self.claimer,
            "customer": self.customer,
            "access_key": self.with_key(*SCOPES),
        }


@dataclass(frozen=True)
class Installation:
    """``own`` has something under every id; ``rival`` is a stranger to all of it."""

    center: Center
    operator: Client
    marketplace: Client
    own: Tenant
    rival: Tenant
    book: Notebook

    @property
    def callers(self) -> dict[str, Client]:
        """One caller of every kind."""
        assert self.own.guest is not None
        return {
            **self.own.callers,
            "customer_link": self.own.guest,
            "platform_operator": self.operator,
            "marketplace": self.marketplace,
        }

    def written(self) -> dict[str, int]:
        """The last event of every store: equal = nothing was decided."""
        stores = {name: service.store for name, service in self.center.services.items() if service.store}
        return {name: store.recorder.max_notification_id() or 0 for name, store in stores.items()}


@pytest.fixture(scope="session")
def installation(center: Center) -> Iterator[Installation]:
    gateway = Gateway({name: service.create_api() for name, service in center.services.items()})
    with httpx.Client(transport=httpx.WSGITransport(app=gateway), timeout=30) as http:
        client = Client(lambda path: f"http://delivery{path}", http=http)
        book = Notebook(None)
        book.passwords = {OPERATOR: PASSWORD, MARKETPLACE: PASSWORD}
        operator, marketplace = settle(client, book, OPERATOR), settle(client, book, MARKETPLACE)
        own = _tenant(client, book, operator, "1000000000000001", "河北服务商")
        rival = _tenant(client, book, operator, "1000000000000002", "北京服务商")
        own = _project(operator, marketplace, own)
        installed = Installation(center, operator, marketplace, own, rival, book)
        _quiet(installed)
        _details(installed)
        _connection(own)
        for scopes in (SCOPES, *((scope,) for scope in SCOPES)):  # made before anything is counted, or all there may be
            own.with_key(*scopes)
        rival.with_key(*SCOPES)
        _quiet(installed)
        yield installed


def _tenant(client: Client, book: Notebook, operator: Client, number: str, name: str) -> Tenant:
    form = {"kind": "isv", "name": name, "number": number, "login": "admin", "person": name}
    isv = register_party(operator, book, **form)
    form = {"kind": "customer", "name": f"{name}的客户", "number": f"C{number}", "login": "kehu", "person": "客户"}
    customer = register_party(operator, book, **form)
    admin = settle(client, book, isv["login_name"])
    department = admin.post("/api/v1/departments", {"name": "设计一部"})["department_id"]

    def person(login_name: str, side: str, role: str) -> dict[str, str]:
        user = {"login_name": login_name, "name": login_name, "side": side, "roles": [role]}
        return _patiently(lambda: create_user(admin, book, **user))

    staff, claimer = person("sheji", "provider", "designer"), person("jingli", "provider", "account_manager")
    manager = person("xiangmu", "vendor", "vendor_project_manager")
    return Tenant(
        isv={**isv, "account": number},
        admin=admin,
        manager=settle(client, book, manager["login_name"]),
        staff=settle(client, book, staff["login_name"]),
        claimer=settle(client, book, claimer["login_name"]),
        customer=settle(client, book, customer["login_name"]),
        ids={"department_id": department, "user_id": staff["user_id"],
             "login_name": staff["login_name"], "person_id": staff["user_id"],
             "provider_id": isv["party_id"], "party_id": isv["party_id"], "customer_number": f"C{number}"},
    )  # fmt: skip


def _project(operator: Client, marketplace: Client, own: Tenant) -> Tenant:
    """A template, a product, a project that waits for its customer, and what hangs on it."""
    ids = own.ids
    template = own.admin.post("/api/v1/templates", {"name": "自有模板"})
    ids["template_id"] = template["id"]
    listed = own.admin.get("/api/v1/templates?scope=public&name=信息类网站建设模板子账号自动分单")["items"]
    product = {"code": "56001", "name": "name_56", "template_id": listed[0]["id"]}
    ids["product_id"] = own.admin.post("/api/v1/products", product)["id"]
    providers = {"providers": [{"provider_id": ids["provider_id"], "weight": 10, "maximum": 10}]}
    _patiently(lambda: own.admin.put(f"/api/v1/provider-configurations/{ids['product_id']}", providers))
    table = {"provider_name": "河北服务商", "account": own.isv["account"], "code": "Cmjj1", "name": "历史"}
    _patiently(lambda: operator.post("/api/v1/historical-products", {"rows": [table]}))
    ids["historical_id"] = operator.get("/api/v1/historical-products")["items"][0]["id"]
    order = {
        "product_id": ids["product_id"], "order_number": "660012", "business_number": "660012001",
        "customer": {"number": ids["customer_number"], "name": "河北服务商的客户"},
        "contact": {"email": "kehu@example.com"},
    }  # fmt: skip
    key = {"Idempotency-Key": "1"}
    ids["project_id"] = _patiently(lambda: marketplace.post("/api/v1/orders", order, headers=key))["project_id"]
    key = {"Idempotency-Key": "2"}
    another = {**order, "business_number": "660012002"}
    elsewhere = _patiently(lambda: marketplace.post("/api/v1/orders", another, headers=key))["project_id"]
    ids["view_id"] = "9d3f0ad0-7a0e-4c52-9c9a-7d7d1b6f0a01"
    view = {"page": "project-list", "name": "共用", "filters": {}, "shared": True}
    own.admin.put(f"/api/v1/me/views/{ids['view_id']}", view)
    guests = [guest_of(own.customer, UUID(project_id)) for project_id in (ids["project_id"], elsewhere)]
    return replace(own, guest=guests[0], guest_elsewhere=guests[1])


def guest_of(client: Client, project_id: UUID) -> Client:
    """Whoever holds a link to the project and has shown his code."""
    keys = LinkKeys(keys=[LINK_KEY])
    guest = Client(client.address, http=client.http)
    headers = {"X-Requested-With": "console"}
    link = {"token": keys.link(project_id, 1, at=datetime.now(UTC))}
    entered = _patiently(lambda: guest.post("/api/v1/links/sessions", link, headers=headers))
    guest.token = entered["access_token"]
    guest.post("/api/v1/links/codes")
    code = {"code": keys.code(project_id, 1, 1)}
    guest.token = guest.post("/api/v1/links/codes/confirmation", code)["access_token"]
    return guest


def _connection(own: Tenant) -> None:
    """A connection in test, with a notice that is parked: its SKU is in no map."""
    ids = own.ids
    connection = own.admin.post("/api/v1/connections", {"kind": "generic", "name": "云市场"})
    ids["connection_id"] = connection["id"]
    path = f"/api/v1/connections/{connection['id']}"
    own.admin.put(f"{path}/secret", {})
    own.admin.put(f"{path}/stage", {"stage": "test"})
    own.admin.post(f"{path}/test-orders", {"product_code": "unknown"})
    ids["notice_id"] = own.admin.get(f"{path}/notices")["items"][0]["id"]


def _details(installed: Installation) -> None:
    """What came about by itself, or needs the project's operator: a decision, a file, a message."""
    own, dispatch = installed.own, installed.center.services["dispatch"].store
    assert dispatch is not None
    project = f"/api/v1/projects/{own.ids['project_id']}"
    file = {"file": ("a.txt", b"a", "text/plain")}
    own.ids["file_id"] = own.staff.post(f"{project}/files", files=file)["file_id"]
    asked = [
        message.contract
        for message in (open_message(out.body) for out in Outbox(dispatch).read(after=0, limit=1000))
        if isinstance(message.contract, StaffAssigned)
    ]
    own.ids["request_id"] = str(asked[0].request_id)
    own.ids["key_id"] = own.admin.post("/api/v1/access-keys", {"name": "脚本", "scopes": ["project:read"]})["key_id"]
    own.ids["message_id"] = _patiently(lambda: own.customer.get("/api/v1/messages")["items"][0])["message_id"]


def _patiently(step: Callable[[], Any]) -> Any:
    """What one service has just been told, the next may learn a moment later."""

    def attempt() -> Any:
        try:
            return (step(),)
        except Refused as refused:
            if refused.status in (401, 404, 422, 503):
                return None
            raise

    return eventually(attempt)[0]


def _quiet(installed: Installation) -> None:
    """Wait until nothing moves any more."""
    seen = [installed.written()]

    def still() -> bool:
        seen.append(installed.written())
        return len(seen) > 10 and all(s == seen[-1] for s in seen[-10:])

    eventually(still, every=0.1)
