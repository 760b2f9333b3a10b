"""Fields that take exactly their type, and of times only those that can be kept and reckoned with.

Python knows offsets up to ±23:59, PostgreSQL up to ±15:59; a time of the first or last day of its calendar overflows as
soon as it is looked at in another zone. Such a time is no time of ours, so it is refused where it comes in.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from marshmallow import ValidationError, fields

LARGEST_OFFSET: Final = timedelta(hours=16)
FIRST: Final = datetime(1, 1, 3, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""Between them a time can be looked at in every zone, and a day added or taken away."""


def usable(at: datetime) -> datetime:
    """``at`` itself. :raises ValueError: no zone, or one that does not exist, or a time beyond the calendar."""
    offset = at.utcoffset()
    if offset is None or abs(offset) >= LARGEST_OFFSET or not FIRST <= at < LAST:
        raise ValueError("not a time of ours")
    return at


class Time(fields.AwareDateTime):
    """A time with its zone, in a body or a query."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        at: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return usable(at)
        except ValueError as error:
            raise ValidationError("时间无效 / not a valid time") from error


class Switch(fields.Boolean):
    """true or false of a body, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QuerySwitch(fields.Boolean):
    """``true`` or ``false`` of a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return bool(value == "true")


__all__ = ["QuerySwitch", "Switch", "Time", "usable"]
