"""Rows of this service: lists of parties, departments and users, and the copy of the roles.

They are written in the save of the events they show, with absolute values. Erasing a person blanks the personal
columns of ``user_account`` in the save that destroys the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from delivery_shared.eventstore import RowChange, WorkChanged
from delivery_shared.http.problems import BLOCKING_SHOWN
from delivery_shared.pinyin import sort_key
from delivery_shared.rows import Row
from delivery_shared.texts import key
from psycopg import Connection
from psycopg.types.json import Jsonb

from identity_svc.domain.department import Department
from identity_svc.domain.facts import DeletionRefused
from identity_svc.domain.organising import account_of
from identity_svc.domain.party import Party
from identity_svc.domain.user import User
from identity_svc.vault import PersonalData

# -- written ---------------------------------------------------------------------------------------------------


def party_registered(party: Party) -> RowChange:
    """A conflict is a number taken meanwhile; deciding again finds it."""
    return RowChange(
        key=f"party {party.id}",
        or_else=WorkChanged,
        sql="INSERT INTO party (party_id, kind, name, account, customer_number, marketplace, registered_at)"
        " VALUES (%(id)s, %(kind)s, %(name)s, %(account)s, %(number)s, %(marketplace)s, %(at)s)"
        " ON CONFLICT DO NOTHING RETURNING party_id",
        params={
            "id": party.id,
            "kind": party.kind,
            "name": party.name,
            "account": party.account,
            "number": party.customer_number,
            "marketplace": party.marketplace,
            "at": party.created_on,
        },
    )


def party_erased(party_id: UUID) -> RowChange:
    """From now on it is published without its name."""
    return RowChange(
        key=f"party {party_id}",
        sql="UPDATE party SET name = '', erased = true, revision = revision + 1 WHERE party_id = %(id)s",
        params={"id": party_id},
    )


def second_factor_demanded(party: Party) -> RowChange:
    return RowChange(
        key=f"party {party.id}",
        sql="UPDATE party SET second_factor_demanded = %(demanded)s WHERE party_id = %(id)s",
        params={"id": party.id, "demanded": party.second_factor_demanded},
    )


def link_life_set(party: Party) -> RowChange:
    return RowChange(
        key=f"party {party.id}",
        sql="UPDATE party SET link_hours = %(hours)s WHERE party_id = %(id)s",
        params={"id": party.id, "hours": party.link_hours},
    )


def structure_guard(party_id: UUID, seen: int) -> RowChange:
    """Fails the save if departments of the party, or who belongs to one, changed since ``seen`` was read: no user
    enters a department being deleted, no two moves close a loop."""
    return RowChange(
        key=f"party {party_id}",
        or_else=WorkChanged,
        sql="UPDATE party SET revision = revision + 1 WHERE party_id = %(id)s AND revision = %(seen)s RETURNING 1",
        params={"id": party_id, "seen": seen},
    )


def department_saved(department: Department) -> RowChange:
    return RowChange(
        key=f"department {department.id}",
        sql="INSERT INTO department (department_id, party_id, parent_id, name)"
        " VALUES (%(id)s, %(party)s, %(parent)s, %(name)s) ON CONFLICT (department_id)"
        " DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name",
        params={
            "id": department.id,
            "party": department.party_id,
            "parent": department.parent_id,
            "name": department.name,
        },
    )


def department_deleted(department_id: UUID) -> RowChange:
    return RowChange(
        key=f"department {department_id}",
        sql="DELETE FROM department WHERE department_id = %(id)s",
        params={"id": department_id},
    )


def user_created(user: User, data: PersonalData) -> RowChange:
    """A conflict is a login name taken meanwhile; deciding again finds it (U-35)."""
    return RowChange(
        key=f"user {user.id}",
        or_else=WorkChanged,
        sql="INSERT INTO user_account (user_id, party_id, side, main, login_name, roles, department_id, name,"
        " mobile, landline, email, state, revision, created_at) VALUES (%(id)s, %(party)s, %(side)s, %(main)s,"
        " %(login)s, %(roles)s, %(department)s, %(name)s, %(mobile)s, %(landline)s, %(email)s, %(state)s,"
        " %(revision)s, %(at)s) ON CONFLICT DO NOTHING RETURNING user_id",
        params=_user(user, data),
    )


def user_saved(user: User, data: PersonalData) -> RowChange:
    return RowChange(
        key=f"user {user.id}",
        sql="UPDATE user_account SET roles = %(roles)s, department_id = %(department)s, name = %(name)s,"
        " mobile = %(mobile)s, landline = %(landline)s, email = %(email)s, state = %(state)s,"
        " revision = %(revision)s WHERE user_id = %(id)s",
        params=_user(user, data),
    )


def user_state(user: User) -> RowChange:
    """The state alone; a refusal of earlier is over."""
    return _state(user, None, None)


def deletion_refused(user: User, refused: DeletionRefused, *, at: datetime) -> RowChange:
    """The state, and for the admin what keeps the user (U-21)."""
    return _state(user, refused, at)


def _state(user: User, refused: DeletionRefused | None, at: datetime | None) -> RowChange:
    return RowChange(
        key=f"user {user.id}",
        sql="UPDATE user_account SET state = %(state)s, deletion_refused_at = %(at)s,"
        " deletion_refused_held = %(held)s, deletion_refused_asks = %(asks)s, deletion_refused_orders = %(orders)s"
        " WHERE user_id = %(id)s",
        params={
            "id": user.id,
            "state": user.state,
            "at": at,
            "held": refused and refused.held,
            "asks": refused and refused.asks,
            "orders": Jsonb(msgspec.to_builtins((refused and refused.orders) or [])),
        },
    )


def user_deleted(user_id: UUID) -> RowChange:
    return RowChange(
        key=f"user {user_id}",
        sql="DELETE FROM user_account WHERE user_id = %(id)s",
        params={"id": user_id},
    )


def _user(user: User, data: PersonalData) -> Row:
    return {
        "id": user.id,
        "party": user.party_id,
        "side": user.side,
        "main": user.main,
        "login": user.login_name,
        "roles": user.roles,
        "department": user.department_id,
        "name": data.name,
        "mobile": data.mobile,
        "landline": data.landline,
        "email": data.email,
        "state": user.state,
        "revision": user.revision,
        "at": user.created_on,
    }


# -- read ------------------------------------------------------------------------------------------------------

USER = """
SELECT u.user_id, u.party_id, u.side, u.main, u.login_name, split_part(u.login_name, '@', 1) AS local_name,
    u.department_id, d.name AS department_name, u.name, u.mobile, u.landline, u.email, u.state, u.revision,
    u.deletion_refused_at, u.deletion_refused_held, u.deletion_refused_asks, u.deletion_refused_orders,
    u.created_at, p.name AS party_name, p.kind AS party_kind,
    p.second_factor_demanded, EXISTS (SELECT 1 FROM second_factor f
        WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL) AS second_factor,
    ARRAY(SELECT jsonb_build_object('role', held.role, 'name', coalesce(r.name, held.role))
        FROM unnest(u.roles) WITH ORDINALITY AS held (role, place) LEFT JOIN role r ON r.role = held.role
        ORDER BY held.place) AS roles
FROM user_account u JOIN party p ON p.party_id = u.party_id
    LEFT JOIN department d ON d.department_id = u.department_id
"""

FILTERED = """
WHERE u.party_id = %(party)s AND u.side = %(side)s
    AND (%(login)s::text IS NULL OR position(%(login)s IN split_part(u.login_name, '@', 1)) > 0)
    AND (%(name)s::text IS NULL OR position(lower(%(name)s) IN lower(u.name)) > 0)
    AND (%(department)s::uuid IS NULL OR u.department_id IN (
        WITH RECURSIVE below AS (SELECT %(department)s::uuid AS department_id
            UNION SELECT d.department_id FROM department d JOIN below ON d.parent_id = below.department_id)
        SELECT department_id FROM below))
"""

USERS_COUNT = f"SELECT count(*) AS n FROM user_account u {FILTERED}"  # noqa: S608 - constants

USERS_PAGE = f"""
{USER} {FILTERED} AND (%(at)s::timestamptz IS NULL OR (u.created_at, u.user_id) < (%(at)s, %(id)s))
ORDER BY u.created_at DESC, u.user_id DESC LIMIT %(limit)s
"""


def party_by_number(connection: Connection[Row], number: str, marketplace: str) -> Row | None:
    """The party that has this customer number in the marketplace, or the account that would come of it, in whatever
    case."""
    return connection.execute(
        "SELECT party_id FROM party WHERE lower(account) = lower(%(account)s)"
        " OR lower(customer_number) = lower(%(number)s) AND marketplace = %(marketplace)s",
        {"account": account_of(number, marketplace), "number": number, "marketplace": marketplace},
    ).fetchone()


def users_of(connection: Connection[Row], party_id: UUID) -> tuple[list[Row], int]:
    """Who can sign in for the party, as things in the way of its end: the first of them, and how many there are."""
    return _in_the_way(
        connection, "SELECT 'user' AS kind, user_id AS id, name FROM user_account WHERE party_id = %s", party_id
    )


def _in_the_way(connection: Connection[Row], found: str, id: UUID) -> tuple[list[Row], int]:
    rows = connection.execute(
        f"SELECT *, count(*) OVER () AS n FROM ({found}) AS found ORDER BY kind, name, id LIMIT %s",  # noqa: S608
        (id, BLOCKING_SHOWN),
    ).fetchall()
    return rows, rows[0]["n"] if rows else 0


PARTIES = (
    "FROM party WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(name)s::text IS NULL"
    " OR strpos(lower(concat_ws(E'\\n', name, account, customer_number)), lower(%(name)s)) > 0"
    " OR strpos(lower(concat_ws(E'\\n', account, customer_number)), %(key)s) > 0)"
)


def parties(
    connection: Connection[Row], *, kind: str | None, name: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[Row], int]:
    """A page of the parties, oldest first, and how many there are."""
    params = {
        "kind": kind,
        "name": name,
        "key": name and key(name),
        "at": after and after[0],
        "id": after and after[1],
        "limit": limit,
    }
    rows = connection.execute(
        "SELECT party_id, kind, name, account, customer_number, marketplace, registered_at,"  # noqa: S608 - our own text
        f" (SELECT count(*) FROM user_account u WHERE u.party_id = party.party_id) AS people {PARTIES}"
        " AND (%(at)s::timestamptz IS NULL OR (registered_at, party_id) > (%(at)s, %(id)s))"
        " ORDER BY registered_at, party_id LIMIT %(limit)s",
        params,
    ).fetchall()
    return rows, _total(connection, f"SELECT count(*) AS n {PARTIES}", params)


def party(connection: Connection[Row], party_id: UUID) -> Row | None:
    return connection.execute(
        "SELECT party_id, kind, name, account, customer_number, marketplace, registered_at, revision"
        " FROM party WHERE party_id = %s",
        (party_id,),
    ).fetchone()


def users(
    connection: Connection[Row],
    *,
    party_id: UUID,
    side: str,
    login: str | None,
    name: str | None,
    department_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[list[Row], int]:
    """A page of the sub-accounts of one side of a party, newest first, and how many match (U-11, U-12, U-16): of a
    department and, as dispatch counts them, of those below it."""
    params = {
        "party": party_id,
        "side": side,
        "login": login and key(login),
        "name": name,
        "department": department_id,
        "at": after and after[0],
        "id": after and after[1],
        "limit": limit,
    }
    rows = connection.execute(USERS_PAGE, params).fetchall()
    return rows, _total(connection, USERS_COUNT, params)


def user(connection: Connection[Row], user_id: UUID) -> Row | None:
    return connection.execute(f"{USER} WHERE u.user_id = %s", (user_id,)).fetchone()


def login_name_used(connection: Connection[Row], login_name: str) -> bool:
    found = connection.execute("SELECT 1 FROM user_account WHERE login_name = %s", (login_name,)).fetchone()
    return found is not None


def departments(connection: Connection[Row], party_id: UUID) -> list[Row]:
    """The tree as a flat list by name; ``people`` without those below; one without a 客户经理 shows it (U-39)."""
    found = connection.execute(
        "SELECT d.department_id, d.parent_id, d.name, count(u.user_id) AS people,"
        " coalesce(bool_or('account_manager' = ANY(u.roles)), false) AS has_account_manager FROM department d"
        " LEFT JOIN user_account u ON u.department_id = d.department_id WHERE d.party_id = %s"
        " GROUP BY d.department_id",
        (party_id,),
    ).fetchall()
    return sorted(found, key=lambda row: (sort_key(row["name"]), row["department_id"]))


def has_department(connection: Connection[Row], party_id: UUID, department_id: UUID) -> bool:
    found = connection.execute(
        "SELECT 1 FROM department WHERE party_id = %s AND department_id = %s", (party_id, department_id)
    ).fetchone()
    return found is not None


def ancestors(connection: Connection[Row], party_id: UUID, department_id: UUID) -> list[UUID]:
    """The department and everything above it."""
    parents = {
        row["department_id"]: row["parent_id"]
        for row in connection.execute(
            "SELECT department_id, parent_id FROM department WHERE party_id = %s", (party_id,)
        )
    }
    return list(_upwards(parents, department_id))


def within(connection: Connection[Row], department_id: UUID) -> tuple[list[Row], int]:
    """The users and departments that belong to the department: the first of them, and how many there are."""
    return _in_the_way(
        connection,
        "WITH wanted AS (SELECT %s::uuid AS id)"
        " SELECT 'department' AS kind, department_id AS id, name FROM department"
        " WHERE parent_id = (SELECT id FROM wanted)"
        " UNION ALL SELECT 'user', user_id, name FROM user_account"
        " WHERE department_id = (SELECT id FROM wanted)",
        department_id,
    )


def provider_roles(connection: Connection[Row]) -> frozenset[str]:
    """Codes of the roles of the provider side, as far as heard from template-svc; also of those that new templates
    cannot name any more, since work of older ones waits for people who have them (FAQ 4)."""
    rows = connection.execute("SELECT role FROM role WHERE side = 'provider'").fetchall()
    return frozenset(row["role"] for row in rows)


def _upwards(parents: dict[UUID, UUID | None], start: UUID) -> Iterator[UUID]:
    at: UUID | None = start
    while at is not None:
        yield at
        at = parents.get(at)


def _total(connection: Connection[Row], sql: str, params: Row) -> int:
    found = connection.execute(sql, params).fetchone()
    assert found is not None
    return int(found["n"])
