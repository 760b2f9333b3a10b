"""The sender: takes keys of deliveries from ``notify.work`` and sends them. Any number of them run; they hold up
nothing but each other (N-16)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import structlog
from delivery_shared import telemetry
from delivery_shared.eventstore import TRY_AGAIN
from delivery_shared.failpoints import failpoint
from delivery_shared.messaging.consumer import DATABASE_DOWN
from delivery_shared.tracing import traced
from prometheus_client import Counter, Histogram
from sqlalchemy import Engine

from notify_svc import deliveries
from notify_svc.channels import Channel, NotTaken, Refused, Unreachable, one_line
from notify_svc.deliveries import TRIES, Leased
from notify_svc.leases import Leases
from notify_svc.letters import Letters

log = structlog.get_logger()

QUEUE = "notify.work"

attempts = Counter("delivery_notify_attempts_total", "Attempts to send a message", ["channel", "outcome"])
send_seconds = Histogram("delivery_notify_send_duration_seconds", "How long a mail or SMS server took", ["channel"])


class Line:
    """Whether a channel's other side can be reached, as this process knows: while it cannot, only one attempt is made
    every while – after ``first`` seconds, then twice as long each time, ``longest`` at most – so that a server that
    hangs keeps one thread busy, not all."""

    def __init__(self, *, first: float = 2.0, longest: float = 60.0, now: Callable[[], float] = time.monotonic) -> None:
        self.first, self.longest = first, longest
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._trying = False

    def enter(self) -> float:
        """0: go ahead; else: the seconds to leave it alone."""
        with self._lock:
            if not self._failures:
                return 0.0
            left = self._until - self._now()
            if left <= 0 and not self._trying:
                self._trying = True
                return 0.0
            return max(left, self.first)

    def leave(self) -> None:
        """Who went ahead is back."""
        with self._lock:
            self._trying = False

    def up(self) -> None:
        """The other side answers."""
        with self._lock:
            self._failures = 0

    def down(self) -> float:
        """It does not. Returns the seconds to leave it alone."""
        with self._lock:
            pause: float = min(self.first * 2**self._failures, self.longest)
            self._failures = min(self._failures + 1, 32)
            self._until = self._now() + pause
            return pause


class Sender:
    """Sends deliveries over ``channels``; used by the threads of one process."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        line: Callable[[], Line] = Line,
        letters: Letters = deliveries.PLAIN,
    ) -> None:
        self.letters = letters
        self.engine = engine
        self.channels = channels
        self.lines = {channel: line() for channel in channels}
        self.leases = Leases(engine)

    def handle(self, key: str) -> None:
        """Send one delivery, if it is due and nobody else has it. Whatever goes wrong leaves its row, and the sweep
        sends the key again. Never raises."""
        channel, _, id = key.partition("/")
        try:
            if channel in self.channels:
                self._handle(channel, UUID(id))
        except Exception as error:
            level = log.warning if isinstance(error, DATABASE_DOWN) else log.exception
            level("delivery not handled", key=key, error=repr(error))
            time.sleep(0.2)

    def _handle(self, channel: str, delivery_id: UUID) -> None:
        line = self.lines[channel]
        if wait := line.enter():
            deliveries.postpone(self.engine, channel, wait)
            return
        try:
            leased = deliveries.lease(self.engine, channel, delivery_id, self.letters)
            if leased is not None:
                with traced(leased.trace), self.leases.kept(leased):
                    outcome = self._send(channel, line, leased)
                attempts.labels(channel, outcome).inc()
        finally:
            line.leave()

    def _send(self, channel: str, line: Line, leased: Leased) -> str:
        """One attempt; what is known afterwards is recorded and returned in a word."""
        if leased.letter is None:
            _recorded(lambda: deliveries.finish(self.engine, leased, "skipped", leased.missing))
            return "skipped"
        pause = 0.0
        try:
            with send_seconds.labels(channel).time(), telemetry.span(f"send {channel}", kind="CLIENT"):
                answer = self.channels[channel].send(leased.letter)
        except Refused as error:
            line.up()
            return self._park(channel, leased, str(error))
        except Exception as error:
            if isinstance(error, Unreachable):
                pause = line.down()
            else:
                line.up()
            if not isinstance(error, NotTaken):
                log.exception("a channel failed", channel=channel, delivery=str(leased.delivery_id))
            reason = str(error) or repr(error)
        else:
            line.up()
            failpoint("sender.after_send")
            _recorded(lambda: deliveries.finish(self.engine, leased, "sent", answer))
            return "sent"
        log.warning("delivery failed", channel=channel, delivery=str(leased.delivery_id), attempt=leased.attempt,
                    error=one_line(reason))  # fmt: skip
        if leased.attempt >= TRIES:
            return self._park(channel, leased, reason)
        _recorded(lambda: deliveries.try_again(self.engine, leased, reason))
        if pause:
            deliveries.postpone(self.engine, channel, pause)
        return "failed"

    def _park(self, channel: str, leased: Leased, reason: str) -> str:
        _recorded(lambda: deliveries.finish(self.engine, leased, "parked", reason))
        log.error("delivery parked", channel=channel, delivery=str(leased.delivery_id), attempts=leased.attempt,
                  reason=one_line(reason))  # fmt: skip
        return "parked"


def _recorded(record: Callable[[], bool]) -> None:
    """Record what became of an attempt, also where the database is away for a moment: what is not recorded is sent
    again. Nobody else can have the delivery before its lease is over."""
    for _ in range(int(deliveries.LEASE / TRY_AGAIN)):
        try:
            record()
        except DATABASE_DOWN as error:
            log.warning("outcome not recorded yet", error=repr(error))
            time.sleep(TRY_AGAIN)
        else:
            return
    record()


def run_senders(consume: Callable[[], None], threads: int) -> None:
    """Run ``threads`` competing consumers side by side until all of them end."""
    running = [threading.Thread(target=consume, name=f"sender-{n}") for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
