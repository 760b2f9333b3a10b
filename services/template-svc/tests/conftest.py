"""A seeded template-svc on a scratch database, and callers of every kind. Tests share it: each works as vendors of its
own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.migrate import migrate
from delivery_shared.testing.fixtures import database_url
from flask.testing import FlaskClient
from template_svc.api import BLUEPRINTS, ERRORS
from template_svc.application import TemplateApplication
from template_svc.seeding import seed_calendar, seed_presets
from template_svc.store import TemplateStore

__all__ = ["database_url"]

SIDES = {
    "vendor_admin": ("isv", True, ()),
    "vendor_project_manager": ("vendor", False, ("vendor_project_manager",)),
    "staff": ("provider", False, ("designer",)),
    "account_manager": ("provider", False, ("account_manager",)),
    "customer": ("customer", False, ("customer",)),
    "platform_operator": ("operator", False, ("platform_operator",)),
    "marketplace": ("marketplace", False, ()),
}


class User:
    """A signed-in caller: the test client with a token."""

    def __init__(self, client: FlaskClient, token: str, party_id: UUID) -> None:
        self.client, self.token, self.party_id = client, token, party_id

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


@pytest.fixture(scope="session")
def make_application(database_url: str) -> Iterator[Callable[[str], TemplateApplication]]:
    """Makes a migrated, empty template-svc in a schema of its own."""
    made: list[TemplateApplication] = []

    def make(schema: str) -> TemplateApplication:
        application = TemplateApplication(TemplateStore(database_url=database_url, schema=schema))
        made.append(application)
        migrate(
            database_url=database_url,
            schema=schema,
            package="template_svc",
            driver="psycopg",
            store=application.store,
        )
        return application

    yield make
    for application in made:
        application.store.close()


@pytest.fixture(scope="session")
def application(make_application: Callable[[str], TemplateApplication]) -> TemplateApplication:
    application = make_application("template")
    seed_presets(application)
    seed_calendar(application, now=datetime(2026, 6, 1, tzinfo=UTC))
    return application


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer(new_private_jwk())


@pytest.fixture(scope="session")
def api(application: TemplateApplication, issuer: TokenIssuer) -> Any:
    return create_api(
        name="template",
        title="template-svc",
        application=application,
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        verifier=TokenVerifier(issuer.public_jwks),
    )


@pytest.fixture
def sign_in(api: Any, issuer: TokenIssuer) -> Callable[..., User]:
    """Signs in as a kind of the authorization matrix, for a new party unless one is given."""

    def sign_in(kind: str, party_id: UUID | None = None) -> User:
        side, main, roles = SIDES[kind]
        party_id = party_id or uuid4()
        token, _ = issuer.issue(
            user_id=uuid4(),
            party_id=party_id,
            side=side,
            main=main,
            roles=frozenset(roles),
            department_id=None,
            name="测试",
            must_change_password=False,
            session_id=uuid4(),
        )
        return User(api.test_client(), token, party_id)

    return sign_in


@pytest.fixture
def vendor(sign_in: Callable[..., User]) -> User:
    return sign_in("vendor_admin")


@pytest.fixture
def operator(sign_in: Callable[..., User]) -> User:
    return sign_in("platform_operator")


@pytest.fixture
def events(application: TemplateApplication) -> Callable[[], int]:
    """The id of the last event stored: unchanged = nothing happened."""
    return lambda: application.store.recorder.max_notification_id() or 0
