"""Live changes: who is told of what, what a client that comes back has missed, and when a stream ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.contracts import Contract
from delivery_shared.contracts import project as p
from delivery_shared.http import Caller, Claims
from delivery_shared.http.access import kinds_of
from delivery_shared.http.tokens import LIFETIME
from delivery_shared.testing.fixtures import eventually
from reporting_svc import announcing, listening
from reporting_svc.announcing import Announcement
from reporting_svc.api.live import frame, frames, parsed
from reporting_svc.bi.roles import grant, revoke
from reporting_svc.listening import Live
from reporting_svc.rebuild import rebuild
from reporting_svc.streams import (
    PENDING,
    PER_USER,
    REPEATABLE,
    Change,
    Event,
    Stream,
    Streams,
    StreamsFull,
    TooManyStreams,
)
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from .analysts import as_role
from .conftest import NOON, As, Feeds, World, id_of

pytestmark = pytest.mark.integration

Open = Callable[..., Stream]


def claims_of(party: UUID, side: str, *, user: UUID | None = None, roles: Any = (), main: bool = False) -> Claims:
    now = datetime.now(UTC)
    return Claims(
        user_id=user or uuid4(), party_id=party, side=side, main=main, roles=frozenset(roles), department_id=None,
        name="甲", must_change_password=False, issued_at=now, expires_at=now + LIFETIME, session_id=uuid4(),
        jti=uuid4(),
    )  # fmt: skip


def caller_of(claims: Claims) -> Caller:
    return Caller(
        user_id=claims.user_id, party_id=claims.party_id, kinds=kinds_of(claims), roles=claims.roles,
        department_id=None, name=claims.name,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "EVERY", 0.05)


@pytest.fixture
def live(engine: Engine) -> Iterator[Live]:
    live = Live(engine, limit=50, revoked=lambda claims: False)
    yield live
    live.stop()
    for thread in live._threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def opened(live: Live) -> Open:
    def opened(party: UUID, side: str, *, last: Any = None, **more: Any) -> Stream:
        claims = claims_of(party, side, **more)
        stream = live.open(claims=claims, by=caller_of(claims), last=last)
        if last is None:
            assert said(stream).name == "ready"
        return stream

    return opened


def said(stream: Stream) -> Event:
    event = stream.next(10)
    assert event is not None
    return event


def told(stream: Stream, *names: str) -> None:
    """The stream says that exactly these projects changed."""
    seen: set[UUID] = set()
    deadline = time.monotonic() + 10
    wanted = {id_of(name) for name in names}
    while seen != wanted and time.monotonic() < deadline:
        event = stream.next(0.5)
        if event is not None:
            assert event.name == "projects"
            seen |= set(event.projects)
    assert seen == wanted


def silent(*streams: Stream) -> None:
    """Nothing was said; to be asked once another stream has told of the same batch."""
    assert [stream.next(0) for stream in streams] == [None] * len(streams)


def base(world: World) -> list[Contract]:
    return [*world.parties(), *world.products()]


def test_a_change_is_told_to_the_parties_of_the_project_only(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world))
    vendor, rival = (opened(party, "isv", main=True) for party in (world.vendor, world.rival))
    manager, operator = opened(world.vendor, "vendor"), opened(uuid4(), "operator")
    customer, other = (opened(party, "customer") for party in (world.customer, world.other_customer))
    buyer = opened(world.rival, "vendor", user=world.customer)
    staff, marketplace = opened(world.vendor, "provider", user=world.lisi), opened(uuid4(), "marketplace")
    feeds(world.started("A"), times=2)
    for stream in (vendor, manager, operator, customer, buyer):
        told(stream, "A")
    silent(rival, other, staff, marketplace)


@pytest.mark.requirement("R-81", "R-123")
def test_what_is_said_and_the_files_of_a_project_are_told(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world), world.started("A"), world.started("B"))
    vendor, customer = opened(world.vendor, "isv", main=True), opened(world.customer, "customer")
    rival = opened(world.rival, "isv", main=True)
    about: dict[str, Any] = {"project_id": id_of("A"), "run": 1, "by": p.Actor(kind="customer", user_id=uuid4())}
    said = p.Talked(
        **about, visit=1, name="", kind="comment", number=1, text="", mentions=[], talked_at=NOON,
    )  # fmt: skip
    attached = p.FileAttached(
        **about, visit=1, file_id=id_of("file"), size=7, released=True, attached_at=NOON,
    )  # fmt: skip
    withdrawn = p.FileWithdrawn(**about, file_id=id_of("file"), withdrawn_at=NOON)
    for message in (said, attached, withdrawn):
        feeds(message, times=2)
        told(vendor, "A")
        told(customer, "A")
    silent(rival)


def test_an_employee_is_told_of_what_waits_for_them_what_they_may_claim_and_what_they_handled(
    opened: Open, feeds: Feeds, world: World
) -> None:
    feeds(*base(world), world.started("A"), world.provider_set("A", world.vendor))
    admin = opened(world.vendor, "isv", main=True)
    lisi = opened(world.vendor, "provider", user=world.lisi, roles=["designer"])
    wangwu = opened(world.vendor, "provider", user=world.wangwu, roles=["account_manager"])
    stranger = opened(world.rival, "provider", roles=["designer"])
    feeds(world.entered("A", 1, "claim_order", "认领", role="designer"))
    told(lisi, "A")
    feeds(world.role_filled("A", "designer", world.lisi))
    told(lisi, "A")
    feeds(world.completed("A", 1, world.staff(world.lisi)))
    feeds(world.entered("A", 2, "general", "设计", role="account_manager", assignee_id=world.wangwu))
    told(wangwu, "A")
    told(lisi, "A")
    told(admin, "A")
    silent(stranger)


def test_who_loses_a_project_is_told_once_more(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world), world.started("A"), world.provider_set("A", world.vendor))
    feeds(world.entered("A", 1, "general", "设计", role="designer", assignee_id=world.lisi))
    former, present = opened(world.vendor, "provider", user=world.lisi), opened(world.rival, "isv", main=True)
    feeds(world.restarted("A", 2, world.rival, world.vendor))
    told(former, "A")
    told(present, "A")
    feeds(world.provider_set("A", world.rival, run=2))
    told(present, "A")
    silent(former)


def test_a_reason_of_waiting_is_a_change(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world), world.started("A"))
    vendor, rival = opened(world.vendor, "isv", main=True), opened(world.rival, "isv", main=True)
    feeds(world.queued("A", "providers_full"), times=2)
    event = said(vendor)
    assert (event.name, event.projects) == ("projects", [id_of("A")])
    assert event.positions == {"project": 1, "dispatch": 1}
    silent(rival)


def test_a_batch_is_announced_whole_however_long(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world))
    vendor = opened(world.vendor, "isv", main=True)
    names = [f"P{n}" for n in range(450)]
    feeds(*(world.started(name) for name in names))
    told(vendor, *names)


@pytest.mark.parametrize("count", [1, 100, 199, 200, 201])
def test_an_announcement_never_exceeds_what_postgresql_takes(count: int) -> None:
    formers = [announcing.Former(uuid4(), uuid4(), "设" * 100, uuid4()) for _ in range(count)]
    lines = list(announcing._lines("project", 10**18, formers))
    assert max(len(line.encode()) for line in lines) <= announcing.PAYLOAD
    read = [msgspec.json.decode(line, type=Announcement) for line in lines]
    assert [former for announcement in read for former in announcement.projects] == formers


def test_a_client_that_comes_back_is_told_what_it_missed(opened: Open, feeds: Feeds, world: World) -> None:
    feeds(*base(world))
    first = opened(world.vendor, "isv", main=True)
    feeds(world.started("A"))
    last = said(first).positions
    feeds(world.started("B"))
    feeds(world.queued("A", "no_staff"))
    eventually(lambda: opened(uuid4(), "operator", last={"project": 2, "dispatch": 1}).next(0) == Event(
        "ready", [], {"project": 2, "dispatch": 1}))  # fmt: skip
    missed = said(opened(world.vendor, "isv", main=True, last=last))
    assert (missed.name, set(missed.projects)) == ("projects", {id_of("A"), id_of("B")})
    assert said(opened(world.rival, "isv", main=True, last=last)).name == "ready"


@pytest.mark.parametrize("last", [{}, {"project": 0}, {"project": 0, "dispatch": 1}, {"project": 2, "dispatch": 0}])
def test_a_client_whose_gap_is_unknown_fetches_again(
    opened: Open, feeds: Feeds, world: World, last: dict[str, int]
) -> None:
    feeds(*base(world), world.started("A"))
    assert said(opened(world.vendor, "isv", main=True, last=last)).name == "reset"


def test_what_is_kept_for_clients_is_bounded() -> None:
    streams = Streams(limit=5)
    streams.begin({"project": 0})
    claims = claims_of(uuid4(), "operator")
    for n in range(1, REPEATABLE + 2):
        streams.changed([Change("project", n, {})])
    for last, name in ((0, "reset"), (1, "ready"), (REPEATABLE + 1, "ready"), (REPEATABLE + 2, "reset")):
        assert said(streams.open(claims=claims, keys=frozenset(), last={"project": last})).name == name, last


def test_a_slow_client_holds_nobody_up_and_is_reset() -> None:
    streams = Streams(limit=5)
    streams.begin({"project": 0})
    key = frozenset({("operator",)})
    slow, quick = (streams.open(claims=claims_of(uuid4(), "operator"), keys=key, last=None) for _ in range(2))
    assert said(quick).name == said(slow).name == "ready"
    ids = [uuid4() for _ in range(PENDING + 1)]
    for n, id in enumerate(ids[:PENDING], 1):
        streams.changed([Change("project", n, {id: key})])
        assert said(quick).projects == [id]
    assert len(slow._projects) == PENDING
    streams.changed([Change("project", PENDING + 1, {ids[-1]: key})])
    assert said(quick).projects == [ids[-1]]
    assert said(slow) == Event("reset", [], {"project": PENDING + 1})
    streams.changed([Change("project", PENDING + 2, {ids[0]: key})])
    assert said(slow).projects == [ids[0]]


def test_streams_are_bounded_per_user_and_in_all() -> None:
    streams = Streams(limit=PER_USER + 1)
    one, other = claims_of(uuid4(), "operator"), claims_of(uuid4(), "operator")
    held = [streams.open(claims=one, keys=frozenset(), last=None) for _ in range(PER_USER)]
    with pytest.raises(TooManyStreams):
        streams.open(claims=one, keys=frozenset(), last=None)
    streams.open(claims=other, keys=frozenset(), last=None)
    with pytest.raises(StreamsFull):
        streams.open(claims=other, keys=frozenset(), last=None)
    streams.leave(held[0])
    streams.leave(held[0])
    streams.open(claims=one, keys=frozenset(), last=None)


def test_a_stream_ends_when_its_token_expires_or_is_revoked(engine: Engine, feeds: Feeds) -> None:
    now = [datetime.now(UTC)]
    revoked: set[UUID] = set()
    live = Live(engine, limit=5, revoked=lambda claims: claims.user_id in revoked, now=lambda: now[0])
    first, second, third = (claims_of(uuid4(), "operator") for _ in range(3))
    streams = [live.open(claims=claims, by=caller_of(claims), last=None) for claims in (first, second, third)]
    revoked.add(first.user_id)
    eventually(lambda: [stream.ended for stream in streams] == [True, False, False])
    now[0] = second.expires_at - timedelta(microseconds=1)
    live.leave(streams[0])
    eventually(lambda: not streams[1].ended)
    now[0] = second.expires_at
    eventually(lambda: streams[1].ended)
    live.stop()
    assert streams[2].ended
    assert list(frames(streams[2])) == [b"retry: 2000\n\n", frame(Event("ready", [], {"project": 0, "dispatch": 0}))]
    after = live.open(claims=third, by=caller_of(third), last=None)
    assert after.ended


def test_the_listener_survives_the_loss_of_its_connection(
    live: Live, opened: Open, engine: Engine, feeds: Feeds, world: World
) -> None:
    feeds(*base(world))
    vendor = opened(world.vendor, "isv", main=True)
    with engine.begin() as connection:
        killed = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND wait_event = 'ClientRead' AND query ~ 'feed_position WHERE feed = '"
            )
        ).scalars().all()  # fmt: skip
    assert killed == [True]
    feeds(world.started("A"))
    event = said(vendor)
    assert event.name in ("reset", "projects"), "missed while away, or heard of just after"
    feeds(world.started("B"))
    told(vendor, "B")


def test_what_is_no_announcement_disturbs_nobody(opened: Open, engine: Engine, feeds: Feeds, world: World) -> None:
    """Whoever learns the channel's name can say anything on it."""
    feeds(*base(world))
    vendor = opened(world.vendor, "isv", main=True)
    with engine.begin() as connection:
        for payload in ("garbage", "", "[1]", '{"source":"nobody"}', '{"rebuilt":"yes"}'):
            connection.execute(text("SELECT pg_notify(name, :payload) FROM channel"), {"payload": payload})
    feeds(world.started("A"))
    told(vendor, "A")


def test_everybody_fetches_again_after_a_rebuild(opened: Open, engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*base(world), world.started("A"))
    vendor = opened(world.vendor, "isv", main=True)
    rebuild(engine)
    assert said(vendor) == Event("reset", [], {"project": 0, "dispatch": 0})


@pytest.mark.parametrize("payload", ["garbage", "", "{}", '{"source":"nobody","position":1}', '{"rebuilt":1}', "[1]"])
def test_what_is_no_announcement_spoils_no_other(
    opened: Open, engine: Engine, feeds: Feeds, world: World, payload: str
) -> None:
    """Even from somebody who knows the channel: those heard with it are told, and nobody fetches again."""
    feeds(*base(world))
    vendor = opened(world.vendor, "isv", main=True)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_notify(name, :payload) FROM channel"), {"payload": payload})
    feeds(world.started("A"))
    told(vendor, "A")


def test_an_analyst_neither_tells_nor_hears(
    opened: Open, engine: Engine, feeds: Feeds, world: World, database_url: str
) -> None:
    """PostgreSQL lets every role notify and listen; the name of the channel is what a BI role does not know."""
    feeds(*base(world), world.started("A"))
    vendor = opened(world.vendor, "isv", main=True)
    made = grant(database_url, party_id=world.rival, role=f"bi_{uuid4().hex[:8]}")
    try:
        with as_role(database_url, made.role, made.password) as analyst:
            with pytest.raises(DBAPIError, match="permission denied"):
                analyst.execute(text("SELECT name FROM reporting.channel"))
            guessed = ("reporting.live", "live", "reporting", "channel")
            for name in guessed:
                analyst.exec_driver_sql(f'LISTEN "{name}"')
            for payload in ("garbage", '{"rebuilt":true}'):
                for name in guessed:
                    analyst.execute(text("SELECT pg_notify(:name, :payload)"), {"name": name, "payload": payload})
            feeds(world.started("B"))
            told(vendor, "B")  # and no reset before
            analyst.execute(text("SELECT 1"))
            wire: Any = analyst.connection.dbapi_connection
            wire.poll()
            assert {notice.payload for notice in wire.notifies} == {"garbage", '{"rebuilt":true}'}
    finally:
        revoke(database_url, made.role)


def test_an_id_is_the_positions() -> None:
    event = Event("projects", [id_of("A")], {"project": 17, "dispatch": 4})
    assert frame(event).decode() == (
        "id: dispatch:4,project:17\nevent: projects\n"
        f'data: {{"projects":["{id_of("A")}"],"positions":{{"project":17,"dispatch":4}}}}\n\n'
    )
    assert parsed("dispatch:4,project:17") == event.positions
    assert parsed(None) is None
    for strange in ("", "x", "project:", "project:-1", "project:１", "project:" + "1" * 19):
        assert parsed(strange) == {}, strange


def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting_svc.api.live.HEARTBEAT", 0.01)
    stream = Stream(claims=claims_of(uuid4(), "operator"), keys=frozenset(), socket=None)
    sent = frames(stream)
    assert [next(sent) for _ in range(3)] == [b"retry: 2000\n\n", b":\n\n", b":\n\n"]
    stream.end()
    assert list(sent) == []


def test_a_process_without_threads_for_streams_refuses_them(engine: Engine, sign_in: As, feeds: Feeds) -> None:
    session = sign_in(uuid4(), "operator")
    session.client.application.extensions["live"] = Live(engine, limit=0, revoked=lambda claims: False)
    refused = session.client.get("/api/v1/live", headers={"Authorization": f"Bearer {session.token}"})
    assert (refused.status_code, refused.json["type"]) == (503, "urn:delivery-center:problem:streams-full")
    assert refused.headers["Retry-After"] == "1"


def test_without_the_database_no_stream_opens(migrated: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST", 0.05)
    broken = Live(migrated, limit=1, revoked=lambda claims: False)
    monkeypatch.setattr(broken, "_hear", lambda connection: connection.execute(text("SELECT 1 / 0")))
    claims = claims_of(uuid4(), "operator")
    with pytest.raises(listening.NotListening):
        broken.open(claims=claims, by=caller_of(claims), last=None)
    broken.stop()
