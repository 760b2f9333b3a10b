"""A buyer's contact as marketplaces write it: left out where nothing could be sent to it, since an order is not refused
for a contact that is none."""

from __future__ import annotations

import re
from typing import Final

from delivery_shared import texts
from delivery_shared.contacts import email_of, mobile_of

from intake_svc.domain.acts import Contact

LONGEST_NAME: Final = 100
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def contact(*, name: str | None, mobile: str | None, email: str | None, locale: str | None = None) -> Contact | None:
    """What of it can be used; None: nothing."""
    locale = locale if locale and _LOCALE.fullmatch(locale) else None
    found = Contact(name=name_of(name), mobile=mobile_of(mobile or ""), email=email_of(email or ""), locale=locale)
    return found if found.name or found.mobile or found.email else None


def name_of(text: str | None) -> str | None:
    """A name as people have it; None: it is none."""
    try:
        return texts.clean(text or "")[:LONGEST_NAME] or None
    except texts.ControlCharacter:
        return None
