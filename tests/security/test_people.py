"""Deleting people and erasing their data, through all services."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_center.accounts import register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.demo.connections import connected
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.testing.fixtures import eventually
from intake_svc.domain.acts import Contact, Create
from intake_svc.domain.order import project_id_of
from intake_svc.kinds import KINDS
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from .conftest import Installation, guest_of

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


@pytest.mark.requirement("S-10", "U-21")
def test_two_shops_with_equal_numbers_sell_to_two_buyers(installation: Installation) -> None:
    """Of the same vendor, through all services: by account, link, list and erasure nothing of one is the other's. Nor
    does anything become that of the home marketplace's customer of this number."""
    own, operator, number = installation.own, installation.operator, "1001"
    at_home = {"kind": "customer", "name": "本市场的客户", "number": number, "login": "kehu", "person": "客户"}
    home = settle(operator, installation.book, register_party(operator, installation.book, **at_home)["login_name"])
    entry = {"product_code": "p", "sku": "s", "product_id": own.ids["product_id"]}
    shops = [connected(own.admin, "generic", name=f"商城{n}", entry=entry, stage="live") for n in range(2)]
    spaces = [f"generic:{shop['id']}" for shop in shops]
    first = {**at_home, "name": "甲店的客户", "marketplace": spaces[0]}
    account = settle(operator, installation.book, register_party(operator, installation.book, **first)["login_name"])
    projects = [sold(installation, shop, number, f"买家{n}") for n, shop in enumerate(shops)]

    def shown(client: Client, path: str = "purchased-services") -> list[str]:
        return sorted(row["project_id"] for row in client.get(f"/api/v1/{path}")["items"])

    eventually(lambda: set(projects) <= set(shown(own.admin, "project-list?entrance=vendor&limit=100")))
    assert (shown(account), shown(home)) == ([projects[0]], [])
    guests = [guest_of(own.customer, UUID(project)) for project in projects]
    for client, project in ((account, projects[0]), (guests[0], projects[0]), (guests[1], projects[1])):
        assert client.get(f"/api/v1/projects/{project}")
    for client, project in (
        (account, projects[1]), (home, projects[0]), (home, projects[1]), (guests[0], projects[1]),
        (guests[1], projects[0]),
    ):  # fmt: skip
        client.call("GET", f"/api/v1/projects/{project}", expect=404)
    (row,) = [
        row
        for row in operator.get("/api/v1/unregistered-buyers?limit=100")["items"]
        if row["customer_number"] == number
    ]
    assert (row["customer_name"], row["customer_marketplace"]) == ("买家1", spaces[1])
    form = {"kind": "customer", "name": "匿名", "number": number, "marketplace": row["customer_marketplace"]}
    party_id = operator.post("/api/v1/parties", form)["party_id"]
    assert party_id == row["customer_id"]
    operator.call("DELETE", f"/api/v1/parties/{party_id}/personal-data", expect=204)

    def named(project: str) -> str:
        return str(own.admin.get(f"/api/v1/projects/{project}")["business"]["customer_name"])

    eventually(lambda: named(projects[1]) == "--")
    eventually(lambda: holding(installation, "买家1") == [])
    eventually(lambda: holding(installation, "buyer1@example.com") == [])
    assert named(projects[0]) == "买家0"
    assert {"notify.project", "reporting.buyer"} <= set(holding(installation, "买家0"))
    assert holding(installation, "buyer0@example.com"), "where messages are addressed"
    assert guests[0].get(f"/api/v1/projects/{projects[0]}")


def sold(installation: Installation, shop: dict[str, Any], number: str, name: str) -> str:
    """The project of an order that the shop tells of, as soon as there is one."""
    order, mail = f"shop{uuid4().hex[:12]}", f"buyer{name[-1]}@example.com"
    create = Create(
        order_number=order, business_number=order, customer_number=number, product_code="p", sku="s",
        customer_name=name, contact=Contact(name=name, email=mail),
    )  # fmt: skip
    kind = KINDS["generic"]
    call = kind.write(kind.new_order(order=order, create=create), shop["secret"], datetime.now(UTC))
    client = installation.operator
    answer = client.http.request(
        call.method, client.address(shop["address"]), headers=dict(call.headers), content=call.body
    )
    assert answer.status_code == 200, answer.text
    project = str(project_id_of(UUID(shop["id"]), order))

    def there() -> bool:
        try:
            return bool(installation.own.admin.get(f"/api/v1/projects/{project}"))
        except Refused:
            return False

    eventually(there)
    return project


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
