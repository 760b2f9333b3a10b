"""gunicorn's worker, entering and leaving the stage cleanly.

Its supervisor aborts whoever gives no sign for a minute. The original gives none while it loads the application, so on
a machine so busy that loading takes longer no worker would ever begin. Here it does; one that still loads after
:data:`LOADING` seconds hangs.

The original stops accepting when it is told to end, but keeps the port open until its last request is answered: who
connects meanwhile waits in a queue nobody serves and is cut off in the end. Here the queue is served and the port
closed at once, so that a gateway is refused and turns to another process.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from delivery_shared.shedding import SheddingWorker

LOADING = 300.0
"""Seconds that loading the application may take."""
SIGN = 5.0
"""Seconds between signs of life meanwhile."""


class DrainingWorker(SheddingWorker):
    """Threads; requests under way and those that have connected are answered, later ones refused."""

    def load_wsgi(self) -> None:
        loaded = threading.Event()

        def give_signs() -> None:
            for _ in range(int(LOADING / SIGN)):
                self.notify()
                if loaded.wait(SIGN):
                    return

        signs = threading.Thread(target=give_signs, name="loading", daemon=True)
        signs.start()
        try:
            super().load_wsgi()
        finally:
            loaded.set()
            signs.join()

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
