"""``dc parked``: what was put aside because it could not be applied, decided or sent.

A row is named ``<service>/<kind>/<id>``: a message of a feed (``message``), an ask or release of a pool
(``dispatch/work``), a delivery given up (``notify/delivery``).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from delivery_center.dc.confirming import Yes, sure
from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, Limit, Personal, put
from delivery_center.dc.stream import reading

if TYPE_CHECKING:
    from delivery_shared.status import Parked

app = typer.Typer(help="What was put aside.")

Ref = Annotated[str, typer.Argument(help="As `dc parked list` names it: project/message/17.")]

WORK = """
SELECT arrival AS id, pool, kind, class, project_id, order_number, attempts, error, parked_at
FROM pool_inbox WHERE parked_at IS NOT NULL ORDER BY arrival LIMIT %(limit)s
"""

DELIVERIES = """
SELECT delivery_id AS id, message_id, channel, attempts, result AS error, created_at AS parked_at
FROM delivery WHERE state = 'parked' ORDER BY created_at, delivery_id LIMIT %(limit)s
"""


@app.command("list")
def listing(context: typer.Context, limit: Limit = 100, json: Json = False) -> None:
    """Everything put aside, by service."""
    rows = _all(of(context), limit)
    put(rows, as_json=json, empty="nothing is put aside")


@app.command()
def show(context: typer.Context, ref: Ref, personal: Personal = False, json: Json = False) -> None:
    """One of them, with what it says."""
    import msgspec
    from delivery_shared.messaging.envelope import Undecodable, open_envelope

    dc = of(context)
    service, kind, id = _parts(dc, ref)
    if kind != "message":
        put(_row(dc, ref), as_json=json)
        return
    found = _message(dc, service, int(id))
    with reading(dc, "parked show", ref, personal) as reader:
        said: Any
        try:
            envelope = open_envelope(found.body)
            said = reader.message(envelope.source, envelope.type, msgspec.json.decode(envelope.data))
        except (Undecodable, msgspec.MsgspecError):  # bytes that are no message may hold anything
            said = found.body.decode(errors="replace") if personal else f"{len(found.body)} bytes that are no message"
        put({**_described(service, found), "says": said}, as_json=json)


@app.command()
def requeue(context: typer.Context, ref: Ref, dry_run: DryRun = False, json: Json = False) -> None:
    """Have it tried again now. A message's later ones of the same subject follow it."""
    dc = of(context)
    service, kind, id = _parts(dc, ref)
    row = _row(dc, ref)
    if kind == "message" and _message(dc, service, int(id)).message_id is None:
        raise Failure(f"{ref} is no message and cannot be applied; discard it")
    if not dry_run:
        with dc.audited("parked requeue", ref=ref, **_named(row)) as action:
            {"message": _try_message, "work": _try_work, "delivery": _try_delivery}[kind](dc, service, id)
            action.detail = "to be tried again"
    put({"ref": ref, "requeued": not dry_run, "dry_run": dry_run}, as_json=json)


@app.command()
def discard(context: typer.Context, ref: Ref, yes: Yes = False, dry_run: DryRun = False, json: Json = False) -> None:
    """Give it up for good. What waits behind it is tried. Asks and releases of a pool cannot be given up: a project
    would wait for ever, or a place stay taken."""
    dc = of(context)
    service, kind, id = _parts(dc, ref)
    row = _row(dc, ref)
    if kind == "work":
        raise Failure(f"{ref} belongs to a project's count; requeue it, or cancel the project")
    if not dry_run:
        sure(f"{ref} is given up for good", yes)
        digest = hashlib.sha256(_message(dc, service, int(id)).body).hexdigest() if kind == "message" else None
        with dc.audited("parked discard", ref=ref, sha256=digest, **_named(row)) as action:
            {"message": _discard_message, "delivery": _discard_delivery}[kind](dc, service, id)
            action.detail = "given up"
    put({"ref": ref, "discarded": not dry_run, "dry_run": dry_run}, as_json=json)


def _all(dc: Dc, limit: int) -> list[dict[str, Any]]:
    from delivery_shared.status import parked_messages

    rows = []
    for name, service in dc.center.services.items():
        if service.consumers:
            rows += [_described(name, m) for m in parked_messages(service.consumers[0].rows, limit=limit)]
    for row in dc.consumers("dispatch")[0].rows(WORK, {"limit": limit}):
        rows.append(
            {
                "ref": f"dispatch/work/{row['id']}",
                "type": row["kind"],
                "subject": str(row["project_id"]),
                "attempts": row["attempts"],
                "parked_at": row["parked_at"],
                "error": row["error"],
            }
        )
    for row in dc.consumers("notify")[0].rows(DELIVERIES, {"limit": limit}):
        rows.append(
            {
                "ref": f"notify/delivery/{row['id']}",
                "type": row["channel"],
                "subject": str(row["message_id"]),
                "attempts": row["attempts"],
                "parked_at": row["parked_at"],
                "error": row["error"],
            }
        )
    return rows[:limit]


def _described(service: str, message: Parked) -> dict[str, Any]:
    return {
        "ref": f"{service}/message/{message.id}",
        "position": f"{message.source}:{message.message_id}" if message.message_id else message.source,
        "type": message.type,
        "subject": message.subject,
        "attempts": message.attempts,
        "next_try": message.next_try,
        "parked_at": message.parked_at,
        "error": message.error,
    }


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """What the audit keeps of a row: no text anybody wrote."""
    return {"type": row.get("type"), "subject": row.get("subject"), "position": row.get("position")}


def _parts(dc: Dc, ref: str) -> tuple[str, str, str]:
    """:raises Failure: no such form of a name."""
    service, _, rest = ref.partition("/")
    kind, _, id = rest.partition("/")
    kinds = ["message", *{"dispatch": ["work"], "notify": ["delivery"]}.get(service, [])]
    if service not in dc.center.services or kind not in kinds or not id:
        raise misused(f"{ref!r} names no parked row; `dc parked list` does")
    if kind == "delivery":
        try:
            UUID(id)
        except ValueError:
            raise misused(f"{id!r} is no id of a delivery") from None
    elif not id.isdecimal():
        raise misused(f"{id!r} is no number")
    return service, kind, id


def _row(dc: Dc, ref: str) -> dict[str, Any]:
    """:raises Failure: nothing of that name is put aside."""
    for row in _all(dc, 100_000):
        if row["ref"] == ref:
            return row
    raise Failure(f"{ref} is not put aside (any more)")


def _message(dc: Dc, service: str, id: int) -> Parked:
    """:raises Failure: as above."""
    from delivery_shared.status import parked_messages

    for message in parked_messages(dc.consumers(service)[0].rows, limit=100_000):
        if message.id == id:
            return message
    raise Failure(f"{service}/message/{id} is not put aside (any more)")


def _try_message(dc: Dc, service: str, id: str) -> None:
    """The worker tries the whole subject in order as soon as one of its messages is due."""
    dc.consumers(service)[0].rows(
        "UPDATE parked SET next_try = now(), attempts = 0 WHERE id = %(id)s RETURNING 1", {"id": int(id)}
    )


def _try_work(dc: Dc, service: str, id: str) -> None:
    from dispatch_svc.inbox_sql import RAISE_WAKE

    with dc.stores[service].connection() as connection, connection.transaction():
        row = connection.execute(
            "UPDATE pool_inbox SET parked_at = NULL, next_try = NULL, attempts = 0, error = NULL WHERE arrival = %s"
            " RETURNING pool",
            (int(id),),
        ).fetchone()
        if row:
            connection.execute(RAISE_WAKE, {"pool": row["pool"]})


def _try_delivery(dc: Dc, service: str, id: str) -> None:
    dc.consumers(service)[0].rows(
        "UPDATE delivery SET state = 'waiting', attempts = 0, next_try = now(), hinted_at = NULL"
        " WHERE delivery_id = %(id)s AND state = 'parked' RETURNING 1",
        {"id": id},
    )


def _discard_message(dc: Dc, service: str, id: str) -> None:
    consumer = dc.consumers(service)[0]
    consumer.rows(
        "WITH gone AS (DELETE FROM parked WHERE id = %(id)s RETURNING feed, source, subject)"
        " UPDATE parked SET next_try = now(), attempts = 0 FROM gone WHERE parked.id = (SELECT p.id FROM parked p"
        " WHERE p.feed = gone.feed AND p.source = gone.source AND p.subject = gone.subject AND p.id <> %(id)s"
        " AND p.message_id IS NOT NULL ORDER BY p.message_id LIMIT 1) RETURNING 1",
        {"id": int(id)},
    )


def _discard_delivery(dc: Dc, service: str, id: str) -> None:
    dc.consumers(service)[0].rows(
        "UPDATE delivery SET state = 'skipped', result = 'discarded by an operator'"
        " WHERE delivery_id = %(id)s AND state = 'parked' RETURNING 1",
        {"id": id},
    )
