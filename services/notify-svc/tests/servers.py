"""A real mail server and a real SMS gateway on this machine, and how they can fail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailServer:
    """What came in; ``answers`` refuses a step of the conversation: MAIL, RCPT or DATA → answer."""

    port: int = 0
    received: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    """Letters whose text came in, whether answered or not."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += 1
        answer = self.answers.get("DATA", "250 OK")
        if answer == "die":
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("250"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.received.append((envelope.mail_from, list(envelope.rcpt_tos), parsed))
        return answer


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server (aiosmtpd)."""
    server = MailServer()
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()  # type: ignore[no-untyped-call]
    try:
        yield server
    finally:
        controller.stop()  # type: ignore[no-untyped-call]


@contextmanager
def deaf_server() -> Iterator[int]:
    """The port of a server that takes connections and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=100)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def nobody() -> Iterator[int]:
    """A port that refuses connections: bound, but nobody listens."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@dataclass
class Gateway:
    """What came in; ``answer`` is what is answered, ``hangs`` seconds late."""

    url: str = ""
    received: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    answer: tuple[int, str] = (202, '{"queued": true}')
    hangs: float = 0.0


@contextmanager
def sms_gateway() -> Iterator[Gateway]:
    """A real HTTP server in the place of the SMS gateway."""
    gateway = Gateway()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.received.append((dict(self.headers), json.loads(body)))
            if gateway.hangs:
                over.wait(gateway.hangs)
                self.close_connection = True
                return
            status, text = gateway.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/v1/messages"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
