"""Fields of request bodies that take exactly their type, and parts shared by all lists."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from typing import Any
from uuid import UUID

from delivery_shared.http import Problem, caller
from marshmallow import Schema, ValidationError, fields, validate

LIMIT = 200
"""Entries of a page at most."""


class Text(fields.String):
    """A trimmed text without control characters and lone surrogates, which no database stores. ``lines``: line breaks
    and tabs are allowed."""

    def __init__(self, *, longest: int, lines: bool = False, shortest: int = 0, **kwargs: Any) -> None:
        self.allowed = "\n\r\t" if lines else ""
        super().__init__(validate=validate.Length(min=shortest, max=longest), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if any(c not in self.allowed and unicodedata.category(c) in ("Cc", "Cs") for c in text):
            raise ValidationError("不能包含控制字符 / no control characters")
        return text


class Code(Text):
    """A code of reference data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=50, **kwargs)
        self.validators.append(validate.Regexp(r"[a-z][a-z0-9_]*\Z"))


class Paging(Schema):
    """Which part of a list is asked for."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, LIMIT))
    cursor = fields.String(load_default="", validate=validate.Length(max=200))


def to_cursor(place: str) -> str:
    """An opaque cursor for the entry at ``place`` in the list's order."""
    return base64.urlsafe_b64encode(place.encode()).decode()


def from_cursor(cursor: str) -> str:
    """The place in a cursor. :raises Problem: 400, it is none of ours."""
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii")).decode()
    except (binascii.Error, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    return Problem(400, "cursor-invalid", "翻页标记无效", "The cursor is invalid")


def owner_id() -> UUID | None:
    """Who acts: the caller's party, None for the platform operator."""
    who = caller()
    return None if who.is_a("platform_operator") else who.party_id
