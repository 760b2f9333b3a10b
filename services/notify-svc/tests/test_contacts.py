"""Contacts of orders are told what customers are told, outside, in their language, with a link; and what identity asks
to be sent to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from delivery_shared.contracts import identity, project
from delivery_shared.contracts.intake import Contact
from delivery_shared.links import LinkKeys, contact_id
from delivery_shared.testing.fixtures import eventually
from msgspec.structs import replace
from notify_svc.delivery_list import DeliveryList
from notify_svc.letters import Letters
from notify_svc.mail import Mail
from notify_svc.sender import Sender
from notify_svc.sms import Sms
from notify_svc.tables import message, occurrence
from sqlalchemy import Engine, select, text

from .conftest import BOTH, NOON, Feeds, World, feeds_of, id_of, to
from .servers import Gateway, MailServer, mail_server, sms_gateway
from .test_reminders import everything, omitted, parked, problems, told
from .test_sending import rows

pytestmark = pytest.mark.integration

KEYS = LinkKeys(keys=["k" * 32])
LETTERS = Letters(keys=KEYS, address="https://delivery.example/")
MAIL, MOBILE = "mai.jia@example.com", "+8613912345678"
WHO = contact_id(id_of("9"), 1)
UNKNOWN = id_of("a customer nobody registered")


def named(**changes: Any) -> Contact:
    return Contact(**({"name": "麦家", "mobile": MOBILE, "email": MAIL, "locale": "zh-CN"} | changes))


@pytest.fixture
def both(engine: Engine, world: World) -> Feeds:
    """An installation with SMS and email; templates use the box alone."""
    feeds = feeds_of(engine, BOTH)
    feeds(*world.people(), world.template(channels=["in_site"]))
    return feeds


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as server:
        yield server


def order(world: World, contact: Contact | None, **more: Any) -> project.ProjectStarted:
    started = world.started("9", contact=contact, customer_name="麦家", customer_number="C-9")
    return replace(started, customer_id=UNKNOWN, **more)


def waits(world: World, receiver: str = "customer", **more: Any) -> project.NodeEntered:
    """A node of the customer's that tells him."""
    return world.entered(2, "submit_requirement", to(receiver), name="9", **more)


def sent(engine: Engine, feeds: Feeds, mailbox: MailServer, gateway: Gateway, letters: Letters = LETTERS) -> None:
    channels = {
        "email": Mail.at(mailbox.url, sender="delivery@market.example"),
        "sms": Sms.at(gateway.url, token="t"),
    }
    sender = Sender(engine, channels, letters=letters)
    for key in feeds.keys:
        sender.handle(key)


def link_in(body: str) -> str:
    (found,) = re.findall(r"https://delivery\.example/l#(\S+)", body)
    return str(found)


@pytest.mark.requirement("N-14")
@pytest.mark.parametrize("times", [1, 2])
def test_a_buyer_nobody_registered_is_told_by_mail_with_a_link(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway, times: int
) -> None:
    both(order(world, named()), waits(world), times=times)
    assert told(engine) == [WHO]
    sent(engine, both, mailbox, gateway)
    ((_, receivers, mail),) = mailbox.received
    assert (receivers, mail["Subject"], gateway.received) == ([MAIL], "订单 809", [])
    body = mail.get_content()
    assert body.startswith("麦家：name_80 到 节点2（--，2019-10-16 12:02:00）")
    link = KEYS.opened(link_in(body))
    assert link is not None
    assert (link.project_id, link.version) == (id_of("9"), 1)
    assert (rows(engine)[0][:2], parked(engine), problems(engine)) == (("email", "sent"), 0, [])
    assert link_in(body) not in repr(everything(engine)), "it stands in no row"


@pytest.mark.parametrize("receiver", ["customer", "assignee"])
def test_whoever_means_the_customer_means_the_contact(engine: Engine, both: Feeds, world: World, receiver: str) -> None:
    both(order(world, named()), waits(world, receiver))
    assert told(engine) == [WHO]


def test_english_is_read_in_english(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    """What the vendor's template says stands below."""
    both(order(world, named(locale="en-GB")), waits(world))
    sent(engine, both, mailbox, gateway)
    ((_, _, mail),) = mailbox.received
    body = mail.get_content()
    assert mail["Subject"] == "name_80: “节点2” has begun"
    assert body.index("Open your project") < body.index("麦家：name_80 到 节点2")
    assert link_in(body)


def test_a_contact_without_mail_gets_an_sms(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    both(order(world, named(email=None)), waits(world))
    sent(engine, both, mailbox, gateway)
    ((_, sms),) = gateway.received
    assert (sms["to"], mailbox.received) == (MOBILE, [])
    assert KEYS.opened(link_in(sms["text"]))


def test_a_template_with_channels_tells_on_those(engine: Engine, both: Feeds, world: World) -> None:
    both(world.template(channels=["sms", "email"]), order(world, named()), waits(world))
    assert [row[0] for row in rows(engine)] == ["email", "sms"]
    assert problems(engine) == []


def test_users_of_the_customer_are_told_besides_and_the_same_address_once(
    engine: Engine, both: Feeds, world: World
) -> None:
    both(replace(order(world, named()), customer_id=world.customer), waits(world))
    assert told(engine) == sorted([world.buyer, world.helper, WHO])
    for name, contact in (("8", named(email="x@example.com")), ("7", named(email=None, mobile="+8618888888888"))):
        both(world.started(name, contact=contact), world.entered(2, "submit_requirement", to("customer"), name=name))
        assert told(engine).count(contact_id(id_of(name), 1)) == 0, "the number as users write it is the same one"
    assert problems(engine) == []


def test_a_contact_hears_of_his_own_order_alone(engine: Engine, both: Feeds, world: World) -> None:
    other = replace(world.started("8", contact=named(email="other@example.com")), customer_id=UNKNOWN)
    both(order(world, named()), other, waits(world))
    assert told(engine) == [WHO]


@pytest.mark.parametrize("contact", [None, Contact(), Contact(name="麦家", locale="en")])
def test_nobody_to_reach_is_said(engine: Engine, both: Feeds, world: World, contact: Contact | None) -> None:
    both(order(world, contact), waits(world))
    assert (told(engine), omitted(engine)) == ([], [(None, "no_receiver")])
    assert problems(engine) == []


def test_without_keys_or_address_there_are_no_links(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    both(order(world, named()), waits(world))
    sent(engine, both, mailbox, gateway, Letters(keys=KEYS))
    ((_, _, mail),) = mailbox.received
    assert "#" not in mail.get_content()
    assert Letters(address="https://delivery.example").keys is None


def asked(kind: type[Any], number: int = 1, version: int = 1) -> Any:
    return kind(project_id=id_of("9"), version=version, number=number, asked_at=NOON)


@pytest.mark.parametrize("times", [1, 2])
def test_a_link_asked_for_goes_to_the_contact_once(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway, times: int
) -> None:
    both(order(world, named()))
    both(asked(identity.LinkAsked), times=times)
    both(asked(identity.LinkAsked))
    sent(engine, both, mailbox, gateway)
    ((_, receivers, mail),) = mailbox.received
    assert (receivers, mail["Subject"], gateway.received) == ([MAIL], "打开项目的新链接", [])
    assert KEYS.opened(link_in(mail.get_content()))
    assert problems(engine) == []


@pytest.mark.parametrize(("locale", "subject"), [("zh-CN", "验证码"), ("en", "Your code"), (None, "验证码")])
def test_a_code_asked_for_stands_in_the_letter_alone(
    engine: Engine,
    both: Feeds,
    world: World,
    mailbox: MailServer,
    gateway: Gateway,
    locale: str | None,
    subject: str,
) -> None:
    both(order(world, named(locale=locale)))
    both(asked(identity.CodeAsked, number=3))
    sent(engine, both, mailbox, gateway)
    ((_, _, mail),) = mailbox.received
    code = KEYS.code(id_of("9"), 1, 3)
    assert (mail["Subject"], code in mail.get_content(), "/l#" in mail.get_content()) == (subject, True, False)
    assert code not in repr(everything(engine))
    assert problems(engine) == []


def test_what_is_asked_before_the_order_is_known_waits(engine: Engine, both: Feeds, world: World) -> None:
    both(asked(identity.CodeAsked))
    assert (parked(engine), told(engine)) == (1, [])
    both(order(world, named()))
    eventually(lambda: both.retry() or not parked(engine))
    assert (parked(engine), told(engine)) == (0, [WHO])


def test_what_is_asked_after_the_end_is_sent(engine: Engine, both: Feeds, world: World) -> None:
    """A completed project is still looked at and evaluated."""
    both(order(world, named()), world.ended("completed", name="9"))
    both(asked(identity.LinkAsked))
    assert told(engine) == [WHO]


def test_a_forgotten_contact_is_told_nothing_and_leaves_nothing(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    """In rows, answers of servers, or what still waits to be sent."""
    both(order(world, named()), waits(world))
    waiting, both.keys[:] = list(both.keys), []
    erased = project.BuyerErased(project_id=id_of("9"), run=1, erased_at=NOON)
    both(erased)
    both(erased)
    both(asked(identity.LinkAsked), asked(identity.CodeAsked, number=2))
    both(world.entered(3, "submit_requirement", to("customer"), name="9"))
    both.keys[:0] = waiting
    sent(engine, both, mailbox, gateway)
    assert (mailbox.received, gateway.received) == ([], [])
    assert omitted(engine) == [(WHO, "user_deleted"), (WHO, "user_deleted"), (None, "no_receiver")]
    found = repr(everything(engine))
    assert [what for what in (MAIL, MOBILE, "麦家") if what in found] == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT state, result FROM delivery")).all() == [("skipped", "user_deleted")]
    assert problems(engine) == []


def test_an_order_read_anew_after_its_contact_was_forgotten_is_the_same(
    engine: Engine, both: Feeds, world: World
) -> None:
    """The stream is published anew with nobody in it: a copy made of that is what is left of the other."""
    erased = project.BuyerErased(project_id=id_of("9"), run=1, erased_at=NOON)
    both(order(world, named()), erased)
    before = everything(engine)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE project, contact"))
    both(replace(order(world, None), customer_name=""), erased)
    assert everything(engine) == before


def test_the_outbox_names_the_contact(engine: Engine, both: Feeds, world: World) -> None:
    both(order(world, named()), waits(world))
    page = DeliveryList(engine).page(channel=None, state=None, order_number=None, after=None, limit=10)
    ((shown),) = page.items
    assert (shown["receiver_name"], shown["address"], shown["party_name"]) == ("麦家", MAIL, None)
    with engine.connect() as connection:
        assert connection.execute(select(message.c.party_id)).scalar_one() == UNKNOWN
        assert connection.execute(select(occurrence.c.receivers)).scalar_one() == 1


NEXT = Contact(name="余华", email="yu@example.com", locale="en")


def other(number: int = 2, contact: Contact | None = NEXT, **changes: Any) -> project.ContactChanged:
    given = {
        "project_id": id_of("9"), "run": 1, "number": number, "vendor_id": id_of("v"), "customer_id": UNKNOWN,
        "product_name": "name_80", "reachable": bool(contact and (contact.mobile or contact.email)),
        "waits": "节点2", "by": project.Actor(kind="marketplace"), "changed_at": NOON, "contact": contact,
    }  # fmt: skip
    return project.ContactChanged(**{**given, **changes})


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("waits_for", ["节点2", None])
def test_one_who_is_named_later_is_told_once_how_he_comes_in_and_for_what(
    engine: Engine,
    both: Feeds,
    world: World,
    mailbox: MailServer,
    gateway: Gateway,
    times: int,
    waits_for: str | None,
) -> None:
    both(order(world, named()))
    both(other(waits=waits_for), times=times)
    sent(engine, both, mailbox, gateway)
    ((_, receivers, mail),) = mailbox.received
    assert (receivers, mail["Subject"]) == (["yu@example.com"], "You look after an order")
    body = mail.get_content()
    assert body.startswith("You are the contact of order 809 (name_80).")
    assert ("It waits for you: 节点2." in body) == (waits_for is not None)
    found = KEYS.opened(link_in(body))
    assert found is not None
    assert (found.project_id, found.version) == (id_of("9"), 2)
    assert told(engine) == [contact_id(id_of("9"), 2)]
    assert (parked(engine), problems(engine)) == (0, [])


def test_in_chinese_by_sms(engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway) -> None:
    both(order(world, None))
    both(other(contact=Contact(mobile="+8613800000002")))
    sent(engine, both, mailbox, gateway)
    ((_, sms),) = gateway.received
    assert sms["text"].startswith("您已成为订单 809（name_80）的联系人。现在等您处理：节点2。")
    assert KEYS.opened(link_in(sms["text"]))


def test_the_one_before_is_told_nothing_more_and_leaves_nothing(
    engine: Engine, both: Feeds, world: World, mailbox: MailServer, gateway: Gateway
) -> None:
    both(order(world, named()), waits(world))
    both(other())
    both(world.entered(3, "submit_requirement", to("customer"), name="9"))
    sent(engine, both, mailbox, gateway)
    assert {address for _, receivers, _ in mailbox.received for address in receivers} == {"yu@example.com"}
    assert gateway.received == []
    found = repr(everything(engine))
    assert [what for what in (MAIL, MOBILE) if what in found] == []
    page = DeliveryList(engine).page(channel=None, state=None, order_number=None, after=None, limit=10)
    assert {(one["receiver_name"], one["address"]) for one in page.items} == {("", None), ("余华", "yu@example.com")}
    assert problems(engine) == []


def test_an_older_contact_never_comes_back(engine: Engine, both: Feeds, world: World) -> None:
    both(order(world, named()), other(), other(3, Contact(name="莫言", email="mo@example.com")))
    before = everything(engine)
    both(other(), order(world, named()))
    assert everything(engine) == before
    both(waits(world))
    assert told(engine)[-1] == contact_id(id_of("9"), 3)
    assert "yu@example.com" not in repr(everything(engine))


def test_one_without_an_address_ends_the_one_before(engine: Engine, both: Feeds, world: World) -> None:
    both(order(world, named()), other(contact=Contact(name="余华")), waits(world))
    assert (told(engine), omitted(engine)) == ([], [(None, "no_receiver")])
    both(
        other(3), other(contact=Contact(name="余华")), world.entered(3, "submit_requirement", to("customer"), name="9")
    )
    assert set(told(engine)) == {contact_id(id_of("9"), 3)}
    assert problems(engine) == []


def test_a_code_of_a_contact_not_heard_of_yet_waits(engine: Engine, both: Feeds, world: World) -> None:
    both(order(world, named()))
    both(asked(identity.CodeAsked, number=1, version=2))
    assert parked(engine) == 1
    both(other(waits=None))
    eventually(lambda: both.retry() or not parked(engine))
    assert told(engine).count(contact_id(id_of("9"), 2)) == 2


def test_all_contacts_are_forgotten_with_the_buyer(engine: Engine, both: Feeds, world: World) -> None:
    erased = project.BuyerErased(project_id=id_of("9"), run=1, erased_at=NOON)
    both(order(world, named()), other(), waits(world))
    both(erased)
    found = repr(everything(engine))
    assert [what for what in (MAIL, MOBILE, "yu@example.com", "余华") if what in found] == []
    both(other(), other(3, None, reachable=True))
    assert "yu@example.com" not in repr(everything(engine))
    assert problems(engine) == []
