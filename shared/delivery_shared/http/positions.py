"""Reads that see what their caller did elsewhere (architecture 6).

A command answers how far its service's events have come then (``Delivery-Position: project:17``); sent back as
``Delivery-Min-Position``, a request waits until this service's feeds are there. Whoever waits holds a thread, so that

* only somebody known waits: where nobody must sign in the header is not looked at;
* at most one thread in :data:`PART` waits, of the whole process; whoever finds no place is answered 503 at once;
* nobody waits for what no feed reaches in :data:`WAIT` seconds. No service knows the last position of another – its
  events are all it hears of it, and a command's come later than its answer –, so a position that does not exist cannot
  be told from one that is under way; but one further ahead than :data:`REACH` is out of reach either way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from flask import request

from delivery_shared.http.problems import Problem
from delivery_shared.messaging.consumer import Consumer

T = TypeVar("T")

POSITION: Final = "Delivery-Position"
MIN_POSITION: Final = "Delivery-Min-Position"
MIN_POSITION_PATTERN: Final = r"^ *[a-z]+ *: *[0-9]{1,19} *(, *[a-z]+ *: *[0-9]{1,19} *){0,15}$"
WAIT = 2.0
"""Seconds a request waits for the positions it was asked to have reached."""
PART: Final = 4
"""One thread in so many may wait."""
REACH: Final = 20_000
"""Positions a feed gets ahead in :data:`WAIT` seconds at most: it applies some 5,000 messages a second, and the events
between them that are not published have positions too."""
SOURCES: Final = 16
"""Entries of the header at most."""
LOOK_EVERY: Final = 0.01
"""Seconds between two looks at a feed's position."""
GRACE = 1.0
"""Seconds until an id that is unknown here is taken for one that does not exist: feeds are behind by less."""


class Places:
    """How many threads of this process may wait at a time. One process may host several services; their threads are
    the same."""

    def __init__(self, threads: int) -> None:
        self._lock = threading.Lock()
        self.taken = 0
        self.share(threads)

    def share(self, threads: int) -> None:
        """The process answers requests in so many threads."""
        self.limit = max(1, threads // PART)

    def take(self) -> bool:
        """Whether there was a place; whoever got one gives it back."""
        with self._lock:
            if self.taken >= self.limit:
                return False
            self.taken += 1
            return True

    def give_back(self) -> None:
        with self._lock:
            self.taken -= 1


places = Places(threads=8)
"""Those of this process; whoever starts its server tells the number of threads."""


def wait_for_positions(consumers: Iterable[Consumer]) -> None:
    """Wait until the feeds of ``consumers`` have reached what ``Delivery-Min-Position`` asks for
    (``project:17, dispatch:4``); sources that none of them follows are ignored.

    :raises Problem: 503 with Retry-After – not there in two seconds, out of reach, or too many wait already; 400 for
        a header that does not parse.
    """
    header = request.headers.get(MIN_POSITION)
    if not header:
        return
    wanted = parsed(header)
    behind = _behind(consumers, wanted)
    if not behind:
        return
    if any(wanted[consumer.source] - position > REACH for consumer, position in behind.items()) or not places.take():
        raise _not_there()
    try:
        deadline = time.monotonic() + WAIT
        while behind := _behind(behind, wanted):
            if time.monotonic() > deadline:
                raise _not_there()
            time.sleep(LOOK_EVERY)
    finally:
        places.give_back()


def once_known(step: Callable[[], T], *unknown: type[Exception]) -> T:
    """What ``step`` returns. While it raises one of ``unknown`` – about an id the caller may have from an answer of
    another service, given a moment ago – it is tried again, for :data:`GRACE` seconds.

    :raises Problem: 503 with Retry-After, unknown and too many wait already; nobody can say whether it is to come.
    """
    pause, deadline = LOOK_EVERY, time.monotonic() + GRACE
    try:
        return step()
    except unknown:
        if not places.take():
            raise Problem(503, "not-yet-known", "数据同步中，请稍后再试", "Not yet known here, try again") from None
    try:
        while True:
            time.sleep(pause)
            pause *= 2
            try:
                return step()
            except unknown:
                if time.monotonic() + pause > deadline:
                    raise
    finally:
        places.give_back()


def parsed(header: str) -> dict[str, int]:
    """Source → position; of several of one source the last. :raises Problem: 400."""
    parts = [part.partition(":") for part in header.split(",", SOURCES)]
    positions = {source.strip(): number.strip() for source, _, number in parts}
    if len(parts) > SOURCES or not all(n.isascii() and n.isdigit() and len(n) < 20 for n in positions.values()):
        raise Problem.of(400)
    return {source: int(number) for source, number in positions.items()}


def _behind(consumers: Iterable[Consumer], wanted: Mapping[str, int]) -> dict[Consumer, int]:
    """The feeds that have not reached what is wanted, and where they are."""
    asked = [(consumer, wanted[consumer.source]) for consumer in consumers if wanted.get(consumer.source)]
    positions = [(consumer, consumer.position().id, position) for consumer, position in asked]
    return {consumer: reached for consumer, reached, position in positions if reached < position}


def _not_there() -> Problem:
    return Problem(503, "behind", "数据同步中，请稍后再试", "The data is not that new here yet, try again")


__all__ = ["MIN_POSITION", "POSITION", "WAIT", "once_known", "places", "wait_for_positions"]
