"""Deliveries are sent at least once under one id, whatever fails, and hold up nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.contracts import identity
from delivery_shared.testing.fixtures import eventually
from notify_svc import deliveries
from notify_svc.channels import Letter, NotTaken, Refused, Unreachable
from notify_svc.mail import Mail
from notify_svc.sender import Line, Sender, run_senders
from notify_svc.sms import Sms
from notify_svc.sweep import sweep_once
from notify_svc.verify import verify
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from .conftest import BOTH, Feeds, World, feeds_of, to
from .servers import Gateway, MailServer, deaf_server, mail_server, sms_gateway

pytestmark = pytest.mark.integration


@dataclass
class Fake:
    """A channel that takes everything, or raises what stands in ``raises``, first things first."""

    sent: list[Letter] = field(default_factory=list)
    raises: list[Exception] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)
    release: threading.Event | None = None

    def send(self, letter: Letter) -> str:
        self.sent.append(letter)
        self.entered.set()
        if self.release is not None:
            self.release.wait(10)
        if self.raises:
            raise self.raises.pop(0)
        return "OK"


def rows(engine: Engine, columns: str = "channel, state, attempts, result") -> list[tuple[Any, ...]]:
    query = f"SELECT {columns} FROM delivery ORDER BY created_at, message_id, channel"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def wait_of(engine: Engine) -> float:
    """Seconds until the first of what waits is tried."""
    with engine.connect() as connection:
        query = "SELECT extract(epoch FROM min(next_try) - now()) FROM delivery WHERE state = 'waiting'"
        return float(connection.execute(text(query)).scalar_one())


def make_due(engine: Engine) -> None:
    """As if the time until the next attempt had passed."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET next_try = now() - interval '1 hour', hinted_at = NULL"))


def problems(engine: Engine) -> list[str]:
    return verify(engine.url.render_as_string(hide_password=False))


def swept(engine: Engine, configured: frozenset[str] = BOTH) -> list[str]:
    keys: list[str] = []
    assert sweep_once(engine, configured, keys.append) == len(keys)
    return keys


def known(feeds: Feeds, world: World, *, channels: list[str] | None = None) -> Feeds:
    more = {} if channels is None else {"channels": channels}
    feeds(*world.people(), world.template(**more), world.started(), world.provider_set())
    return feeds


@pytest.fixture
def both(engine: Engine, world: World) -> Feeds:
    """An installation with SMS and email; templates use both."""
    return known(feeds_of(engine, BOTH), world)


@pytest.fixture
def email(engine: Engine, world: World) -> Feeds:
    """An installation with SMS and email; templates use email."""
    return known(feeds_of(engine, BOTH), world, channels=["email"])


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as server:
        yield server


@pytest.mark.requirement("N-02", "N-03", "N-04", "T-40")
def test_a_message_goes_out_on_every_channel_and_into_the_box(
    engine: Engine, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    """The claim timeout with its three channels, from the event to the servers."""
    feeds = known(feeds_of(engine, BOTH), world, channels=["sms", "email", "in_site"])
    rule = to("provider_admin", "overdue")
    feeds(world.entered(1, "claim_order", rule, side="provider", role="account_manager"), world.overdue(1, rule))
    assert sorted(key.partition("/")[0] for key in feeds.keys) == ["email", "sms"]
    channels = {
        "email": Mail.at(mailbox.url, sender="delivery@market.example"),
        "sms": Sms.at(gateway.url, token="t"),
    }
    sender = Sender(engine, channels)
    for key in feeds.keys * 2:
        sender.handle(key)
    ((_, receivers, mail),) = mailbox.received
    ((_, sms),) = gateway.received
    body = "客户甲乙丙：name_80 到 节点1（河北服务商，2019-10-16 14:01:01）"
    assert (receivers, mail["Subject"], mail.get_content().strip()) == (["x@example.com"], "订单 801", body)
    assert (sms["to"], sms["text"]) == ("18888888888", body)
    ids = {f"{channel}/{id}" for channel, id in rows(engine, "channel, delivery_id")}
    assert ids == set(feeds.keys)
    assert mail["Message-ID"] == f"<{dict(rows(engine, 'channel, delivery_id'))['email']}@market.example>"
    assert rows(engine) == [
        ("email", "sent", 1, f"accepted by 127.0.0.1:{mailbox.port}"),
        ("sms", "sent", 1, '202 {"queued": true}'),
    ]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar_one() == 1
    assert (swept(engine), problems(engine)) == ([], [])


@pytest.mark.requirement("N-04", "N-15")
def test_a_missing_address_is_recorded_and_the_other_channels_are_used(
    engine: Engine, both: Feeds, world: World
) -> None:
    both(world.user(world.lisi, world.provider, "provider", "designer", mobile=None, email=None))
    both(world.user(world.buyer, world.customer, "customer", email=None))
    both(world.design(1, to("assignee"), to("customer")), times=2)
    columns = "channel, state, result, (SELECT person_id FROM message m WHERE m.message_id = delivery.message_id)"
    assert sorted(rows(engine, columns), key=str) == sorted(
        [
            ("email", "skipped", "no_email", world.lisi),
            ("sms", "skipped", "no_mobile", world.lisi),
            ("email", "skipped", "no_email", world.buyer),
            ("sms", "waiting", None, world.buyer),
            ("email", "waiting", None, world.helper),
            ("sms", "waiting", None, world.helper),
        ],
        key=str,
    )
    assert len(both.keys) == 3
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar_one() == 3
    both(world.template(channels=["in_site"]), world.design(2, to("assignee")))
    assert len(rows(engine)) == 6
    assert problems(engine) == []


@pytest.mark.requirement("N-17")
def test_without_channels_nothing_is_sent_and_all_can_be_read(engine: Engine, feeds: Feeds, world: World) -> None:
    known(feeds, world)(world.design(1, to("assignee")))
    assert rows(engine) == [("email", "not_configured", 0, None), ("sms", "not_configured", 0, None)]
    assert (feeds.keys, swept(engine, frozenset()), problems(engine)) == ([], [], [])


@pytest.mark.requirement("N-17")
def test_what_waits_for_a_channel_that_was_taken_away_can_be_read(engine: Engine, both: Feeds, world: World) -> None:
    both(world.design(1, to("assignee")))
    channel = Fake()
    for key in both.keys:
        Sender(engine, {"sms": channel}).handle(key)
    assert rows(engine) == [("email", "waiting", 0, None), ("sms", "sent", 1, "OK")]
    swept(engine, frozenset({"sms"}))
    assert rows(engine) == [("email", "not_configured", 0, None), ("sms", "sent", 1, "OK")]


@pytest.mark.requirement("N-16")
def test_failures_are_repeated_ever_later_and_recorded_until_it_is_parked(
    engine: Engine, email: Feeds, world: World
) -> None:
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    channel = Fake(raises=[NotTaken(f"450 no {n}\r\nX: {n}") for n in range(1, 31)])
    sender = Sender(engine, {"email": channel})
    waits = []
    for attempt in range(1, 30):
        sender.handle(key)
        sender.handle(key)  # not due: nothing happens
        assert rows(engine) == [("email", "waiting", attempt, f"450 no {attempt} X: {attempt}")]
        waits.append(wait_of(engine))
        make_due(engine)
    expected = [min(10 * 2**n, 3600) for n in range(29)]
    assert all(wanted - 5 < waited <= wanted for waited, wanted in zip(waits, expected, strict=True))
    sender.handle(key)
    assert rows(engine) == [("email", "parked", 30, "450 no 30 X: 30")]
    make_due(engine)
    sender.handle(key)
    assert (len(channel.sent), swept(engine)) == (30, [])
    assert {letter.delivery_id for letter in channel.sent} == {UUID(key.partition("/")[2])}
    assert problems(engine) == []


@pytest.mark.requirement("N-16")
def test_what_is_refused_for_good_is_parked_at_once(engine: Engine, email: Feeds, world: World) -> None:
    email(world.design(1, to("assignee")))
    channel = Fake(raises=[Refused("550 no such user")])
    Sender(engine, {"email": channel}).handle(email.keys[0])
    assert rows(engine) == [("email", "parked", 1, "550 no such user")]
    assert swept(engine) == []


def test_a_channel_that_raises_something_else_is_tried_again(engine: Engine, email: Feeds, world: World) -> None:
    email(world.design(1, to("assignee")))
    Sender(engine, {"email": Fake(raises=[KeyError("x")])}).handle(email.keys[0])
    assert rows(engine) == [("email", "waiting", 1, "'x'")]


@pytest.mark.requirement("N-16")
def test_a_server_that_dies_after_the_text_gets_the_same_message_again(
    engine: Engine, email: Feeds, world: World, mailbox: MailServer
) -> None:
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    sender = Sender(engine, {"email": Mail.at(mailbox.url, sender="delivery@market.example")}, line=quick)
    mailbox.answers["DATA"] = "die"
    sender.handle(key)
    ((_, state, attempts, result),) = rows(engine)
    assert (state, attempts, mailbox.taken) == ("waiting", 1, 1)
    assert "SMTPServerDisconnected" in result
    mailbox.answers.clear()
    make_due(engine)
    eventually(lambda: sender.handle(key) is None and mailbox.received)
    ((_, _, mail),) = mailbox.received
    assert mail["Message-ID"] == f"<{key.partition('/')[2]}@market.example>"
    assert [row[:3] for row in rows(engine)] == [("email", "sent", 2)]


def quick() -> Line:
    """A line that is tried again at once."""
    return Line(first=0.01, longest=0.01)


def test_one_sender_at_a_time_has_a_delivery(engine: Engine, email: Feeds, world: World) -> None:
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    channel = Fake(release=threading.Event())
    sender, other = Sender(engine, {"email": channel}), Sender(engine, {"email": channel})
    thread = threading.Thread(target=sender.handle, args=(key,))
    thread.start()
    assert channel.entered.wait(5)
    other.handle(key)
    assert channel.release is not None
    channel.release.set()
    thread.join()
    assert (len(channel.sent), rows(engine)) == (1, [("email", "sent", 1, "OK")])


@pytest.mark.requirement("N-16")
def test_a_sender_past_its_lease_records_nothing(engine: Engine, email: Feeds, world: World) -> None:
    """SIGSTOP and its like: another one has taken over, and its result stands."""
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    id = UUID(key.partition("/")[2])
    late = deliveries.lease(engine, "email", id)
    assert late is not None
    assert deliveries.lease(engine, "email", id) is None
    assert deliveries.LEASE - 5 < wait_of(engine) <= deliveries.LEASE
    make_due(engine)
    mine = deliveries.lease(engine, "email", id)
    assert mine is not None
    assert not deliveries.finish(engine, late, "parked", "late")
    assert not deliveries.try_again(engine, late, "late")
    assert deliveries.finish(engine, mine, "sent", "OK")
    assert not deliveries.finish(engine, mine, "parked", "twice")
    assert rows(engine) == [("email", "sent", 2, "OK")]


def test_a_sender_that_dies_loses_nothing(engine: Engine, email: Feeds, world: World) -> None:
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    deliveries.lease(engine, "email", UUID(key.partition("/")[2]))
    assert swept(engine) == []
    make_due(engine)
    assert swept(engine) == [key]
    channel = Fake()
    Sender(engine, {"email": channel}).handle(key)
    assert rows(engine) == [("email", "sent", 2, "OK")]


def test_the_letters_of_a_sender_that_dies_wait_less_than_a_minute(engine: Engine, email: Feeds, world: World) -> None:
    """C3: a lease was 300 s, and a key sent just before kept the next one away for 60 s more."""
    email(world.design(1, to("assignee")))
    (key,) = email.keys  # just hinted
    deliveries.lease(engine, "email", UUID(key.partition("/")[2]))
    assert wait_of(engine) <= 30
    with engine.begin() as connection:  # … and the sender died
        connection.execute(text("UPDATE delivery SET next_try = next_try - interval '31 seconds'"))
    assert swept(engine) == [key]


def test_a_conversation_that_takes_long_is_not_begun_twice(
    engine: Engine, email: Feeds, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a lease of a second, when a conversation takes three, then nobody else may take the letter meanwhile."""
    monkeypatch.setattr(deliveries, "LEASE", 1)
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    channel = Fake(release=threading.Event())
    slow, quick = Sender(engine, {"email": channel}), Sender(engine, {"email": Fake()})
    slow.leases.every = 0.2
    working = threading.Thread(target=slow.handle, args=(key,))
    working.start()
    channel.entered.wait(10)
    began = time.monotonic()
    while time.monotonic() - began < 3:
        quick.handle(key)
        time.sleep(0.1)
    assert channel.release is not None
    channel.release.set()
    working.join(10)
    other = quick.channels["email"]
    assert isinstance(other, Fake)
    assert (len(channel.sent), other.sent) == (1, [])
    assert rows(engine) == [("email", "sent", 1, "OK")]


def test_what_was_sent_while_the_database_was_away_is_not_sent_again(
    engine: Engine, email: Feeds, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a database that goes away once the letter is handed over, its outcome is recorded when that is back."""
    monkeypatch.setattr("notify_svc.sender.TRY_AGAIN", 0.01)
    real, away = deliveries.finish, iter([True, True])

    def finish(*arguments: Any) -> bool:
        if next(away, False):
            raise OperationalError("finish", None, Exception("the database is away"))
        return real(*arguments)

    monkeypatch.setattr(deliveries, "finish", finish)
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    channel = Fake()
    sender = Sender(engine, {"email": channel})
    sender.handle(key)
    sender.handle(key)
    assert len(channel.sent) == 1
    assert rows(engine) == [("email", "sent", 1, "OK")]


def test_a_lease_taken_over_is_not_renewed(engine: Engine, email: Feeds, world: World) -> None:
    email(world.design(1, to("assignee")))
    (key,) = email.keys
    id = UUID(key.partition("/")[2])
    late = deliveries.lease(engine, "email", id)
    make_due(engine)
    mine = deliveries.lease(engine, "email", id)
    assert late is not None
    assert mine is not None
    assert (deliveries.renew(engine, [late]), deliveries.renew(engine, [mine, late])) == (0, 1)


def test_keys_of_what_is_due_are_sent_again_but_do_not_flood(engine: Engine, email: Feeds, world: World) -> None:
    email(*(world.design(visit, to("customer")) for visit in range(1, 6)))
    assert (len(email.keys), swept(engine)) == (10, [])  # just hinted
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET next_try = now() - interval '6 seconds'"))
    assert sorted(swept(engine)) == sorted(email.keys)
    assert swept(engine) == []
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET hinted_at = now() - interval '61 seconds'"))
    assert len(swept(engine)) == 10


@pytest.mark.requirement("N-16")
def test_a_channel_that_is_down_costs_one_attempt_a_while_and_not_one_per_message(
    engine: Engine, both: Feeds, world: World
) -> None:
    both(*(world.design(visit, to("assignee")) for visit in range(1, 11)))
    mail, sms = Fake(raises=[Unreachable("away")] * 2), Fake()
    clock = [0.0]
    sender = Sender(engine, {"email": mail, "sms": sms}, line=lambda: Line(first=30, now=lambda: clock[0]))

    def all_keys() -> tuple[int, int]:
        for key in both.keys:
            sender.handle(key)
        return len(mail.sent), len(sms.sent)

    assert all_keys() == (1, 10)
    assert sorted(rows(engine, "channel, state, attempts")) == sorted(
        [("email", "waiting", 1), *[("email", "waiting", 0)] * 9, *[("sms", "sent", 1)] * 10]
    )
    assert wait_of(engine) > 5
    make_due(engine)
    clock[0] = 29.9
    assert all_keys() == (1, 10)
    assert wait_of(engine) > 20
    make_due(engine)
    clock[0] = 30
    assert all_keys() == (2, 10)
    make_due(engine)
    clock[0] = 90
    assert all_keys() == (12, 10)
    assert {row[0] for row in rows(engine, "state")} == {"sent"}


def test_only_one_tries_whether_a_line_is_up_again() -> None:
    clock = [0.0]
    line = Line(first=5, longest=15, now=lambda: clock[0])
    assert line.enter() == 0
    assert [line.down(), line.down(), line.down(), line.down()] == [5, 10, 15, 15]
    assert line.enter() == 15
    line.leave()
    clock[0] = 15
    assert (line.enter(), line.enter()) == (0, 5)
    line.leave()
    assert line.enter() == 0
    line.up()
    line.leave()
    assert [line.enter() for _ in range(3)] == [0, 0, 0]


@pytest.mark.requirement("N-16")
def test_a_hanging_mail_server_holds_up_neither_flow_nor_sms(
    engine: Engine, both: Feeds, world: World, gateway: Gateway
) -> None:
    with deaf_server() as port:
        mail = Mail.at(f"smtp://127.0.0.1:{port}", sender="delivery@market.example", timeout=3)
        channels = {"email": mail, "sms": Sms.at(gateway.url, token="t")}
        sender = Sender(engine, channels, line=lambda: Line(first=60))
        both(*(world.design(visit, to("assignee")) for visit in range(1, 6)))
        work = iter(sorted(both.keys))  # all emails come first

        def consume() -> None:
            for key in work:
                sender.handle(key)

        thread = threading.Thread(target=run_senders, args=(consume, 1))
        thread.start()
        began = time.monotonic()
        both(*(world.design(visit, to("assignee")) for visit in range(6, 11)))
        assert time.monotonic() - began < 2
        thread.join(15)
    assert len(gateway.received) == 5
    found = rows(engine, "channel, state, attempts")
    assert found.count(("sms", "sent", 1)) == 5
    assert found.count(("email", "waiting", 1)) == 1
    assert found.count(("email", "waiting", 0)) == 9


@pytest.mark.requirement("N-15")
def test_who_was_deleted_meanwhile_gets_nothing(engine: Engine, both: Feeds, world: World) -> None:
    both(world.design(1, to("assignee")))
    both(identity.UserDeleted(user_id=world.lisi, party_id=world.provider))
    channel = Fake()
    sender = Sender(engine, {"email": channel, "sms": channel})
    for key in both.keys:
        sender.handle(key)
    assert channel.sent == []
    assert rows(engine) == [("email", "skipped", 1, "user_deleted"), ("sms", "skipped", 1, "user_deleted")]


@pytest.mark.parametrize(
    "key", ["", "email", "email/x", "fax/00000000-0000-4000-8000-000000000001", "email/" + "0" * 32]
)
def test_a_key_of_nothing_does_nothing(engine: Engine, email: Feeds, world: World, key: str) -> None:
    email(world.design(1, to("assignee")))
    channel = Fake()
    Sender(engine, {"email": channel}).handle(key)
    assert (channel.sent, rows(engine)) == ([], [("email", "waiting", 0, None)])


def test_verify_names_what_is_wrong_with_deliveries(engine: Engine, both: Feeds, world: World) -> None:
    both(*(world.design(visit, to("assignee")) for visit in (1, 2, 3)))
    assert problems(engine) == []
    of_visit = "message_id IN (SELECT message_id FROM message WHERE visit = {})"
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM delivery WHERE channel = 'sms' AND {of_visit.format(1)}"))
        late = "next_try = now() - interval '11 minutes'"
        connection.execute(text(f"UPDATE delivery SET {late} WHERE channel = 'sms' AND {of_visit.format(2)}"))
    assert [problem.split(": ")[1] for problem in problems(engine)] == [
        "a message has not exactly one delivery per channel of its template",
        "a delivery is due and nobody sends it",
    ]


@pytest.mark.requirement("U-21")
def test_an_erased_person_leaves_neither_contacts_nor_answers_that_quote_them(
    engine: Engine, both: Feeds, world: World
) -> None:
    """What the other sides answered is kept with the delivery, and may name the address."""
    both(world.design(1, to("assignee"), to("vendor_admin")))
    channel = Fake(raises=[Refused("550 <x@example.com> unknown")] * 4)
    sender = Sender(engine, {"email": channel, "sms": channel})
    for key in both.keys:
        sender.handle(key)
    with engine.connect() as connection:
        answers = text(
            "SELECT person_id, result FROM delivery JOIN message USING (message_id) ORDER BY person_id, channel"
        )
        assert {tuple(row) for row in connection.execute(answers)} == {
            (world.lisi, "550 <x@example.com> unknown"),
            (world.vendor_main, "550 <x@example.com> unknown"),
        }
        both(identity.UserDeleted(user_id=world.lisi, party_id=world.provider))
        both(identity.PersonErased(user_id=world.lisi, party_id=world.provider), times=2)
        assert {tuple(row) for row in connection.execute(answers)} == {
            (world.lisi, None),
            (world.vendor_main, "550 <x@example.com> unknown"),
        }
        person = text("SELECT name, mobile, email FROM person WHERE user_id = :id")
        assert tuple(connection.execute(person, {"id": world.lisi}).one()) == ("", None, None)
    assert problems(engine) == []
