"""The environment of a process as it is read: secrets may come as files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

OF_ONE_SERVICE = re.compile(r"DELIVERY_([A-Z]+)_(DATABASE_URL|DATABASE_ADMIN_URL)(_FILE)?")
"""``DELIVERY_<SERVICE>_DATABASE_URL``: where the database of one service is, if not where all are."""

SECRETS = (
    "DATABASE_URL",
    "DATABASE_ADMIN_URL",
    "AMQP_URL",
    "DELIVERY_SMTP_URL",
    "DELIVERY_SMTP_PASSWORD",
    "DELIVERY_SMS_URL",
    "DELIVERY_SMS_TOKEN",
    "DELIVERY_LINK_KEYS",
)
"""Variables that hold secrets, with those of :data:`OF_ONE_SERVICE`: each may come as ``<name>_FILE`` instead, the path
of a file with the value."""


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` with the secrets that were given as files. A final line break is no part of a secret.

    :raises SystemExit: naming the variable – both forms are given, or the file cannot be read or is empty.
    """
    found = dict(environment)
    own = {name.removesuffix("_FILE") for name in environment if OF_ONE_SERVICE.fullmatch(name)}
    for name in [*SECRETS, *sorted(own)]:
        path = found.pop(f"{name}_FILE", "")
        if not path:
            continue
        if found.get(name):
            raise SystemExit(f"{name} and {name}_FILE are both given")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise SystemExit(f"{name}_FILE is unusable: {type(error).__name__}") from None
        if not found[name]:
            raise SystemExit(f"{name}_FILE is empty")
    return found


def databases(environment: Mapping[str, str], *, kind: str = "DATABASE_URL") -> dict[str, str]:
    """The addresses of the services that have a database of their own, by service.

    :param environment: as :func:`with_secrets` gives it.
    :param kind: ``DATABASE_ADMIN_URL`` – those by which whoever may create roles reaches them.
    """
    found = ((OF_ONE_SERVICE.fullmatch(name), value) for name, value in environment.items())
    return {match[1].lower(): value for match, value in found if match and match[2] == kind and not match[3] and value}
