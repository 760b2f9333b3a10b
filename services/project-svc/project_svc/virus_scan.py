"""An uploaded file is shown to a virus scanner before it is kept: ClamAV's daemon or whatever speaks its protocol.

Off unless ``DELIVERY_VIRUS_SCAN`` names one. The library for this protocol is under the GPL, an older one unkept;
what is needed of it is one command of clamd(8), INSTREAM.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog

from project_svc.domain.errors import FileInfected, FilesUnavailable

log = structlog.get_logger()

Scan = Callable[[Path], None]
"""Looks at a file. :raises FileInfected, FilesUnavailable: it is not to be kept."""

CONNECT: Final = 5.0
"""Seconds until the scanner must take the connection."""

ANSWER: Final = 30.0
"""Seconds without a word of the scanner, which unpacks archives."""

CHUNK: Final = 64 * 1024


def unscanned(_path: Path) -> None:
    """No scanner is set."""


def from_setting(setting: str) -> Scan:
    """``tcp://host:port`` or ``unix:///path/of/the/socket`` of the scanner; empty: none.

    :raises SystemExit: neither.
    """
    if not setting:
        return unscanned
    address = urlsplit(setting)
    if address.scheme == "tcp" and address.hostname and address.port:
        return Clamd((address.hostname, address.port))
    if address.scheme == "unix" and address.path:
        return Clamd(address.path)
    raise SystemExit("DELIVERY_VIRUS_SCAN must be tcp://host:port or unix:///path")


class Clamd:
    """ClamAV's daemon at an address: host and port, or the path of a socket. What it cannot judge is not kept."""

    def __init__(self, address: tuple[str, int] | str, *, patience: float = ANSWER) -> None:
        self.address = address
        self.patience = patience

    def __call__(self, path: Path) -> None:
        try:
            verdict = self._verdict(path)
        except OSError as error:
            log.error("the virus scanner does not answer", address=self.address, error=repr(error))
            raise FilesUnavailable(f"virus scanner: {error}") from error
        if verdict.endswith(" FOUND"):
            raise FileInfected(verdict.removesuffix(" FOUND").partition(": ")[2])
        if verdict != "stream: OK":
            # Its StreamMaxLength is below our limit, its database is missing, …: whoever runs it must look.
            log.error("the virus scanner cannot judge a file", address=self.address, answer=verdict)
            raise FilesUnavailable(f"virus scanner: {verdict}")

    def _verdict(self, path: Path) -> str:
        """Its answer, a line as clamd(8) has them. A scanner that has seen enough answers before it has all."""
        with self._connected() as scanner:
            try:
                scanner.sendall(b"zINSTREAM\0")
                with path.open("rb") as file:
                    for chunk in iter(lambda: file.read(CHUNK), b""):
                        scanner.sendall(struct.pack("!L", len(chunk)) + chunk)
                scanner.sendall(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it says why
            return b"".join(iter(lambda: scanner.recv(4096), b"")).rstrip(b"\0").decode(errors="replace")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        if isinstance(self.address, str):
            scanner = socket.socket(socket.AF_UNIX)
            scanner.settimeout(CONNECT)
        else:
            scanner = socket.create_connection(self.address, timeout=CONNECT)
        with scanner:
            if isinstance(self.address, str):
                scanner.connect(self.address)
            scanner.settimeout(self.patience)
            yield scanner
