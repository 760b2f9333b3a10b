"""Somebody else becomes the contact of an order: who may say so, what becomes of whoever it was, and what is kept of
them. ``World.hear`` delivers everything twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command, execute
from delivery_shared.contracts import identity, intake, project
from delivery_shared.contracts.intake import Contact
from delivery_shared.contracts.project import Actor
from delivery_shared.links import contact_id
from delivery_shared.texts import key
from project_svc import commands
from project_svc.domain.errors import LinkOfAnother
from project_svc.domain.order import OrderContact

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_VENDOR,
    BY_VPM,
    MARKET,
    OPERATOR,
    Client,
    Http,
    World,
)
from .people import BUYER, at
from .test_buyers import published
from .test_http import problem
from .test_marketplace import log_of, parked, received, refusals

pytestmark = pytest.mark.integration

FIRST = OrderContact(name="麦家", mobile="+8613912345678", email="m@example.com", locale="zh-CN")
NEXT = {"name": "余华", "email": "yu@example.com"}


def ordered(world: World, contact: OrderContact | None = FIRST, **more: Any) -> tuple[UUID, UUID]:
    """A project of a buyer of its own, and that buyer."""
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = identity.party_id_of(number)
    given = {"customer_id": customer_id, "customer_number": number, "contact": contact, **more}
    return world.order(**given), customer_id


def changed(project_id: UUID, minutes: float, **contact: Any) -> intake.ContactChanged:
    return intake.ContactChanged(project_id=project_id, contact=Contact(**contact), changed_at=at(minutes))


def changes(world: World, project_id: UUID) -> list[project.ContactChanged]:
    return [c for c in published(world, project_id) if isinstance(c, project.ContactChanged)]


def shown(world: World, project_id: UUID) -> tuple[str, str, str]:
    page = world.application.details(by=BY_VENDOR, project_id=project_id)["contact"]
    return page["name"], page["mobile"], page["email"]


def dumped(world: World) -> str:
    """Every row of every table, and every stored fact, as text."""
    with world.application.store.connection() as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        found = [
            connection.execute(
                f"SELECT coalesce(string_agg(CAST(t AS text), ''), '') AS t FROM \"{row['table_name']}\" t"
            ).fetchone()
            for row in tables
        ]
    return str(found)


def by_link(http: Http, project_id: UUID, version: int, *, party: UUID = BUYER) -> Client:
    token, _ = http.issuer.issue(
        user_id=contact_id(project_id, version), party_id=party, side="customer", main=False, roles=frozenset(),
        department_id=None, name="", must_change_password=False, session_id=uuid4(), project_id=project_id,
        confirmed=True,
    )  # fmt: skip
    return Client(http.app.test_client(), token)


def put(http: Http, by: Any, project_id: UUID, body: Any) -> Any:
    return http.of(by)("PUT", f"projects/{project_id}/contact", body)


def test_the_vendor_names_another_contact_who_is_shown_told_and_logged(http: Http, world: World) -> None:
    project_id = world.at_submit()
    assert put(http, BY_VENDOR, project_id, NEXT).status_code == 200
    assert shown(world, project_id) == ("余华", "--", "yu@example.com")
    (told,) = changes(world, project_id)
    found = world.project(project_id)
    assert (told.number, told.contact, told.reachable, told.waits) == (2, Contact(**NEXT), True, "顾客提交需求")
    assert (told.vendor_id, told.customer_id, told.product_name) == (
        found.vendor_id, found.customer_id, found.product_name,
    )  # fmt: skip
    assert told.by == Actor(kind="vendor", user_id=BY_VENDOR.user_id, party_id=BY_VENDOR.party_id)
    page = http.of(BY_CUSTOMER)("GET", f"projects/{project_id}/log").get_json()
    row = page["items"][0]
    assert (row["node"], row["event"], row["remark"]) == ("项目", "更换联系人", "")
    assert [what for what in ("余华", "yu@example.com") if what in repr(page)] == []
    before = world.versions(project_id)
    assert put(http, BY_VENDOR, project_id, NEXT).status_code == 200
    assert world.versions(project_id) == before, "the same again is nothing new"


def test_who_names_a_contact(http: Http, world: World) -> None:
    project_id = world.at_submit()
    for by in (BY_CUSTOMER, BY_LISI, BY_ADMIN, BY_VPM):
        assert problem(put(http, by, project_id, NEXT)) == (403, "forbidden"), by
    guest = by_link(http, project_id, 1, party=world.project(project_id).customer_id)
    assert problem(guest("PUT", f"projects/{project_id}/contact", NEXT)) == (403, "forbidden")
    other = replace(BY_VENDOR, party_id=uuid4())
    assert problem(put(http, other, project_id, NEXT)) == (404, "project-unknown")
    assert problem(put(http, BY_VENDOR, uuid4(), NEXT)) == (404, "project-unknown")
    assert changes(world, project_id) == []
    for number, by in enumerate((BY_VENDOR, OPERATOR, MARKET), start=2):
        assert put(http, by, project_id, {"name": f"第{number}位"}).status_code == 200, by
    assert [(c.number, c.by.kind, c.reachable) for c in changes(world, project_id)] == [
        (2, "vendor", False), (3, "operator", False), (4, "marketplace", False),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [{}, {"name": None}, {"email": "no address"}, {"mobile": "12"}, {"x": 1}])
def test_a_contact_says_something_that_can_be_used(http: Http, world: World, body: Any) -> None:
    project_id = world.at_submit()
    assert put(http, BY_VENDOR, project_id, body).status_code == 422
    assert changes(world, project_id) == []


def test_what_the_marketplace_says_counts_once_and_in_its_order(world: World) -> None:
    project_id, _ = ordered(world)
    second = changed(project_id, 20, **NEXT)
    world.hear(second)
    assert shown(world, project_id) == ("余华", "--", "yu@example.com")
    before = world.versions(project_id)
    world.hear(changed(project_id, 10, name="迟到的"), second)
    assert world.versions(project_id) == before, "of before, and heard again"
    world.hear(changed(project_id, 30, name="莫言", mobile="+8613800000003"))
    assert shown(world, project_id) == ("莫言", "+8613800000003", "--")
    assert [c.number for c in changes(world, project_id)] == [2, 3]
    assert log_of(world, project_id) == [("更换联系人", "云市场", ""), ("更换联系人", "云市场", "")]
    assert (refusals(world, project_id), parked(world)) == ([], [])


def test_what_the_marketplace_said_before_the_vendor_corrected_it_changes_nothing(world: World) -> None:
    project_id, _ = ordered(world)
    world.do(commands.change_contact(by=BY_VENDOR, project_id=project_id, contact=OrderContact(**NEXT)))
    (told,) = changes(world, project_id)
    early = intake.ContactChanged(project_id=project_id, contact=Contact(name="早先"), changed_at=told.changed_at)
    world.hear(early)
    assert shown(world, project_id)[0] == "余华"
    assert len(changes(world, project_id)) == 1


def test_a_link_of_the_one_before_is_refused_at_its_next_request(http: Http, world: World) -> None:
    project_id = world.at_submit()
    customer = world.project(project_id).customer_id
    old = by_link(http, project_id, 1, party=customer)
    assert old("GET", f"projects/{project_id}").status_code == 200
    assert put(http, BY_VENDOR, project_id, NEXT).status_code == 200
    for method, path, body in (
        ("GET", "", None), ("GET", "/log", None), ("GET", "/files", None), ("GET", "/conversation", None),
        ("POST", "/comments", {"text": "还在吗"}), ("POST", "/evaluation", {"stars": 5}),
    ):  # fmt: skip
        assert problem(old(method, f"projects/{project_id}{path}", body)) == (401, "unauthenticated"), path
    new = by_link(http, project_id, 2, party=customer)
    assert new("GET", f"projects/{project_id}").status_code == 200
    assert new("POST", f"projects/{project_id}/comments", {"text": "换我了"}).status_code == 201


def test_a_request_of_the_one_before_that_is_under_way_is_refused(http: Http, world: World) -> None:
    """It was admitted and decided while he was the contact; what it wanted is saved after he no longer is."""
    project_id = world.at_submit()
    by = replace(BY_CUSTOMER, party_id=world.project(project_id).customer_id)
    guest = replace(by, user_id=contact_id(project_id, 1), project_id=project_id)
    change = commands.change_contact(by=BY_VENDOR, project_id=project_id, contact=OrderContact(**NEXT))
    decided: list[None] = []
    store = world.application.store
    operation = commands.comment(by=guest, project_id=project_id, text="慢一步")
    decide = operation.decide

    def meanwhile(work: Any, found: Any) -> Any:
        answer = decide(work, found)
        if not decided:
            decided.append(None)
            execute(store, Command(), lambda unit: world.application.carrier.decide(unit, change))
        return answer

    slow = replace(operation, decide=meanwhile)
    with pytest.raises(LinkOfAnother):
        execute(store, Command(), lambda unit: world.application.carrier.decide(unit, slow))
    assert decided
    assert [type(c).__name__ for c in published(world, project_id)][-1] == "ContactChanged", "nothing was said"


@pytest.mark.parametrize("contact", [FIRST, None])
def test_all_contacts_are_forgotten_with_the_buyer(world: World, contact: OrderContact | None) -> None:
    """Also where the order itself named nobody."""
    project_id, customer_id = ordered(world, contact)
    world.hear(changed(project_id, 20, **NEXT))
    assert "yu@example.com" not in dumped(world)
    number = f"N-{uuid4().hex[:8]}"
    registered = identity.PartyRegistered(
        party_id=customer_id, name="余华", kind="customer", account=number, customer_number=number
    )
    world.hear(registered, identity.PartyErased(party_id=customer_id))
    said = published(world, project_id)
    assert [c.contact for c in said if isinstance(c, project.ContactChanged)] == [None]
    assert [type(c) for c in said].count(project.BuyerErased) == 1
    assert "yu@example.com" not in repr(said)
    assert shown(world, project_id) == ("--", "--", "--")
    before = world.versions(project_id)
    world.hear(changed(project_id, 30, name="莫言"))
    assert (world.versions(project_id), refusals(world, project_id), parked(world)) == (before, [], [])


def test_of_a_forgotten_buyer_nobody_is_named(http: Http, world: World) -> None:
    for contact in (FIRST, None):
        project_id, customer_id = ordered(world, contact)
        world.hear(
            identity.PartyRegistered(
                party_id=customer_id, name="麦家", kind="customer", account="x", customer_number=str(customer_id)
            ),
            identity.PartyErased(party_id=customer_id),
        )
        assert problem(put(http, BY_VENDOR, project_id, NEXT)) == (409, "buyer-forgotten")
        assert changes(world, project_id) == []


def test_a_withdrawn_order_names_nobody_a_completed_one_does(http: Http, world: World) -> None:
    project_id, _ = ordered(world)
    world.hear(intake.Ended(project_id=project_id, refund=True, ended_at=at(10)))
    assert problem(put(http, BY_VENDOR, project_id, NEXT)) == (409, "project-ended")
    world.hear(changed(project_id, 20, **NEXT))
    assert refusals(world, project_id) == [("intake.contact_changed", "project-ended")]
    assert changes(world, project_id) == []


@pytest.mark.parametrize("registered_first", [True, False])
def test_an_order_of_a_registered_buyer_is_his_beside_its_contact(
    http: Http, world: World, registered_first: bool
) -> None:
    """Known by its number at the marketplace, however that is written; not by name or address."""
    suffix = uuid4().hex[:8].upper()
    number, account = f"C-AB{suffix}", uuid4()
    party_id = uuid4() if registered_first else identity.party_id_of(number)
    registered = (
        identity.PartyRegistered(
            party_id=party_id, name="甲公司", kind="customer", account=number, customer_number=number
        ),
        identity.UserSaved(
            user_id=account, party_id=party_id, side="customer", main=True, login_name=f"a@{number}", name="甲",
            roles=["customer"], email="m@example.com", saved_at=at(0),
        ),
    )  # fmt: skip
    order = received(
        customer_number=f"c-ａｂ{suffix.lower()}", customer_name="乙公司",
        contact=Contact(name="麦家", email="m@example.com"),
    )  # fmt: skip
    namesake = received(customer_name="甲公司", contact=Contact(name="甲", email="m@example.com"))
    world.hear(*registered, order, namesake) if registered_first else world.hear(order, namesake, *registered)
    assert world.project(order.project_id).customer_id == party_id
    assert world.project(namesake.project_id).customer_id not in (party_id, account)
    customer = replace(BY_CUSTOMER, user_id=account, party_id=party_id)
    assert http.of(customer)("GET", f"projects/{order.project_id}").status_code == 200
    assert problem(http.of(customer)("GET", f"projects/{namesake.project_id}")) == (404, "project-unknown")
    guest = by_link(http, order.project_id, 1, party=party_id)
    assert guest("GET", f"projects/{order.project_id}").status_code == 200
    with world.application.store.connection() as connection:
        parties = connection.execute("SELECT party_id FROM party WHERE number_key = %s", (key(number),)).fetchall()
    assert [row["party_id"] for row in parties] == [party_id]


def test_two_at_once_for_an_order_that_named_nobody_share_a_key(world: World) -> None:
    project_id, _ = ordered(world, None)
    operations = [
        commands.change_contact(by=BY_VENDOR, project_id=project_id, contact=OrderContact(name=name))
        for name in ("甲", "乙")
    ]
    results = world.application.operate_many(operations).results
    assert [status for status, _ in results] == [200, 200]  # type: ignore[misc]
    assert [c.contact and c.contact.name for c in changes(world, project_id)] in (["甲", "乙"], ["甲"])
