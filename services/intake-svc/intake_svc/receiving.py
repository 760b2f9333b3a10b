"""Receiving: verify, store, answer. The answer comes from what is stored, and hangs on the database alone."""

from __future__ import annotations

import random
import time
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from delivery_shared.commands import ATTEMPTS, Busy
from delivery_shared.eventstore import Conflict, UnitOfWork
from prometheus_client import Counter

from intake_svc import lookups, taking
from intake_svc.carrying_out import Means
from intake_svc.domain.acts import Inquiry, Notice, Probe
from intake_svc.domain.order import NoticeOf, Order, project_id_of
from intake_svc.kinds import KINDS, Kind
from intake_svc.kinds.kind import Incoming, Malformed, NotAuthentic, Reply, Verified
from intake_svc.lookups import Connected
from intake_svc.reading import standing_of

log = structlog.get_logger()

received = Counter(
    "delivery_intake_notices_total",
    "Calls of marketplaces, by kind: new, repeated, inquired, probed; refused: signature, clock, malformed, closed",
    ["kind", "outcome"],
)
for _kind in KINDS:  # told from the start, so that the first one is an increase
    received.labels(_kind, "signature")
    received.labels(_kind, "clock")

HEALTH: Final = {
    "answered": "answered, last_notice_at",
    "signature": "signature_errors, last_signature_error_at",
    "clock": "clock_errors, last_clock_error_at",
    "malformed": "malformed, last_malformed_at",
}
"""The counter and the time of each outcome."""


class Receiver:
    """Takes the calls of all marketplaces."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def receive(self, *, kind: Kind, token: str, incoming: Incoming) -> Reply:
        """What the marketplace is answered. A notice is stored before it is; nothing else is ever stored of a call but
        counts. Raises what the database raises when it is away."""
        connected = lookups.connected_by_token(self._means.store, token)
        if connected is None or connected.kind != kind.name:
            return kind.fail(404, "no such address")
        return self.receive_for(connected, kind, incoming)

    def receive_for(self, connected: Connected, kind: Kind, incoming: Incoming) -> Reply:
        """The same, for a connection that is known."""
        now = self._means.real_now()
        try:
            verified = kind.verify(incoming, connected.secrets(now), now)
        except NotAuthentic as error:
            received.labels(kind.name, error.why).inc()
            self._count(connected.id, error.why, now, error.skew)
            return kind.fail(401, error.why)
        if connected.stage == "draft":
            received.labels(kind.name, "closed").inc()
            return kind.fail(403, "not open")
        try:
            reply, outcome = self._said(connected, kind, incoming, verified)
        except Malformed as error:
            received.labels(kind.name, "malformed").inc()
            self._count(connected.id, "malformed", now, verified.skew)
            return kind.fail(400, f"malformed: {error}")
        received.labels(kind.name, outcome).inc()
        self._count(connected.id, "answered", now, verified.skew)
        return reply

    def _said(self, connected: Connected, kind: Kind, incoming: Incoming, verified: Verified) -> tuple[Reply, str]:
        said = kind.translate(incoming)
        match said:
            case Probe():
                return kind.echo(said, verified.secret), "probed"
            case Inquiry():
                order = self._means.store.find(Order, id := project_id_of(connected.id, said.order)).get(id)
                return kind.inform(said, standing_of(connected, said.order, order, None), verified.secret), "inquired"
            case Notice():
                order, notice, new = self._taken(connected, said, incoming)
                standing = standing_of(connected, order.order, order, notice)
                return kind.answer(said, standing, verified.secret), "new" if new else "repeated"

    def _taken(self, connected: Connected, notice: Notice, incoming: Incoming) -> tuple[Order, NoticeOf, bool]:
        """Stored, now or before. Whoever loses a race, with another process or with itself after a connection that was
        lost at commit, finds the notice there the next time.

        :raises Busy: conflict after conflict; nothing is stored.
        """
        for attempt in range(ATTEMPTS):
            unit = UnitOfWork(self._means.store)
            order, notice_id = taking.take(unit, self._means, connected, notice, incoming)
            if not order.facts:
                return order, order.notices[notice_id], False
            try:
                unit.commit()
            except Conflict:
                time.sleep(random.uniform(0, 0.01) * (attempt + 1))  # noqa: S311 - spreads out the losers
            else:
                return order, order.notices[notice_id], True
        raise Busy(f"notices of {notice.order}")

    def _count(self, connection_id: UUID, outcome: str, now: datetime, skew: float | None) -> None:
        """For the vendor's page. What is answered does not hang on it."""
        counter, at = HEALTH[outcome].split(", ")
        try:
            with self._means.store.connection() as connection:
                connection.execute(
                    f"INSERT INTO connection_health AS h (connection_id, {counter}, {at}, skew_ms)"  # noqa: S608
                    " VALUES (%(id)s, 1, %(now)s, %(skew)s) ON CONFLICT (connection_id) DO UPDATE"
                    f" SET {counter} = h.{counter} + 1, {at} = excluded.{at},"
                    " skew_ms = coalesce(excluded.skew_ms, h.skew_ms)",
                    {"id": connection_id, "now": now, "skew": None if skew is None else round(skew * 1000)},
                )
        except Exception as error:
            log.warning("a notice was not counted", connection=str(connection_id), error=repr(error))
