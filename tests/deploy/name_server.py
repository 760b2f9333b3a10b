"""A name server that tests tell what to answer, for what must follow a name whose address changes."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address


@dataclass
class NameServer:
    """``addresses``: name → its IPv4 addresses; every other name does not exist."""

    port: int
    addresses: dict[str, list[str]] = field(default_factory=dict)


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Answers over UDP on a port of this machine."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked, socket = self.request
            socket.sendto(answer(bytes(asked), served.addresses), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        served = NameServer(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def answer(asked: bytes, addresses: dict[str, list[str]]) -> bytes:
    """A message of RFC 1035: the question again, and a record that holds for a second for each address."""
    labels, at = [], 12
    while length := asked[at]:
        labels.append(asked[at + 1 : at + 1 + length].decode())
        at += 1 + length
    question = asked[12 : at + 5]
    found = addresses.get(".".join(labels))
    wanted = found if found and asked[at + 1 : at + 3] == b"\x00\x01" else []  # records A
    flags = b"\x81\x80" if found is not None else b"\x81\x83"
    header = asked[:2] + flags + b"\x00\x01" + len(wanted).to_bytes(2, "big") + bytes(4)
    record = b"\xc0\x0c\x00\x01\x00\x01" + (1).to_bytes(4, "big") + b"\x00\x04"
    return header + question + b"".join(record + IPv4Address(one).packed for one in wanted)
