"""One pass over every event of an installation at one moment: each service is told its own facts and hears the messages
its feeds have applied, exactly up to where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import dispatch_svc.verification
import identity_svc.verification
import intake_svc.verification
import notify_svc.verification
import project_svc.verification
import reporting_svc.verification
import template_svc.verification
from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.envelope import Message, open_message
from delivery_shared.messaging.outbox import outgoing_of
from delivery_shared.service import Service
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored, gaps, stored
from delivery_shared.verifying.verification import Verification
from identity_svc.domain.facts import PartyErased, PersonErased
from project_svc.domain.facts import BuyerErased

from delivery_center.composition import Center

BATCH = 2000
"""Events told and heard together."""

VERIFICATIONS: Mapping[str, Callable[[Service, Moment], Verification]] = {
    "template": template_svc.verification.TemplateVerification,
    "identity": identity_svc.verification.IdentityVerification,
    "intake": intake_svc.verification.IntakeVerification,
    "project": project_svc.verification.ProjectVerification,
    "dispatch": dispatch_svc.verification.DispatchVerification,
    "notify": notify_svc.verification.NotifyVerification,
    "reporting": reporting_svc.verification.ReportingVerification,
}
"""By service, in the order in which their events are read: templates and people before the projects they belong to."""


FORGOTTEN: Mapping[type, Mapping[str, str]] = {
    PersonErased: {"person": "user_id", "person_name": "user_id"},
    PartyErased: {"party": "party_id"},
    BuyerErased: {"ordered": "project_id", "buyer": "project_id", "project.customer_name": "project_id"},
}
"""What no event tells any more once a fact of this type was told: copies of names – tables, or one column of a table –
with the column by which they are of the fact's stream."""


class Replay:
    """The pass. ``lines`` is what was found wrong with the events themselves; the verifications know the rest."""

    def __init__(
        self, center: Center, moment: Moment, services: Sequence[str] = tuple(VERIFICATIONS), *, telling: bool = True
    ) -> None:
        """:param services: whose rows are wanted. Events are read of all they follow.
        :param telling: whether they are told their own facts, from which all but their copies follow.
        """
        self.center = center
        self.moment = moment
        self.services = services
        self.telling = telling
        self.verifications: dict[str, Verification] = {}
        self.failed: dict[str, Exception] = {}
        """Services whose rows cannot be compared – a table is missing, or may not be read –, and why."""
        for name in services:
            try:
                self.verifications[name] = VERIFICATIONS[name](center.services[name], moment)
            except Exception as error:
                self.failed[name] = error
        self.listeners: dict[str, Listener] = {}
        self.lines: list[str] = []
        self._told: set[UUID] = set()
        """Streams of which a line says already that they cannot be read on."""

    def run(self) -> None:
        """Read everything. Whatever cannot be read or applied is a line, and the rest goes on."""
        for name, verification in self.verifications.items():
            self.listeners[name] = Listener(self.center.services[name], verification)
        for name, service in self.center.services.items():
            followers = [listener for listener in self.listeners.values() if name in listener.positions]
            if service.store is not None and ((self.telling and name in self.services) or followers):
                self._source(name, service.store, followers)
        for listener in self.listeners.values():
            self.lines += listener.lines

    def of(self, name: str) -> Verification:
        """Of a service. :raises Exception: there is none, for this reason."""
        if name in self.failed:
            raise self.failed[name]
        return self.verifications[name]

    def _source(self, name: str, store: EventStore, followers: Sequence[Listener]) -> None:
        connection = self.moment.connection(store.schema)
        for row in gaps(store, connection):
            self.lines.append(row.line)
            self._told.add(row.stream)
        own = self.verifications.get(name) if self.telling else None
        publishing = self._publishing(name, store)
        prev = 0
        erased: list[Stored] = []
        facts = stored(store, connection, self._spoilt)
        while batch := list(islice(facts, BATCH)):
            messages: list[Message] = []
            for told in batch:
                if own is not None:
                    self._tell(own, told)
                if type(told.fact) not in publishing:
                    continue
                try:
                    sent = outgoing_of(told.fact, publishing[type(told.fact)](told.fact), id=told.id, prev=prev)
                    messages.append(open_message(sent.body))
                except Exception as error:
                    self._spoilt(f"{place(name, told)} cannot be published: {error!r}", told.stream)
                prev = told.id
                if type(told.fact) in FORGOTTEN:
                    erased.append(told)
            for follower in followers:
                follower.hear(name, messages)
        for follower in followers:
            follower.trust([told for told in erased if told.id > follower.positions[name]])

    def _publishing(self, name: str, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        if name in self.failed:
            return store.publishing
        speaker = self.verifications.get(name) or VERIFICATIONS[name](self.center.services[name], self.moment)
        return speaker.publishing(store)

    def _tell(self, own: Verification, told: Stored) -> None:
        try:
            own.tell(told)
        except Exception as error:
            if told.stream not in self._told:
                self._spoilt(f"{place(own.service, told)} does not fit what came before: {error!r}", told.stream)

    def _spoilt(self, line: str, stream: UUID) -> None:
        self.lines.append(line)
        self._told.add(stream)


class Listener:
    """A service as it hears others: each message at most up to where its feed stands, without those put aside."""

    def __init__(self, service: Service, verification: Verification) -> None:
        self.verification = verification
        self.lines: list[str] = []
        self.types = {consumer.source: consumer.types for consumer in service.consumers}
        self.feeds = {consumer.source: consumer.name for consumer in service.consumers}
        beside = verification.beside
        stand = {(row["feed"], row["source"]): row["position"] for row in beside.run("SELECT * FROM feed_position")}
        self.positions = {source: stand.get((feed, source), 0) for source, feed in self.feeds.items()}
        self.aside = self.put_aside()
        self._stuck: set[str] = set()
        """Subjects with a message that could not be applied: nothing is known of what came later."""

    def put_aside(self) -> set[tuple[str, int]]:
        """Source and id of the messages the service has put aside."""
        rows = self.verification.beside.run("SELECT source, message_id FROM parked WHERE message_id IS NOT NULL")
        return {(row["source"], row["message_id"]) for row in rows}

    def hear(self, source: str, messages: Sequence[Message]) -> None:
        """Apply the next messages of a source; if that fails, one by one."""
        wanted = [m for m in messages if self._wants(source, m)]
        if not wanted:
            return
        try:
            self.verification.hear(source, wanted)
        except Exception:
            for message in wanted:
                self._alone(source, message)

    def trust(self, erased: Sequence[Stored]) -> None:
        """Of whoever was erased, which the feed has not applied yet, the events say nothing any more: what is known of
        them is taken as it stands."""
        for fact, copies in FORGOTTEN.items():
            ids = [str(told.stream) for told in erased if type(told.fact) is fact]
            for name, key in copies.items() if ids else ():
                self._trust(name, key, ids)

    def _trust(self, name: str, key: str, ids: Sequence[str]) -> None:
        table, _, column = name.partition(".")
        beside = self.verification.beside
        if table not in self.verification.copies or (column and column not in beside.columns_of(table)):
            return
        of = f"{key} = ANY (CAST(%(ids)s AS uuid[]))"
        live = beside.live(table)
        if column:
            statements = [f"UPDATE {table} AS told SET {column} = live.{column} FROM {live} AS live"  # noqa: S608 - ours
                          f" WHERE live.{key} = told.{key} AND told.{of}"]  # fmt: skip
        else:
            statements = [f"DELETE FROM {table} WHERE {of}", f"INSERT INTO {table} SELECT * FROM {live} WHERE {of}"]  # noqa: S608
        for statement in statements:
            beside.run(statement, {"ids": ids})

    def _wants(self, source: str, message: Message) -> bool:
        return (
            message.id <= self.positions[source]
            and message.type in self.types[source]
            and (source, message.id) not in self.aside
            and message.subject not in self._stuck
        )

    def _alone(self, source: str, message: Message) -> None:
        if message.subject in self._stuck:
            return
        try:
            self.verification.hear(source, [message])
        except Exception as error:
            self._stuck.add(message.subject)
            self.lines.append(
                f"{self.verification.service}: {message.type} of stream {message.subject} of {source} ({message.id})"
                f" cannot be applied again: {error!r}"
            )


def place(service: str, told: Stored) -> str:
    """Which event it is."""
    return f"{service}: event {told.version} of stream {told.stream} ({told.id})"
