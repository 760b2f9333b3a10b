"""How people are reached, kept in one form however it was typed or pasted; what nothing could be sent to is refused."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError

from delivery_shared.http.texts import Text

HOME: Final = "CN"
"""Where a number without a country's code is."""

_DASHES: Final = re.compile(r"\s*[-‐-―−]+\s*")


def plain(text: str) -> str:
    """``text`` in half width, dashes as one sign, without marks nobody sees."""
    text = unicodedata.normalize("NFKC", text)
    return _DASHES.sub("-", "".join(c for c in text if unicodedata.category(c) != "Cf"))


class Mobile(Text):
    """A mobile number: digits alone at home, ``+`` and the country's code before them elsewhere – with ``e164``
    everywhere."""

    def __init__(self, *, e164: bool = False) -> None:
        self.e164 = e164
        super().__init__(load_default=None, allow_none=True, longest=40)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = plain(super()._deserialize(value, attr, data, **kwargs))
        wrong = ValidationError("手机号格式错误 / not a mobile number")
        if not re.fullmatch(r"[0-9+(). -]+", text):
            raise wrong
        try:
            number = phonenumbers.parse(text, HOME)
        except phonenumbers.NumberParseException:
            raise wrong from None
        mobile = phonenumbers.PhoneNumberType.MOBILE
        possible = phonenumbers.is_possible_number_for_type_with_reason(number, mobile)
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise wrong
        if not self.e164 and number.country_code == phonenumbers.country_code_for_region(HOME):
            return phonenumbers.national_significant_number(number)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Email(Text):
    """An address every mail server takes: of its domain every letter, before the ``@`` ASCII only."""

    def __init__(self) -> None:
        super().__init__(load_default=None, allow_none=True, longest=254, metadata={"format": "email"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return validate_email(text, allow_smtputf8=False, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValidationError("邮箱地址无效 / not an email address mail can be sent to") from None
