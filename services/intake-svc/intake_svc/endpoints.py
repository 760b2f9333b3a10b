"""Where mirrors may report to: what the installation allows, never an address a vendor thinks of."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

VARIABLE: Final = "DELIVERY_MIRROR_ENDPOINTS"


def endpoints_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """``DELIVERY_MIRROR_ENDPOINTS``: addresses (``https://market.aliyuncs.com``), parted by commas; the first is
    preset. None: there are no mirrors here. Without ``https`` only on this machine.

    :raises SystemExit: one is no such address.
    """
    found = tuple(text.strip() for text in environment.get(VARIABLE, "").split(",") if text.strip())
    for text in found:
        parts = urlsplit(text)
        plain = f"{parts.scheme}://{parts.netloc}" == text and parts.hostname and "@" not in parts.netloc
        if not plain or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))):
            raise SystemExit(f"wrong in the environment: {VARIABLE}: not an https:// address of a host: {text!r}")
    return found


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
