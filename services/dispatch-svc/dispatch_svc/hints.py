"""Telling dispatchers which pools have work, without holding up whoever raised the wake."""

from __future__ import annotations

import threading

from delivery_shared.messaging.transport import Transport

QUEUE = "dispatch.work"


class Hints:
    """Sends keys of pools to ``dispatch.work`` from a thread of its own, each at most once at a time. The thread
    starts with the first hint, thus after a server's fork. What is not sent when the process ends, the sweep sends.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pools: dict[str, None] = {}
        self._some = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __call__(self, pool: str) -> None:
        with self._some:
            self._pools[pool] = None
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="dispatch-hints", daemon=True)
                self._thread.start()
            self._some.notify()

    def close(self) -> None:
        """Send what is there, then end."""
        with self._some:
            self._closed = True
            self._some.notify()
        if self._thread is not None:
            self._thread.join(10)

    def _run(self) -> None:
        while True:
            with self._some:
                while not self._pools and not self._closed:
                    self._some.wait()
                if not self._pools:
                    return
                pool = next(iter(self._pools))
                del self._pools[pool]
            self._transport.send_key(QUEUE, pool)
