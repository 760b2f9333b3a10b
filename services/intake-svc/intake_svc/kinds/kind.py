"""The seam: what the center has to know of a marketplace to take its notices, one file per kind.

Whoever connects another marketplace writes a subclass of :class:`Kind`, enters it in :data:`intake_svc.kinds.KINDS`,
and puts golden files beside the others. Nothing else knows how a marketplace speaks.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, overload
from uuid import UUID

from delivery_shared import texts
from delivery_shared.http.bodies import parsed, storable
from delivery_shared.http.problems import Problem

from intake_svc.domain.acts import Create, Inquiry, Notice, Probe, Said

LONGEST = 200
"""Characters of a text a notice brings: numbers, codes, keys."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What came over HTTP, as it came: ``query`` raw, ``headers`` with small names, ``body`` bytes."""

    method: str
    query: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def stored(self) -> str:
        """As one text, from which :meth:`of` makes it again."""
        body = b64encode(self.body).decode()
        return json.dumps({"method": self.method, "query": self.query, "headers": dict(self.headers), "body": body})

    @staticmethod
    def of(text: str) -> Incoming:
        found = json.loads(text)
        return Incoming(**{**found, "body": b64decode(found["body"])})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    @staticmethod
    def json(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        return Reply(status=status, body=json.dumps(body, ensure_ascii=False).encode(), headers=headers or {})


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Which of the secrets verified it; ``skew`` in seconds is how far the marketplace's clock is behind ours, None
    where it does not tell its time."""

    secret: str
    skew: float | None = None


class NotAuthentic(Exception):
    """The notice is not the marketplace's, or is not of now."""

    def __init__(self, why: Literal["signature", "clock"], *, skew: float | None = None) -> None:
        super().__init__(why)
        self.why, self.skew = why, skew


class Malformed(Exception):
    """It is authentic, and yet nothing this kind says; the text tells what is missing."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an order stands, for an answer. ``known``: it is an order, not only notices about one. ``state`` and
    ``reason`` are those of the notice that is answered."""

    instance: str
    known: bool
    ready: bool
    front_url: str | None = None
    state: Literal["applied", "parked", "refused"] = "applied"
    reason: str | None = None


class Kind(ABC):
    """How one kind of marketplace speaks. Without state: everything comes in as an argument."""

    name: ClassVar[str]
    """Its part of the address."""
    title: ClassVar[tuple[str, str]]
    """In Chinese and in English."""
    keeps: ClassVar[Sequence[str]] = ()
    """Headers that belong to what is verified or said, with small names; they are stored with the notice."""
    alarm_after: ClassVar[timedelta | None] = timedelta(hours=1)
    """How long an order may not be answered as ready before somebody is told; None: this marketplace does not mind."""

    mirrored: ClassVar[bool] = False
    """Whether the marketplace has a delivery center of its own that can be told, by the API of *Market*."""

    def marketplace(self, connection_id: UUID) -> str:
        """Within which its customers' numbers say who somebody is: one and the same for all connections of the kind."""
        return self.name

    @abstractmethod
    def usable(self, secret: str) -> bool:
        """Whether ``secret`` can be one of this kind's."""

    def new_secret(self) -> str | None:
        """A secret of ours for the marketplace; None: it gives us one."""
        return None

    @abstractmethod
    def verify(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> Verified:
        """:raises NotAuthentic:"""

    @abstractmethod
    def translate(self, incoming: Incoming) -> Said:
        """What it says. Pure: the same for ever for the same bytes. :raises Malformed:"""

    @abstractmethod
    def answer(self, said: Notice, standing: Standing, secret: str) -> Reply:
        """The answer to a notice that is stored."""

    def inform(self, said: Inquiry, standing: Standing, secret: str) -> Reply:
        """The answer to an inquiry. :raises Malformed: this kind asks none."""
        raise Malformed("inquiry")

    def echo(self, said: Probe, secret: str) -> Reply:
        """The answer to a probe. :raises Malformed: this kind sends none."""
        raise Malformed("probe")

    @abstractmethod
    def fail(self, status: int, why: str) -> Reply:
        """What is answered where nothing is stored: in this kind's own shape."""

    @abstractmethod
    def write(self, said: Said, secret: str, now: datetime) -> Incoming:
        """As the marketplace sends it: for test orders, and simulators."""

    @abstractmethod
    def new_order(self, *, order: str, create: Create) -> Notice:
        """The notice of a new order, with this kind's word and key of repetition."""

    @abstractmethod
    def instance_in(self, reply: Reply) -> str | None:
        """What the marketplace reads from an answer to a new order: the instance id; None: not ready, it asks again."""


def text_in(fields: Mapping[str, Any], name: str, *, longest: int = LONGEST) -> str:
    """A text of a notice; empty if it is missing. :raises Malformed: no text, too long, or one nobody can keep."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed(name)
    try:
        text = texts.clean(str(value))
    except texts.ControlCharacter:
        raise Malformed(name) from None
    if len(text) > longest or not storable(text):
        raise Malformed(name)
    return text


def needed(fields: Mapping[str, Any], name: str) -> str:
    """A text that must be there. :raises Malformed:"""
    text = text_in(fields, name)
    if not text:
        raise Malformed(name)
    return text


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. :raises Malformed:"""
    try:
        found = parsed(body)
    except Problem:
        raise Malformed("body") from None
    if not isinstance(found, dict):
        raise Malformed("body")
    return found


@overload
def count_in(fields: Mapping[str, Any], name: str, *, preset: int) -> int: ...
@overload
def count_in(fields: Mapping[str, Any], name: str) -> int | None: ...
def count_in(fields: Mapping[str, Any], name: str, *, preset: int | None = None) -> int | None:
    """How many; ``preset`` if it is missing. :raises Malformed: no number from 1 to a million."""
    text = text_in(fields, name)
    if not text:
        return preset
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:10]) <= 1_000_000):
        raise Malformed(name)
    return int(text)


def day_in(fields: Mapping[str, Any], name: str, *, digits: int) -> date | None:
    """The day that the first ``digits`` characters of a time tell; None if it is missing. :raises Malformed: no day."""
    text = text_in(fields, name)
    try:
        return date.fromisoformat(text[:digits]) if text else None
    except ValueError:
        raise Malformed(name) from None
