"""The service as it runs: composed in one process, and its sender as a process that is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually
from notify_svc import sweep as sweeping
from notify_svc.main import service
from notify_svc.sender import QUEUE
from sqlalchemy import Engine

from .conftest import BOTH, KEY, Feeds, World, feeds_of, to
from .servers import Gateway, MailServer, mail_server, sms_gateway
from .test_sending import known, make_due, problems, rows

pytestmark = pytest.mark.integration


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as server:
        yield server


def environment(mailbox: MailServer, gateway: Gateway) -> dict[str, str]:
    return {
        "DELIVERY_SMTP_URL": mailbox.url,
        "DELIVERY_MAIL_FROM": "delivery@market.example",
        "DELIVERY_SMS_URL": gateway.url,
        "DELIVERY_SMS_TOKEN": "t",
    }


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@contextmanager
def running(*loops: Callable[[threading.Event], None]) -> Iterator[None]:
    """Loops as a process runs them."""
    stopping = threading.Event()
    threads = [threading.Thread(target=loop, args=(stopping,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)


def composed(engine: Engine, environment: dict[str, str]) -> Any:
    keys = json.dumps(TokenIssuer(KEY).public_jwks)
    settings = Settings(database_url=url_of(engine), broker=None, public_keys=keys, environment=environment)
    return service(settings, MemoryTransport())


def feeds_in(made: Any) -> Feeds:
    for consumer in made.consumers:
        consumer.position()
    return Feeds({consumer.source: consumer for consumer in made.consumers}, [])


@pytest.mark.requirement("N-02", "N-04", "N-16")
def test_composed_it_sends_by_itself_and_recovers(
    engine: Engine, world: World, mailbox: MailServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds, hints, sender and sweep: what fails once is sent later, what works is sent now."""
    monkeypatch.setattr(sweeping, "EVERY", 0.05)
    mailbox.answers["RCPT"] = "450 greylisted"
    made = composed(engine, environment(mailbox, gateway))
    with running(made.loops["sender"], made.background["sweep"]):
        known(feeds_in(made), world)(world.design(1, to("customer")))
        eventually(lambda: len(gateway.received) == 2)
        eventually(lambda: [row[:3] for row in rows(engine)].count(("email", "waiting", 1)) == 2)
        mailbox.answers.clear()
        make_due(engine)
        eventually(lambda: len(mailbox.received) == 2)
        eventually(lambda: {row[1] for row in rows(engine)} == {"sent"})
    made.close()
    assert (len(mailbox.received), len(gateway.received), problems(engine)) == (2, 2, [])


@pytest.mark.requirement("N-17")
def test_composed_without_channels_the_sender_rests(engine: Engine, world: World) -> None:
    made = composed(engine, {})
    with running(made.loops["sender"]):
        known(feeds_in(made), world)(world.design(1, to("assignee")))
    made.close()
    assert {row[1] for row in rows(engine)} == {"not_configured"}


@pytest.mark.faults
@pytest.mark.requirement("N-16")
def test_a_sender_killed_after_sending_sends_again_under_the_same_id(
    engine: Engine, world: World, broker: Broker, mailbox: MailServer, gateway: Gateway, tmp_path: Path
) -> None:
    """Given a sender that dies between the server's answer and the record of it, when another one starts, then the
    message comes again under the same Message-ID and is recorded; the server may then be shut at any time."""
    feeds = known(feeds_of(engine, BOTH), world, channels=["email"])
    transport = RabbitTransport(broker)
    settings = {
        **os.environ,
        **environment(mailbox, gateway),
        "DATABASE_URL": url_of(engine),
        "AMQP_URL": broker.url,
        "DELIVERY_NAMESPACE": broker.namespace,
        "DELIVERY_PUBLIC_KEYS": json.dumps(TokenIssuer(KEY).public_jwks),
    }

    def start(**more: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "notify_svc.main", "sender"], env=settings | more, stdout=log, stderr=log
            )

    dying = start(DELIVERY_FAILPOINT="sender.after_send")
    living = None
    try:
        feeds(world.design(1, to("assignee")))
        (key,) = feeds.keys
        transport.send_key(QUEUE, key)
        assert dying.wait(60) == -9, (tmp_path / "log").read_text()
        assert [row[:3] for row in rows(engine)] == [("email", "waiting", 1)]
        living = start()
        make_due(engine)
        transport.send_key(QUEUE, key)
        eventually(lambda: [row[:3] for row in rows(engine)] == [("email", "sent", 2)])
        assert len(mailbox.received) == 2
        assert len({mail["Message-ID"] for _, _, mail in mailbox.received}) == 1
        transport.send_key(QUEUE, key)
        living.terminate()
        assert living.wait(30) == 0, (tmp_path / "log").read_text()
    finally:
        transport.close()
        for process in (dying, living):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    assert (len(mailbox.received), problems(engine)) == (2, [])
