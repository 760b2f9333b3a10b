"""Ports of this machine for processes that are started later, and started again after a kill."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

BELOW_OUTGOING = range(15_000, 32_000)
"""Below the ports that outgoing connections take by themselves: one of those may be gone between look and use."""

_reserved: list[IO[str]] = []


def free_port() -> int:
    """A TCP port nobody listens on now, reserved until this process ends: no further call gets it, in none of the
    processes of this user.

    :raises OSError: all are taken.
    """
    folder = Path(tempfile.gettempdir()) / f"delivery-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for port in random.sample(BELOW_OUTGOING, len(BELOW_OUTGOING)):
        reservation = (folder / str(port)).open("w")
        try:
            fcntl.flock(reservation, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
        else:
            _reserved.append(reservation)
            return port
    raise OSError("no port is free")
