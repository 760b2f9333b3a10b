"""What streams keep. Events stay in the stores for ever; a stream is how they get to those who read it, and need not.

RabbitMQ cuts a stream by whole segments, by age or by size. By age is right here: a stream that is published anew is as
young as that, so it is kept whole until its readers have it, where a limit of size would cut it while it is written.
The policy is the broker's own: it holds for streams that exist, may be changed at any time, and no process needs a
right for it. A feed that was away for longer meets a gap, stops in front of it and says what to do; the relay then
publishes again from the store (``dc outbox rewind --behind``).
"""

from __future__ import annotations

from typing import Any, Final

from delivery_shared.messaging.envelope import open_envelope, split
from delivery_shared.messaging.transport import Transport

DAYS: Final = 14
"""For so long a feed may be away before it needs anything done: longer than the longest holiday."""

SEGMENT_BYTES: Final = 50_000_000
"""What is cut at a time; a stream has it from when it is declared, by default 500 MB. About 70,000 events."""

POLICY: Final[dict[str, Any]] = {
    "vhost": "/",
    "name": "events",
    "pattern": r"^events\.",
    "apply-to": "queues",
    "definition": {"max-age": f"{DAYS}D", "stream-max-segment-size-bytes": SEGMENT_BYTES},
    "priority": 0,
}
"""As RabbitMQ imports it with its definitions."""


def begins_after(transport: Transport, source: str, *, timeout: float = 2.0) -> int | None:
    """The id behind which the stream of ``source`` holds everything: feeds that stand there or later find what they
    need. None: it holds nothing; segments that are cut may be all that had messages in them. Raises what the broker
    raises."""
    with transport.attach(source=source, position=0, offset=None) as attachment:
        deliveries = attachment.receive(limit=1, timeout=timeout)
        attachment.acknowledge(deliveries)
    return open_envelope(split(deliveries[0].body)[0]).prev if deliveries else None
