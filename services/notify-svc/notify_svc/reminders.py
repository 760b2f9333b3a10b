"""Reminder rules of a node become messages, each exactly once (N-05 … N-09, N-14, N-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog
from delivery_shared.contracts import project as p
from delivery_shared.contracts.template import Reminder
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.feed import NotYet
from sqlalchemy import Connection, Select, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from notify_svc.copies import note_visit
from notify_svc.receivers import Person, Receivers, receivers_of
from notify_svc.tables import message, message_template, occurrence, omission, party, project
from notify_svc.wording import MISSING, printed, render

log = structlog.get_logger()

MESSAGES = UUID("6b0b5c52-6f0e-4a5c-9a51-4f6d3a3a0f6e")
"""Namespace of message ids: the same occurrence and person always give the same id."""


class UnknownProject(Exception):
    """A node of a project that was never announced: the message is put aside."""


@dataclass(frozen=True)
class Moment:
    """Something that happened at a node and may fire its rules."""

    project_id: UUID
    run: int
    visit: int
    node_name: str
    trigger: str
    at: datetime

    def key(self, rule: int) -> dict[str, Any]:
        """The key of the occurrence of the node's ``rule``-th rule."""
        return {
            "project_id": self.project_id,
            "run": self.run,
            "visit": self.visit,
            "trigger": self.trigger,
            "rule": rule,
        }


def when_node_entered(connection: Connection, c: p.NodeEntered, _: Message) -> None:
    """进入当前流程, also after a reject or restart (N-06)."""
    note_visit(connection, c)
    remind(connection, Moment(c.project_id, c.run, c.visit, c.name, "entered", c.entered_at), c.reminders)


def when_node_rejected(connection: Connection, c: p.NodeRejected, _: Message) -> None:
    """当前流程驳回 (N-07)."""
    remind(connection, Moment(c.project_id, c.run, c.visit, c.name, "rejected", c.rejected_at), c.reminders)


def when_node_completed(connection: Connection, c: p.NodeCompleted, _: Message) -> None:
    """当前流程流转 (N-08)."""
    remind(connection, Moment(c.project_id, c.run, c.visit, c.name, "passed_on", c.completed_at), c.reminders)


def remind(connection: Connection, moment: Moment, rules: Sequence[Reminder]) -> None:
    """Fire those of ``rules`` that wait for this moment. Nothing fires for an earlier run or after the end.

    :raises NotYet: a template, party or person is not known here yet; nothing was stored.
    """
    firing = [(number, rule) for number, rule in enumerate(rules) if rule.trigger == moment.trigger]
    if not firing:
        return
    query = select(project).where(project.c.project_id == moment.project_id)
    about = _one(connection, query)
    if about is None:
        raise UnknownProject(moment.project_id)
    if about["ended"] or about["run"] != moment.run:
        return
    values = _values(connection, about, moment)
    for number, rule in firing:
        _fire(connection, moment, number, rule, about, values)


def _one(connection: Connection, query: Select[Any]) -> dict[str, Any] | None:
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _values(connection: Connection, about: Mapping[str, Any], moment: Moment) -> dict[str, str]:
    """What the variables of templates stand for. A customer may be unknown for ever (orders never wait for
    identity); a provider is known or will be."""
    ids = [about["customer_id"], about["provider_id"]]
    query = select(party.c.party_id, party.c.name).where(party.c.party_id.in_([id for id in ids if id]))
    names = {id: name for id, name in connection.execute(query)}  # noqa: C416
    provider_id = about["provider_id"]
    if provider_id is not None and provider_id not in names:
        raise NotYet(f"party {provider_id}")
    return {
        "order_number": about["order_number"],
        "business_number": about["business_number"],
        "product_name": about["product_name"],
        "node_name": moment.node_name,
        "customer_name": names.get(about["customer_id"], MISSING),
        "provider_name": names.get(provider_id, MISSING),
        "time": printed(moment.at),
    }


def _fire(
    connection: Connection,
    moment: Moment,
    number: int,
    rule: Reminder,
    about: Mapping[str, Any],
    values: Mapping[str, str],
) -> None:
    query = select(message_template).where(message_template.c.message_template == rule.message_template)
    template = _one(connection, query)
    if template is None:
        raise NotYet(f"message template {rule.message_template}")
    meant = receivers_of(connection, rule.receiver, about)
    key = moment.key(number)
    fired = {
        "receiver": rule.receiver,
        "message_template": rule.message_template,
        "provider_id": about["provider_id"],
        "receivers": len(meant.people),
        "at": moment.at,
    }
    first = connection.execute(
        upsert(occurrence).values(key | fired).on_conflict_do_nothing().returning(occurrence.c.rule)
    ).first()
    if first is None:
        return
    if template["problem"]:
        log.error("message template unusable", template=rule.message_template, problem=template["problem"])
    reached = [person for person in meant.people if not person.deleted and not template["problem"]]
    omitted = _omissions(meant, template)
    if reached:
        text = {
            "order_number": about["order_number"],
            "node_name": moment.node_name,
            "title": " ".join(render(template["title"], values).split()),
            "body": render(template["body"], values),
            "created_at": moment.at,
        }
        connection.execute(insert(message), [key | text | _address(key, person) for person in reached])
    if omitted:
        connection.execute(insert(omission), [key | row for row in omitted])


def _address(key: Mapping[str, Any], person: Person) -> dict[str, Any]:
    name = "/".join(str(part) for part in [*key.values(), person.user_id])
    return {"message_id": uuid5(MESSAGES, name), "person_id": person.user_id, "party_id": person.party_id}


def _omissions(meant: Receivers, template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of the message reaches whom not: nobody there, a deleted user, an unusable template – then nothing at all
    – or a channel of the template for which the person has no address (N-15)."""

    def row(person: Person | None, channel: str, reason: str) -> dict[str, Any]:
        return {"person_id": person.user_id if person else None, "channel": channel, "reason": reason}

    if not meant.people:
        return [row(None, "in_site", meant.reason)]
    omitted = []
    for person in meant.people:
        if person.deleted:
            omitted.append(row(person, "in_site", "user_deleted"))
        elif template["problem"]:
            omitted.append(row(person, "in_site", "template_unusable"))
        else:
            if "sms" in template["channels"] and not person.mobile:
                omitted.append(row(person, "sms", "no_mobile"))
            if "email" in template["channels"] and not person.email:
                omitted.append(row(person, "email", "no_email"))
    return omitted
