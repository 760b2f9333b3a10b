"""Deleting people and erasing their data, through all services."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from delivery_center.client import Client, Refused
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.testing.fixtures import eventually
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from .conftest import Installation

pytestmark = pytest.mark.integration

COPIES = ("project", "dispatch", "notify", "reporting")


def copies(installation: Installation, user_id: str) -> dict[str, dict[str, Any]]:
    """What each service keeps of the person."""
    url = make_url(installation.center.settings.database_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        found = {
            schema: connection.execute(text(f"SELECT * FROM {schema}.person WHERE user_id = :id"), {"id": user_id})
            .mappings()
            .one_or_none()
            for schema in COPIES
        }
    engine.dispose()
    return {schema: dict(row) for schema, row in found.items() if row is not None}


def person(admin: Client, login_name: str) -> str:
    made = admin.post(
        "/api/v1/users",
        {"login_name": login_name, "name": "王五", "side": "provider", "roles": ["designer"], "mobile": "18888888888",
         "landline": "0451-57028123"},
    )  # fmt: skip
    return str(made["user_id"])


@pytest.mark.requirement("U-21")
def test_whoever_holds_a_project_stays(installation: Installation) -> None:
    own = installation.own
    user = f"/api/v1/users/{own.ids['user_id']}"
    with suppress(Refused):  # 409, or – where dispatch is late – 202
        own.admin.call("DELETE", user)
    assert eventually(lambda: own.admin.get(user)["state"] == "active" and own.admin.get(user)["deletion_refused_held"])
    assert installation.operator.call("DELETE", f"{user}/personal-data", expect=409)
    login_name = own.ids["login_name"]
    own.staff.token = own.staff.signed_in(login_name, installation.book.passwords[login_name]).token


@pytest.mark.requirement("U-21")
def test_a_free_person_goes_the_name_stays_until_it_is_erased(installation: Installation) -> None:
    admin = installation.own.admin
    user_id = person(admin, "wangwu9999")
    eventually(lambda: len(copies(installation, user_id)) == len(COPIES))
    admin.call("DELETE", f"/api/v1/users/{user_id}")

    def answer() -> int:
        headers = {"Authorization": f"Bearer {admin.token}"}
        return admin.http.get(admin.address(f"/api/v1/users/{user_id}"), headers=headers).status_code

    eventually(lambda: answer() == 404)
    kept = copies(installation, user_id)
    assert {name: row["name"] for name, row in kept.items()} == dict.fromkeys(COPIES, "王五"), "stays in logs by name"
    installation.operator.call("DELETE", f"/api/v1/users/{user_id}/personal-data", expect=204)

    def blank() -> bool:
        rows = copies(installation, user_id)
        return all(
            row["name"] == "" and not row.get("mobile") and not row.get("landline") and not row.get("email")
            for row in rows.values()
        )

    eventually(blank)
    identity = installation.center.services["identity"].store
    assert isinstance(identity, EventStore)
    with identity.connection() as connection:
        assert connection.execute("SELECT 1 FROM person_key WHERE user_id = %s", (user_id,)).fetchone() is None
        assert connection.execute("SELECT 1 FROM user_account WHERE user_id = %s", (user_id,)).fetchone() is None


@pytest.mark.requirement("U-21", "R-07")
def test_a_buyer_is_named_from_the_first_second_until_he_is_forgotten(installation: Installation) -> None:
    """Somebody who never registered; afterwards his name stands in no row of any service, nor would it be told anew."""
    own, operator, name, number = installation.own, installation.operator, "慕容无名", "murong-1"
    order = {"product_id": own.ids["product_id"], "order_number": "770001", "business_number": "770001001",
             "customer": {"number": number, "name": name}}  # fmt: skip
    once = {"Idempotency-Key": "murong"}
    project_id = installation.marketplace.post("/api/v1/orders", order, headers=once)["project_id"]

    def shown() -> list[str | None]:
        rows = own.admin.get("/api/v1/project-list?entrance=vendor&order_number=770001")["items"]
        return [row["customer_name"] for row in rows]

    eventually(lambda: shown() == [name])
    form = {"kind": "customer", "name": "匿名", "number": number.upper()}
    party_id = operator.post("/api/v1/parties", form)["party_id"]
    operator.call("DELETE", f"/api/v1/parties/{party_id}/personal-data", expect=204)
    eventually(lambda: shown() == [None])
    page = own.admin.get(f"/api/v1/projects/{project_id}")
    assert page["business"]["customer_name"] == "--"
    eventually(lambda: holding(installation, name) == [])
    project = installation.center.services["project"].store
    assert isinstance(project, EventStore)
    assert name.encode() not in b"".join(message.body for message in Outbox(project).read(after=0, limit=10_000))


def holding(installation: Installation, text_: str) -> list[str]:
    """The tables that hold a text, stored facts among them."""
    url = make_url(installation.center.settings.database_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, poolclass=NullPool)
    found = []
    with engine.connect() as connection:
        tables = connection.execute(
            text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(:schemas)"),
            {"schemas": ["identity", "template", "intake", *COPIES]},
        ).scalars()
        for table in tables.all():
            query = f"SELECT count(*) FROM {table} t WHERE strpos(t::text, :text) > 0 OR strpos(t::text, :bytes) > 0"
            if connection.execute(text(query), {"text": text_, "bytes": text_.encode().hex()}).scalar():
                found.append(table)
    engine.dispose()
    return found
