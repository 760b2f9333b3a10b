"""``/livez``, ``/readyz`` and ``/metrics`` of a process on an address of their own, ``DELIVERY_HEALTH_BIND``.

Processes without HTTP have no other place for them; an API process answers them here as well, so that probes and
scrapes do not wait behind requests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import prometheus_client

from delivery_shared.metrics import exposition
from delivery_shared.version import VERSION

PATHS = ("/livez", "/readyz", "/metrics")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Health:
    """The WSGI application of a process without HTTP. ``faults`` tells what is wrong with its threads: none of them –
    alive, and ready once they run. ``unready`` tells what it still waits for, if it does."""

    def __init__(self, faults: Callable[[], list[str]], *, unready: Callable[[], str] = str) -> None:
        self.faults = faults
        self.unready = unready

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", prometheus_client.CONTENT_TYPE_LATEST)])
            return [exposition()]
        if path not in PATHS:
            return _answer(start_response, "404 Not Found", {"status": "unknown"})
        if faults := self.faults():
            return _answer(start_response, "503 Service Unavailable", {"status": "failing", "faults": faults})
        if path == "/readyz" and (waits := self.unready()):
            return _answer(start_response, "503 Service Unavailable", {"status": "waiting", "faults": [waits]})
        if path == "/livez":
            return _answer(start_response, "200 OK", {"status": "alive", "version": VERSION})
        return _answer(start_response, "200 OK", {"status": "ready"})


class Only:
    """The three paths of a larger application, and nothing else of it."""

    def __init__(self, application: Wsgi) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") not in PATHS:
            return _answer(start_response, "404 Not Found", {"status": "unknown"})
        return self.application(environ, start_response)


def _answer(start_response: Callable[..., Any], status: str, body: dict[str, Any]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """As its bases, without asking the network for the host's name, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = 10
    """Seconds for a client to say what it wants."""

    def log_message(self, format: str, *args: Any) -> None:
        """Probes come every few seconds; nobody reads of them."""


def serve_health(bind: str, application: Wsgi) -> Callable[[], None]:
    """Serve ``application`` on ``bind`` (``host:port``) from threads of their own; returns what ends it.

    :raises OSError: the address is taken.
    """
    host, _, port = bind.rpartition(":")
    server = make_server(host, int(port), application, server_class=_Server, handler_class=_Handler)
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join(5)

    return close
