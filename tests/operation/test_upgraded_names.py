"""Rows of the version before numbers and names were compared by keys get the keys that new ones have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from delivery_shared.migrate import _config, migrate
from delivery_shared.pinyin import sort_key
from delivery_shared.testing.fixtures import scratch_database
from delivery_shared.texts import key
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.integration

NUMBERS = ["Ab-1", "AB-2", "Ａｂ－3", "É-4", "20261129000123456789"]


@pytest.fixture
def database() -> Iterator[str]:
    with scratch_database() as url:
        yield url


def connected(database: str, schema: str) -> Connection:
    url = make_url(database).set(drivername="postgresql+psycopg2")
    connection = create_engine(url, poolclass=NullPool).connect()
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.execute(text(f'SET search_path = "{schema}"'))
    connection.commit()
    return connection


def upgraded_to(revision: str, package: str, connection: Connection, schema: str) -> None:
    config = _config(package)
    config.attributes |= {"connection": connection, "schema": schema}
    command.upgrade(config, revision)
    connection.commit()


def fill(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    places = ", ".join(f":{column}" for column in columns)
    connection.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"), rows)
    connection.commit()


def pairs(connection: Connection, query: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(text(query))}


def test_of_project(database: str) -> None:
    with connected(database, "project") as connection:
        upgraded_to("project_0003", "project_svc", connection, "project")
        fill(connection, "purchase", [
            {"project_id": uuid4(), "vendor_id": uuid4(), "business_number": f"B{n}", "order_number": n}
            for n in NUMBERS
        ])  # fmt: skip
        fill(connection, "product", [
            {"product_id": uuid4(), "code": n, "name": "n", "vendor_id": uuid4(), "template_id": uuid4(),
             "template_version": 1} for n in NUMBERS
        ])  # fmt: skip
        fill(connection, "party", [
            {"party_id": uuid4(), "name": "n", "kind": "customer", "account": None, "customer_number": n}
            for n in NUMBERS
        ])  # fmt: skip
        isv = {"party_id": uuid4(), "name": "n", "kind": "isv", "account": "Hebei", "customer_number": None}
        fill(connection, "party", [isv])
        fill(connection, "feed_position", [
            {"feed": "project", "source": source, "position": 7, "stream_offset": 7}
            for source in ("identity", "dispatch", "template")
        ])  # fmt: skip
        migrate(database_url=database, schema="project", package="project_svc", driver="psycopg")
        for query in (
            "SELECT order_number, order_key FROM purchase",
            "SELECT business_number, business_key FROM purchase",
            "SELECT code, code_key FROM product",
            "SELECT coalesce(customer_number, account), number_key FROM party",
        ):
            found = pairs(connection, query)
            assert found == {number: key(number) for number in found}
            assert len(found) >= len(NUMBERS)
        assert pairs(connection, "SELECT source, position::text FROM feed_position") == {
            "identity": "0",  # names people had
            "dispatch": "0",  # who serves which product
            "template": "7",
        }


def test_of_reporting(database: str) -> None:
    names = ["重庆建站", "alpha", "Beta"]
    with connected(database, "reporting") as connection:
        upgraded_to("reporting_0004", "reporting_svc", connection, "reporting")
        rows = [
            {"project_id": uuid4(), "order_number": number, "business_number": f"B{number}", "vendor_id": uuid4(),
             "customer_id": uuid4(), "product_id": uuid4(), "product_name": names[n % 3], "run": 1, "state": "running",
             "created_at": "2026-01-05", "since": "2026-01-05", "visit": 0, "timeout": 0, "template_id": uuid4(),
             "template_version": 1, "left_visit": 0} for n, number in enumerate(NUMBERS)
        ]  # fmt: skip
        fill(connection, "project", rows)
        fill(connection, "party", [
            {"party_id": uuid4(), "name": "n", "kind": "customer", "customer_number": number} for number in NUMBERS
        ])  # fmt: skip
        migrate(database_url=database, schema="reporting", package="reporting_svc", driver="psycopg2")
        assert pairs(connection, "SELECT order_number, order_key FROM project") == {n: key(n) for n in NUMBERS}
        assert pairs(connection, "SELECT customer_number, number_key FROM party") == {n: key(n) for n in NUMBERS}
        assert pairs(connection, "SELECT product_name, name_key FROM project") == {n: sort_key(n) for n in names}
        ordered = connection.execute(text("SELECT DISTINCT product_name, name_key FROM project ORDER BY name_key"))
        assert [row[0] for row in ordered] == sorted(names, key=sort_key)


def test_of_notify(database: str) -> None:
    with connected(database, "notify") as connection:
        upgraded_to("notify_0002", "notify_svc", connection, "notify")
        fill(connection, "project", [
            {"project_id": uuid4(), "order_number": number, "business_number": number, "product_name": "n",
             "vendor_id": uuid4(), "customer_id": uuid4(), "run": 1, "ended": False} for number in NUMBERS
        ])  # fmt: skip
        migrate(database_url=database, schema="notify", package="notify_svc", driver="psycopg2")
        assert pairs(connection, "SELECT order_number, order_key FROM project") == {n: key(n) for n in NUMBERS}


def test_of_template(database: str) -> None:
    vendor = uuid4()
    with connected(database, "template") as connection:
        upgraded_to("template_0002", "template_svc", connection, "template")
        at, template = "2026-01-05", uuid4()
        codes = [*NUMBERS, "ab-1"]
        fill(connection, "product", [
            {"id": uuid4(), "vendor_id": vendor, "code": n, "name": "n", "template_id": template, "historical": False,
             "version": 1, "listed_at": at} for n in codes
        ])  # fmt: skip
        fill(connection, "historical_product", [
            {"id": uuid4(), "vendor_id": vendor, "code": n, "name": "n", "recorded_at": at, "version": 1} for n in codes
        ])  # fmt: skip
        fill(connection, "party", [
            {"party_id": uuid4(), "name": "n", "kind": "isv", "account": n} for n in NUMBERS
        ])  # fmt: skip
        migrate(database_url=database, schema="template", package="template_svc", driver="psycopg")
        for query in ("SELECT code, code_key FROM product", "SELECT code, code_key FROM historical_product"):
            assert pairs(connection, query) == {n: key(n) for n in codes}, "two that differ in writing only stay"
        assert pairs(connection, "SELECT account, account_key FROM party") == {n: key(n) for n in NUMBERS}


def test_of_dispatch(database: str) -> None:
    """A clock moved before there was a copy of it is heard of again."""
    with connected(database, "dispatch") as connection:
        upgraded_to("dispatch_0004", "dispatch_svc", connection, "dispatch")
        fill(connection, "feed_position", [
            {"feed": "dispatch", "source": source, "position": 7, "stream_offset": 7}
            for source in ("project", "template")
        ])  # fmt: skip
        connection.execute(text("CREATE TABLE dispatch_events (topic text, state bytea)"))
        connection.commit()
        migrate(database_url=database, schema="dispatch", package="dispatch_svc", driver="psycopg")
        assert pairs(connection, "SELECT source, position::text FROM feed_position") == {
            "project": "7",
            "template": "0",
        }
