"""Restate: a handler of ten durable steps, and over HTTP a virtual object that is operated nine times.

The server is the one npm has (Rust; its log on RocksDB, synced before a step counts as done); the handlers are
Python, in one process of hypercorn, which its documentation recommends. Every step is a `ctx.run_typed` of its own.
To the virtual object a request is a call, answered when its step is done and the new state stored; the ninth takes
two steps.

Tried, 300 projects, 32 at once, one after the other on two cores with much other work; CPU milliseconds a project of
server and handlers, and projects a second:

    partitions (`default-num-partitions`): 24, the default, 8.2 + 5.0, 28; 4 6.3 + 4.1, 32; 1 3.2 + 3.3, 48 – taken
    two processes of hypercorn, 4 partitions: 4.8 + 4.1, 49
    hypercorn on asyncio, not uvloop, 4 partitions: 4.9 + 3.9, 73 – taken
    steps that are no coroutines, 4 partitions: 6.0 + 4.7, 33
    granian over HTTP/2: the server's discovery of the handlers got no answer

For its price it does not: decide who may; keep what was decided in a database that can be asked; tell others by
messages they can miss and catch up on; choose who does the work.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import restate
from delivery_center.running.ports import free_port

from bench.peers import STEPS, Incomplete, Missing, Peer, Place
from tools.private_servers import PrivateServer, ServerError, first_folder_with

AT_ONCE = 32
BINARIES = Path(__file__).parent / "node_modules/@restatedev/restate-server-*/bin"

steps = restate.Service("steps")
project = restate.VirtualObject("project")


async def _add_one(value: int) -> int:
    return value + 1


@steps.handler()
async def ten(ctx: restate.Context, value: int) -> int:
    for number in range(STEPS):
        value = await ctx.run_typed(f"step_{number}", _add_one, value=value)
    return value


@project.handler()
async def operate(ctx: restate.ObjectContext, _body: dict[str, str]) -> int:
    """One step; after the ninth request the tenth as well."""
    value: int = await ctx.get("value", type_hint=int) or 0
    value = await ctx.run_typed("step", _add_one, value=value)
    if value == STEPS - 1:
        value = await ctx.run_typed("last", _add_one, value=value)
    ctx.set("value", value)
    return value


app = restate.app([steps, project])


class PrivateRestate(PrivateServer):
    """One node with everything in it."""

    kind = "restate"

    def __init__(self) -> None:
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin, node = free_port(), free_port()
        (self.home / "restate.toml").write_text(
            f'base-dir = "{self.home}/data"\nnode-name = "bench"\ndisable-telemetry = true\nlisten-mode = "tcp"\n'
            f'default-num-partitions = 1\nrocksdb-total-memory-size = "512 MiB"\nlog-filter = "error"\n'
            f'bind-address = "127.0.0.1:{node}"\n[ingress]\nbind-address = "127.0.0.1:{self.port}"\n'
            f'[admin]\nbind-address = "127.0.0.1:{self.admin}"\ndisable-web-ui = true\n',
            encoding="utf-8",
        )

    @staticmethod
    def find_programs() -> Path:
        return first_folder_with("restate-server", str(BINARIES))

    def command(self) -> list[str]:
        return [str(self.programs / "restate-server"), "--config-file", str(self.home / "restate.toml"), "--no-logo"]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home)}

    def is_ready(self) -> bool:
        try:
            return all(
                httpx.get(f"http://127.0.0.1:{port}{path}").is_success
                for port, path in ((self.admin, "/health"), (self.port, "/restate/health"))
            )
        except httpx.HTTPError:
            return False


class Restate:
    """The server and its handlers."""

    def __init__(self, server: PrivateRestate, handlers: subprocess.Popen[bytes]) -> None:
        assert server.process is not None
        self.roots: Mapping[str, Sequence[int]] = {"Restate": [server.process.pid], "handlers": [handlers.pid]}
        self.url = server.url

    def run(self, projects: int) -> float:
        """From the first asked for to the last answered."""
        return asyncio.run(self._run(projects))

    async def _run(self, projects: int) -> float:
        left = iter(range(projects))

        async def ask(http: httpx.AsyncClient) -> None:
            for value in left:
                answer = (await http.post(f"{self.url}/steps/ten", json=value)).raise_for_status()
                if answer.json() != value + STEPS:
                    raise Incomplete("a handler returned something other than the sum of its steps")

        began = time.monotonic()
        async with httpx.AsyncClient(timeout=60) as http:
            await asyncio.gather(*(ask(http) for _ in range(AT_ONCE)))
        return projects / (time.monotonic() - began)


@contextmanager
def started(_place: Place) -> Iterator[Peer]:
    """See :func:`server`."""
    with server() as running:
        yield running


@contextmanager
def server() -> Iterator[Restate]:
    """The server, its handlers registered.

    :raises Missing: npm's package is not installed here.
    """
    try:
        own = PrivateRestate()
    except ServerError as error:
        raise Missing(f"npm's package is not installed in bench/peers: {error}") from error
    port = free_port()
    command = [sys.executable, "-m", "hypercorn", "-b", f"127.0.0.1:{port}", "-w", "1", "--log-level", "error",
               "bench.peers.restate_steps:app"]  # fmt: skip
    handlers = subprocess.Popen(command)
    try:
        own.start()
        _register(own.admin, f"http://127.0.0.1:{port}")
        yield Restate(own, handlers)
    finally:
        own.remove()
        handlers.terminate()
        handlers.wait(30)


def _register(admin: int, handlers: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        answer = httpx.post(f"http://127.0.0.1:{admin}/deployments", json={"uri": handlers}, timeout=30)
        if answer.is_success:
            return
        if time.monotonic() > deadline:
            raise Incomplete(f"Restate does not take the handlers: {answer.text}")
        time.sleep(0.2)
