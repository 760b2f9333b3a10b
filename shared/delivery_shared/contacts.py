"""How people are reached, kept in one form however it was typed or pasted; what nothing could be sent to is none."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

HOME: Final = "CN"
"""Where a number without a country's code is."""

_DASHES: Final = re.compile(r"\s*[-‐-―−]+\s*")


def plain(text: str) -> str:
    """``text`` in half width, dashes as one sign, without marks nobody sees."""
    text = unicodedata.normalize("NFKC", text)
    return _DASHES.sub("-", "".join(c for c in text if unicodedata.category(c) != "Cf"))


def mobile_of(text: str, *, e164: bool = True) -> str | None:
    """A mobile number in E.164; without ``e164`` digits alone for one at home. None: it is none."""
    text = plain(text)
    if not re.fullmatch(r"[0-9+(). -]+", text):
        return None
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.PhoneNumberType.MOBILE
    possible = phonenumbers.is_possible_number_for_type_with_reason(number, mobile)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if not e164 and number.country_code == phonenumbers.country_code_for_region(HOME):
        return phonenumbers.national_significant_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_of(text: str) -> str | None:
    """An address every mail server takes, in its normal form: of its domain every letter, before the ``@`` ASCII only.
    None: it is none."""
    try:
        return validate_email(text, allow_smtputf8=False, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
