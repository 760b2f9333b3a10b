"""A slow service in a process of its own, and a watch on its health."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
from delivery_center.running.ports import free_port
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.testing.fixtures import eventually

from tests.overload.slow_service import SECONDS, THREADS

ROOT = Path(__file__).parents[2]
ISSUER = TokenIssuer(new_private_jwk())


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where it is: its address, and that of its health."""

    base: str
    health: str


@contextmanager
def slow_service(folder: Path, *, seconds: float) -> Iterator[Served]:
    """The service of :mod:`tests.overload.slow_service`, ready; it must end well when told to."""
    served = Served(base=f"http://127.0.0.1:{free_port()}", health=f"http://127.0.0.1:{free_port()}")
    environment = {
        **os.environ,
        SECONDS: str(seconds),
        "DELIVERY_PUBLIC_KEYS": json.dumps(ISSUER.public_jwks),
        "DELIVERY_THREADS": str(THREADS),
        "DELIVERY_BIND": served.base.removeprefix("http://"),
        "DELIVERY_HEALTH_BIND": served.health.removeprefix("http://"),
    }
    with (folder / "slow.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.overload.slow_service"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        eventually(lambda: answers(f"{served.health}/livez"))
        yield served
    finally:
        process.terminate()
        status = process.wait(60)
    assert status == 0, (folder / "slow.log").read_text()


def signed_in() -> Mapping[str, str]:
    """Headers of somebody with a token that holds."""
    token, _ = ISSUER.issue(
        user_id=uuid4(),
        party_id=uuid4(),
        side="customer",
        main=False,
        roles=frozenset(),
        department_id=None,
        name="王五",
        must_change_password=False,
        session_id=uuid4(),
    )
    return {"Authorization": f"Bearer {token}"}


def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a GET of ``url`` is answered with 200."""
    try:
        return httpx.get(url, headers=headers, timeout=30).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Watch:
    """Asks the same again and again: seconds each took that was answered, how many were not."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    every: float = 0.1
    took: list[float] = field(default_factory=list)
    failed: int = 0

    def __enter__(self) -> Watch:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(self.every):
            began = time.monotonic()
            if answers(self.url, self.headers):
                self.took.append(time.monotonic() - began)
            else:
                self.failed += 1

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def quantile(self, share: float) -> float:
        """Seconds within which ``share`` of the answers came."""
        times = sorted(self.took)
        return times[min(len(times) - 1, int(len(times) * share))]
