"""Fields of request bodies that take exactly their type, and who acts."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

from delivery_shared.http import caller
from marshmallow import ValidationError, fields, validate


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


def owner_id() -> UUID | None:
    """Who acts: the caller's party, None for the platform operator."""
    who = caller()
    return None if who.is_a("platform_operator") else who.party_id
