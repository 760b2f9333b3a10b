"""Puts the views over a schema of the read model: ``migrate`` does it every time, for the live schema only."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from string import Template
from typing import Final

import structlog
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from reporting_svc.bi.policies import OPEN, VISIBLE, statements

log = structlog.get_logger()

VERSION: Final = "bi_v1"
"""The schema of the views. Their columns keep their meaning; another one is another schema beside it."""

SCHEMAS: Final = ("bi", VERSION)
"""Who reads what, and the views. They belong to whoever owns the read model."""

FILES: Final = sorted((Path(__file__).parent / "v1").glob("*.sql"))

NEEDED: Final = 15_00_00
"""Views ask as who reads them (``security_invoker``) since PostgreSQL 15."""

FRESHNESS: Final = {
    "as_of_position": "How far the events of its source are known here: the id of the last one applied.",
    "fresh_at": "When the last event known here was sent; older means that nothing has happened or that it lags.",
}
"""The comments of the columns all views end with."""


class TooOld(Exception):
    """The server cannot keep tenants apart in views."""


def views() -> list[str]:
    """The names of all views, in the order they are created."""
    return re.findall(r"^CREATE OR REPLACE VIEW bi_v1\.(\w+)", "\n".join(f.read_text() for f in FILES), re.MULTILINE)


def script(schema: str) -> str:
    """What creates functions, views and comments over the tables of ``schema``, safe to run again."""
    created = "\n".join(Template(path.read_text()).substitute(schema=f'"{schema}"') for path in FILES)
    comments = [
        f"COMMENT ON COLUMN bi_v1.{view}.{column} IS '{comment}'"
        for view in views()
        if view != "tenant"
        for column, comment in FRESHNESS.items()
    ]
    return ";\n".join([created.rstrip().rstrip(";"), *statements(f'"{schema}"'), *comments])


def install(database_url: str, schema: str) -> bool:
    """Create the views over the tables of ``schema``, or make them read ``schema`` from now on, with the grants of the
    roles there are. Returns False, and says so, where the server is too old; nothing else needs the views.

    Does nothing if the same was done to the same tables before: it locks them for a moment.
    """
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.begin() as connection:
        if connection.execute(text("SELECT current_setting('server_version_num')::int")).scalar_one() < NEEDED:
            log.warning("no BI views", reason="they need PostgreSQL 15 or later", schema=VERSION)
            return False
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('install bi'))"))
        put_over(connection, schema)
    engine.dispose()
    return True


def put_over(connection: Connection, schema: str) -> None:
    """:func:`install` within a transaction of the caller, such as one that exchanges schemas."""
    mark = _mark(connection, schema)
    if connection.execute(text("SELECT obj_description(to_regclass('bi.tenant'), 'pg_class')")).scalar() == mark:
        return
    for name in SCHEMAS:  # a service's role may own schemas made for it and not be allowed to make any
        if connection.execute(text("SELECT to_regnamespace(:name)"), {"name": name}).scalar() is None:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    connection.exec_driver_sql(script(schema).replace("%", "%%"))
    connection.exec_driver_sql(f"COMMENT ON TABLE bi.tenant IS '{mark}'")
    for role in connection.execute(text("SELECT role_name FROM bi.tenant")).scalars():
        give(connection, schema, role)


def _mark(connection: Connection, schema: str) -> str:
    """The comment that tells what was installed: by its digest, over the tables of which ids."""
    oids = connection.execute(
        text("SELECT string_agg(c.oid::text, ' ' ORDER BY c.relname) FROM pg_class c JOIN pg_namespace n"
             " ON n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relkind = 'r'"),
        {"schema": schema},
    ).scalar_one()  # fmt: skip
    digest = hashlib.sha256(f"{script(schema)} {oids}".encode()).hexdigest()[:16]
    return f"Grain: a database role. The party whose rows it reads. (Installed: {digest}.)"


def give(connection: Connection, schema: str, role: str) -> None:
    """Let ``role`` read the views, and through them what its policies leave of the tables; nothing else."""
    name = quoted(role)
    tables = ", ".join(f'"{schema}".{table}' for table in (*VISIBLE, *OPEN))
    for statement in (
        f'GRANT USAGE ON SCHEMA bi_v1, bi, "{schema}" TO {name}',
        f"GRANT SELECT ON ALL TABLES IN SCHEMA bi_v1 TO {name}",
        f"GRANT SELECT ON bi.tenant, {tables} TO {name}",
    ):
        connection.exec_driver_sql(statement)


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'
