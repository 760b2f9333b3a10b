"""Codes in request bodies, and who acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import caller
from delivery_shared.http.texts import Text
from marshmallow import validate


class Code(Text):
    """A code of reference data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=50, **kwargs)
        self.validators.append(validate.Regexp(r"[a-z][a-z0-9_]*\Z"))


def owner_id() -> UUID | None:
    """Who acts: the caller's party, None for the platform operator."""
    who = caller()
    return None if who.is_a("platform_operator") else who.party_id
