"""Fields of requests for how people are reached (:mod:`delivery_shared.contacts`)."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from delivery_shared.contacts import email_of, mobile_of
from delivery_shared.http.texts import Text


class Mobile(Text):
    """A mobile number: digits alone at home, ``+`` and the country's code before them elsewhere – with ``e164``
    everywhere."""

    def __init__(self, *, e164: bool = False) -> None:
        self.e164 = e164
        super().__init__(load_default=None, allow_none=True, longest=40)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = mobile_of(super()._deserialize(value, attr, data, **kwargs), e164=self.e164)
        if number is None:
            raise ValidationError("手机号格式错误 / not a mobile number")
        return number


class Email(Text):
    """An address mail can be sent to."""

    def __init__(self) -> None:
        super().__init__(load_default=None, allow_none=True, longest=254, metadata={"format": "email"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = email_of(super()._deserialize(value, attr, data, **kwargs))
        if address is None:
            raise ValidationError("邮箱地址无效 / not an email address mail can be sent to")
        return address
