"""Who comes by a link sees one project as its customer, and decides in it once his device has shown a code."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, project
from delivery_shared.contracts.intake import Contact
from delivery_shared.links import contact_id
from project_svc.domain.order import OrderContact

from .conftest import BY_CUSTOMER, Client, Http, World
from .people import BUYER
from .test_buyers import published, started
from .test_http import PNG, problem

pytestmark = pytest.mark.integration


def by_link(http: Http, project_id: UUID, *, confirmed: bool = False, party: UUID = BUYER) -> Client:
    token, _ = http.issuer.issue(
        user_id=contact_id(project_id, 1), party_id=party, side="customer", main=False, roles=frozenset(),
        department_id=None, name="", must_change_password=False, session_id=uuid4(), project_id=project_id,
        confirmed=confirmed,
    )  # fmt: skip
    return Client(http.app.test_client(), token)


@pytest.fixture
def waiting(world: World) -> UUID:
    """A project that waits for its customer's form."""
    return world.at_submit()


def downloaded(response: Any) -> bytes:
    with response:
        content: bytes = response.get_data()
    return content


READS = ("", "/timeline", "/log", "/files", "/conversation", "/comments")


def test_a_link_shows_its_project_as_the_customer_sees_it(http: Http, world: World, waiting: UUID) -> None:
    guest, customer = by_link(http, waiting), http.of(BY_CUSTOMER)
    for path in READS:
        mine, his = guest("GET", f"projects/{waiting}{path}"), customer("GET", f"projects/{waiting}{path}")
        assert (mine.status_code, his.status_code) == (200, 200), path
        if path != "/conversation":
            drop = ("now",)
            assert {k: v for k, v in mine.get_json().items() if k not in drop} == {
                k: v for k, v in his.get_json().items() if k not in drop
            }, path
    assert guest("GET", f"projects/{waiting}/notes").status_code == 403
    assert guest("GET", "file-types").status_code == 200


def test_a_link_opens_no_other_project_also_not_of_the_same_customer(http: Http, world: World, waiting: UUID) -> None:
    other = world.order("website")
    guest = by_link(http, other, confirmed=True)
    added = http.of(BY_CUSTOMER)("POST", f"projects/{waiting}/files", files=[("file", "a.png", PNG)])
    assert added.status_code == 201, added.get_data(as_text=True)
    file = added.get_json()["file_id"]
    assert downloaded(http.of(BY_CUSTOMER)("GET", f"files/{file}")) == PNG
    for path in READS:
        assert problem(guest("GET", f"projects/{waiting}{path}")) == (404, "not-found"), path
    for method, path, body in (
        ("PUT", "visits/2/requirement", {}),
        ("POST", "visits/2/confirmation", None),
        ("POST", "visits/2/rejection", {"reason": "r"}),
        ("POST", "comments", {"text": "t"}),
        ("POST", "evaluation", {"stars": 5}),
    ):
        assert problem(guest(method, f"projects/{waiting}/{path}", body)) == (404, "not-found"), path
    assert guest("GET", f"files/{file}").status_code == 404
    assert guest("DELETE", f"files/{file}").status_code == 404
    assert downloaded(by_link(http, waiting)("GET", f"files/{file}")) == PNG


def test_deciding_needs_a_code(http: Http, world: World, waiting: UUID) -> None:
    guest = by_link(http, waiting)
    before = len(published(world, waiting))
    visit = guest("GET", f"projects/{waiting}").get_json()["current"]["visit"]
    deciding: list[tuple[str, str, Any]] = [
        ("PUT", "requirement", {}), ("POST", "confirmation", None), ("POST", "rejection", {"reason": "r"}),
    ]  # fmt: skip
    for method, act, body in deciding:
        refused = guest(method, f"projects/{waiting}/visits/{visit}/{act}", body)
        assert problem(refused) == (403, "code-needed"), act
    assert len(published(world, waiting)) == before
    assert guest("POST", f"projects/{waiting}/comments", {"text": "先问一下"}).status_code == 201
    confirmed = by_link(http, waiting, confirmed=True)
    for method, act, body in deciding:
        answered = confirmed(method, f"projects/{waiting}/visits/{visit}/{act}", body)
        assert answered.status_code in (200, 409, 422), (act, answered.get_data(as_text=True))


def test_a_link_is_no_account_elsewhere(http: Http, waiting: UUID) -> None:
    guest = by_link(http, waiting, confirmed=True)
    for method, path in (("POST", "orders/test"), ("POST", "orders"), ("POST", "projects/claims")):
        assert problem(guest(method, path, {})) == (403, "forbidden"), path


@pytest.mark.parametrize("contact", [OrderContact(name="麦家", mobile="+8613912345678", email="m@example.com"), None])
def test_the_message_of_an_order_carries_its_contact_until_he_is_forgotten(
    world: World, contact: OrderContact | None
) -> None:
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = identity.party_id_of(number)
    project_id = world.order(customer_id=customer_id, customer_number=number, customer_name="麦家", contact=contact)
    expected = contact and Contact(name="麦家", mobile="+8613912345678", email="m@example.com")
    assert started(world, project_id).contact == expected
    world.hear(
        identity.PartyRegistered(
            party_id=customer_id, name="麦家", kind="customer", account=number, customer_number=number
        ),
        identity.PartyErased(party_id=customer_id),
    )
    assert started(world, project_id).contact is None
    said = published(world, project_id)
    assert [type(c) for c in said].count(project.BuyerErased) == 1
    assert "m@example.com" not in repr(said)
