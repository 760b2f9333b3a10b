"""Cursors: what a list wrote it reads again, and what was forged is refused, never taken further."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.http.paging import TIME_AND_ID, CursorField, Page, page_schema
from marshmallow import Schema, ValidationError, fields

ID = UUID("9d3f0ad0-7a0e-4c52-9c9a-7d7d1b6f0a01")
AT = datetime(2019, 10, 16, 14, 40, 12, 345678, tzinfo=UTC)

PLACES: list[tuple[tuple[type, ...], Any]] = [
    ((int,), 0),
    ((int,), 2**63 - 1),
    (TIME_AND_ID, (AT, ID)),
    ((str, str), ("", "张三")),
    ((str, datetime, UUID), ("-created_at", AT, ID)),
    ((str, str, UUID), ("order_number", '"]', ID)),
]


def forged(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(("kinds", "place"), PLACES)
def test_what_a_list_wrote_it_reads_again(kinds: tuple[type, ...], place: Any) -> None:
    field = CursorField(*kinds)
    text = field.serialize("next", {"next": place})
    assert isinstance(text, str)
    assert text.isascii()
    assert field.deserialize(text) == place


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        *[((int,), forged(value)) for value in (-1, 2**63, 1.5, True, None, "1", [1])],
        *[((str,), forged(value)) for value in (1, None, "\x00", "\ud800", ["a"])],
        *[(TIME_AND_ID, forged(at, str(ID))) for at in ("0001-01-01T00:00:00+08:00", "2019-10-16T00:00:00", "x", 1)],
        *[(TIME_AND_ID, forged(AT.isoformat(), id)) for id in ("x", 1, None)],
        (TIME_AND_ID, forged(AT.isoformat())),
        ((int,), forged(1, 2)),
        ((int,), forged()),
        ((int,), base64.urlsafe_b64encode(b"[" * 5000).decode()),
        ((int,), base64.urlsafe_b64encode(b"[" + b"9" * 5000 + b"]").decode()),
        ((int,), base64.urlsafe_b64encode(b"{}").decode()),
        ((int,), base64.urlsafe_b64encode(b"7").decode()),
        *[((int,), text) for text in ("", "=", "....", "中", "x")],
    ],
)
def test_what_was_forged_is_refused(kinds: tuple[type, ...], text: str) -> None:
    with pytest.raises(ValidationError, match="翻页标记无效 / not a cursor"):
        CursorField(*kinds).deserialize(text)


class Row(Schema):
    n = fields.Integer()


def test_a_page_says_how_to_go_on_only_if_more_follows() -> None:
    rows = [{"n": n} for n in range(3)]

    def cut(limit: int) -> dict[str, Any]:
        page = Page.cut(rows[: limit + 1], total=3, limit=limit, place=lambda row: row["n"])
        dumped: dict[str, Any] = page_schema(Row)().dump(page)
        return dumped

    first = cut(2)
    assert (first["items"], first["total"]) == (rows[:2], 3)
    assert CursorField(int).deserialize(first["next"]) == 1
    assert cut(3) == {"items": rows, "total": 3, "next": None}
