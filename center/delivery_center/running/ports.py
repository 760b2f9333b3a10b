"""Ports of this machine for processes that are started later, and started again after a kill."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

BELOW_OUTGOING = range(15_000, 32_000)
"""Below the ports that outgoing connections take by themselves: one of those may be gone between look and use."""

_reserved: list[int] = []
"""Open files, each locked."""


def free_port() -> int:
    """A TCP port nobody listens on now, reserved until this process ends: no further call gets it, in none of the
    processes of this user.

    :raises OSError: all are taken.
    """
    folder = Path(tempfile.gettempdir()) / f"delivery-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for port in random.sample(BELOW_OUTGOING, len(BELOW_OUTGOING)):
        reservation = os.open(folder / str(port), os.O_WRONLY | os.O_CREAT)
        try:
            fcntl.flock(reservation, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            os.close(reservation)
        else:
            _reserved.append(reservation)
            return port
    raise OSError("no port is free")
