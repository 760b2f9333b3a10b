"""gunicorn's worker gives signs of life while it loads its application."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from delivery_shared import draining
from delivery_shared.draining import DrainingWorker
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

ENOUGH = 10.0
"""Seconds: signs come a thousand times faster."""


class Slow(BaseApplication):
    """Loads only once its worker has given three signs."""

    def __init__(self) -> None:
        self.seen = threading.Semaphore(0)
        self.loaded = False
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("threads", 1)

    def load(self) -> Any:
        if not all(self.seen.acquire(timeout=ENOUGH) for _ in range(3)):
            raise TimeoutError("the worker gave no sign")
        self.loaded = True
        return "application"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[DrainingWorker]:
    monkeypatch.setattr(draining, "SIGN", 0.01)
    slow = Slow()
    worker = DrainingWorker(0, 0, [], slow, 30, slow.cfg, Logger(slow.cfg))
    monkeypatch.setattr(worker, "notify", slow.seen.release)
    yield worker
    worker.tmp.close()


def test_a_worker_that_loads_long_is_alive_meanwhile(worker: DrainingWorker) -> None:
    worker.load_wsgi()
    assert worker.app.loaded
    assert "loading" not in {thread.name for thread in threading.enumerate()}


def test_a_worker_that_hangs_gives_no_sign_for_ever(worker: DrainingWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "LOADING", 0.01)
    monkeypatch.setattr(f"{__name__}.ENOUGH", 0.2)
    with pytest.raises(TimeoutError, match="the worker gave no sign"):
        worker.load_wsgi()
