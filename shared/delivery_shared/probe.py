"""Asks a process of the same container how it is: ``python -m delivery_shared.probe http://127.0.0.1:8000/readyz``. For
images without curl; imports nothing but the standard library, since it runs every few seconds."""

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT = 4.0
"""Seconds."""


def main() -> None:
    """Exit with 0 for an answer of 200, else with 1 and a line that says what came instead."""
    address = urlsplit(sys.argv[1])
    connection = HTTPConnection(address.hostname or "127.0.0.1", address.port or 80, timeout=TIMEOUT)
    try:
        connection.request("GET", address.path or "/")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.exit(f"{sys.argv[1]}: {error!r}")
    if status != 200:
        sys.exit(f"{sys.argv[1]}: {status}")


if __name__ == "__main__":
    main()
