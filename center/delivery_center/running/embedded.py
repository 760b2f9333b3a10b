"""``make run``: the whole center in one process, on a database of its own, with demo data, stopped by Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from delivery_center import demo, past
from delivery_center.client import Client
from delivery_center.gateway.console import built
from delivery_center.installing.keys import environment_of
from delivery_center.running.own_database import database
from delivery_center.running.server import read_settings
from delivery_center.stories import STORIES, play

FOLDER = Path(".run")


def environment_in(folder: Path, database_url: str) -> dict[str, str]:
    """What a process of the center finds in its environment that keeps its keys and files in ``folder``."""
    return {
        **os.environ,
        **environment_of(folder),
        "DATABASE_URL": database_url,
        "DELIVERY_DATA_DIR": str(folder / "files"),
    }


@contextmanager
def serving(port: int, folder: Path, database_url: str, **more: str) -> Iterator[str]:
    """The server process on ``port``, ready; stopped gracefully at the end. ``more``: variables it has besides."""
    environment = {
        **environment_in(folder, database_url),
        "DELIVERY_BIND": f"127.0.0.1:{port}",
        "DELIVERY_PUBLIC_URL": os.environ.get("DELIVERY_PUBLIC_URL", f"http://127.0.0.1:{port}"),
        "DELIVERY_MOVABLE_CLOCK": os.environ.get("DELIVERY_MOVABLE_CLOCK", "1"),
        "DELIVERY_LOG_LEVEL": os.environ.get("DELIVERY_LOG_LEVEL", "WARNING"),
        "DELIVERY_MIRROR_ENDPOINTS": os.environ.get("DELIVERY_MIRROR_ENDPOINTS", "https://market.aliyuncs.com"),
        **more,
    }
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "delivery_center.running.server"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(process, base, log_path)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_ready(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        if process.poll() is not None:
            raise SystemExit(f"the server ended: see {log}\n{log.read_text()[-2000:]}")
        try:
            httpx.get(f"{base}/readyz", timeout=5).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise SystemExit(f"the server did not become ready: see {log}") from None
            time.sleep(0.1)
        else:
            return


def say(text: str) -> None:
    """One line for whoever started this."""
    print(text, flush=True)  # noqa: T201 - the terminal is the interface


def main(
    play_story: Annotated[
        bool, typer.Option("--play", help="Play a scenario of the manual over HTTP, print its flow log, and stop.")
    ] = False,
    story: Annotated[str, typer.Option(help=f"Which one: {', '.join(STORIES)}.")] = "2",
    port: Annotated[int, typer.Option(help="TCP port on 127.0.0.1; 0 = any free one.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where database, keys, files and passwords are kept.")] = FOLDER,
    with_past: Annotated[
        bool, typer.Option("--past/--no-past", help="Six months of projects before the demo data, in a new database.")
    ] = True,
) -> None:
    """Run the delivery center on this machine."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    if story not in STORIES:
        raise SystemExit(f"no story {story!r}: {', '.join(STORIES)}")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    port = _free(port)
    try:
        with database(folder, say) as database_url, ExitStack() as running:
            if with_past and not play_story:
                past_of(folder, database_url)
            base = running.enter_context(serving(port, folder, database_url))
            client = running.enter_context(Client(lambda path: base + path))
            accounts = demo.load(client, database_url=database_url, folder=folder, say=say)
            if play_story:
                raise SystemExit(play.main(client, accounts, say, story))
            say("")
            for line in demo.describe(accounts):
                say(line)
            if built():
                say(f"\nConsole: {base}/")
                say("An order arrives: as the vendor 河北服务商 there, 接入 → 自有商城 → 测试订单")
            say(f"\nAPI documentation: {base}/docs/\nStop with Ctrl-C; the data are kept in {folder.name}/.")
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        say("\nstopped")


def past_of(folder: Path, database_url: str) -> None:
    """Write the past into a database that is new; others stay as they are. :raises SystemExit: it was interrupted."""
    settings, file = read_settings(environment_in(folder, database_url)), demo.file_in(folder)
    if past.possible(settings):
        say("writing six months of projects")
        past.write(settings, file)
    elif past.interrupted(file):
        raise SystemExit(f"the past was interrupted: remove {folder.name}/ and, with DATABASE_URL, the database")


def _free(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SystemExit(f"port {port} is in use; choose another with ARGS='--port 8001'") from None
        found: int = probe.getsockname()[1]
        return found


if __name__ == "__main__":
    typer.run(main)
