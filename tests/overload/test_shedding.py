"""More requests than a service can carry: what it takes keeps its time, the rest is told at once to come back.

These assert the shape, which no machine changes: how long is bounded by what the server promises, how many by what it
carries.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from delivery_shared.probe import TIMEOUT
from delivery_shared.service import LONGEST_LINE

from tests.overload.load import Answers, Asked, open_loop
from tests.overload.serving import Served, Watch, answers, signed_in, slow_service
from tests.overload.slow_service import THREADS

pytestmark = [pytest.mark.integration, pytest.mark.overload]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with slow_service(tmp_path_factory.mktemp("served"), seconds=0.1) as served:
        yield served


OVERLOADED = (503, "overloaded", "1")
TIMES = 3
"""How often the load is doubled at most until it is too much: a machine that is busy itself sends less."""
LATEST = 3.0
"""Seconds an accepted request may take: 2 of waiting, and what it does."""


def overloaded(served: Served, *, rate: float, seconds: float, seed: int = 1) -> Answers:
    """The service's answers under ``rate``; it must say meanwhile that it is alive, and serve afterwards."""
    work = Asked(method="GET", url=f"{served.base}/api/v1/work")
    with Watch(f"{served.health}/livez") as alive, Watch(f"{served.health}/readyz") as ready:
        for _ in range(TIMES):
            came = open_loop(lambda: work, rate=rate, seconds=seconds, seed=seed)
            if came.of(503).all:
                break
            rate *= 2
    assert alive.failed == ready.failed == 0
    assert max(alive.quantile(0.9), ready.quantile(0.9)) < TIMEOUT, "the probes wait behind no request"
    assert answers(f"{served.base}/api/v1/work")
    assert {kind for kind in came.kinds if kind[0] != 200} == {OVERLOADED}, came.kinds
    assert came.of(200).quantile(0.99) < LATEST, str(came)
    return came


def test_twice_what_is_carried(tmp_path: Path) -> None:
    """80 requests a second are carried, and 128 may wait: those that come above are refused on the spot."""
    with slow_service(tmp_path, seconds=0.1) as served:
        came = overloaded(served, rate=2 * THREADS / 0.1, seconds=6)
    assert len(came.of(200)) > 0.6 * 6 * THREADS / 0.1, str(came)
    assert came.of(503).quantile(0.5) < 1, str(came)


def test_requests_that_take_long(tmp_path: Path) -> None:
    """16 requests a second are carried: among 128 that wait most would wait longer than two seconds."""
    with slow_service(tmp_path, seconds=0.5) as served:
        came = overloaded(served, rate=2.5 * THREADS / 0.5, seconds=8)
    assert len(came.of(200)) > 0.6 * 8 * THREADS / 0.5, str(came)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GE\0T /x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /x HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /x HTTP/1.1\r\nHost: x\r\n" + b"A: x\r\n" * 200 + b"\r\n", 431),
    ],
    ids=["method", "version", "length", "address", "headers"],
)
def test_what_is_no_request_is_told_as_a_problem(served: Served, sent: bytes, status: int) -> None:
    host, _, port = served.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(sent)
        answer = b""
        while part := client.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.partition(b"\r\n")[0], answer
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status


def test_a_long_address_is_read(served: Served) -> None:
    query = "x" * (LONGEST_LINE - len("GET /api/v1/mine? HTTP/1.1"))
    assert answers(f"{served.base}/api/v1/mine?{query}", headers=signed_in())


def test_who_is_slow_himself_has_not_waited(tmp_path: Path) -> None:
    """Given threads busy for longer than anybody waits, when somebody connects and asks later, then he is served."""
    with slow_service(tmp_path, seconds=1.2) as served, ThreadPoolExecutor(1) as pool:
        work = Asked(method="GET", url=f"{served.base}/api/v1/work")
        others = pool.submit(open_loop, lambda: work, rate=400, seconds=0.1, seed=3)
        time.sleep(0.5)
        host, _, port = served.base.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as slow:
            assert OVERLOADED in others.result().kinds, "some have waited too long"
            time.sleep(1.5)
            slow.sendall(b"GET /api/v1/work HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert slow.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_what_is_carried_is_served(served: Served) -> None:
    """Half of what is carried: nobody is refused."""
    work = Asked(method="GET", url=f"{served.base}/api/v1/work")
    came = open_loop(lambda: work, rate=0.5 * THREADS / 0.1, seconds=3, seed=2)
    assert set(came.kinds) == {(200, None, None)}, str(came)
