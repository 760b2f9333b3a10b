"""Fields for texts, by the rule of :mod:`delivery_shared.texts`."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from delivery_shared import texts


class Text(fields.String):
    """A text as :func:`~delivery_shared.texts.clean` leaves it, of ``shortest`` to ``longest`` characters then.

    :param error: what is said of any other number of them.
    """

    def __init__(
        self, *, longest: int, shortest: int = 0, lines: bool = False, error: str | None = None, **kwargs: Any
    ) -> None:
        self.lines = lines
        super().__init__(validate=validate.Length(min=shortest or None, max=longest, error=error), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        given: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return texts.clean(given, lines=self.lines)
        except texts.ControlCharacter:
            raise ValidationError("不能包含控制字符 / no control characters") from None
