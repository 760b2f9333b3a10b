"""What leads out of the system: a channel takes one letter and says whether it is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

TIMEOUT = 10.0
"""Seconds a step of a conversation with a mail or SMS server may take."""


class Refused(Exception):
    """The other side will never take this letter."""


class NotTaken(Exception):
    """The other side did not take this letter now; others it may take."""


class Unreachable(NotTaken):
    """The other side takes nothing now: away, hanging, refusing us or breaking off."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message on its way to one address. ``delivery_id`` is the same at every attempt: what comes twice can be told
    from it."""

    delivery_id: UUID
    address: str
    title: str
    body: str
    written_at: datetime


class Channel(Protocol):
    """A way out of the system; used by many threads at once."""

    def send(self, letter: Letter) -> str:
        """Hand over ``letter``; returns what the other side answered.

        :raises Refused, NotTaken, Unreachable: see there.
        """


def one_line(text: str) -> str:
    """``text`` without line ends or other control characters: fit for headers, rows and logs."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
