"""Reminder rules of a node become messages and deliveries, each exactly once (N-05 … N-09, N-14, N-15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog
from delivery_shared.contracts.firing import TRIGGERS, Rule, firing
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.rows import Key, Row, Rows, insert_new
from delivery_shared.tracing import Trace, traced
from sqlalchemy import Connection, Table

from notify_svc.deliveries import channels_out, channels_to, delivery_row, key_of
from notify_svc.preferences import muted_of
from notify_svc.receivers import Audience, People, Person, audience_of, role_named
from notify_svc.tables import delivery, holder, message, message_template, occurrence, omission, party, project
from notify_svc.wording import MISSING, printed, render

log = structlog.get_logger()

MESSAGES = UUID("6b0b5c52-6f0e-4a5c-9a51-4f6d3a3a0f6e")
"""Namespace of message ids: the same occurrence and person always give the same id."""

DEFAULTS = frozenset({"arrived", "due_soon", "overdue"})
"""The message templates of what an operator is told by default: only who is told nothing else of the same trigger."""


class UnknownProject(Exception):
    """A node of a project that was never announced: the message is put aside."""


@dataclass(frozen=True)
class Due:
    """A rule that fires: the node's ``number``-th, with the project as it was at that moment."""

    number: int
    rule: Rule
    contract: Any
    trigger: str
    at: datetime
    about: Row
    audience: Audience
    trace: Trace

    @property
    def key(self) -> Key:
        """The key of the occurrence."""
        return (self.about["project_id"], self.about["run"], self.contract.visit, self.trigger, self.number)


def rows_of(contract: Any) -> Iterator[tuple[Table, Key]]:
    """The rows to read before :func:`due`: none for a message that fires no rule."""
    for _, rule in firing(contract):
        yield project, (contract.project_id,)
        role = role_named(rule.receiver) or getattr(contract, "role", None)
        if role:
            yield holder, (contract.project_id, role)


def due(rows: Rows, message: Message) -> list[Due]:
    """What ``message`` fires. Nothing fires for an earlier run or after the end.

    :raises UnknownProject: see there.
    """
    contract: Any = message.contract
    fired = firing(contract)
    if not fired:
        return []
    about = rows.get(project, contract.project_id)
    if about is None:
        raise UnknownProject(contract.project_id)
    if about["ended"] or about["run"] != contract.run:
        return []

    def holder_of(role: str) -> UUID | None:
        held = rows.get(holder, contract.project_id, role)
        return held["person_id"] if held is not None and held["run"] == contract.run else None

    trigger, time = TRIGGERS[type(contract)]
    return [
        Due(
            number=number,
            rule=rule,
            contract=contract,
            trigger=trigger,
            at=getattr(contract, time),
            about=about,
            audience=audience_of(rule.receiver, about, holder_of),
            trace=message.trace,
        )
        for number, rule in fired
    ]


def send(connection: Connection, rows: Rows, dues: Sequence[Due], *, configured: frozenset[str]) -> list[str]:
    """Store what fires: its occurrence, a message for each person with its deliveries – one, however many rules of the
    trigger mean him by one template –, and whom it does not tell. What fired before is left as it is. Returns the keys
    of the deliveries to be sent.

    :param configured: the channels that lead out of this installation.
    :raises NotYet: a template, party or person is not known here yet.
    """
    if not dues:
        return []
    once: dict[Key, Due] = {}
    for due in dues:
        once.setdefault(due.key, due)
    rows.load(message_template, {(due.rule.message_template,) for due in dues})
    parties = {due.about[name] for due in dues for name in ("customer_id", "provider_id")}
    rows.load(party, {(id,) for id in parties if id is not None})
    people = People(connection, (due.audience for due in dues))
    muted = muted_of(connection, people.everybody())
    occurrences: list[Row] = []
    messages: dict[Key, list[Row]] = {}
    deliveries: dict[Key, list[Row]] = {}
    omissions: dict[Key, list[Row]] = {}
    told: dict[tuple[object, ...], dict[str, set[UUID]]] = {}
    """Who is told of what, by the message template that tells him."""
    for key, due in once.items():
        template = rows.get(message_template, due.rule.message_template)
        if template is None:
            raise NotYet(f"message template {due.rule.message_template}")
        values = _values(rows, due)
        meant = people.of(due.audience)
        named = dict(zip((column.name for column in occurrence.primary_key), key, strict=True))
        fired = {
            "receiver": due.rule.receiver,
            "message_template": due.rule.message_template,
            "provider_id": due.about["provider_id"],
            "receivers": len(meant),
            "channels": channels_out(template["channels"]),
            "at": due.at,
        }
        occurrences.append(named | fired)
        by_template = told.setdefault((*key[:4], due.at), {})
        before = _told_before(by_template, due.rule.message_template)
        written = _messages(key, due, template, values, [person for person in meant if person.user_id not in before])
        messages[key] = [named | row for row, _ in written]
        deliveries[key] = [
            delivery_row(
                row,
                person,
                channel,
                configured,
                muted=f"{due.trigger}/{channel}" in muted.get(person.user_id, ()),
                traceparent=due.trace.traceparent,
            )
            for row, person in written
            for channel in channels_to(person, fired["channels"])
        ]
        omissions[key] = [named | row for row in _omissions(due.audience, template, meant, before)]
        by_template.setdefault(due.rule.message_template, set()).update(person.user_id for _, person in written)
    first = insert_new(connection, occurrence, occurrences)

    def of_first(found: Mapping[Key, list[Row]]) -> list[Row]:
        return [row for key in found if key in first for row in found[key]]

    insert_new(connection, message, of_first(messages))
    sending = of_first(deliveries)
    insert_new(connection, delivery, sending)
    insert_new(connection, omission, of_first(omissions))
    return [key_of(row) for row in sending if row["state"] == "waiting"]


def _told_before(by_template: Mapping[str, Set[UUID]], template: str) -> Set[UUID]:
    """Whom a rule with this template needs not tell any more: those told by it – by default, those told by any."""
    if template in DEFAULTS:
        return frozenset().union(*by_template.values())
    return by_template.get(template, frozenset())


def _values(rows: Rows, due: Due) -> dict[str, str]:
    """What the variables of templates stand for. The customer is called what the order called it; where it did not, a
    customer may be unknown for ever (orders never wait for identity); a provider is known or will be."""
    about = due.about
    registered = rows.get(party, about["customer_id"])
    provider = None if about["provider_id"] is None else rows.get(party, about["provider_id"])
    if provider is None and about["provider_id"] is not None:
        raise NotYet(f"party {about['provider_id']}")
    return values_of(
        due,
        customer=called(about, registered["name"] if registered else None),
        provider=provider["name"] if provider else MISSING,
    )


def called(about: Row, registered: str | None) -> str:
    """The customer of a project: as its order called it, or else as the party is ``registered``."""
    said = about["customer_name"]
    return (registered if said is None else said) or MISSING


def values_of(due: Due, *, customer: str, provider: str) -> dict[str, str]:
    """What the variables stand for where customer and provider have these names."""
    about = due.about
    return {
        "order_number": about["order_number"],
        "business_number": about["business_number"],
        "product_name": about["product_name"],
        "node_name": due.contract.name,
        "customer_name": customer,
        "provider_name": provider,
        "time": printed(due.at),
        "reject_reason": getattr(due.contract, "reason", "") or MISSING,
        "remark": getattr(due.contract, "remark", "") or getattr(due.contract, "text", "") or MISSING,
    }


def text_of(template: Row, values: Mapping[str, str]) -> dict[str, str]:
    """Title and body of a message."""
    return {"title": " ".join(render(template["title"], values).split()), "body": render(template["body"], values)}


def message_id(key: Key, person_id: UUID) -> UUID:
    """The same for the same occurrence and person."""
    return uuid5(MESSAGES, f"{'/'.join(str(part) for part in key)}/{person_id}")


def _messages(
    key: Key, due: Due, template: Row, values: Mapping[str, str], meant: Sequence[Person]
) -> list[tuple[Row, Person]]:
    """One message for each person there still is; none of an unusable template."""
    if template["problem"]:
        with traced(due.trace):
            log.error("message template unusable", template=due.rule.message_template, problem=template["problem"])
        return []
    reached = [person for person in meant if not person.deleted]
    if not reached:
        return []
    text = {
        "order_number": due.about["order_number"],
        "node_name": due.contract.name,
        **text_of(template, values),
        "created_at": due.at,
    }
    return [
        (
            {
                **text,
                "message_id": message_id(key, person.user_id),
                "person_id": person.user_id,
                "party_id": person.party_id,
            },
            person,
        )
        for person in reached
    ]


def _omissions(audience: Audience, template: Row, meant: Sequence[Person], before: Set[UUID]) -> list[Row]:
    """Whom the rule does not tell: nobody there, a deleted user, an unusable template, one whom another rule of the
    same trigger tells the same. A missing address is recorded at the delivery."""
    if not meant:
        return [{"person_id": None, "reason": audience.reason}]

    def reason(person: Person) -> str | None:
        if person.deleted:
            return "user_deleted"
        if template["problem"]:
            return "template_unusable"
        return "told_already" if person.user_id in before else None

    found = ((person.user_id, reason(person)) for person in meant)
    return [{"person_id": person_id, "reason": why} for person_id, why in found if why]
