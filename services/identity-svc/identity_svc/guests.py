"""Rows of customers who came by a link: their contact's, and the tables ``link_session``, ``link_device``,
``link_code`` and ``link_wish``. Of what a browser holds only hashes are stored; of a code nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from delivery_shared.copying import upsert
from delivery_shared.eventstore import RowChange, WorkChanged
from psycopg import Connection

from identity_svc.domain.contact import Contact
from identity_svc.domain.party import LINK_HOURS

CODE_LIFE: Final = timedelta(minutes=10)
CODE_ATTEMPTS: Final = 5

Rows = Connection[dict[str, Any]]

TABLES: Final = ("link_session", "link_device", "link_code")
"""What somebody came by a link with; ended with his contact."""


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A contact that links can belong to, and how long the vendor lets them live."""

    project_id: UUID
    version: int
    customer_id: UUID
    product_name: str
    vendor_name: str
    link_life: timedelta


@dataclass(frozen=True, kw_only=True)
class Contacted:
    """A contact of an order who is not gone. ``shown``: a device has shown his code, not too long ago."""

    project_id: UUID
    version: int
    shown: bool


def contact_saved(contact: Contact) -> RowChange:
    """The contact as he is now."""
    values = {
        "project_id": contact.project_id,
        "customer_id": contact.customer_id,
        "vendor_id": contact.vendor_id,
        "product_name": contact.product_name,
        "version": contact.named,
        "gone": contact.gone,
    }
    return upsert("contact", key="project_id", values=values)


def all_ended(project_id: UUID) -> list[RowChange]:
    """Whatever somebody came by a link with, of one project."""
    return [
        RowChange(
            key=f"{table} {project_id}",
            sql=f"DELETE FROM {table} WHERE project_id = %(project)s",  # noqa: S608 - our own names
            params={"project": project_id},
        )
        for table in TABLES
    ]


def guest(connection: Rows, project_id: UUID, version: int) -> Guest | None:
    """Whom this version of a project's contact lets in; None: nobody any more."""
    row = connection.execute(
        "SELECT c.project_id, c.version, c.customer_id, c.product_name, coalesce(p.name, '') AS vendor_name,"
        " coalesce(p.link_hours, %s) AS hours FROM contact c LEFT JOIN party p ON p.party_id = c.vendor_id"
        " WHERE c.project_id = %s AND c.version = %s AND NOT c.gone",
        (LINK_HOURS, project_id, version),
    ).fetchone()
    return None if row is None else Guest(link_life=timedelta(hours=row.pop("hours")), **row)


def standing(project_id: UUID, version: int) -> RowChange:
    """Fails the save if the contact is gone, or somebody else."""
    return RowChange(
        key=f"contact {project_id}",
        or_else=WorkChanged,
        sql="SELECT 1 FROM contact WHERE project_id = %(project)s AND version = %(version)s AND NOT gone FOR SHARE",
        params={"project": project_id, "version": version},
    )


def session_begun(session_id: UUID, guest: Guest, *, hash: bytes, device: bytes, expires_at: datetime) -> RowChange:
    return RowChange(
        key=f"link_session {guest.project_id}",
        sql="INSERT INTO link_session (session_id, project_id, version, hash, device, expires_at)"
        " VALUES (%(session)s, %(project)s, %(version)s, %(hash)s, %(device)s, %(expires)s)",
        params={
            "session": session_id, "project": guest.project_id, "version": guest.version, "hash": hash,
            "device": device, "expires": expires_at,
        },
    )  # fmt: skip


def session(connection: Rows, *, hash: bytes | None = None, session_id: UUID | None = None) -> dict[str, Any] | None:
    """A session, by what its browser holds or by its id. None: it has ended, or its contact is gone."""
    return connection.execute(
        "SELECT s.session_id, s.project_id, s.version, s.device, s.expires_at FROM link_session s"
        " JOIN contact c ON c.project_id = s.project_id AND c.version = s.version AND NOT c.gone"
        " WHERE s.hash = %(hash)s OR s.session_id = %(id)s",
        {"hash": hash, "id": session_id},
    ).fetchone()


def is_confirmed(connection: Rows, guest: Guest, device: bytes, now: datetime) -> bool:
    """Whether the device has shown a code sent to this contact, not too long ago."""
    found = connection.execute(
        "SELECT 1 FROM link_device WHERE project_id = %s AND version = %s AND device = %s AND until > %s",
        (guest.project_id, guest.version, device, now),
    )
    return found.fetchone() is not None


def of_customer(connection: Rows, customer_id: UUID, *, device: bytes, now: datetime) -> list[Contacted]:
    """The contacts of a buyer's orders, and for which of them the device has shown a code."""
    rows = connection.execute(
        "SELECT c.project_id, c.version, EXISTS (SELECT FROM link_device d WHERE d.project_id = c.project_id"
        " AND d.version = c.version AND d.device = %s AND d.until > %s) AS shown"
        " FROM contact c WHERE c.customer_id = %s AND NOT c.gone ORDER BY c.project_id",
        (device, now, customer_id),
    )
    return [Contacted(**row) for row in rows]


def ended(connection: Rows, session_id: UUID) -> None:
    connection.execute("DELETE FROM link_session WHERE session_id = %s", (session_id,))


def code_sent(project_id: UUID, number: int, version: int, device: bytes, *, at: datetime) -> RowChange:
    """The ``number``-th of what was asked for the project is a code for this device."""
    return RowChange(
        key=f"link_code {project_id}",
        sql="INSERT INTO link_code (project_id, number, version, device, expires_at)"
        " VALUES (%(project)s, %(number)s, %(version)s, %(device)s, %(expires)s)",
        params={
            "project": project_id, "number": number, "version": version, "device": device,
            "expires": at + CODE_LIFE,
        },
    )  # fmt: skip


def attempt(connection: Rows, project_id: UUID, version: int, device: bytes, now: datetime) -> int | None:
    """Count an attempt at the device's last code before it is looked at; returns the code's number. None: there is no
    code, or it is too old, or was tried too often."""
    row = connection.execute(
        "UPDATE link_code SET attempts = attempts + 1 WHERE project_id = %(project)s AND number ="
        " (SELECT max(number) FROM link_code WHERE project_id = %(project)s AND device = %(device)s)"
        " AND version = %(version)s AND expires_at > %(now)s AND attempts < %(most)s RETURNING number",
        {"project": project_id, "device": device, "version": version, "now": now, "most": CODE_ATTEMPTS},
    ).fetchone()
    return row["number"] if row else None


def confirmed(project_id: UUID, version: int, device: bytes, *, until: datetime) -> list[RowChange]:
    """The device has shown its code, which is spent."""
    spent = RowChange(
        key=f"link_code {project_id}",
        sql="DELETE FROM link_code WHERE project_id = %(project)s AND device = %(device)s",
        params={"project": project_id, "device": device},
    )
    known = RowChange(
        key=f"link_device {project_id}",
        sql="INSERT INTO link_device (project_id, version, device, until)"
        " VALUES (%(project)s, %(version)s, %(device)s, %(until)s)"
        " ON CONFLICT (project_id, version, device) DO UPDATE SET until = excluded.until",
        params={"project": project_id, "version": version, "device": device, "until": until},
    )
    return [spent, known]


def wished(connection: Rows, key: bytes, project_id: UUID | None, version: int | None, now: datetime) -> None:
    """Somebody wants a new link. The same statement for whatever he holds, so that the answer takes as long."""
    connection.execute(
        "INSERT INTO link_wish (key, project_id, version, wished_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (key, project_id, version, now),
    )


def wishes(connection: Rows, limit: int) -> list[dict[str, Any]]:
    """What is wished for, the oldest first; ``project_id`` is None for what was no link of ours."""
    return connection.execute(
        "SELECT key, project_id, version FROM link_wish ORDER BY wished_at LIMIT %s", (limit,)
    ).fetchall()


def answered(key: bytes) -> RowChange:
    """The wish was looked at, by nobody else meanwhile."""
    return RowChange(
        key="link_wish",
        or_else=WorkChanged,
        sql="DELETE FROM link_wish WHERE key = %(key)s RETURNING 1",
        params={"key": key},
    )


def forget_old(connection: Rows, now: datetime) -> None:
    """Delete what is over."""
    for table, until in (("link_session", "expires_at"), ("link_device", "until"), ("link_code", "expires_at")):
        connection.execute(f"DELETE FROM {table} WHERE {until} <= %s", (now,))  # noqa: S608 - our own names
