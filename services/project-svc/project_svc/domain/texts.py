"""The rule for texts people write: reasons, remarks, comments, notes, evaluations."""

from __future__ import annotations

from typing import Final

from project_svc.domain.errors import TextMissing, TextTooLong

TEXT_LIMIT: Final = 500
"""Characters of a reason, remark, comment, note or evaluation (A-23, R-89, R-94, R-137)."""


def required_text(text: str) -> str:
    """``text`` without surrounding space. :raises TextMissing, TextTooLong: empty, or above 500 characters."""
    text = text.strip()
    if not text:
        raise TextMissing
    return _not_too_long(text)


def optional_text(text: str | None) -> str | None:
    """``text`` without surrounding space, None if nothing is left. :raises TextTooLong: above 500 characters."""
    return _not_too_long(text.strip()) or None if text else None


def _not_too_long(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise TextTooLong(TEXT_LIMIT)
    return text
