"""The one step that creates and upgrades a service's schema; services themselves never create anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import structlog
from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from delivery_shared.eventstore import EventStore
from delivery_shared.texts import key

log = structlog.get_logger()

MECHANISM = """
CREATE TABLE feed_position (
    feed text NOT NULL, source text NOT NULL, position bigint NOT NULL DEFAULT 0, stream_offset bigint,
    PRIMARY KEY (feed, source));
CREATE TABLE parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, feed text NOT NULL, source text NOT NULL,
    message_id bigint, subject text NOT NULL, type text NOT NULL, body bytea NOT NULL, error text NOT NULL,
    attempts int NOT NULL DEFAULT 0, next_try timestamptz, parked_at timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX parked_message ON parked (feed, source, message_id);
CREATE INDEX parked_subject ON parked (feed, source, subject, message_id);
CREATE TABLE revoked (user_id uuid PRIMARY KEY, before timestamptz NOT NULL);
CREATE INDEX revoked_before ON revoked (before);
"""
"""Tables of every service that consumes feeds: positions, messages put aside, tokens that are void."""

EVENT_SOURCED = """
CREATE TABLE command (
    id uuid PRIMARY KEY, caller text NOT NULL, route text NOT NULL, fingerprint text NOT NULL,
    status int NOT NULL, body jsonb NOT NULL, stream uuid, version bigint, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX command_at ON command (at);
CREATE TABLE outbox_position (
    relay text PRIMARY KEY, position bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""
"""Tables of every event-sourced service: commands carried out, and how far its relay has published."""

UNFINISHED = """
CREATE TABLE IF NOT EXISTS unfinished_upgrade (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), since timestamptz NOT NULL);
ALTER TABLE unfinished_upgrade ADD COLUMN IF NOT EXISTS back boolean NOT NULL DEFAULT false;
"""
"""Its one row stands from when a schema was brought to another version until what processes of the version before wrote
meanwhile was made whole (``dc upgrade finish``). ``back``: an older version has prepared since, and nobody newer."""

BEGUN = """
INSERT INTO unfinished_upgrade (since, back) VALUES (clock_timestamp(), :back)
ON CONFLICT (one) DO UPDATE SET since = excluded.since, back = excluded.back
"""

FORWARD = "UPDATE unfinished_upgrade SET since = clock_timestamp(), back = false WHERE back"
"""… and somebody newer prepares: whoever is connected is of the version that was back."""


def create_mechanism(*, event_sourced: bool) -> None:
    """For a service's first migration: the tables of the shared mechanism."""
    op.execute(MECHANISM)
    if event_sourced:
        op.execute(EVENT_SOURCED)


def migrate(*, database_url: str, schema: str, package: str, driver: str, store: EventStore | None = None) -> bool:
    """Create ``schema``, the event table of ``store`` if given, then run ``<package>/migrations``. Safe to call
    from several processes at once: an advisory lock lets one work and the others find it done.

    A schema that a later version has migrated is left as it is, since migrations only add: False says so. Either way,
    where two versions meet on one schema, what the older one writes is to be made whole later: it is marked.

    :param driver: SQLAlchemy's name of the service's one driver, ``psycopg`` or ``psycopg2``.
    """
    url = make_url(database_url).set(drivername=f"postgresql+{driver}")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(hashtext(:key))"), {"key": f"migrate {schema}"})
        # IF NOT EXISTS asks for the right to create even where nothing is created; a service's own role has none.
        if guard.execute(text("SELECT to_regnamespace(quote_ident(:schema))"), {"schema": schema}).scalar() is None:
            guard.execute(text(f'CREATE SCHEMA "{schema}"'))
        guard.commit()
        if store is not None:
            store.create_tables()
        with engine.connect() as connection:
            connection.execute(text(f'SET search_path = "{schema}"'))
            connection.commit()
            config = _config(package)
            config.attributes["connection"] = connection
            config.attributes["schema"] = schema
            scripts = ScriptDirectory.from_config(config)
            if not scripts.get_heads():
                raise FileNotFoundError(f"no migrations in {package}:migrations")
            before = _applied(connection, schema)
            newer = _is_newer(scripts, before)
            if not newer:
                command.upgrade(config, "head")
            connection.execute(text(UNFINISHED))
            if before and before != sorted(scripts.get_heads()):
                connection.execute(text(BEGUN), {"back": newer})
            else:
                connection.execute(text(FORWARD))
            connection.commit()
    engine.dispose()
    if newer:
        log.warning("the schema is newer than this code and stays as it is", schema=schema)
    return not newer


def fill_keys(table: str, number: str, key_column: str) -> None:
    """In a migration: set a new column to the :func:`~delivery_shared.texts.key` of what rows hold already. Names come
    from code; ``number`` is an expression. Nearly all numbers are ASCII, which the database can do by itself."""
    bind = op.get_bind()
    plain = f"octet_length({number}) = length({number})"
    bind.exec_driver_sql(
        f'UPDATE {table} SET {key_column} = lower(btrim({number}) COLLATE "C") WHERE {plain}'  # noqa: S608
    )
    others = f"SELECT DISTINCT {number} FROM {table} WHERE {key_column} IS NULL AND {number} IS NOT NULL"  # noqa: S608
    setting = text(f"UPDATE {table} SET {key_column} = :key WHERE {number} = :number")  # noqa: S608
    for found in bind.exec_driver_sql(others).scalars().all():
        bind.execute(setting, {"key": key(found), "number": found})


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How a schema stands to the code: ``older`` – the code cannot work with it yet; ``newer`` – it can, since
    migrations only add."""

    state: Literal["fits", "older", "newer"]
    applied: list[str]
    expected: list[str]


def fits(database_url: str, *, schema: str, package: str) -> Fit:
    """Compare the revisions of a schema with those of the code. Raises what the database raises when it is away."""
    scripts = ScriptDirectory.from_config(_config(package))
    expected = sorted(scripts.get_heads())
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        applied = _applied(connection, schema)
    engine.dispose()
    if _is_newer(scripts, applied):
        return Fit(state="newer", applied=applied, expected=expected)
    return Fit(state="fits" if applied == expected else "older", applied=applied, expected=expected)


def _applied(connection: Connection, schema: str) -> list[str]:
    """The revisions of a schema; none if it was never migrated."""
    table = f'"{schema}".alembic_version'
    if connection.execute(text("SELECT to_regclass(:table)"), {"table": table}).scalar() is None:
        return []
    return sorted(connection.execute(text(f"SELECT version_num FROM {table}")).scalars())  # noqa: S608 - our own name


def _is_newer(scripts: ScriptDirectory, applied: Iterable[str]) -> bool:
    """Whether a revision is none this code knows."""
    known = {script.revision for script in scripts.walk_revisions()}
    return any(revision not in known for revision in applied)


def _config(package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", "delivery_shared:migration_env")
    config.set_main_option("version_locations", f"{package}:migrations")
    config.set_main_option("path_separator", "newline")
    return config
