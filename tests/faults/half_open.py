"""A TCP proxy whose connections can become half-open: they stay, and nothing passes any more."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HalfOpen:
    """Forwards what comes to ``port`` of 127.0.0.1 to another port."""

    def __init__(self, listener: socket.socket, target: tuple[str, int]) -> None:
        self.port: int = listener.getsockname()[1]
        self.accepted = 0
        """Connections so far."""
        self._listener = listener
        self._target = target
        self._silent: set[threading.Event] = set()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def silence(self) -> None:
        """From now on nothing passes over the connections there are; new ones work."""
        with self._lock:
            for passing in self._silent:
                passing.clear()
            self._silent.clear()

    def serve(self) -> None:
        """Until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                passing = threading.Event()
                passing.set()
                with self._lock:
                    self.accepted += 1
                    self._silent.add(passing)
                    self._open += [client, server]
                for source, sink in ((client, server), (server, client)):
                    thread = threading.Thread(target=self._pump, args=(source, sink, passing), daemon=True)
                    thread.start()
                    self._threads.append(thread)

    def _pump(self, source: socket.socket, sink: socket.socket, passing: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not passing.is_set():
                    return
                sink.sendall(data)
            if passing.is_set():
                sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def half_open_proxy(host: str, port: int) -> Iterator[HalfOpen]:
    """A proxy to ``host:port`` on a port of its own."""
    proxy = HalfOpen(socket.create_server(("127.0.0.1", 0)), (host, port))
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(5)
