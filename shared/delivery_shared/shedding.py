"""gunicorn's worker, refusing what it cannot serve in time.

The original takes every connection into a queue without end: at twice the load it can carry all answers come later and
later, until every one comes too late for whoever asked. Here somebody who has waited :data:`PATIENCE` seconds for a
thread, or finds :data:`WAITING` others waiting, is answered 503 with Retry-After before anything of the request is
looked at: nothing was done, the same request may be sent again. What is served keeps its time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from gunicorn.http import errors
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client import Counter

from delivery_shared.health import Wsgi
from delivery_shared.http.problems import HTTP_TEXTS, refusal

PATIENCE = 2.0
"""Seconds a request may wait for a thread."""
WAITING = 128
"""Requests that may wait for a thread at a time: more than are served in :data:`PATIENCE` where one takes long."""
REFUSERS = 4
"""Threads that refuse whoever comes above :data:`WAITING`."""
SILENCE = 2.0
"""Seconds for somebody who is refused to begin with his request."""

refused = Counter(
    "delivery_http_refused_total", "Requests refused unseen: the queue was full, or it took too long", ["why"]
)

OVERLOADED = (503, "overloaded", "系统繁忙，请稍后再试", "Too many requests at once, try again")


MALFORMED: tuple[tuple[type[Exception], int], ...] = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.InvalidSchemeHeaders, 400),
    (errors.ParseException, 400),
)
"""What a client may do wrong before there is a request, and the status that says so."""


class SheddingWorker(ThreadWorker):
    """Threads; a request that waits too long for one is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._waiting = 0
        self._thread = threading.local()

    def init_process(self) -> None:
        self._refusers = ThreadPoolExecutor(REFUSERS, "refusing")
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        application: Wsgi = self.wsgi  # type: ignore[has-type]

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if why := self._thread.why:
                refused.labels(why).inc()
                return refusal(environ, start_response, *OVERLOADED)
            return application(environ, start_response)

        self.wsgi = answer

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Of what is no request, or one that failed outside the application. The original writes a page."""
        status = next((status for kind, status in MALFORMED if isinstance(exc, kind)), 500)
        if status == 500:
            self.log.exception("Error handling request")
        lines: list[str] = []

        def start(phrase: str, headers: list[tuple[str, str]]) -> None:
            lines.extend([f"HTTP/1.1 {phrase}", "Connection: close", *(f"{name}: {value}" for name, value in headers)])

        asked = {"PATH_INFO": getattr(req, "path", None) or ""}
        (content,) = refusal(asked, start, status, *HTTP_TEXTS[status])
        with suppress(OSError):
            client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + content)

    def enqueue_req(self, conn: Any) -> None:
        """On the main thread, for each connection with a request."""
        with self._lock:
            full = self._waiting >= WAITING
            self._waiting += not full
        conn.came = None if full else time.monotonic()
        done = (self._refusers if full else self.tpool).submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def handle(self, conn: Any) -> Any:
        """On a thread of its own."""
        if conn.came is None:
            why = "full"
        else:
            with self._lock:
                self._waiting -= 1
            # Whoever has connected and said nothing yet has not waited: he is slow himself.
            why = "late" if time.monotonic() - conn.came > PATIENCE and conn.wait_for_data(0) else ""
        self._thread.why = why
        goes_on = super().handle(conn) if why != "full" or conn.wait_for_data(SILENCE) else False
        if not goes_on:
            # Whoever is slow to take his answer is waited for here: the original does so on the main thread, where
            # nobody else is let in meanwhile.
            with suppress(OSError):
                close_graceful(conn.sock.dup())
        return goes_on
