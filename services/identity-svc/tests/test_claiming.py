"""A contact claims a full account: who may, what it is, and what is in its way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, project
from delivery_shared.contracts.identity import party_id_of
from flask.testing import FlaskClient
from identity_svc import passwords
from identity_svc.application import IdentityApplication

from .conftest import PASSWORD, Account, Feeds, Published
from .test_links import KEYS, Browser, forgotten, link, named, slug, started, withdrawn
from .test_users_api import counts, stored

pytestmark = pytest.mark.integration

FORM = {
    "customer_name": "格非的公司", "login_name": "Ge.Fei", "name": "格非", "mobile": "138 1234 5678",
    "email": "ge.fei@example.com", "password": PASSWORD,
}  # fmt: skip


@pytest.fixture
def another(service: Any, first_passwords: dict[str, str]) -> Callable[[], Browser]:
    return lambda: Browser(service.create_api().test_client())


@pytest.fixture
def browser(another: Callable[[], Browser]) -> Browser:
    return another()


def shown(browser: Browser, order: project.ProjectStarted, *, version: int = 1, number: int = 1) -> None:
    """The browser comes by the link of the order and shows the ``number``-th code asked for."""
    assert browser.enter(link(order, version=version)).status_code == 201
    assert browser("POST", "links/codes").status_code == 202
    code = {"code": KEYS.code(order.project_id, version, number)}
    answered = browser("POST", "links/codes/confirmation", code)
    assert answered.status_code == 200
    browser.token = answered.json["access_token"]


def claim(browser: Browser, **changes: Any) -> Any:
    return browser("POST", "links/accounts", FORM | changes)


def accounts(application: IdentityApplication) -> dict[str, int]:
    """How many there are: to show that none was made."""
    found = counts(application)
    return {table: found[table] for table in ("party", "user_account", "credential", "person_key")}


@pytest.mark.requirement("G-10")
def test_a_contact_claims_an_account_and_signs_in(
    feeds: Feeds, browser: Browser, client: FlaskClient, operator: Account, published: Published
) -> None:
    order = started()
    feeds(order)
    shown(browser, order)
    published.again()
    claimed = claim(browser)
    assert (claimed.status_code, set(claimed.json)) == (201, {"party_id", "login_name"})
    assert claimed.headers["Cache-Control"] == "no-store"
    login_name = claimed.json["login_name"]
    party, user = published()
    assert party == identity.PartyRegistered(party_id=order.customer_id, name="格非的公司", kind="customer")
    assert isinstance(user, identity.UserSaved)
    assert (user.party_id, user.side, user.main, user.roles, user.login_name, user.name, user.mobile, user.email) == (
        order.customer_id, "customer", False, ["customer"], login_name, "格非", "13812345678", "ge.fei@example.com",
    )  # fmt: skip
    account = Account(client, login_name, PASSWORD).sign_in()
    me = account("GET", "me").json
    assert (me["party_id"], me["party_name"], me["local_name"]) == (str(order.customer_id), "格非的公司", "ge.fei")
    assert account("GET", "me/menus").status_code == 200, "no password is to be changed first"
    assert browser.enter(link(order)).json["confirmed"], "links go on to open"
    seen = operator("GET", f"parties/{order.customer_id}").json
    assert (seen["kind"], seen["name"], seen["customer_number"]) == ("customer", "格非的公司", None)
    assert login_name == f"ge.fei@{seen['account']}.onaliyun.com"
    listed = operator("GET", f"parties?kind=customer&name={seen['account']}").json["items"]
    assert [(row["party_id"], row["people"]) for row in listed] == [(str(order.customer_id), 1)]


def test_a_device_that_has_shown_no_code_claims_nothing(
    feeds: Feeds, browser: Browser, application: IdentityApplication
) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    before = counts(application)
    assert slug(claim(browser)) == (403, "code-needed")
    browser.token = ""
    assert claim(browser).status_code == 401
    assert counts(application) == before


def test_every_order_of_the_buyer_is_opened_first(
    feeds: Feeds, browser: Browser, another: Callable[[], Browser], application: IdentityApplication
) -> None:
    """All of it is seen afterwards, and others may be named there. What another device has shown does not count, nor
    what was shown too long ago or by the contact before; orders that name nobody, are withdrawn or another's need
    nothing."""
    order = started()
    second, third, gone = (started(customer_id=order.customer_id) for _ in range(3))
    feeds(order, second, third, gone, started(customer_id=order.customer_id, contact=None), started())
    shown(browser, order)
    before = accounts(application)

    def refused() -> int:
        answered = claim(browser)
        assert slug(answered) == (409, "orders-unopened")
        assert answered.json["blocking"]["items"] == []
        assert str(answered.json["blocking"]["total"]) in answered.json["messages"]["en"]
        return int(answered.json["blocking"]["total"])

    assert refused() == 3
    feeds(withdrawn(gone))
    assert refused() == 2
    shown(another(), second)
    assert refused() == 2
    shown(browser, second, number=2)
    assert refused() == 1
    shown(browser, third)
    with application.store.connection() as connection:
        over = "UPDATE link_device SET until = now() WHERE project_id = %s"
        connection.execute(over, (second.project_id,))
    assert refused() == 1
    shown(browser, second, number=3)
    feeds(named(second))
    assert claim(browser).status_code == 401, "nobody's session"
    shown(browser, third, number=2)
    assert refused() == 1
    assert accounts(application) == before
    shown(browser, second, version=2, number=4)
    assert claim(browser).status_code == 201


@pytest.mark.parametrize("by", ["operator", "contact"])
def test_a_buyer_who_is_a_party_gets_no_second_account(
    feeds: Feeds, browser: Browser, operator: Account, application: IdentityApplication, number: str, by: str
) -> None:
    """Nothing is said of that one; nor does it matter what is opened."""
    order = started(customer_id=party_id_of(number))
    feeds(order)
    shown(browser, order)
    if by == "operator":
        made = operator("POST", "parties", {"kind": "customer", "name": "注册的名称", "number": number})
        assert made.status_code == 201
    else:
        assert claim(browser).status_code == 201
        taken = operator("POST", "parties", {"kind": "customer", "name": "注册的名称", "number": number})
        assert slug(taken) == (409, "number-taken")
    feeds(started(customer_id=order.customer_id))
    before = counts(application)
    again = claim(browser, login_name="second", customer_name="别的名称")
    assert slug(again) == (409, "account-exists")
    assert [what for what in ("注册的名称", "格非", number, "ge.fei") if what in again.text] == []
    assert counts(application) == before


def test_of_two_who_claim_at_once_one_gets_it(
    feeds: Feeds,
    another: Callable[[], Browser],
    application: IdentityApplication,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = started()
    feeds(order)
    both = another(), another()
    for number, one in enumerate(both, start=1):
        shown(one, order, number=number)
    before, hashed, together = accounts(application), passwords.hashed, Barrier(2, timeout=20)

    def when_both_have_decided(password: str) -> str:
        together.wait()
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", when_both_have_decided)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda one: claim(*one), ((both[0],), (both[1],))))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (lost,) = (answer for answer in answers if answer.status_code == 409)
    assert slug(lost) == (409, "account-exists")
    assert accounts(application) == {table: number + 1 for table, number in before.items()}


@pytest.mark.parametrize(
    ("ending", "own", "refusal"),
    [
        (named, True, (401, "session-ended")),
        (withdrawn, True, (401, "session-ended")),
        (forgotten, True, (401, "session-ended")),
        (named, False, (409, "orders-unopened")),
    ],
)
def test_what_is_told_of_a_contact_meanwhile_counts(
    feeds: Feeds,
    browser: Browser,
    application: IdentityApplication,
    monkeypatch: pytest.MonkeyPatch,
    ending: Callable[[project.ProjectStarted], Any],
    own: bool,
    refusal: tuple[int, str],
) -> None:
    """Of his own order or another one of the buyer: in the transaction that would make the account."""
    order = started()
    other = started(customer_id=order.customer_id)
    feeds(order, other)
    shown(browser, other)
    shown(browser, order)
    hashed, told = passwords.hashed, [ending(order if own else other)]

    def meanwhile(password: str) -> str:
        while told:
            feeds(told.pop())
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", meanwhile)
    before = accounts(application)
    assert slug(claim(browser)) == refusal
    assert told == []
    assert accounts(application) == before


@pytest.mark.requirement("U-29")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "12345678"}, None),
        ({"password": "ge.fei@example.com"}, None),
        ({"login_name": "格非"}, "login_name"),
        ({"customer_name": " "}, "customer_name"),
        ({"name": ""}, "name"),
        ({"mobile": "12"}, "mobile"),
        ({"email": "@"}, "email"),
        ({"customer_id": str(uuid4())}, "customer_id"),
    ],
)
def test_bad_accounts_are_refused(
    feeds: Feeds, browser: Browser, application: IdentityApplication, change: dict[str, str], field: str | None
) -> None:
    order = started()
    feeds(order)
    shown(browser, order)
    before = counts(application)
    answered = claim(browser, **change)
    expected = "password-refused" if field is None else "invalid"
    assert slug(answered) == (422, expected)
    assert [error["field"] for error in answered.json.get("errors", [])] == ([] if field is None else [field])
    assert counts(application) == before


def test_the_same_request_twice_is_one_account_and_leaves_no_secret(
    feeds: Feeds, browser: Browser, application: IdentityApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    order = started()
    feeds(order)
    shown(browser, order)
    before = counts(application)["party"]
    browser.headers["Idempotency-Key"] = uuid4().hex
    first, again = claim(browser), claim(browser)
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert counts(application)["party"] == before + 1
    kept = stored(application) + "".join(capsys.readouterr())
    assert [what for what in (PASSWORD, "ge.fei@example.com", "13812345678") if what in kept] == []


@pytest.mark.requirement("U-21")
def test_a_buyer_who_claimed_an_account_is_forgotten_like_any_customer(
    feeds: Feeds, browser: Browser, operator: Account, published: Published
) -> None:
    order = started()
    feeds(order)
    shown(browser, order)
    party_id = UUID(claim(browser).json["party_id"])
    path = f"parties/{party_id}/personal-data"
    assert slug(operator("DELETE", path)) == (409, "has-users")
    (user,) = operator("GET", f"parties/{party_id}/users").json["items"]
    assert operator("DELETE", f"parties/{party_id}/users/{user['user_id']}").status_code == 204
    published.again()
    assert operator("DELETE", path).status_code == 204
    assert published() == [identity.PartyErased(party_id=party_id)]
    published.start = 0
    (anew,) = (c for c in published() if isinstance(c, identity.PartyRegistered) and c.party_id == party_id)
    assert (anew.name, anew.account, anew.customer_number) == ("", None, None)
    feeds(forgotten(order))
    assert browser.enter(link(order)).status_code == 401


def test_an_order_heard_of_later_has_links_of_its_own_and_is_the_accounts(
    feeds: Feeds, browser: Browser, another: Callable[[], Browser]
) -> None:
    order = started()
    feeds(order)
    shown(browser, order)
    assert claim(browser).status_code == 201
    later = started(customer_id=order.customer_id)
    feeds(later, named(later))
    newcomer = another()
    assert newcomer.enter(link(later, version=2)).status_code == 201
    shown(newcomer, later, version=2)
    assert slug(claim(newcomer)) == (409, "account-exists")
