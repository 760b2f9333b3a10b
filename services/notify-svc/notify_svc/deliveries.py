"""Deliveries: a message on one channel, as rows that sender processes work off.

A delivery is ``waiting`` until it is ``sent``, ``skipped`` (no address, N-15), ``not_configured`` (N-17) or ``parked``
– refused for good, or tried :data:`TRIES` times. Leases and retries go by the database's clock. A lease moves
``next_try`` past its own end and counts an attempt; the attempt fences it: who comes back after his lease has run out
and another took over records nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from delivery_shared.tracing import Trace
from sqlalchemy import Connection, Engine, text

from notify_svc.channels import Letter, one_line
from notify_svc.letters import Letters
from notify_svc.preferences import MINUTES, MUTED, NOW, QUIET
from notify_svc.receivers import Person

DELIVERIES = UUID("b2f5f0a4-5f0f-4b3c-8a53-0d0a8a0f5a11")
"""Namespace of delivery ids: message and channel always give the same id."""

ADDRESS = {"sms": "mobile", "email": "email"}
"""Channels that lead out of the system, and where a person has its address."""

LEASE = 30
"""Seconds until another sender may try what one has in hand and does not renew (:mod:`notify_svc.leases`)."""
TRIES = 30
"""Attempts before a delivery is parked: about a day."""
FIRST, LONGEST = 10, 3600
"""Seconds before the second attempt, and between two attempts at most; each wait doubles the one before."""
FORGOTTEN = 5
"""Seconds after which the key of a due delivery is sent again, and ..."""
AGAIN = 60
"""... seconds between two keys of the same delivery."""
MANY = 500
"""Keys sent by one sweep."""

PLAIN: Final = Letters()
"""No links."""


def channels_out(channels: Iterable[str]) -> list[str]:
    """Those of a template's channels that lead out of the system; the in-site box is always used (N-04)."""
    return [channel for channel in ADDRESS if channel in channels]


def channels_to(person: Person, channels: Sequence[str]) -> Sequence[str]:
    """On which channels somebody is told what a template tells on ``channels``: a contact, who has no box, also on the
    first that reaches him if none of them does."""
    if not person.is_contact or any(getattr(person, ADDRESS[channel]) for channel in channels):
        return channels
    reaching = [channel for channel in ("email", "sms") if getattr(person, ADDRESS[channel])]
    return [*channels, *reaching[:1]]


def address_missing(person: Person, channel: str) -> str | None:
    """Why ``person`` cannot be reached on ``channel``, None if he can (N-15)."""
    name = ADDRESS[channel]
    return None if getattr(person, name) else f"no_{name}"


def delivery_row(
    message: dict[str, Any],
    person: Person,
    channel: str,
    configured: frozenset[str],
    *,
    muted: bool = False,
    traceparent: str = "",
) -> dict[str, Any]:
    """The delivery of ``message`` to ``person`` on ``channel``, as it begins; ``traceparent`` caused it. ``muted``: the
    person wants to hear nothing of it there."""
    missing = MUTED if muted else address_missing(person, channel)
    state = "skipped" if missing else "waiting" if channel in configured else "not_configured"
    return {
        "delivery_id": delivery_id(message["message_id"], channel),
        "message_id": message["message_id"],
        "channel": channel,
        "state": state,
        "result": missing,
        "created_at": message["created_at"],
        "traceparent": traceparent or None,
    }


def delivery_id(message_id: UUID, channel: str) -> UUID:
    """The same for the same message and channel."""
    return uuid5(DELIVERIES, f"{message_id}/{channel}")


def key_of(row: dict[str, Any]) -> str:
    """The key of a delivery on ``notify.work``."""
    return f"{row['channel']}/{row['delivery_id']}"


@dataclass(frozen=True, kw_only=True)
class Leased:
    """A delivery in hand. ``letter`` is None if by now there is no address to send it to, for the reason
    ``missing``."""

    delivery_id: UUID
    attempt: int
    letter: Letter | None
    missing: str
    trace: Trace


LEASING = f"""
WITH local AS (SELECT now() AT TIME ZONE 'Asia/Shanghai' AS at),
resting AS (
    UPDATE delivery d SET hinted_at = NULL, next_try = date_trunc('minute', now())
        + make_interval(mins => (p.quiet_to - {NOW} + {MINUTES} - 1) % {MINUTES} + 1)
    FROM local, message m JOIN preference p USING (person_id)
    WHERE d.delivery_id = :id AND d.channel = :channel AND d.state = 'waiting' AND d.next_try <= now()
        AND m.message_id = d.message_id AND p.quiet_from IS NOT NULL AND {QUIET}
    RETURNING d.delivery_id),
leased AS (
    UPDATE delivery SET attempts = attempts + 1, next_try = now() + make_interval(secs => :lease), hinted_at = NULL
    WHERE delivery_id = (SELECT delivery_id FROM delivery
        WHERE delivery_id = :id AND channel = :channel AND state = 'waiting' AND next_try <= now()
        AND NOT EXISTS (SELECT FROM resting) FOR UPDATE SKIP LOCKED)
    RETURNING delivery_id, message_id, channel, attempts, traceparent)
SELECT l.attempts, l.traceparent, m.title, m.body, m.created_at, r.mobile, r.email, r.deleted, now() AS at,
    r.project_id AS contact_of, r.version, r.locale, m.trigger, m.visit, m.order_number, m.node_name, p.product_name
FROM leased l JOIN message m USING (message_id) JOIN receiver r ON r.user_id = m.person_id
    LEFT JOIN project p ON p.project_id = m.project_id
"""  # noqa: S608 - our own words


def lease(engine: Engine, channel: str, delivery_id: UUID, letters: Letters = PLAIN) -> Leased | None:
    """Take a delivery in hand; None if it is not due, another sender has it, or its receiver has quiet hours, whose end
    it waits for then."""
    with engine.begin() as connection:
        given = {"id": delivery_id, "channel": channel, "lease": LEASE}
        row = connection.execute(text(LEASING), given).mappings().first()
    if row is None:
        return None
    address = row[ADDRESS[channel]]
    said = letters.written(row, channel, at=row["at"])
    letter = None
    if address and said:
        title, body = said
        letter = Letter(delivery_id=delivery_id, address=address, title=title, body=body, written_at=row["created_at"])
    return Leased(
        delivery_id=delivery_id,
        attempt=row["attempts"],
        letter=letter,
        trace=Trace(str(delivery_id), str(delivery_id), row["traceparent"] or ""),
        missing=_missing(row, channel),
    )


def _missing(row: Any, channel: str) -> str:
    """Why there is nothing to send."""
    if row["deleted"]:
        return "user_deleted"
    return "no_link" if row[ADDRESS[channel]] else f"no_{ADDRESS[channel]}"


def renew(engine: Engine, held: Iterable[Leased]) -> int:
    """Begin the leases of ``held`` anew, of those nobody has taken over; returns how many."""
    statement = (
        "UPDATE delivery SET next_try = now() + make_interval(secs => :lease)"
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS int[])) AS held (id, attempt)"
        " WHERE delivery_id = held.id AND attempts = held.attempt AND state = 'waiting'"
    )
    given = list(held)
    ids, attempts = [leased.delivery_id for leased in given], [leased.attempt for leased in given]
    with engine.begin() as connection:
        return connection.execute(text(statement), {"lease": LEASE, "ids": ids, "attempts": attempts}).rowcount


def finish(engine: Engine, leased: Leased, state: str, result: str) -> bool:
    """Record the end of a delivery: ``sent``, ``skipped`` or ``parked``. False if another sender has taken it over."""
    return _record(
        engine,
        leased,
        "state = :state, result = :result, sent_at = CASE WHEN :state = 'sent' THEN now() END",
        state=state,
        result=result,
    )


def try_again(engine: Engine, leased: Leased, result: str) -> bool:
    """Record a failed attempt, and when the next one is."""
    wait = min(FIRST * 2 ** (leased.attempt - 1), LONGEST)
    return _record(
        engine,
        leased,
        "result = :result, next_try = now() + make_interval(secs => :wait), hinted_at = NULL",
        result=result,
        wait=wait,
    )


def _record(engine: Engine, leased: Leased, changes: str, *, result: str, **values: Any) -> bool:
    statement = (
        f"UPDATE delivery SET {changes}"  # noqa: S608 - our own words
        " WHERE delivery_id = :id AND attempts = :attempt AND state = 'waiting' RETURNING 1"
    )
    given = {"id": leased.delivery_id, "attempt": leased.attempt, "result": one_line(result)[:500], **values}
    with engine.begin() as connection:
        return connection.execute(text(statement), given).first() is not None


def postpone(engine: Engine, channel: str, seconds: float) -> None:
    """Nothing due on ``channel`` is tried for ``seconds``; no attempt is counted."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE delivery SET next_try = now() + make_interval(secs => :seconds), hinted_at = NULL"
                " WHERE delivery_id IN (SELECT delivery_id FROM delivery WHERE state = 'waiting'"
                " AND channel = :channel AND next_try <= now() FOR UPDATE SKIP LOCKED)"
            ),
            {"channel": channel, "seconds": seconds},
        )


def forgotten(engine: Engine) -> list[str]:
    """Keys of deliveries that are due and nobody takes: their key was lost, their sender died, or it is time for the
    next attempt. Each key once in :data:`AGAIN` seconds, however long the queue is."""
    with engine.begin() as connection:
        rows = connection.execute(
            text(
                "UPDATE delivery SET hinted_at = now() WHERE delivery_id IN (SELECT delivery_id FROM delivery"
                " WHERE state = 'waiting' AND next_try <= now() - CASE WHEN attempts = 0"
                " THEN make_interval(secs => :forgotten) ELSE make_interval() END"
                " AND (hinted_at IS NULL OR hinted_at < now() - make_interval(secs => :again))"
                " ORDER BY next_try LIMIT :many FOR UPDATE SKIP LOCKED) RETURNING channel, delivery_id"
            ),
            {"forgotten": FORGOTTEN, "again": AGAIN, "many": MANY},
        )
        return [key_of(dict(row)) for row in rows.mappings()]


def forget_answers(connection: Connection, people: Sequence[UUID]) -> None:
    """What the other sides answered about deliveries to ``people`` may quote their addresses: it goes with them."""
    if people:
        connection.execute(
            text(
                "UPDATE delivery SET result = NULL FROM message WHERE message.message_id = delivery.message_id"
                " AND message.person_id = ANY (CAST(:people AS uuid[])) AND attempts > 0"
            ),
            {"people": list(people)},
        )


def give_up_unconfigured(engine: Engine, configured: Iterable[str]) -> int:
    """What waits for a channel that is no longer configured is to be read in the outbox; returns how many."""
    with engine.begin() as connection:
        return connection.execute(
            text(
                "UPDATE delivery SET state = 'not_configured' WHERE state = 'waiting'"
                " AND channel <> ALL (CAST(:configured AS text[]))"
            ),
            {"configured": list(configured)},
        ).rowcount
