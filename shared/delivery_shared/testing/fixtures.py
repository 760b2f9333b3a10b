"""pytest fixtures for real servers. ``tools/servers.py`` provides ``DATABASE_URL`` and ``AMQP_URL``; without them
the standard local ports are used. A missing server fails the test, it never skips it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from delivery_shared.messaging.topology import Broker

T = TypeVar("T")

LOCAL_DATABASE = "postgresql://postgres@127.0.0.1:5432/postgres"
LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672//"


def server_url() -> str:
    """The PostgreSQL server of this test run."""
    return os.environ.get("DATABASE_URL") or LOCAL_DATABASE


def broker_url() -> str:
    """The RabbitMQ server of this test run."""
    return os.environ.get("AMQP_URL") or LOCAL_BROKER


@pytest.fixture
def broker() -> Iterator[Broker]:
    """The RabbitMQ server of this test run, with names of this test's own."""
    broker = Broker(url=broker_url(), namespace=f"test-{uuid4().hex[:12]}.")
    broker.declare()
    yield broker
    broker.delete()


@contextmanager
def scratch_database() -> Iterator[str]:
    """A fresh database on the server of this test run, dropped at the end."""
    name = f"delivery_test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield make_url(server_url()).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A database of this test session."""
    with scratch_database() as url:
        yield url


def eventually(look: Callable[[], T], *, timeout: float = 60.0, every: float = 0.02) -> T:
    """Wait until ``look()`` returns something true (and no ``AssertionError``); returns it. Fails at the deadline
    with the last thing seen."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            seen = look()
            problem: object = f"last seen: {seen!r}"
            if seen:
                return seen
        except AssertionError as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {problem}")
        time.sleep(every)
