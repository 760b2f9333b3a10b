"""identity-svc composed as in production, on a scratch database. Tests share it: each works with parties of its own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import template
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.links import LinkKeys
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Service, Settings
from delivery_shared.testing.fixtures import database_url
from delivery_shared.testing.messages import Feeds, Published
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import MARKETPLACE, OPERATOR, bootstrap
from identity_svc.carrying_out import Means
from identity_svc.main import service as compose
from identity_svc.policies import process_managers
from identity_svc.store import IdentityStore

__all__ = ["database_url"]

PASSWORD = "Tr0ub4dor-and-3"
LINK_KEY = "k" * 32
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)
PROVIDER_ROLES = ["provider_admin", "account_manager", "designer", "engineer", "service_staff"]

_numbers = itertools.count(1744526877246715)


@dataclass
class Account:
    """A signed-in account: the test client with a token."""

    client: FlaskClient
    login_name: str
    password: str
    token: str = ""
    refresh_token: str = ""
    user_id: UUID | None = None
    party_id: UUID | None = None

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

    def sign_in(self, address: str = "192.0.2.1") -> Account:
        response = sign_in(self.client, self.login_name, self.password, address)
        assert response.status_code == 201, response.text
        self.token, self.refresh_token = response.json["access_token"], response.json["refresh_token"]
        return self

    def refresh(self) -> Any:
        response = self.client.post("/api/v1/sessions/refresh", json={"refresh_token": self.refresh_token})
        if response.status_code == 200:
            self.token, self.refresh_token = response.json["access_token"], response.json["refresh_token"]
        return response

    def with_own_password(self) -> Account:
        """Sign in for the first time and change the initial password."""
        self.sign_in()
        changed = self(
            "PUT", "me/password", {"current_password": self.password, "new_password": f"{PASSWORD}-{self.login_name}"}
        )
        assert changed.status_code == 204, changed.text
        self.password = f"{PASSWORD}-{self.login_name}"
        return self.sign_in()


def sign_in(client: FlaskClient, login_name: str, password: str, address: str = "192.0.2.1") -> Any:
    return client.post(
        "/api/v1/sessions",
        json={"login_name": login_name, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.fixture(scope="session")
def private_jwk() -> dict[str, Any]:
    return new_private_jwk()


@pytest.fixture(scope="session")
def service(database_url: str, private_jwk: dict[str, Any]) -> Iterator[Service]:
    settings = Settings(
        database_url=database_url,
        broker=None,
        environment={"DELIVERY_PRIVATE_KEY": json.dumps(private_jwk), "DELIVERY_LINK_KEYS": LINK_KEY},
    )
    service = compose(settings)
    service.migrate()
    yield service
    service.close()


@pytest.fixture(scope="session")
def application(service: Service) -> IdentityApplication:
    found: IdentityApplication = service.create_api().extensions["application"]
    return found


@pytest.fixture(scope="session")
def first_passwords(application: IdentityApplication) -> dict[str, str]:
    return bootstrap(application.means, {OPERATOR: PASSWORD, MARKETPLACE: PASSWORD})


@pytest.fixture
def at(database_url: str, private_jwk: dict[str, Any]) -> Iterator[Callable[[timedelta], IdentityApplication]]:
    """Makes the same service as it will be some time later."""
    made: list[IdentityStore] = []

    def later(by: timedelta) -> IdentityApplication:
        means = Means(store=IdentityStore(database_url=database_url), now=lambda: datetime.now(UTC) + by)
        made.append(means.store)
        return IdentityApplication(means, issuer=TokenIssuer(private_jwk), link_keys=LinkKeys(keys=[LINK_KEY]))

    yield later
    for store in made:
        store.close()


@pytest.fixture
def client(service: Service, first_passwords: dict[str, str]) -> FlaskClient:
    return service.create_api().test_client()


@pytest.fixture
def operator(client: FlaskClient) -> Account:
    return Account(client, OPERATOR, PASSWORD).sign_in(f"2001:db8::{next(_numbers) % 9999}")


@pytest.fixture
def number() -> str:
    """A main account id or customer number nobody else has."""
    return str(next(_numbers))


@pytest.fixture
def register(operator: Account, client: FlaskClient) -> Callable[..., Account]:
    """Registers a party over HTTP; its first user has a password of its own and is signed in."""

    def register(kind: str = "isv", name: str = "河北服务商") -> Account:
        made = operator("POST", "parties", {
            "kind": kind, "name": name, "number": str(next(_numbers)),
            "user": {"login_name": "main", "name": "主账号", "mobile": "18888888888"},
        })  # fmt: skip
        assert made.status_code == 201, made.text
        account = Account(
            client,
            made.json["user"]["login_name"],
            made.json["initial_password"],
            user_id=UUID(made.json["user"]["user_id"]),
            party_id=UUID(made.json["party_id"]),
        )
        return account.with_own_password()

    return register


@pytest.fixture
def isv(register: Callable[..., Account]) -> Account:
    return register()


@pytest.fixture
def rival(register: Callable[..., Account]) -> Account:
    return register(name="北京服务商")


@pytest.fixture(autouse=True)
def _nobody_answers_for_dispatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion that nobody is going to answer is answered 202 at once."""
    monkeypatch.setattr("identity_svc.api.users.ANSWER_WAIT", 0)


@pytest.fixture
def feeds(application: IdentityApplication) -> Feeds:
    return Feeds(process_managers(application.store), at=NOON)


@pytest.fixture
def roles(feeds: Feeds) -> list[str]:
    """The roles of the provider side are known."""
    for role in PROVIDER_ROLES:
        feeds(template.RoleDefined(role=role, name=f"name of {role}", side="provider"))
    feeds(template.RoleDefined(role="vendor_project_manager", name="厂商项目经理", side="vendor"))
    return PROVIDER_ROLES


@pytest.fixture
def published(application: IdentityApplication) -> Published:
    outbox = Outbox(application.store)
    return Published(outbox, outbox.last())


@pytest.fixture
def designer(isv: Account, roles: list[str], client: FlaskClient) -> Account:
    """A sub-account 李四 of the provider, signed in with a password of its own."""
    made = isv("POST", "users", new_user())
    assert made.status_code == 201, made.text
    account = Account(client, made.json["login_name"], made.json["initial_password"],
                      user_id=UUID(made.json["user_id"]), party_id=isv.party_id)  # fmt: skip
    return account.with_own_password()


def new_user(**changes: Any) -> dict[str, Any]:
    """The form 新建用户, filled."""
    return {
        "side": "provider",
        "login_name": f"lisi{uuid4().hex[:6]}",
        "name": "李四",
        "roles": ["designer"],
        "mobile": "18888888888",
        "landline": "0451-57028123-0987",
        **changes,
    }
