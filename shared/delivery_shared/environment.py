"""The environment of a process as it is read: secrets may come as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "DATABASE_URL",
    "DATABASE_ADMIN_URL",
    "AMQP_URL",
    "DELIVERY_SMTP_URL",
    "DELIVERY_SMTP_PASSWORD",
    "DELIVERY_SMS_URL",
    "DELIVERY_SMS_TOKEN",
)
"""Variables that hold secrets: each may come as ``<name>_FILE`` instead, the path of a file with the value."""


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` with the secrets that were given as files. A final line break is no part of a secret.

    :raises SystemExit: naming the variable – both forms are given, or the file cannot be read or is empty.
    """
    found = dict(environment)
    for name in SECRETS:
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
