"""A real mail server on this machine that puts what comes into a folder, a file a letter, for a program to read."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Takes every letter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        text = {"to": envelope.rcpt_tos[0], "subject": str(letter["Subject"]), "body": letter.get_content()}
        draft = self.folder / "draft"
        draft.write_text(json.dumps(text), encoding="utf-8")
        draft.rename(self.folder / f"{next(self._numbers):04}.json")
        return "250 OK"


@contextmanager
def mailbox(folder: Path) -> Iterator[str]:
    """The address of the server, as ``DELIVERY_SMTP_URL`` says it."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    controller = Controller(Mailbox(folder), hostname="127.0.0.1", port=port)
    controller.start()  # type: ignore[no-untyped-call]
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()  # type: ignore[no-untyped-call]
