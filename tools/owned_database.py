"""The database of an installation that a test sets up as an operator would."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from delivery_center.composition import COMPOSE
from psycopg import sql


@contextmanager
def owned_database(server: str, *, secrets: Path, name: str) -> Iterator[None]:
    """A database and its owner, who may create roles and is no superuser: what an installation finds. All roles of
    that name go at the end. ``server``: address of the server, as a superuser."""
    password = (secrets / "postgres-password").read_text()
    owner = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE NOSUPERUSER PASSWORD {}")
        connection.execute(create.format(owner, sql.Literal(password)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(owner))
            for role in [*(f"{name}_{service}" for service in COMPOSE), name]:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
