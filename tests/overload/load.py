"""Load as the world makes it: requests come when they come, whether the last one was answered or not (open loop)."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = 90.0
"""Seconds a client waits: longer than any gateway, so that what comes late is seen, not cut off."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of a load."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: status (0 = no answer) after ``seconds``; ``problem`` is the slug of its type, or the error."""

    status: int
    seconds: float
    retry_after: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Answers:
    """All answers of a load."""

    all: Sequence[Answer]

    def of(self, *statuses: int) -> Answers:
        """Those with one of ``statuses``."""
        return Answers([answer for answer in self.all if answer.status in statuses])

    def __len__(self) -> int:
        return len(self.all)

    def quantile(self, share: float) -> float:
        """Seconds within which ``share`` of them came; 0 without any."""
        times = sorted(answer.seconds for answer in self.all)
        return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0

    @property
    def kinds(self) -> Counter[tuple[int, str | None, str | None]]:
        """How many came of each status, problem and Retry-After."""
        return Counter((answer.status, answer.problem, answer.retry_after) for answer in self.all)

    def __str__(self) -> str:
        lines = []
        for status, count in sorted(Counter(answer.status for answer in self.all).items()):
            times = [answer.seconds for answer in self.of(status).all]
            lines.append(
                f"{status}: {count:6}  p50 {statistics.median(times):6.2f} s"
                f"  p99 {self.of(status).quantile(0.99):6.2f} s  longest {max(times):6.2f} s"
            )
        return "\n".join(lines)


def open_loop(request: Callable[[], Asked], *, rate: float, seconds: float, seed: int) -> Answers:
    """Send ``rate`` requests a second for ``seconds``, at random times (a Poisson stream of ``seed``), and wait for
    every answer."""
    return asyncio.run(_open_loop(request, rate, seconds, random.Random(seed)))


async def _open_loop(request: Callable[[], Asked], rate: float, seconds: float, draw: random.Random) -> Answers:
    async with _client() as client:
        began, due, sent = time.monotonic(), 0.0, []
        while (due := due + draw.expovariate(rate)) < seconds:
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            sent.append(asyncio.create_task(_send(client, request())))
        return Answers(await asyncio.gather(*sent))


def closed_loop(request: Callable[[], Asked], *, clients: int, seconds: float) -> Answers:
    """So many clients, each sending its next request when it has its answer, for ``seconds``."""
    return asyncio.run(_closed_loop(request, clients, seconds))


async def _closed_loop(request: Callable[[], Asked], clients: int, seconds: float) -> Answers:
    deadline = time.monotonic() + seconds

    async def one(client: httpx.AsyncClient) -> list[Answer]:
        found = []
        while time.monotonic() < deadline:
            found.append(await _send(client, request()))
        return found

    async with _client() as client:
        answers = await asyncio.gather(*(one(client) for _ in range(clients)))
    return Answers([answer for of_one in answers for answer in of_one])


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(limits=limits, timeout=PATIENCE, trust_env=False)


async def _send(client: httpx.AsyncClient, asked: Asked) -> Answer:
    began = time.monotonic()
    try:
        came = await client.request(asked.method, asked.url, headers=dict(asked.headers), json=asked.json)
    except httpx.HTTPError as error:
        return Answer(status=0, seconds=time.monotonic() - began, problem=repr(error))
    problem = None
    if came.headers.get("Content-Type") == "application/problem+json":
        problem = came.json()["type"].rpartition(":")[2]
    return Answer(
        status=came.status_code,
        seconds=time.monotonic() - began,
        retry_after=came.headers.get("Retry-After"),
        problem=problem,
    )
