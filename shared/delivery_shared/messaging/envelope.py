"""The envelope of every message: CloudEvents 1.0, structured JSON, sent in batches.

What the relay finds together it sends together, as one ``application/cloudevents-batch+json`` body: per event this
costs the broker and its consumers a fraction of a message of its own (ADR 0006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from delivery_shared.contracts import Contract, contract_of
from delivery_shared.tracing import Trace


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents attributes, then the project's extensions in lower case as CloudEvents asks.

    ``id`` is the notification id in the source's event store, ``prev`` the id of the message before it from the
    same source (0 = first): a consumer at a position below ``prev`` has missed something. ``subject`` is the
    stream (aggregate id), ``subjectversion`` the event's version in it. ``traceparent`` is CloudEvents' extension for
    distributed tracing, absent where nobody records spans.
    """

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    subjectversion: int
    prev: int
    schemaversion: int
    correlationid: str
    causationid: str
    run: int | None = None
    traceparent: str | None = None
    datacontenttype: str = "application/json"
    data: msgspec.Raw


_encoder = msgspec.json.Encoder()
_batch_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_decoder = msgspec.json.Decoder(Envelope)
_decoders: dict[type[Contract], msgspec.json.Decoder[Any]] = {}


class Undecodable(Exception):
    """The message is no envelope, or its data do not fit the contract it names."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A received message whose contract this service binds."""

    id: int
    prev: int
    source: str
    type: str
    subject: str
    run: int | None
    time: datetime
    trace: Trace
    contract: Contract
    body: bytes
    """The envelope as received, for parking."""
    last_try: bool = False
    """It was put aside and is tried by itself no more: who waits for something has to do without it now."""


def encode(
    contract: Contract,
    *,
    notification_id: int,
    prev: int,
    subject: str,
    subject_version: int,
    time: datetime,
    correlation_id: str,
    causation_id: str,
    traceparent: str = "",
) -> bytes:
    """The bytes that go over the wire for a contract published as ``notification_id``."""
    return _encoder.encode(
        Envelope(
            specversion="1.0",
            id=str(notification_id),
            source=contract.producer(),
            type=contract.TYPE,
            subject=subject,
            time=time,
            subjectversion=subject_version,
            prev=prev,
            schemaversion=contract.VERSION,
            correlationid=correlation_id,
            causationid=causation_id,
            run=getattr(contract, "run", None),
            traceparent=traceparent or None,
            data=msgspec.Raw(_encoder.encode(contract)),
        )
    )


def join(bodies: Sequence[bytes]) -> bytes:
    """Encoded envelopes as one batch."""
    return b"[" + b",".join(bodies) + b"]"


def split(batch: bytes) -> list[bytes]:
    """The encoded envelopes of a batch. :raises Undecodable: the body is no batch."""
    try:
        return [bytes(raw) for raw in _batch_decoder.decode(batch)]
    except msgspec.MsgspecError as error:
        raise Undecodable(str(error)) from error


def open_envelope(body: bytes) -> Envelope:
    """The envelope in ``body``.

    :raises Undecodable: bad JSON, missing or wrong attributes, an id that is no positive number.
    """
    try:
        envelope = _decoder.decode(body)
        if int(envelope.id) < 1:
            raise ValueError("id below 1")
    except (msgspec.MsgspecError, ValueError) as error:
        raise Undecodable(str(error)) from error
    return envelope


def open_message(body: bytes, envelope: Envelope | None = None) -> Message:
    """The message in ``body`` (whose ``envelope`` may be open already) with its contract.

    :raises Undecodable: also for a type or version this installation does not know.
    """
    envelope = envelope or open_envelope(body)
    cls = contract_of(envelope.type)
    if cls is None or envelope.schemaversion > cls.VERSION:
        raise Undecodable(f"unknown message {envelope.type} version {envelope.schemaversion}")
    decoder = _decoders.setdefault(cls, msgspec.json.Decoder(cls))
    try:
        contract = decoder.decode(envelope.data)
    except msgspec.MsgspecError as error:
        raise Undecodable(f"{envelope.type}: {error}") from error
    return Message(
        id=int(envelope.id),
        prev=envelope.prev,
        source=envelope.source,
        type=envelope.type,
        subject=envelope.subject,
        run=envelope.run,
        time=envelope.time,
        trace=Trace(envelope.correlationid, f"{envelope.source}:{envelope.id}", envelope.traceparent or ""),
        contract=contract,
        body=body,
    )
