"""gunicorn's worker, leaving the stage cleanly.

The original stops accepting when it is told to end, but keeps the port open until its last request is answered: who
connects meanwhile waits in a queue nobody serves and is cut off in the end. Here the queue is served and the port
closed at once, so that a gateway is refused and turns to another process.
"""

from __future__ import annotations

from contextlib import suppress

from delivery_shared.shedding import SheddingWorker


class DrainingWorker(SheddingWorker):
    """Threads; requests under way and those that have connected are answered, later ones refused."""

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        for listener in self.sockets:
            connected = -1
            while connected != self.nr_conns:
                connected = self.nr_conns
                with suppress(OSError):  # closed already
                    self.accept(listener)
            listener.close()
