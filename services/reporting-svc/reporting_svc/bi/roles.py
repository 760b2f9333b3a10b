"""Database roles for analysts: one per tenant, which reads its own rows and can do nothing else."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg2.extensions
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from reporting_svc.bi.installing import TooOld, give, quoted

LONGEST: Final = 63
"""Bytes of a name in PostgreSQL; a longer one would be cut."""

CONNECTIONS: Final = 5
"""At once; kept by the server."""

SETTINGS: Final = {
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
    "lock_timeout": "5s",
    "default_transaction_read_only": "on",
    "search_path": "bi_v1",
    "jit": "off",
    "timezone": "Asia/Shanghai",
}
"""What its sessions begin with. Defaults against accidents: a session may set others. What a role may read or write
does not depend on any of them."""

LARGE_OBJECTS: Final = (
    "lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)", "lo_put(oid, bigint, bytea)",
    "lo_unlink(oid)", "lowrite(integer, bytea)", "lo_truncate(integer, integer)", "lo_truncate64(integer, bigint)",
)  # fmt: skip
"""Functions by which anybody could store something."""

CLOSING: Final = f"REVOKE EXECUTE ON FUNCTION {', '.join(LARGE_OBJECTS)} FROM PUBLIC"
"""What closes them, in the database it is run in: only a superuser may."""


class NotGranted(Exception):
    """The role cannot be made; says why."""


@dataclass(frozen=True)
class Granted:
    """A role as made. ``password`` is known here only; None: the role was there and keeps its own. ``stores``: it can
    store large objects, since who granted may not forbid it; a superuser has to, by :data:`CLOSING`."""

    role: str
    password: str | None
    stores: bool = False


def _installed(connection: Connection) -> bool:
    return connection.execute(text("SELECT to_regclass('bi.tenant')")).scalar() is not None


def _party(connection: Connection, schema: str, party_id: UUID) -> None:
    query = text(f'SELECT kind FROM "{schema}".party WHERE party_id = :party')  # noqa: S608 - our own schema
    kind = connection.execute(query, {"party": party_id}).scalar_one_or_none()
    if kind != "isv":
        raise NotGranted(f"party {party_id} is {kind or 'not known'}; only vendors and providers have BI roles")


def grant(
    database_url: str,
    *,
    party_id: UUID | None,
    schema: str = "reporting",
    role: str | None = None,
    new_password: bool = False,
) -> Granted:
    """Make the role of a vendor or provider – of the platform operator, who reads everything, for None – or mend it.

    :param database_url: of somebody who owns the tables and may create roles.
    :param role: default the one that reads for the party already, whatever its name; else that of :func:`name_of`.
    :raises NotGranted: not a vendor or provider; a role that can do more, or that reads for somebody else.
    :raises TooOld: the views are not there.
    """
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.begin() as connection:
        if not _installed(connection):
            raise TooOld("there are no BI views: they need PostgreSQL 15 or later; then run migrate")
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('install bi'))"))
        if party_id is not None:
            _party(connection, schema, party_id)
        name = role or _reading_for(connection, party_id) or name_of(_database(connection), party_id)
        known = _known(connection, name)
        password = None if known and not new_password else secrets.token_urlsafe(24)
        if not known:
            connection.exec_driver_sql(f"CREATE ROLE {quoted(name)}")
        secret = f" PASSWORD {literal(password)}" if password else ""
        connection.exec_driver_sql(
            f"ALTER ROLE {quoted(name)} LOGIN NOINHERIT CONNECTION LIMIT {CONNECTIONS}{secret}".replace("%", "%%")
        )
        for setting, value in SETTINGS.items():
            connection.exec_driver_sql(f"ALTER ROLE {quoted(name)} SET {setting} = '{value}'")
        _map(connection, name, party_id)
        _lock_down(connection, name)
        give(connection, schema, name)
        stores = _stores(connection, name)
    engine.dispose()
    return Granted(role=name, password=password, stores=stores)


def name_of(database: str, party_id: UUID | None) -> str:
    """``bi_<database>_`` and the beginning of the party's id, or ``operator``: all databases of a server share their
    roles, so two that read different rows have two names. A long name of a database is cut, with its digest."""
    end = party_id.hex[:12] if party_id else "operator"
    room = LONGEST - len(f"bi__{end}")
    if len(database.encode()) > room:
        digest = hashlib.sha256(database.encode()).hexdigest()[:8]
        kept = database.encode()[: room - 9].decode(errors="ignore")
        database = f"{kept}_{digest}"
    return f"bi_{database}_{end}"


def _database(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_database()")).scalar_one())


def _reading_for(connection: Connection, party_id: UUID | None) -> str | None:
    """The role there is: one made before names told the database goes on, with the password people have."""
    query = text(
        "SELECT t.role_name FROM bi.tenant t JOIN pg_roles r ON r.rolname = t.role_name"
        " WHERE t.party_id IS NOT DISTINCT FROM CAST(:party AS uuid) ORDER BY t.role_name LIMIT 1"
    )
    return connection.execute(query, {"party": party_id}).scalar_one_or_none()


def _stores(connection: Connection, name: str) -> bool:
    query = text(
        "SELECT bool_or(has_function_privilege(:role, f::regprocedure, 'EXECUTE'))"
        " FROM unnest(CAST(:functions AS text[])) AS f"
    )
    functions = [f"pg_catalog.{function}" for function in LARGE_OBJECTS]
    return bool(connection.execute(query, {"role": name, "functions": functions}).scalar_one())


def _known(connection: Connection, name: str) -> bool:
    query = text(
        "SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication"
        " OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)"
        " OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) FROM pg_roles r WHERE r.rolname = :name"
    )
    powerful = connection.execute(query, {"name": name}).scalar_one_or_none()
    if powerful:
        raise NotGranted(f"role {name} can do more than read, owns tables, or is a member of another role")
    return powerful is not None


def _map(connection: Connection, name: str, party_id: UUID | None) -> None:
    """A role once mapped reads for the same party for ever: whoever knows its password expects that."""
    row = {"role": name, "party": party_id, "everything": party_id is None}
    connection.execute(
        text("INSERT INTO bi.tenant (role_name, party_id, everything) VALUES (:role, :party, :everything)"
             " ON CONFLICT DO NOTHING"), row,
    )  # fmt: skip
    stored = connection.execute(text("SELECT party_id FROM bi.tenant WHERE role_name = :role"), row).scalar_one()
    if stored != party_id:
        raise NotGranted(f"role {name} reads for another party")


def _lock_down(connection: Connection, name: str) -> None:
    """Take from everybody what would let a reader store something: temporary tables (and so functions of its own),
    the schema ``public``, large objects. Owners and superusers keep all of it; no service uses any."""
    database = _database(connection)
    connection.exec_driver_sql(f"REVOKE TEMPORARY ON DATABASE {quoted(database)} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {quoted(database)} TO {quoted(name)}")
    if _superuser(connection):
        connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.exec_driver_sql(CLOSING)


def _superuser(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one())


def literal(value: str) -> str:
    """A text as SQL: role statements take no parameters."""
    return psycopg2.extensions.QuotedString(value).getquoted().decode()


def revoke(database_url: str, role: str) -> bool:
    """End the sessions of a BI role and drop it; False if it is none. One that reads in another database of the server
    as well loses what it may read here, and stays."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.begin() as connection:
        if not _installed(connection):
            return False
        deleted = connection.execute(text("DELETE FROM bi.tenant WHERE role_name = :role"), {"role": role})
        if not deleted.rowcount:
            return False
        elsewhere = _reads_elsewhere(connection, role)
        if not elsewhere:
            connection.exec_driver_sql(f"ALTER ROLE {quoted(role)} NOLOGIN")
        if not _superuser(connection):  # who may drop a role may not yet end its sessions and take its rights
            connection.exec_driver_sql(f"GRANT {quoted(role)} TO CURRENT_USER")
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :role"
                 " AND datname = current_database()"), {"role": role},
        )  # fmt: skip
        connection.exec_driver_sql(f"DROP OWNED BY {quoted(role)}")
        if not elsewhere:
            connection.exec_driver_sql(f"DROP ROLE {quoted(role)}")
    engine.dispose()
    return True


def _reads_elsewhere(connection: Connection, role: str) -> bool:
    query = text(
        "SELECT EXISTS (SELECT FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid WHERE r.rolname = :role"
        " AND d.refclassid = 'pg_authid'::regclass AND d.dbid <> 0"
        " AND d.dbid <> (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(connection.execute(query, {"role": role}).scalar_one())


def granted(database_url: str) -> list[tuple[str, UUID | None]]:
    """The BI roles there are, each with its party; None: the platform operator's."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    query = text("SELECT role_name, party_id FROM bi.tenant ORDER BY role_name")
    with engine.connect() as connection:
        rows = connection.execute(query).all() if _installed(connection) else []
    engine.dispose()
    return [(role, party_id) for role, party_id in rows]
