"""What the rows of notify-svc follow from. Copies and occurrences follow from the messages of one source each. Messages
and their deliveries follow from an occurrence and from what templates and people were when it came; since another
source tells these, a message must be one that could have come at some time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec
from delivery_shared.contracts.identity import UserSaved
from delivery_shared.contracts.project import ContactChanged, ProjectStarted
from delivery_shared.contracts.template import MessageTemplateDefined
from delivery_shared.links import FIRST, contact_id
from delivery_shared.messaging.envelope import Message
from delivery_shared.rows import Row
from delivery_shared.service import Service
from delivery_shared.verifying.beside import Beside, line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, Verification
from sqlalchemy import Connection, Table, select, text

from notify_svc import asked
from notify_svc.deliveries import channels_out, delivery_id
from notify_svc.feed import fold
from notify_svc.reminders import Due, called, message_id, text_of, values_of
from notify_svc.tables import delivery, message, occurrence, party, project
from notify_svc.verify import violations
from notify_svc.wording import MISSING, problem_of

SENDERS: Final = "what senders have done and the other side has answered; no event tells it"

POSSIBLE: Final = """
CREATE TEMPORARY TABLE possible (
    project_id uuid, run int, visit int, trigger text, rule int, order_number text, node_name text,
    created_at timestamptz, traceparent text, texts jsonb, patterns jsonb, channels jsonb,
    audience text, audience_id uuid, role text, reason text,
    PRIMARY KEY (project_id, run, visit, trigger, rule));
CREATE TEMPORARY TABLE employed (user_id uuid, party_id uuid, main boolean, roles text[]);
CREATE INDEX ON employed (user_id)
"""
"""What an occurrence may have said to whom, and what people were at any time."""

MEANT: Final = """
    CASE e.audience WHEN 'person' THEN m.person_id = e.audience_id
        WHEN 'party' THEN m.person_id = e.audience_id OR EXISTS (SELECT FROM employed w
            WHERE w.user_id = m.person_id AND w.party_id = e.audience_id)
        WHEN 'main' THEN EXISTS (SELECT FROM employed w
            WHERE w.user_id = m.person_id AND w.party_id = e.audience_id AND w.main)
        WHEN 'role' THEN EXISTS (SELECT FROM employed w
            WHERE w.user_id = m.person_id AND w.party_id = e.audience_id AND e.role = ANY (w.roles))
        ELSE false END
"""
"""Whether the person of a row ``m`` was ever one of those the occurrence ``e`` means."""

OCCURRED: Final = "JOIN possible e USING (project_id, run, visit, trigger, rule)"

WRONG: Final = {
    ("message", "message_id", "says something else than its order, node and template"): f"""
        SELECT m.message_id FROM {{message}} m {OCCURRED} WHERE
        (m.order_number, m.node_name, m.created_at) IS DISTINCT FROM (e.order_number, e.node_name, e.created_at)
        OR NOT e.texts @> jsonb_build_array(jsonb_build_array(m.title, m.body)) AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(e.patterns) AS one (pattern)
            WHERE m.title LIKE one.pattern ->> 0 AND m.body LIKE one.pattern ->> 1)""",  # noqa: S608 - ours, all of them
    ("message", "message_id", "is for somebody the rule does not mean"): f"""
        SELECT m.message_id FROM {{message}} m {OCCURRED} WHERE NOT ({MEANT})""",  # noqa: S608
    ("message", "message_id", "carries another party than its person's"): """
        SELECT m.message_id FROM {message} m WHERE NOT EXISTS (SELECT FROM employed w
            WHERE w.user_id = m.person_id AND w.party_id = m.party_id)""",
    ("message", "message_id", "was read before it was written"): """
        SELECT m.message_id FROM {message} m WHERE m.read_at < m.created_at""",
    ("occurrence", "project_id", "has used other channels than its template"): f"""
        SELECT o.project_id FROM {{occurrence}} o {OCCURRED} WHERE NOT e.channels @> jsonb_build_array(o.channels)""",  # noqa: S608
    ("omission", "omission_id", "is not one of its occurrence"): f"""
        SELECT m.omission_id FROM {{omission}} m {OCCURRED} WHERE NOT CASE
            WHEN m.person_id IS NULL THEN m.reason = e.reason
            WHEN m.reason = 'told_already' THEN ({MEANT}) AND EXISTS (SELECT FROM {{message}} t WHERE
                (t.project_id, t.run, t.visit, t.trigger, t.person_id) =
                (m.project_id, m.run, m.visit, m.trigger, m.person_id) AND t.rule <> m.rule)
            ELSE m.reason IN ('user_deleted', 'template_unusable') AND ({MEANT}) END""",  # noqa: S608
    ("delivery", "delivery_id", "was not made when its message was"): f"""
        SELECT d.delivery_id FROM {{delivery}} d JOIN {{message}} m USING (message_id) {OCCURRED}
        WHERE d.created_at <> m.created_at OR d.traceparent IS DISTINCT FROM e.traceparent""",  # noqa: S608
}  # fmt: skip
"""By table, key and what is wrong."""


ERASED: Final = "\ufdd0"
"""Stands for a name nobody knows any more; no text holds it."""


def pattern_of(said: str) -> str:
    """What texts are ``LIKE`` that say anything for :data:`ERASED`."""
    return re.sub(r"([\\%_])", r"\\\1", said).replace(ERASED, "%")


class NotifyVerification(Verification):
    """Of notify-svc. Templates and people are heard before projects."""

    copies = ("message_template", "party", "person", "project", "contact", "holder", "revoked")
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        "preference": "what somebody has said here; no event tells it",
        "message.read_at": "when somebody has read it; no event tells it",
        "delivery.state": SENDERS,
        "delivery.attempts": SENDERS,
        "delivery.next_try": f"{SENDERS}; that it is not far is checked",
        "delivery.hinted_at": SENDERS,
        "delivery.result": SENDERS,
        "delivery.sent_at": SENDERS,
        "omission.omission_id": "counted; nothing names it",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        self.connection: Connection = moment.alchemy(service.name)
        super().__init__(Beside(self.connection, service=service.name, schema=service.name))
        self.beside.open(*self.copies, occurrence.name)
        self.connection.execute(text(POSSIBLE))
        self.asks: list[Message] = []
        """What identity asked for, told before the project is known."""
        self.templates: dict[str, list[Row]] = {}
        """All versions of each message template."""

    def hear(self, source: str, messages: Sequence[Message]) -> None:
        with self.beside.tentatively():
            rows, firing = fold(self.connection, messages)
            rows.write()
            for told in messages:
                self._remember(told.contract)
            self._occur(firing)
            self.asks += asked.asks_of(messages)

    def tell(self, stored: Stored) -> None:
        raise AssertionError("it keeps no events")

    def differences(self) -> Iterator[str]:
        self._asked()
        yield from self.lines
        yield from self.compared(*self.copies)
        yield from self.beside.differences(occurrence.name, but=["receivers", "channels"])
        for (table, key, what), statement in WRONG.items():
            live = {name: self.beside.live(name) for name in ("message", "omission", "delivery", "occurrence")}
            found = self.connection.execute(text(f"{statement.format(**live)} ORDER BY 1")).scalars().all()
            if found:
                yield line(self.service, table, [f"{key}={id} {what}" for id in found], len(found))
        yield from self._named()

    def messages(self) -> Iterator[str]:
        """See :mod:`notify_svc.verify`. Asked last: the live tables come into view again, those beside go."""
        for table in (*self.copies, occurrence.name):
            self.beside.run(f'DROP TABLE IF EXISTS pg_temp."{table}"')
        return violations(self.connection)

    def _remember(self, contract: Any) -> None:
        match contract:
            case MessageTemplateDefined():
                version = {
                    "title": contract.title,
                    "body": contract.body,
                    "problem": problem_of(contract.title) or problem_of(contract.body),
                    "channels": channels_out(contract.channels),
                }
                self.templates.setdefault(contract.message_template, []).append(version)
            case UserSaved():
                self._employ(contract.user_id, contract.party_id, contract.main, contract.roles)
            case ProjectStarted():  # also where it names nobody any more: who was told before stays told
                self._employ(contact_id(contract.project_id, FIRST), contract.customer_id, False, ())

            case ContactChanged():
                self._employ(contact_id(contract.project_id, contract.number), contract.customer_id, False, ())

    def _employ(self, user_id: UUID, party_id: UUID, main: bool, roles: Iterable[str]) -> None:
        self.beside.run(
            "INSERT INTO employed VALUES (%(user)s, %(party)s, %(main)s, %(roles)s)",
            {"user": str(user_id), "party": str(party_id), "main": main, "roles": list(roles)},
        )

    def _asked(self) -> None:
        """The occurrences of what identity asked for, and what could come of them."""
        once: dict[Any, Message] = {}
        for ask in self.asks:
            c: Any = ask.contract
            once.setdefault((type(c), c.project_id, c.number), ask)
        ids = {key[1] for key in once}
        found = self.connection.execute(
            select(project.c.project_id, project.c.order_number).where(project.c.project_id.in_(ids))
        )
        orders = {row.project_id: row.order_number for row in found}
        occurred, possible = [], []
        for ask in once.values():
            c = ask.contract
            fired = asked.fired(c)
            occurred.append(fired | {"receivers": 0, "channels": []})
            possible.append(
                {
                    **{column.name: fired[column.name] for column in occurrence.primary_key},
                    "order_number": orders.get(c.project_id),
                    "node_name": asked.node_of(c),
                    "created_at": fired["at"],
                    "traceparent": ask.trace.traceparent or None,
                    "texts": [list(asked.TEXTS[fired["trigger"]])],
                    "patterns": [],
                    "channels": [["email"], ["sms"], []],
                    "audience": "person",
                    "audience_id": contact_id(c.project_id, asked.version_of(c)),
                    "role": "",
                    "reason": "",
                }
            )
        if once:
            self._insert(occurred, possible)

    def _insert(self, occurred: Sequence[Row], possible: Sequence[Row]) -> None:
        for table, rows in ((occurrence.name, occurred), ("possible", possible)):
            self.beside.run(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %(rows)s::jsonb)"  # noqa: S608
                " ON CONFLICT DO NOTHING",
                {"rows": msgspec.json.encode(rows).decode()},
            )

    def _occur(self, firing: Sequence[Due]) -> None:
        once: dict[Any, Due] = {}
        for due in firing:
            once.setdefault(due.key, due)
        if not once:
            return
        names = self._names(list(once.values()))
        occurred, possible = [], []
        for key, due in once.items():
            named = dict(zip((column.name for column in occurrence.primary_key), key, strict=True))
            fired = {"receiver": due.rule.receiver, "message_template": due.rule.message_template, "at": due.at}
            unknown = {"receivers": 0, "channels": []}
            occurred.append(named | fired | unknown | {"provider_id": due.about["provider_id"]})
            possible.append(
                {
                    **named,
                    "order_number": due.about["order_number"],
                    "node_name": due.contract.name,
                    "created_at": due.at,
                    "traceparent": due.trace.traceparent or None,
                    "texts": self._texts(due, names),
                    "patterns": self._patterns(due, names),
                    "channels": [version["channels"] for version in self.templates[due.rule.message_template]],
                    "audience": due.audience.kind,
                    "audience_id": due.audience.id,
                    "role": due.audience.role,
                    "reason": due.audience.reason,
                }
            )
        self._insert(occurred, possible)

    def _names(self, firing: Sequence[Due]) -> dict[Any, str]:
        ids = {due.about[name] for due in firing for name in ("customer_id", "provider_id")} - {None}
        found = self.connection.execute(select(party.c.party_id, party.c.name).where(party.c.party_id.in_(ids)))
        return {row.party_id: row.name for row in found}

    def _texts(self, due: Due, names: dict[Any, str]) -> list[list[str]]:
        """Every text the message can have: by each version of its template; an order that does not name its customer
        may have come before that was known, and one that names him may have been forgotten by a feed that was put back
        since."""
        registered = names.get(due.about["customer_id"])
        customers = dict.fromkeys((called(due.about, registered), called(due.about, None), MISSING))
        return self._said(due, names, customers)

    def _patterns(self, due: Due, names: dict[Any, str]) -> list[list[str]]:
        """The same where the customer's name was erased: it was taken out of what was said before, also where people
        had typed it."""
        about = due.about
        if (names.get(about["customer_id"]) if about["customer_name"] is None else about["customer_name"]) != "":
            return []
        typed = {"reject_reason": ERASED, "remark": ERASED}
        return [[pattern_of(text) for text in texts] for texts in self._said(due, names, [ERASED], **typed)]

    def _said(self, due: Due, names: dict[Any, str], customers: Iterable[str], **instead: str) -> list[list[str]]:
        provider = names.get(due.about["provider_id"], MISSING)
        usable = [version for version in self.templates.get(due.rule.message_template, ()) if not version["problem"]]
        said = [
            text_of(version, values_of(due, customer=customer, provider=provider) | instead)
            for version, customer in product(usable, customers)
        ]
        return [[one["title"], one["body"]] for one in said]

    def _named(self) -> Iterator[str]:
        """Ids follow from what a row is of."""
        key = [message.c[column.name] for column in occurrence.primary_key]
        wrong = [
            f"message_id={row.message_id} is not the one of its occurrence and person"
            for row in self._live(message, message.c.message_id, message.c.person_id, *key)
            if row.message_id != message_id(tuple(row)[2:], row.person_id)
        ]
        if wrong:
            yield line(self.service, message.name, wrong, len(wrong))
        wrong = [
            f"delivery_id={row.delivery_id} is not the one of its message and channel"
            for row in self._live(delivery, delivery.c.delivery_id, delivery.c.message_id, delivery.c.channel)
            if row.delivery_id != delivery_id(row.message_id, row.channel)
        ]
        if wrong:
            yield line(self.service, delivery.name, wrong, len(wrong))

    def _live(self, table: Table, *columns: Any) -> Iterator[Any]:
        yield from self.connection.execute(select(*columns).order_by(columns[0]))
