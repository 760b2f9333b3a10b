"""With whom a project can be talked of, and how far everybody has read: SQL on the service's own tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain.project import Project

AT_PROVIDER: Final = ["provider_admin"]
AT_VENDOR: Final = ["vendor_admin", "vendor_project_manager"]


def people(
    connection: Connection[DictRow], project: Project, *, internal: bool, as_customer: bool
) -> list[dict[str, Any]]:
    """Who can be mentioned, by name: everybody who works on the project or supervises it; in what is not ``internal``
    the customer, too. The customer mentions those he knows: who works for him."""
    workers = {*project.roles.values(), *project.handlers}
    if project.claimer_id is not None:
        workers.add(project.claimer_id)
    return connection.execute(
        "SELECT user_id, name, %(customer)s IN (party_id, user_id) IS TRUE AS customer FROM person"
        " WHERE NOT deleted AND name <> '' AND ("
        " party_id = %(provider)s AND (user_id = ANY (%(workers)s) OR roles ?| %(at_provider)s)"
        " OR party_id = %(vendor)s AND roles ?| %(at_vendor)s"
        " OR %(customer)s IN (party_id, user_id)) ORDER BY name, user_id",
        {
            "provider": project.provider_id,
            "workers": sorted(workers),
            "at_provider": AT_PROVIDER,
            "vendor": None if as_customer else project.vendor_id,
            "at_vendor": AT_VENDOR,
            "customer": None if internal else project.customer_id,
        },
    ).fetchall()


def seen_at(connection: Connection[DictRow], project_id: UUID, user_id: UUID) -> datetime | None:
    """Until when the person has read what is said in the project; None: nothing yet."""
    row = connection.execute(
        "SELECT seen_at FROM talk_seen WHERE project_id = %s AND user_id = %s", (project_id, user_id)
    ).fetchone()
    return row["seen_at"] if row else None


def see(connection: Connection[DictRow], project_id: UUID, user_id: UUID, *, until: datetime) -> None:
    """The person has read it ``until`` then; what was read stays read."""
    connection.execute(
        "INSERT INTO talk_seen (project_id, user_id, seen_at) VALUES (%s, %s, %s) ON CONFLICT (project_id, user_id)"
        " DO UPDATE SET seen_at = greatest(talk_seen.seen_at, EXCLUDED.seen_at)",
        (project_id, user_id, until),
    )
