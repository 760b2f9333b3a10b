"""How a buyer is reached, as marketplaces write it: kept in one form, and left out where nothing could be sent to it –
an order is not refused for a contact that is none."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from delivery_shared import texts
from email_validator import EmailNotValidError, validate_email

from intake_svc.domain.acts import Contact

HOME: Final = "CN"
"""Where a number without a country's code is."""

LONGEST_NAME: Final = 100
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def contact(*, name: str | None, mobile: str | None, email: str | None, locale: str | None = None) -> Contact | None:
    """What of it can be used; None: nothing."""
    locale = locale if locale and _LOCALE.fullmatch(locale) else None
    found = Contact(name=name_of(name), mobile=mobile_of(mobile), email=email_of(email), locale=locale)
    return found if found.name or found.mobile or found.email else None


def name_of(text: str | None) -> str | None:
    """A name as people have it; None: it is none."""
    try:
        return texts.clean(text or "")[:LONGEST_NAME] or None
    except texts.ControlCharacter:
        return None


def mobile_of(text: str | None) -> str | None:
    """In E.164."""
    try:
        number = phonenumbers.parse(text or "", HOME)
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.PhoneNumberType.MOBILE
    reason = phonenumbers.is_possible_number_for_type_with_reason(number, mobile)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_of(text: str | None) -> str | None:
    """An address every mail server takes, in its normal form."""
    try:
        return validate_email(text or "", allow_smtputf8=False, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
