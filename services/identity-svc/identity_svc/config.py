"""Settings of identity-svc beyond those every service has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from identity_svc.throttle import Limits


@dataclass(frozen=True, kw_only=True)
class Config:
    """``initial_password_life``: an initial password not used by then is void. A session ends ``session_idle``
    after its last refresh, at the latest ``session_life`` after the login. ``proxies``: how many proxies of our
    own stand before the service and tell the client's address and whether it came over https. ``public_url``: where
    browsers find the center; if it is https, cookies are ``Secure`` whatever the proxies tell."""

    initial_password_life: timedelta = timedelta(days=14)
    session_idle: timedelta = timedelta(hours=12)
    session_life: timedelta = timedelta(days=7)
    proxies: int = 0
    public_url: str = ""
    limits: Limits = field(default_factory=Limits)

    @staticmethod
    def read(environment: Mapping[str, str]) -> Config:
        """From ``DELIVERY_INITIAL_PASSWORD_DAYS``, ``DELIVERY_SESSION_IDLE_HOURS``, ``DELIVERY_SESSION_DAYS``,
        ``DELIVERY_PROXIES`` and ``DELIVERY_PUBLIC_URL``.

        :raises SystemExit: a value that is no whole number, or not above 0 (proxies: below); no http(s) address.
        """

        def number(name: str, default: int, least: int) -> int:
            given = environment.get(name, str(default))
            if not given.isdecimal() or int(given) < least:
                raise SystemExit(f"{name} must be a whole number from {least}, not {given!r}")
            return int(given)

        public_url = environment.get("DELIVERY_PUBLIC_URL", "")
        if public_url and urlsplit(public_url).scheme not in ("http", "https"):
            raise SystemExit(f"DELIVERY_PUBLIC_URL must be an address beginning with https://, not {public_url!r}")
        return Config(
            initial_password_life=timedelta(days=number("DELIVERY_INITIAL_PASSWORD_DAYS", 14, 1)),
            session_idle=timedelta(hours=number("DELIVERY_SESSION_IDLE_HOURS", 12, 1)),
            session_life=timedelta(days=number("DELIVERY_SESSION_DAYS", 7, 1)),
            proxies=number("DELIVERY_PROXIES", 0, 0),
            public_url=public_url,
        )

    @property
    def always_https(self) -> bool:
        """Whether browsers come by https only."""
        return urlsplit(self.public_url).scheme == "https"


def private_key(environment: Mapping[str, str]) -> dict[str, Any]:
    """The signing key from ``DELIVERY_PRIVATE_KEY``: a private JWK, or the path of a file holding it.

    :raises SystemExit: it is missing or no JSON object.
    """
    return _json(environment, "DELIVERY_PRIVATE_KEY")


def first_passwords(environment: Mapping[str, str]) -> dict[str, str] | None:
    """Passwords of the first accounts by login name, from ``DELIVERY_FIRST_PASSWORDS``: a JSON object, or the path of
    a file holding it. None: not given, then ``migrate`` makes no accounts.

    :raises SystemExit: it is no JSON object of texts.
    """
    if not environment.get("DELIVERY_FIRST_PASSWORDS"):
        return None
    found = _json(environment, "DELIVERY_FIRST_PASSWORDS")
    if not all(isinstance(password, str) and password for password in found.values()):
        raise SystemExit("DELIVERY_FIRST_PASSWORDS must name a password for each login name")
    return found


def _json(environment: Mapping[str, str], name: str) -> dict[str, Any]:
    """The JSON object in a variable or in the file it names. What it holds is secret and stands in no message."""
    given = environment.get(name, "")
    if not given:
        raise SystemExit(f"missing in the environment: {name}")
    try:
        found = json.loads(given if given.lstrip().startswith("{") else Path(given).read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{name} is unusable: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise SystemExit(f"{name} is no JSON object")
    return found
