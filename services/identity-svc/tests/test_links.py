"""Customers who come by a link: what lets them in, for how long, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, project
from delivery_shared.contracts.intake import Contact
from delivery_shared.http.tokens import Claims, TokenIssuer, TokenVerifier
from delivery_shared.links import LinkKeys, contact_id
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication
from identity_svc.carrying_out import Means
from identity_svc.links import CodeSpent

from .conftest import LINK_KEY, Account, Feeds, Published

pytestmark = pytest.mark.integration

KEYS = LinkKeys(keys=[LINK_KEY])
MAIL = "mai.jia@example.com"
MOBILE = "+8613912345678"


def started(vendor_id: UUID | None = None, **changes: Any) -> project.ProjectStarted:
    given = {
        "project_id": uuid4(), "run": 1, "order_number": "660012", "business_number": "660012001",
        "vendor_id": vendor_id or uuid4(), "customer_id": uuid4(), "product_id": uuid4(), "product_name": "企业官网",
        "edition": None, "sales_channel": None, "template_id": uuid4(), "template_version": 1, "valid_until": None,
        "started_at": datetime(2026, 1, 5, tzinfo=UTC), "customer_name": "麦家",
        "contact": Contact(name="麦家", email=MAIL, mobile=MOBILE, locale="zh-CN"),
    }  # fmt: skip
    return project.ProjectStarted(**{**given, **changes})


def withdrawn(order: project.ProjectStarted) -> project.ProjectCancelled:
    return project.ProjectCancelled(
        project_id=order.project_id, run=1, by=project.Actor(kind="marketplace"), remark="退订",
        cancelled_at=datetime(2026, 1, 6, tzinfo=UTC),
    )  # fmt: skip


def forgotten(order: project.ProjectStarted) -> project.BuyerErased:
    return project.BuyerErased(project_id=order.project_id, run=1, erased_at=datetime(2026, 1, 6, tzinfo=UTC))


def named(order: project.ProjectStarted, number: int = 2, **changes: Any) -> project.ContactChanged:
    given = {
        "project_id": order.project_id, "run": 1, "number": number, "vendor_id": order.vendor_id,
        "customer_id": order.customer_id, "product_name": order.product_name, "reachable": True, "waits": None,
        "by": project.Actor(kind="marketplace"), "changed_at": datetime(2026, 1, 6, tzinfo=UTC),
        "contact": Contact(name="余华", email="yu@example.com"),
    }  # fmt: skip
    return project.ContactChanged(**{**given, **changes})


@dataclass
class Browser:
    """A browser with its cookies; ``token`` of the session it has opened."""

    client: FlaskClient
    token: str = ""
    address: str = "192.0.2.9"
    headers: dict[str, str] = field(default_factory=lambda: {"X-Requested-With": "console"})

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {**self.headers, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        return self.client.open(
            f"/api/v1/{path}", method=method, json=body, headers=headers, environ_base={"REMOTE_ADDR": self.address}
        )

    def enter(self, link: str) -> Any:
        response = self("POST", "links/sessions", {"token": link})
        if response.status_code == 201:
            self.token = response.json["access_token"]
        return response


@pytest.fixture
def browser(service: Any, first_passwords: dict[str, str]) -> Browser:
    return Browser(service.create_api().test_client())


@pytest.fixture
def another(service: Any) -> Callable[[], Browser]:
    return lambda: Browser(service.create_api().test_client())


@pytest.fixture
def verifier(private_jwk: dict[str, Any]) -> TokenVerifier:
    return TokenVerifier(TokenIssuer(private_jwk).public_jwks)


def link(order: project.ProjectStarted, *, version: int = 1, ago: timedelta = timedelta()) -> str:
    return KEYS.link(order.project_id, version, at=datetime.now(UTC) - ago)


def rows(application: IdentityApplication, table: str, project_id: UUID) -> int:
    with application.store.connection() as connection:
        found = connection.execute(
            f"SELECT count(*) AS n FROM {table} WHERE project_id = %s",
            (project_id,),
        ).fetchone()
    assert found is not None
    return int(found["n"])


def dumped(application: IdentityApplication) -> str:
    """Every row of every table, and every stored fact, as text."""
    with application.store.connection() as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        return "".join(
            str(
                connection.execute(
                    f"SELECT coalesce(string_agg(t::text, E'\\n'), '') AS t FROM \"{row['table_name']}\" t"
                ).fetchone()
            )
            for row in tables
        )


@pytest.mark.parametrize("twice", [False, True])
def test_an_order_lets_its_contact_in_with_no_operator(
    feeds: Feeds, browser: Browser, published: Published, verifier: TokenVerifier, isv: Account, twice: bool
) -> None:
    order = started(isv.party_id)
    published.again()
    feeds(order, twice=twice)
    assert published() == [], "nothing of it is anybody else's to know"
    looked = browser("POST", "links/look", {"token": link(order)})
    assert (looked.status_code, looked.json) == (
        200, {"open": True, "product_name": "企业官网", "vendor_name": "河北服务商"},
    )  # fmt: skip
    entered = browser.enter(link(order))
    assert (entered.status_code, entered.json["confirmed"]) == (201, False)
    claims = verifier.verify(browser.token)
    assert (claims.project_id, claims.party_id, claims.side, claims.confirmed, claims.user_id, claims.name) == (
        order.project_id, order.customer_id, "customer", False, contact_id(order.project_id, 1), "",
    )  # fmt: skip
    cookies = entered.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in one and "SameSite=Strict" in one and "Path=/api/v1/links" in one for one in cookies)
    assert entered.headers["Cache-Control"] == "no-store"


def test_looking_changes_nothing(feeds: Feeds, browser: Browser, application: IdentityApplication) -> None:
    """Mail scanners open what they find; a link is worth as much afterwards."""
    order = started()
    feeds(order)
    before = dumped(application)
    for _ in range(3):
        assert browser("POST", "links/look", {"token": link(order)}).json["open"]
    assert browser("GET", "links/sessions").status_code == 405
    assert dumped(application) == before
    assert browser.enter(link(order)).status_code == 201
    assert browser.enter(link(order)).status_code == 201, "as often as one likes"


def test_other_sites_open_nothing(feeds: Feeds, browser: Browser, application: IdentityApplication) -> None:
    order = started()
    feeds(order)
    for headers in ({}, {"X-Requested-With": "console", "Origin": "https://evil.example"}):
        browser.headers = headers
        assert browser.enter(link(order)).status_code == 403
    assert rows(application, "link_session", order.project_id) == 0


def test_a_session_goes_on_by_its_cookie_for_its_own_project(
    feeds: Feeds, browser: Browser, another: Callable[[], Browser], verifier: TokenVerifier
) -> None:
    one, other = started(), started()
    feeds(one, other)
    for order in (one, other):
        assert browser.enter(link(order)).status_code == 201
    for order in (one, other):
        went_on = browser("POST", "links/sessions/refresh", {"project_id": str(order.project_id)})
        assert went_on.status_code == 200
        assert verifier.verify(went_on.json["access_token"]).project_id == order.project_id
    stranger = another()("POST", "links/sessions/refresh", {"project_id": str(one.project_id)})
    assert (stranger.status_code, stranger.json["type"].rpartition(":")[2]) == (401, "session-ended")
    browser.token = browser("POST", "links/sessions/refresh", {"project_id": str(one.project_id)}).json["access_token"]
    assert browser("DELETE", "links/sessions/current").status_code == 204
    assert browser("POST", "links/sessions/refresh", {"project_id": str(one.project_id)}).status_code == 401
    assert browser("POST", "links/codes").status_code == 401, "the token is void at once"
    assert browser("POST", "links/sessions/refresh", {"project_id": str(other.project_id)}).status_code == 200


def test_a_link_session_is_no_account(feeds: Feeds, browser: Browser) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    for method, path in (("GET", "me"), ("GET", "me/menus"), ("GET", "me/sessions"), ("PUT", "me/password"),
                         ("GET", "users?side=vendor"), ("GET", "links/life")):  # fmt: skip
        assert browser(method, path, None if method == "GET" else {}).status_code == 403, path


@pytest.mark.parametrize(
    ("ago", "hours", "opens"),
    [
        (timedelta(hours=71, minutes=59), None, True),
        (timedelta(hours=72), None, False),
        (timedelta(minutes=59), 1, True),
        (timedelta(hours=1), 1, False),
        (timedelta(days=13, hours=23), 336, True),
        (timedelta(days=14), 336, False),
    ],
)
def test_a_link_lives_as_long_as_the_vendor_says(
    feeds: Feeds, browser: Browser, isv: Account, ago: timedelta, hours: int | None, opens: bool
) -> None:
    order = started(isv.party_id)
    feeds(order)
    if hours is not None:
        assert isv("PUT", "links/life", {"hours": hours}).json == {"hours": hours}
    assert isv("GET", "links/life").json == {"hours": hours or 72}
    token = link(order, ago=ago)
    assert browser("POST", "links/look", {"token": token}).json["open"] is opens
    assert browser.enter(token).status_code == (201 if opens else 401)


@pytest.mark.parametrize("hours", [0, 337, "72", 1.5, None])
def test_a_life_of_links_is_an_hour_to_fourteen_days(isv: Account, hours: Any) -> None:
    assert isv("PUT", "links/life", {"hours": hours}).status_code == 422
    assert isv("GET", "links/life").json == {"hours": 72}


@pytest.mark.parametrize("ending", [withdrawn, forgotten])
@pytest.mark.parametrize("twice", [False, True])
def test_links_and_what_came_of_them_die_with_the_order(
    feeds: Feeds,
    browser: Browser,
    application: IdentityApplication,
    published: Published,
    verifier: TokenVerifier,
    ending: Callable[[project.ProjectStarted], Any],
    twice: bool,
) -> None:
    order, other = started(), started()
    feeds(order, other)
    browser.enter(link(order))
    assert browser("POST", "links/codes").status_code == 202
    claims = verifier.verify(browser.token)
    published.again()
    feeds(ending(order), twice=twice)
    (revoked,) = published()
    assert isinstance(revoked, identity.SessionsRevoked)
    assert (revoked.user_id, revoked.before > claims.issued_at) == (claims.user_id, True)
    assert browser("POST", "links/look", {"token": link(order)}).json["open"] is False
    assert browser("POST", "links/sessions/refresh", {"project_id": str(order.project_id)}).status_code == 401
    assert browser("POST", "links/codes").status_code == 401
    assert [rows(application, table, order.project_id) for table in ("link_session", "link_device", "link_code")] == [
        0
    ] * 3
    assert browser.enter(link(order)).status_code == 401
    feeds(order)
    assert browser.enter(link(order)).status_code == 401, "hearing late that it began opens nothing again"
    assert browser.enter(link(other)).status_code == 201


def test_an_order_without_anybody_to_reach_lets_nobody_in(feeds: Feeds, browser: Browser) -> None:
    for contact in (None, Contact(), Contact(name="麦家", locale="en")):
        order = started(contact=contact)
        feeds(order, withdrawn(order))
        assert browser.enter(link(order)).status_code == 401


def all_granted(application: IdentityApplication) -> None:
    """Nobody's wish is left."""
    while application.links.grant():
        pass


def test_known_and_unknown_links_get_the_same_answers(feeds: Feeds, browser: Browser) -> None:
    """Also whether somebody is told of it is seen by nobody but the contact."""
    order = started()
    feeds(order)
    expired, forged, foreign = link(order, ago=timedelta(days=99)), link(order)[:-2] + "AA", link(started())
    for path in ("links/look", "links/sessions", "links/renewals"):
        answers = [browser("POST", path, {"token": token}) for token in (expired, forged, foreign, "x")]
        shown = [
            (a.status_code, {k: v for k, v in (a.json or {}).items() if k not in ("correlation_id", "instance")})
            for a in answers
        ]
        assert shown == [shown[0]] * 4, path
        heads = [sorted(name for name, _ in a.headers) for a in answers]
        assert heads == [heads[0]] * 4, path


def test_asking_for_a_new_link_takes_the_same_statements_for_whatever_is_sent(
    feeds: Feeds, browser: Browser, application: IdentityApplication, published: Published
) -> None:
    """So it takes as long; what differs is done afterwards, by nobody's request."""
    order = started()
    feeds(order)
    all_granted(application)
    published.again()
    for token in (link(order, ago=timedelta(days=99)), "no link"):
        assert browser("POST", "links/renewals", {"token": token}).status_code == 202
    assert published() == []
    assert application.links.grant() == 2
    assert [type(c) for c in published()] == [identity.LinkAsked]
    assert application.links.grant() == 0


def test_a_thousand_requests_for_a_new_link_send_at_most_five(
    feeds: Feeds, browser: Browser, application: IdentityApplication, published: Published
) -> None:
    order, other = started(), started()
    feeds(order, other)
    all_granted(application)
    published.again()
    for n in range(1000):
        browser.address = f"198.51.100.{n % 250}"
        token = link(order, ago=timedelta(minutes=n)) if n % 2 else link(order, ago=timedelta(days=99, minutes=n))
        assert browser("POST", "links/renewals", {"token": token}).status_code == 202
        if n % 100 == 99:
            application.links.grant()
    assert browser("POST", "links/renewals", {"token": link(other)}).status_code == 202
    application.links.grant()
    told = [c for c in published() if isinstance(c, identity.LinkAsked)]
    assert [(c.project_id, c.version, c.number) for c in told] == [
        *((order.project_id, 1, number) for number in range(1, 6)),
        (other.project_id, 1, 1),
    ]


def test_one_address_asks_so_often(feeds: Feeds, browser: Browser) -> None:
    browser.address = "203.0.113.77"
    answers = [browser("POST", "links/renewals", {"token": f"{n}"}) for n in range(101)]
    assert [a.status_code for a in answers] == [202] * 100 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_link_of_an_ended_contact_asks_for_nothing(
    feeds: Feeds, browser: Browser, application: IdentityApplication, published: Published
) -> None:
    order = started()
    feeds(order)
    browser("POST", "links/renewals", {"token": link(order, ago=timedelta(days=99))})
    feeds(withdrawn(order))
    published.again()
    application.links.grant()
    assert published() == []


def code_of(order: project.ProjectStarted, number: int) -> str:
    """As the contact reads it."""
    return KEYS.code(order.project_id, 1, number)


def test_a_device_that_shows_the_code_decides_for_thirty_days(
    feeds: Feeds,
    browser: Browser,
    another: Callable[[], Browser],
    verifier: TokenVerifier,
    published: Published,
    application: IdentityApplication,
    at: Callable[[timedelta], IdentityApplication],
) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    published.again()
    assert browser("POST", "links/codes").status_code == 202
    (asked,) = published()
    assert isinstance(asked, identity.CodeAsked)
    assert (asked.project_id, asked.version, asked.number) == (order.project_id, 1, 1)
    assert code_of(order, 1) not in dumped(application), "it is stored nowhere"
    shown = browser("POST", "links/codes/confirmation", {"code": code_of(order, 1)})
    assert (shown.status_code, shown.json["confirmed"]) == (200, True)
    assert verifier.verify(shown.json["access_token"]).confirmed
    assert browser.enter(link(order)).json["confirmed"], "the same browser, another session"
    stranger = another()
    assert stranger.enter(link(order)).json["confirmed"] is False
    device = browser.client.get_cookie("delivery_guest_device", path="/api/v1/links")
    assert device is not None
    for later, confirmed in ((timedelta(days=29), True), (timedelta(days=31), False)):
        then = at(later)
        token = KEYS.link(order.project_id, 1, at=datetime.now(UTC) + later)
        assert then.links.enter(token=token, device=device.value).confirmed is confirmed


@pytest.mark.parametrize("twice", [False, True])
def test_another_contact_ends_what_the_one_before_came_in_with(
    feeds: Feeds,
    browser: Browser,
    another: Callable[[], Browser],
    published: Published,
    application: IdentityApplication,
    twice: bool,
) -> None:
    """Links, sessions, codes and devices, in one save; the new one comes in by a link of his own."""
    order = started()
    feeds(order)
    browser.enter(link(order))
    assert browser("POST", "links/codes").status_code == 202
    assert browser("POST", "links/codes/confirmation", {"code": code_of(order, 1)}).status_code == 200
    assert browser("POST", "links/codes").status_code == 202
    published.again()
    feeds(named(order), twice=twice)
    (told,) = published()
    assert (type(told), told.user_id) == (identity.SessionsRevoked, contact_id(order.project_id, 1))
    assert [rows(application, table, order.project_id) for table in ("link_session", "link_device", "link_code")] == [
        0, 0, 0,
    ]  # fmt: skip
    assert browser("POST", "links/codes").status_code == 401
    assert browser("POST", "links/codes/confirmation", {"code": code_of(order, 2)}).status_code == 401
    assert browser("POST", "links/sessions/refresh", {"project_id": str(order.project_id)}).status_code == 401
    assert browser("POST", "links/look", {"token": link(order)}).json["open"] is False
    assert browser.enter(link(order)).status_code == 401
    newcomer = another()
    entered = newcomer.enter(link(order, version=2))
    assert (entered.status_code, entered.json["confirmed"]) == (201, False)
    feeds(order, named(order), twice=twice)
    assert newcomer("POST", "links/sessions/refresh", {"project_id": str(order.project_id)}).status_code == 200


def test_an_older_contact_never_comes_back(feeds: Feeds, browser: Browser, published: Published) -> None:
    order = started()
    feeds(order, named(order), named(order, 3))
    published.again()
    feeds(named(order), order)
    assert published() == []
    assert [browser("POST", "links/look", {"token": link(order, version=n)}).json["open"] for n in (1, 2, 3)] == [
        False, False, True,
    ]  # fmt: skip


def test_one_who_cannot_be_reached_gets_no_link_and_ends_those_there_were(feeds: Feeds, browser: Browser) -> None:
    order = started()
    feeds(order, named(order, contact=Contact(name="余华"), reachable=False))
    assert [browser("POST", "links/look", {"token": link(order, version=n)}).json["open"] for n in (1, 2)] == [
        False, False,
    ]  # fmt: skip
    feeds(named(order, 3))
    assert browser("POST", "links/look", {"token": link(order, version=3)}).json["open"] is True


def test_an_order_that_named_nobody_lets_in_whom_it_names_later(feeds: Feeds, browser: Browser) -> None:
    order = started(contact=None)
    feeds(order, named(order))
    assert browser.enter(link(order, version=2)).status_code == 201
    feeds(forgotten(order))
    assert browser.enter(link(order, version=2)).status_code == 401
    feeds(named(order))
    assert browser.enter(link(order, version=2)).status_code == 401


def test_a_link_wished_for_with_one_of_the_contact_before_is_not_sent(
    feeds: Feeds, browser: Browser, application: IdentityApplication, published: Published
) -> None:
    order = started()
    feeds(order, named(order))
    all_granted(application)
    published.again()
    assert browser("POST", "links/renewals", {"token": link(order)}).status_code == 202
    all_granted(application)
    assert published() == []
    assert browser("POST", "links/renewals", {"token": link(order, version=2)}).status_code == 202
    all_granted(application)
    assert [(type(c), c.version) for c in published()] == [(identity.LinkAsked, 2)]


def test_a_code_is_guessed_five_times_and_sent_five_times(feeds: Feeds, browser: Browser) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    assert slug(browser("POST", "links/codes/confirmation", {"code": "000000"})) == (409, "code-spent"), "none was sent"
    for number in range(1, 6):
        assert browser("POST", "links/codes").status_code == 202
        wrong = f"{(int(code_of(order, number)) + 1) % 10**6:06}"
        for _ in range(5):
            assert slug(browser("POST", "links/codes/confirmation", {"code": wrong})) == (422, "code-wrong")
        right = browser("POST", "links/codes/confirmation", {"code": code_of(order, number)})
        assert slug(right) == (409, "code-spent"), "it was tried too often"
    assert browser("POST", "links/codes").status_code == 429


def test_a_code_counts_for_the_device_that_asked_and_once(
    feeds: Feeds, browser: Browser, another: Callable[[], Browser]
) -> None:
    order = started()
    feeds(order)
    stranger = another()
    for one in (browser, stranger):
        one.enter(link(order))
    assert browser("POST", "links/codes").status_code == 202
    body = {"code": code_of(order, 1)}
    assert slug(stranger("POST", "links/codes/confirmation", body)) == (409, "code-spent")
    assert browser("POST", "links/codes/confirmation", body).status_code == 200
    assert slug(browser("POST", "links/codes/confirmation", body)) == (409, "code-spent")
    assert browser("POST", "links/codes/confirmation", {"code": "12345"}).status_code == 422


def test_a_code_lives_ten_minutes(
    feeds: Feeds, browser: Browser, verifier: TokenVerifier, at: Callable[[timedelta], IdentityApplication]
) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    browser("POST", "links/codes")
    claims: Claims = verifier.verify(browser.token)
    with pytest.raises(CodeSpent):
        at(timedelta(minutes=10)).links.confirm(claims, code=code_of(order, 1))
    assert at(timedelta(minutes=9)).links.confirm(claims, code=code_of(order, 1)).confirmed


def test_a_session_lasts_half_a_day_and_is_cleared_away(
    feeds: Feeds,
    browser: Browser,
    application: IdentityApplication,
    at: Callable[[timedelta], IdentityApplication],
) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    at(timedelta(hours=11)).forget_old()
    assert rows(application, "link_session", order.project_id) == 1
    at(timedelta(hours=12)).forget_old()
    assert rows(application, "link_session", order.project_id) == 0


def test_nothing_personal_of_a_contact_is_kept(
    feeds: Feeds, browser: Browser, application: IdentityApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    order = started()
    feeds(order)
    browser.enter(link(order))
    browser("POST", "links/codes")
    browser("POST", "links/codes/confirmation", {"code": code_of(order, 1)})
    browser("POST", "links/renewals", {"token": link(order)})
    kept = dumped(application) + "".join(capsys.readouterr())
    assert [what for what in (MAIL, MOBILE, "麦家", link(order), browser.token) if what in kept] == []


def test_without_keys_nothing_is_a_link(means: Means, private_jwk: dict[str, Any], feeds: Feeds) -> None:
    order = started()
    feeds(order)
    without = IdentityApplication(means, issuer=TokenIssuer(private_jwk))
    assert without.links.look(token=link(order)) is None
    all_granted(without)
    without.links.wish(token=link(order), address="192.0.2.200")
    assert without.links.grant() == 1


@pytest.fixture
def means(application: IdentityApplication) -> Means:
    return application.means


def slug(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["type"].rpartition(":")[2]
