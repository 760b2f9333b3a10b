"""What intake-svc makes of other services' messages: each also twice, late and about what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, intake, project, template
from delivery_shared.contracts.identity import party_id_of
from intake_svc.application import IntakeApplication
from intake_svc.domain.acts import ChangeContact, Contact, Renew
from intake_svc.domain.order import Order, project_id_of

from .conftest import NOON, Feeds, Marketplace, Published
from .test_receiving import started

pytestmark = pytest.mark.integration
Connect = Callable[..., Marketplace]


def node_completed(project_id: UUID, kind: Any) -> project.NodeCompleted:
    return project.NodeCompleted(
        project_id=project_id, run=1, visit=1, node="n", name="节点", by=project.Actor(kind=kind), completed_at=NOON
    )


@pytest.mark.parametrize("twice", [False, True])
def test_the_first_node_of_a_person_makes_an_order_ready(
    connect: Connect, feeds: Feeds, application: IntakeApplication, twice: bool
) -> None:
    market = connect("generic", ready_when="first_human_node")
    order = market.order()
    market.send(order)
    project_id = project_id_of(market.connection_id, order.order)
    feeds(started(project_id), node_completed(project_id, "system"), twice=twice)
    assert not market.send(order).json["ready"]
    feeds(node_completed(project_id, "customer"), node_completed(project_id, "staff"), twice=twice)
    assert market.send(order).json["instance_id"] == order.order
    found = application.store.find(Order, project_id)[project_id]
    assert found.ready_at == NOON


def test_a_flow_without_a_node_for_people_is_ready_at_its_end(connect: Connect, feeds: Feeds) -> None:
    market = connect("generic", ready_when="first_human_node")
    order = market.order()
    market.send(order)
    feeds(project.ProjectCompleted(
        project_id=project_id_of(market.connection_id, order.order), run=1, completed_at=NOON
    ))  # fmt: skip
    assert market.send(order).json["ready"]


def test_projects_of_others_change_nothing(feeds: Feeds, application: IntakeApplication) -> None:
    before = application.store.recorder.max_notification_id()
    feeds(
        started(uuid4()),
        node_completed(uuid4(), "staff"),
        project.OrderRefused(project_id=uuid4(), asked="intake.frozen", reason="project-unknown", refused_at=NOON),
    )
    assert application.store.recorder.max_notification_id() == before


def test_a_refusal_of_the_project_is_shown_with_its_notice(connect: Connect, feeds: Feeds) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    project_id = project_id_of(market.connection_id, order.order)
    refusal = project.OrderRefused(
        project_id=project_id, asked=intake.OrderReceived.TYPE, reason="product-offline", refused_at=NOON
    )
    feeds(refusal)
    (notice,) = market.notices()
    assert (notice["state"], notice["reason"], notice["effect"]) == (
        "refused", "product-offline", "intake.order_received",
    )  # fmt: skip
    answer = market.send(order).json
    assert (answer["ready"], answer["state"], answer["reason"]) == (False, "refused", "product-offline")
    assert market.health()["unready"] == 1


@pytest.mark.parametrize("twice", [False, True])
def test_an_erased_buyer_leaves_nothing_behind(
    connect: Connect, feeds: Feeds, published: Published, application: IntakeApplication, twice: bool
) -> None:
    market, number = connect("generic"), f"A{uuid4().hex[:12]}"
    contact = Contact(name="赵六六", mobile="13700137000", email="zhao@example.com")
    said = {"note": "门口放赵六六的桌上"}
    order = market.order(customer_number=number, customer_name="赵六六", contact=contact, parameters=said)
    market.send(order)
    market.send(market.about(order, "order.praised", None, "1", key=f"praise {order.order}"))
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert (told.customer_name, told.parameters) == ("赵六六", said)
    asked = "SELECT coalesce(max(asked), 0) AS n FROM outbox_renewal"
    with application.store.connection() as connection:
        before = connection.execute(asked).fetchone()
    feeds(
        identity.PartyRegistered(
            party_id=party_id_of(number), name="匿名", kind="customer", customer_number=number.lower()
        ),
        identity.PartyErased(party_id=party_id_of(number)),
        twice=twice,
    )
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert (told.customer_name, told.contact, told.parameters) == ("", None, {})
    with application.store.connection() as connection:
        after = connection.execute(asked).fetchone()
        project_id = project_id_of(market.connection_id, order.order)
        key = connection.execute("SELECT 1 FROM order_key WHERE project_id = %s", (project_id,)).fetchone()
    assert before is not None
    assert after is not None
    assert (after["n"] > before["n"], key) == (True, None)
    shown = [
        market.vendor("GET", f"connections/{market.connection_id}/notices/{notice['id']}").json
        for notice in market.notices()
    ]
    assert [(n["raw"], n["translated"], n["answered"]) for n in shown] == [(None, None, None)] * 2
    parked = market.notices(state="parked")[0]
    path = f"connections/{market.connection_id}/notices/{parked['id']}"
    again = market.vendor("POST", f"{path}/replay", {})
    assert (again.status_code, again.json["type"].rpartition(":")[2]) == (409, "notice-erased")
    assert market.vendor("POST", f"{path}/refusal").json["state"] == "refused"
    another = ChangeContact(contact=Contact(name="钱七七", email="qian@example.com"))
    told_later = market.about(order, "order.contact_changed", another, "1", key=f"c {order.order}")
    assert market.send(told_later).status_code == 200
    assert [type(c) for c in published()] == [intake.OrderReceived], "of a forgotten buyer nobody is named"
    later = market.about(order, "order.renewed", Renew(valid_until=NOON.date()), "1", key=f"r {order.order}")
    assert market.send(later).json["state"] == "applied"


def test_a_buyer_is_found_by_the_number_he_was_registered_under(
    connect: Connect, feeds: Feeds, published: Published
) -> None:
    """However it is written, and whatever id the party has."""
    market, number, party = connect("generic"), f"b{uuid4().hex[:12]}", uuid4()
    market.send(market.order(customer_number=number.upper(), customer_name="钱七"))
    feeds(identity.PartyRegistered(party_id=party, name="钱七", kind="customer", customer_number=number))
    feeds(identity.PartyErased(party_id=party))
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert told.customer_name == ""


@pytest.mark.parametrize("twice", [False, True])
def test_products_and_parties_are_copied(
    connect: Connect, feeds: Feeds, application: IntakeApplication, twice: bool, sign_in: Any
) -> None:
    market = connect("generic")
    offline = template.ProductTakenOffline(product_id=market.product_id, taken_offline_at=NOON)
    registered = identity.PartyRegistered(
        party_id=market.vendor.party_id, name="河北服务商", kind="isv", account="1744526877246716"
    )
    feeds(offline, registered, twice=twice)
    with application.store.connection() as connection:
        row = connection.execute("SELECT * FROM product WHERE product_id = %s", (market.product_id,)).fetchone()
    assert row is not None
    assert (row["offline"], row["vendor_id"], row["code"]) == (True, market.vendor.party_id, "66001")
    operator = sign_in("platform_operator")
    assert operator("GET", f"connections/{market.connection_id}").json["vendor_name"] == "河北服务商"
