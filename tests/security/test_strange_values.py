"""Values that fit their form and that no database, or no calendar, takes: refused, never a server error.

A made-up request hits one of these once in thousands; here each parameter of every list gets all of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from delivery_center.client import Client
from delivery_shared.http.tokens import TokenIssuer

from .conftest import Installation

pytestmark = pytest.mark.integration

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())

ID = "9d3f0ad0-7a0e-4c52-9c9a-7d7d1b6f0a01"

NO_TIMES = (
    "2026-01-01T00:00:00-23:59",
    "2026-01-01T00:00:00+16:00",
    "2026-01-01T00:00:00-16:00",
    "0001-01-01T00:00:00+08:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-08:00",
    "9999-12-31T23:59:59+00:00",
    "9999-12-31T16:00:00+00:00",
    "2026-01-01T00:00:00",
    "2026-02-30T00:00:00Z",
    "",
)
"""By offset, by year, by calendar."""

TIMES = (
    "2026-01-01T00:00:00+15:59",
    "1970-01-01T00:00:00Z",
    "9999-12-01T00:00:00Z",
    "2026-01-01T00:00:00.123456-12:00",
)

TEXTS = ("\x00", "a\x00", "\ud800", "中" * 200, "'", "%", "NaN", "infinity", "-infinity", "9" * 30, "")

NUMBERS = ("0", "-1", "10000", str(2**31), str(2**63), "9" * 4000, "1.0", "٣", "1e3", "")

NO_SWITCHES = ("0", "1", "yes", "on", "TRUE", "t", "")


def cursors() -> Iterator[str]:
    """Made by hand in the form of each list's own: a time and an id, a sorted value and an id, texts, a number."""
    for value in (*NO_TIMES, *TIMES, *TEXTS):
        yield encoded(f"{value} {ID}")
        yield encoded(value)
        for sort in ("-created_at", "created_at", "order_number"):
            yield encoded(json.dumps([sort, value, ID]))
        for parts in ((value,), (value, ID), (ID, value), (value, value, value, ID)):
            yield encoded(json.dumps(list(parts)))
    for number in ("-1", "1.5", str(2**63), "9" * 5000, "true", "null", "[]", "NaN"):
        yield encoded(f"[{number}]")
    yield from ("=", "....", "中", encoded("[" * 5000), encoded(json.dumps(["-created_at", 1, 2])))


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode(errors="surrogatepass")).decode()


def lists() -> list[tuple[str, dict[str, Any]]]:
    """Every GET with query parameters, and these by name. What a parameter is its schema says."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        asked = item.get("get", {}).get("parameters", [])
        named = {p["name"]: p["schema"] for p in asked if p.get("in") == "query"}
        if named and path != "/api/v1/live":
            found.append((path, named))
    return found


def values(name: str, schema: dict[str, Any]) -> tuple[str, ...]:
    if "cursor" in name:
        return tuple(cursors())
    if schema.get("format") in ("date-time", "date"):
        return (*NO_TIMES, *TIMES)
    kinds = schema.get("type", "string")
    if "integer" in kinds:
        return NUMBERS
    return NO_SWITCHES if "boolean" in kinds else TEXTS


def renewed(issuer: TokenIssuer, caller: Client) -> str:
    """The caller's token as of now: it may be older than tokens get."""
    body = str(caller.token).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    token, _ = issuer.issue(
        user_id=UUID(claims["sub"]),
        party_id=UUID(claims["party"]),
        side=claims["side"],
        main=claims["main"],
        roles=frozenset(claims["roles"]),
        department_id=UUID(claims["department"]) if claims["department"] else None,
        name=claims["name"],
        must_change_password=False,
        session_id=UUID(claims["sid"]),
    )
    return token


@pytest.mark.parametrize(("path", "parameters"), lists(), ids=[path for path, _ in lists()])
def test_no_value_of_a_query_is_a_server_error(
    installation: Installation, issuer: TokenIssuer, path: str, parameters: dict[str, Any]
) -> None:
    allowed = DOCUMENT["paths"][path]["get"]["x-allowed"]
    caller = next(c for kind, c in installation.callers.items() if kind in allowed or "signed_in" in allowed)
    address = caller.address(path.format(**installation.own.ids))
    headers = {"Authorization": f"Bearer {renewed(issuer, caller)}"}
    failed: dict[tuple[str, str], int] = {}
    for name, schema in parameters.items():
        for value in values(name, schema):
            query = httpx.QueryParams({name: value.encode(errors="replace").decode()})
            status = caller.http.get(address, params=query, headers=headers).status_code
            refused = (schema.get("format") == "date-time" and value in NO_TIMES) or (
                schema.get("type") == "boolean" and value in NO_SWITCHES
            )
            if status >= 500 or (refused and status != 422):
                failed[name, value[:60]] = status
    assert not failed


@pytest.mark.parametrize("year", ["0", "1", "9999", "10000", "9" * 12])
def test_no_year_is_a_server_error(installation: Installation, issuer: TokenIssuer, year: str) -> None:
    """Of the calendar: the first and the last day have no neighbour."""
    operator = installation.operator
    headers = {"Authorization": f"Bearer {renewed(issuer, operator)}", "If-Match": '"0"'}
    address = operator.address(f"/api/v1/holidays/{year}")
    before = installation.written()
    for day in (f"{year}-01-01", f"{year}-12-31"):
        holiday = {"name": "元旦", "first": day.rjust(10, "0"), "last": day.rjust(10, "0"), "make_up_days": []}
        answer = operator.http.put(address, json={"holidays": [holiday]}, headers=headers)
        assert answer.status_code in (404, 422), answer.text
    assert installation.written() == before
