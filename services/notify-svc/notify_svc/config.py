"""What notify-svc reads from the environment besides the settings of every service."""

from __future__ import annotations

from collections.abc import Mapping

from delivery_shared.links import LinkKeys

from notify_svc.channels import Channel
from notify_svc.letters import Letters
from notify_svc.mail import Mail
from notify_svc.sms import Sms

SENDERS = 4
"""Letters one ``sender`` process sends at a time unless ``DELIVERY_SENDERS`` says otherwise."""


def channels_of(environment: Mapping[str, str]) -> dict[str, Channel]:
    """The channels that are configured. Without any, messages can be read in the outbox (N-17).

    ``DELIVERY_SMTP_URL`` – ``smtp://``, ``smtp+starttls://`` or ``smtps://`` ``[user[:password]@]host[:port]`` – with
    ``DELIVERY_MAIL_FROM``, the sender's address, and ``DELIVERY_SMTP_PASSWORD``, to keep it out of the URL;
    ``DELIVERY_SMS_URL``, the gateway's address, with ``DELIVERY_SMS_TOKEN``.

    :raises SystemExit: naming what is missing or wrong.
    """
    found: dict[str, Channel] = {}
    try:
        if url := environment.get("DELIVERY_SMTP_URL"):
            name = "DELIVERY_SMTP_URL or DELIVERY_MAIL_FROM"
            sender = _needed(environment, "DELIVERY_MAIL_FROM")
            found["email"] = Mail.at(url, sender=sender, password=environment.get("DELIVERY_SMTP_PASSWORD", ""))
        if url := environment.get("DELIVERY_SMS_URL"):
            name = "DELIVERY_SMS_URL"
            found["sms"] = Sms.at(url, token=_needed(environment, "DELIVERY_SMS_TOKEN"))
    except ValueError as error:
        raise SystemExit(f"wrong in the environment: {name}: {error}") from error
    return found


def letters_of(environment: Mapping[str, str]) -> Letters:
    """What writes the letters: with links for contacts of orders, where ``DELIVERY_LINK_KEYS`` and
    ``DELIVERY_PUBLIC_URL``, where browsers find the center, are given.

    :raises SystemExit: a key is none.
    """
    return Letters(keys=LinkKeys.read(environment), address=environment.get("DELIVERY_PUBLIC_URL", ""))


def senders_of(environment: Mapping[str, str]) -> int:
    """How many letters a process sends at a time. :raises SystemExit: no positive number."""
    given = environment.get("DELIVERY_SENDERS", str(SENDERS))
    if not given.isdecimal() or not int(given):
        raise SystemExit("wrong in the environment: DELIVERY_SENDERS: not a positive number")
    return int(given)


def _needed(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise SystemExit(f"missing in the environment: {name}")
    return environment[name]
