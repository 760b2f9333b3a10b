"""Telling a work queue's consumers what there is to do, without holding up whoever made the work."""

from __future__ import annotations

import threading

from delivery_shared.messaging.transport import Transport


class Hints:
    """Sends keys to a work queue from a thread of its own, each at most once at a time. The thread starts with the
    first key, thus after a server's fork. What is not sent when the process ends, the service's sweep sends.
    """

    def __init__(self, transport: Transport, queue: str) -> None:
        self._transport = transport
        self._queue = queue
        self._keys: dict[str, None] = {}
        self._some = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __call__(self, key: str) -> None:
        with self._some:
            self._keys[key] = None
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name=f"hints-{self._queue}", daemon=True)
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
                while not self._keys and not self._closed:
                    self._some.wait()
                if not self._keys:
                    return
                key = next(iter(self._keys))
                del self._keys[key]
            self._transport.send_key(self._queue, key)
