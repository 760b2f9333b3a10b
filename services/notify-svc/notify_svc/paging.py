"""Cursors: pages are cut by (time, id), so rows that arrive meanwhile neither repeat nor hide others."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

MAX_PAGE = 200
"""Rows of the largest page."""


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: its time and, among equal times, its id."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """:raises ValueError: not a cursor of ours."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            at, _, id = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
            cursor = cls(datetime.fromisoformat(at), UUID(id))
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise ValueError("no such cursor") from error
        if cursor.at.tzinfo is None:
            raise ValueError("no such cursor")
        return cursor


@dataclass(frozen=True)
class Page:
    """Some rows of a list; ``total`` counts the whole list (G-31), ``next`` is None on the last page."""

    items: Sequence[Mapping[str, Any]]
    total: int
    next: str | None
