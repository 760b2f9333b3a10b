"""SQL of the queue pages, of decisions, and of the names copied from identity and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypedDict, cast
from uuid import UUID

from delivery_shared.texts import key
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL

from dispatch_svc.domain.configuration import ListedProvider, ProviderConfiguration
from dispatch_svc.domain.limits import DEFAULT_PROVIDER_MAXIMUM, DEFAULT_WEIGHT

Reads = Connection[DictRow]

QUEUE = """
SELECT i.arrival, i.request_id, i.ask, i.project_id, i.order_number, i.product_id,
    coalesce(o.product_name, product.name) AS product_name, i.customer_id,
    CASE WHEN o.customer_name IS NOT NULL THEN nullif(o.customer_name, '')
        ELSE coalesce(nullif(customer.name, ''), nullif(buyer.name, '')) END AS customer_name,
    i.vendor_id, vendor.name AS vendor_name, i.provider_id, provider.name AS provider_name, i.role,
    role.name AS role_name,
    i.department_id, department.name AS department_name, department.deleted AS department_deleted,
    coalesce(c.reason, i.reason) AS reason, i.queued_at, c.last_attempt, i.suspended
FROM (SELECT * FROM pool_inbox i WHERE {where} {after} ORDER BY i.arrival LIMIT %(limit)s) i
LEFT JOIN pool_class c ON c.pool = i.pool AND c.class = i.class
LEFT JOIN product ON product.product_id = i.product_id
LEFT JOIN ordered o ON o.project_id = i.project_id
LEFT JOIN party customer ON customer.party_id = i.customer_id
LEFT JOIN person buyer ON buyer.user_id = i.customer_id
LEFT JOIN party vendor ON vendor.party_id = i.vendor_id
LEFT JOIN party provider ON provider.party_id = i.provider_id
LEFT JOIN role ON role.role = i.role
LEFT JOIN department ON department.department_id = i.department_id
ORDER BY i.arrival
"""
"""The rows of a page are cut before anything is joined to them. Customer and product are called what the order called
them; a customer it did not name is a party, or the account that placed a test order (S-07)."""

CONDITIONS: Final[Mapping[str, str]] = {
    "vendor_id": "i.vendor_id = %(vendor_id)s",
    "provider_id": "i.provider_id = %(provider_id)s AND i.role IS NOT NULL",
    "department_id": "i.department_id = %(department_id)s",
    "order_number": "(strpos(i.order_number, %(order_number)s) > 0 OR EXISTS (SELECT FROM ordered o"
    " WHERE o.project_id = i.project_id AND strpos(o.order_key, %(order_key)s) > 0))",
    "provider_name": "i.provider_id IN (SELECT party_id FROM party WHERE strpos(name, %(provider_name)s) > 0)",
}


def queue(
    connection: Reads,
    *,
    vendor_id: UUID | None,
    provider_id: UUID | None,
    department_id: UUID | None,
    order_number: str | None,
    provider_name: str | None,
    cursor: int | None,
    limit: int,
) -> tuple[list[dict[str, Any]], int]:
    """A page of the asks that were tried and wait, oldest first, after the arrival ``cursor``, and how many wait in
    all; filters by department, part of order number and of the provider's
    name."""
    given: dict[str, Any] = {
        "vendor_id": vendor_id,
        "provider_id": provider_id,
        "department_id": department_id,
        "order_number": order_number or None,
        "provider_name": provider_name or None,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    where = " AND ".join(["i.kind = 'ask' AND i.reason <> ''", *(CONDITIONS[name] for name in wanted)])
    wanted["order_key"] = key(order_number or "")
    after = "AND i.arrival > %(cursor)s" if cursor is not None else ""
    rows = connection.execute(
        SQL(QUEUE.format(where=where, after=after)), {**wanted, "cursor": cursor, "limit": limit}
    ).fetchall()
    counting = f"SELECT count(*) AS total FROM pool_inbox i WHERE {where}"  # noqa: S608 - of constants
    counted = connection.execute(SQL(counting), wanted).fetchone()
    return [dict(row) for row in rows], counted["total"] if counted else 0


class OfOrder(TypedDict):
    """Of which project an ask or its decision is."""

    request_id: UUID
    project_id: UUID
    vendor_id: UUID
    provider_id: UUID | None
    role: str | None


class WaitingAsk(OfOrder):
    """An ask that waits. ``present_reason``: why its class found nobody at ``last_attempt``, which answered the wake
    ``seq``; empty as long as nobody tried."""

    ask: str
    pool: str
    arrival: int
    suspended: bool
    present_reason: str
    last_attempt: datetime | None
    seq: int | None


OfClass = TypedDict("OfClass", {"class": str})


class Decision(OfOrder, OfClass):
    """Which fact decided an ask: the ``version`` of the ``stream`` of its pool."""

    ask: str
    level: Literal["provider", "staff"]
    outcome: Literal["assigned", "refused"]
    stream: UUID
    version: int
    person_id: UUID | None
    reason: str | None
    decided_at: datetime


def waiting_ask(connection: Reads, request_id: UUID) -> WaitingAsk | None:
    """The oldest ask of a request that waits, with the last attempt of its class; None if it does not wait."""
    row = connection.execute(
        "SELECT i.*, coalesce(c.reason, i.reason) AS present_reason, c.last_attempt, c.seq FROM pool_inbox i"
        " LEFT JOIN pool_class c ON c.pool = i.pool AND c.class = i.class"
        " WHERE i.request_id = %s AND i.kind = 'ask' ORDER BY i.arrival LIMIT 1",
        (request_id,),
    ).fetchone()
    return cast(WaitingAsk, row) if row else None


def decisions(connection: Reads, request_id: UUID) -> list[Decision]:
    """How the asks of a request were decided, in order."""
    found = connection.execute(
        "SELECT * FROM decision WHERE request_id = %s ORDER BY decided_at, level, ask", (request_id,)
    )
    return [cast(Decision, row) for row in found]


def decisions_of(connection: Reads, project_id: UUID) -> list[Decision]:
    """Which provider and which people a project was given, in order; once where one choice answered several asks."""
    found = connection.execute(
        "SELECT * FROM (SELECT DISTINCT ON (stream, version) * FROM decision"
        " WHERE project_id = %s AND outcome = 'assigned' ORDER BY stream, version, ask) AS once"
        " ORDER BY decided_at, ask",
        (project_id,),
    )
    return [cast(Decision, row) for row in found]


def product(connection: Reads, product_id: UUID) -> dict[str, Any] | None:
    """A listed product and its vendor."""
    row = connection.execute("SELECT * FROM product WHERE product_id = %s", (product_id,)).fetchone()
    return dict(row) if row else None


def party(connection: Reads, party_id: UUID) -> dict[str, Any] | None:
    """A party: ISV, customer, operator or marketplace."""
    row = connection.execute("SELECT * FROM party WHERE party_id = %s", (party_id,)).fetchone()
    return dict(row) if row else None


def names(connection: Reads, kind: str, ids: Iterable[str]) -> dict[str, str]:
    """Names of parties or departments by id, as far as known."""
    column = {"party": "party_id", "department": "department_id"}[kind]
    found = connection.execute(
        f"SELECT {column} AS id, name FROM {kind} WHERE {column} = ANY(%s::uuid[])",  # noqa: S608
        (list(ids),),
    )
    return {str(row["id"]): row["name"] for row in found}


def role_names(connection: Reads, roles: Iterable[str]) -> dict[str, str]:
    """Names of roles by code, as far as known."""
    found = connection.execute("SELECT role, name FROM role WHERE role = ANY(%s)", (list(roles),))
    return {row["role"]: row["name"] for row in found}


def people(connection: Reads, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Name and login name of people by id, as far as known."""
    found = connection.execute(
        "SELECT user_id, name, login_name FROM person WHERE user_id = ANY(%s::uuid[])", (list(ids),)
    )
    return {str(row["user_id"]): {"name": row["name"], "login_name": row["login_name"]} for row in found}


def role_and_department_names(
    connection: Reads, listed: Iterable[Mapping[str, Any]]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Adds ``role_names`` and ``department_name`` to a row of ``listed``; the main account reads
    厂商管理员、服务商管理员 (D-63)."""
    roles = {row["role"]: row["name"] for row in connection.execute("SELECT role, name FROM role")}
    departments = names(connection, "department", {row["department"] for row in listed if row["department"]})

    def named(row: Mapping[str, Any]) -> dict[str, Any]:
        of_roles = [roles.get(role, role) for role in sorted(row["roles"], key=_vendor_first)]
        return {**row, "role_names": of_roles, "department_name": departments.get(row["department"])}

    return named


def _vendor_first(role: str) -> tuple[bool, str]:
    return (not role.startswith("vendor_"), role)


def name_candidates(connection: Reads, explained: list[dict[str, Any]]) -> None:
    """Give every candidate of explained decisions its ``name``. They stay in the order they were drawn from."""
    candidates = [candidate for decision in explained for candidate in decision["candidates"]]
    ids = [candidate["id"] for candidate in candidates]
    known = names(connection, "party", ids) | {k: v["name"] for k, v in people(connection, ids).items()}
    for candidate in candidates:
        candidate["name"] = known.get(candidate["id"])


def candidate(
    provider_id: str, configured: ListedProvider | None, configuration: ProviderConfiguration | None
) -> dict[str, Any]:
    """A provider that may be configured, as it is or with the defaults (P-24)."""
    return {
        "provider_id": provider_id,
        "configured": configured is not None,
        "weight": configured["weight"] if configured else DEFAULT_WEIGHT,
        "maximum": configured["maximum"] if configured else DEFAULT_PROVIDER_MAXIMUM,
        "load": configuration.load.get(provider_id, 0) if configuration else 0,
    }
