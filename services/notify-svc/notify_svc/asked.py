"""What is sent to the contact of an order alone: a new link or a code, which identity asks for, and to one who is named
later, how he comes in. Each is a message of its own, once, on one channel. What it says is written when it is sent
(:mod:`notify_svc.letters`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import CodeAsked, LinkAsked
from delivery_shared.contracts.project import ContactChanged
from delivery_shared.links import FIRST, contact_id
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.rows import Row, Rows, insert_new
from sqlalchemy import Connection

from notify_svc.deliveries import ADDRESS, delivery_row, key_of
from notify_svc.receivers import Person
from notify_svc.reminders import message_id
from notify_svc.tables import contact, delivery, message, occurrence, omission, project

TRIGGERS: Final[dict[type[Contract], str]] = {LinkAsked: "link", CodeAsked: "code", ContactChanged: "introduced"}

RECEIVER: Final = "contact"

TEXTS: Final = {
    "link": ("新链接", "已向联系人发送新的链接"),
    "code": ("验证码", "已向联系人发送验证码"),
    "introduced": ("新联系人", "已向新联系人发送项目链接"),
}
"""What is kept of them."""


def asks_of(messages: Sequence[Message]) -> list[Message]:
    """Those of ``messages`` that ask for something; nobody is told who cannot be reached."""
    found = [message for message in messages if type(message.contract) in TRIGGERS]
    return [m for m in found if not isinstance(m.contract, ContactChanged) or m.contract.reachable]


def version_of(c: Any) -> int:
    """Which contact of the order is meant."""
    version: int = c.number if isinstance(c, ContactChanged) else c.version
    return version


def node_of(c: Any) -> str:
    """The name of the node the message is about, if it is about one."""
    return (c.waits or "") if isinstance(c, ContactChanged) else ""


def fired(c: Any) -> Row:
    """The occurrence of an ask, but for whom and how it reaches. It belongs to no run: it may come after the end."""
    trigger = TRIGGERS[type(c)]
    return {
        "project_id": c.project_id,
        "run": 0,
        "visit": c.number,
        "trigger": trigger,
        "rule": 0,
        "receiver": RECEIVER,
        "message_template": trigger,
        "provider_id": None,
        "at": c.changed_at if isinstance(c, ContactChanged) else c.asked_at,
    }


def send(connection: Connection, rows: Rows, asks: Sequence[Message], *, configured: frozenset[str]) -> list[str]:
    """Store each ask as a message to the contact; returns the keys of the deliveries to be sent.

    :raises NotYet: the project is not known here yet, or this contact of it.
    """
    keys: list[str] = []
    for ask in asks:
        c: Any = ask.contract
        about = rows.get(project, c.project_id)
        if about is None:
            raise NotYet(f"project {c.project_id}")
        version = version_of(c)
        who = contact_id(c.project_id, version)
        reader = rows.get(contact, who)
        if reader is None and version > FIRST:
            raise NotYet(f"contact {version} of project {c.project_id}")
        reached = reader is not None and not reader["deleted"] and about["contact_version"] == version
        person = Person(
            user_id=who,
            party_id=about["customer_id"],
            mobile=reader["mobile"] if reader else None,
            email=reader["email"] if reader else None,
            deleted=not reached,
            main=False,
            roles=(),
        )
        row = fired(c) | {"receivers": 1, "channels": [channel_of(person, configured)] if reached else []}
        named = {column.name: row[column.name] for column in occurrence.primary_key}
        if not insert_new(connection, occurrence, [row]):
            continue
        if not reached:
            insert_new(connection, omission, [named | {"person_id": who, "reason": "user_deleted"}])
            continue
        title, body = TEXTS[row["trigger"]]
        told = named | {
            "message_id": message_id(tuple(named.values()), who),
            "person_id": who,
            "party_id": person.party_id,
            "order_number": about["order_number"],
            "node_name": node_of(c),
            "title": title,
            "body": body,
            "created_at": row["at"],
        }
        insert_new(connection, message, [told])
        sending = delivery_row(told, person, row["channels"][0], configured, traceparent=ask.trace.traceparent)
        insert_new(connection, delivery, [sending])
        keys += [key_of(sending)] if sending["state"] == "waiting" else []
    return keys


def channel_of(person: Person, configured: frozenset[str]) -> str:
    """The one channel on which somebody is told: where he has an address, rather one that works here, rather mail."""
    there = [channel for channel in ("email", "sms") if getattr(person, ADDRESS[channel])]
    return next((channel for channel in there if channel in configured), next(iter(there), "email"))
