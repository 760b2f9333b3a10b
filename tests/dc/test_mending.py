"""Commands that change something: each leaves an audit event, and does nothing with ``--dry-run``."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from delivery_center.client import Client
from delivery_center.dc.main import run
from delivery_center.installing.keys import TOKEN_SECONDS, environment_of, uses
from delivery_center.load.prepared_system import PreparedSystem
from delivery_shared.eventstore import EventStore
from delivery_shared.http.tokens import TokenIssuer, TokenVerifier
from delivery_shared.messaging.envelope import open_envelope, split
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.transport import TransportLost
from delivery_shared.projection import connect
from delivery_shared.testing.fixtures import eventually
from reporting_svc import rebuilt_model
from reporting_svc.rebuild import state_hash
from sqlalchemy import text

from tests.dc.calling import Dc, through

pytestmark = pytest.mark.stories

READERS = 3


def last_action(dc: Dc) -> dict[str, Any]:
    return dict(dc("audit", "list", "-n", 1, "--json").json[0])


def rows(store: EventStore, sql: str, *values: object) -> list[Any]:
    with store.connection() as connection:
        cursor = connection.execute(sql, values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def test_the_audit_names_who_did_what(dc: Dc, projects: list[UUID]) -> None:
    dc("--as", "李四", "outbox", "rewind", "identity", "--by", 1, "--yes")
    done = last_action(dc)
    assert (done["who"], done["action"], done["outcome"]) == ("李四", "outbox rewind", "done")
    assert done["arguments"]["service"] == "identity"
    assert done["begun_at"] <= done["ended_at"]
    assert "李四" in dc("audit", "list").out


def test_an_action_that_fails_is_seen_to_have_failed(dc: Dc, installation: PreparedSystem, tmp_path: Path) -> None:
    nobody = ("demo", "load", "--address", "http://127.0.0.1:1", "--passwords")
    said = dc(*nobody, installation.system.folder)
    assert (said.status, said.err) == (1, "dc: http://127.0.0.1:1: [Errno 111] Connection refused\n")
    done = last_action(dc)
    assert (done["action"], done["outcome"]) == ("demo load", "failed")
    assert done["detail"].startswith("ConnectError")
    assert dc(*nobody, tmp_path).err.endswith("the account was made elsewhere\n")
    assert last_action(dc)["outcome"] == "failed"


def test_a_rewound_outbox_is_published_again(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    """The running relay notices by itself, consumers skip what they have, and no position is lost."""
    installation.settle()
    before = published(installation, "dispatch")
    (row,) = (r for r in dc("outbox", "status", "--json").json if r["service"] == "dispatch")
    planned = dc("outbox", "rewind", "dispatch", "--by", 3, "--dry-run", "--json").json
    assert (planned["from"], planned["to"], planned["dry_run"]) == (row["published"], row["published"] - 3, True)
    assert (planned["messages"], planned["consumers"]) == (3, "identity, project, reporting")
    assert published(installation, "dispatch") == before
    dc("outbox", "rewind", "dispatch", "--to", 0, "--yes")
    eventually(lambda: published(installation, "dispatch") == before + before)
    eventually(lambda: dc("outbox", "status", "--json").json[3]["waiting"] == 0)
    assert dc("outbox", "rewind", "dispatch", "--to", 10**9, "--yes").status == 1
    assert dc("outbox", "rewind", "notify", "--to", 0, "--yes").status == 2
    assert dc("outbox", "status", environment={"AMQP_URL": ""}).status == 2


def test_a_renewed_stream_holds_everything_once(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    source = installation.center.services["template"].store
    assert source is not None
    expected = [str(message.id) for message in Outbox(source).read(after=0, limit=10_000)]
    dc("outbox", "rewind", "template", "--to", 0, "--yes")
    eventually(lambda: len(published(installation, "template")) > len(expected))
    planned = dc("outbox", "renew", "template", "--dry-run", "--json").json
    assert (planned["up_to"], planned["messages"]) == (int(expected[-1]), len(expected))
    dc("outbox", "renew", "template", "--yes")
    assert last_action(dc)["action"] == "outbox renew"
    eventually(lambda: published(installation, "template") == expected)
    installation.settle()


def published(installation: PreparedSystem, source: str) -> list[str]:
    """The ids of everything in a stream; none while it is being emptied."""
    broker = installation.center.settings.broker
    assert broker is not None
    transport, ids = RabbitTransport(broker), []
    try:
        with transport.attach(source=source, position=0, offset=None) as attachment:
            while deliveries := attachment.receive(limit=1000, timeout=1.0):
                ids += [open_envelope(body).id for delivery in deliveries for body in split(delivery.body)]
                attachment.acknowledge(deliveries)
    except TransportLost:
        return []
    return ids


def test_parked_messages_are_shown_tried_again_and_discarded(
    dc: Dc, installation: PreparedSystem, projects: list[UUID]
) -> None:
    """A message project-svc has applied before is put aside by hand: tried again it goes, and changes nothing."""
    store = installation.application.store
    project = projects[0]
    (message,) = dc(
        "events", "tail", "-n", 1000, "--service", "dispatch", "--type", "dispatch.provider_assigned",
        "--subject", project, "--json",
    ).lines  # fmt: skip
    source = installation.center.services["dispatch"].store
    assert source is not None
    (body,) = (m.body for m in Outbox(source).read(after=int(message["position"].partition(":")[2]) - 1, limit=1))
    insert = (
        "INSERT INTO parked (feed, source, message_id, subject, type, body, error)"
        " VALUES ('project', 'dispatch', %s, %s, %s, %s, %s) RETURNING id"
    )
    (first,) = rows(store, insert, 10**9, str(project), message["type"], body, "as a test")
    (bytes_,) = rows(store, insert, None, "", "", b"\xff", "no message")
    ref, malformed = (f"project/message/{row['id']}" for row in (first, bytes_))
    listed = {row["ref"]: row for row in dc("parked", "list", "--json").json}
    assert (listed[ref]["type"], listed[ref]["error"]) == ("dispatch.provider_assigned", "as a test")
    assert dc("parked", "show", ref, "--json").json["says"]["project_id"] == str(project)
    assert dc("parked", "show", malformed, "--json").json["says"] == "1 bytes that are no message"
    assert dc("parked", "requeue", ref, "--dry-run", "--json").json == {"ref": ref, "requeued": False, "dry_run": True}
    assert ref in {row["ref"] for row in dc("parked", "list", "--json").json}
    version = dc("stream", "as-of", project, "--json").json["version"]
    dc("parked", "requeue", ref)
    assert last_action(dc)["arguments"] == {
        "ref": ref, "type": message["type"], "subject": str(project), "position": f"dispatch:{10**9}",
    }  # fmt: skip
    eventually(lambda: ref not in {row["ref"] for row in dc("parked", "list", "--json").json})
    assert dc("stream", "as-of", project, "--json").json["version"] == version
    assert dc("parked", "requeue", malformed).err.endswith("cannot be applied; discard it\n")
    assert dc("parked", "discard", malformed, "--dry-run").status == 0
    dc("parked", "discard", malformed, "--yes")
    assert len(last_action(dc)["arguments"]["sha256"]) == 64
    assert dc("parked", "list", "--json").json == []
    assert dc("parked", "show", ref).err == f"dc: {ref} is not put aside (any more)\n"
    assert dc("parked", "show", "project/work/1").status == 2


def test_what_waits_behind_a_discarded_message_is_tried(dc: Dc, installation: PreparedSystem) -> None:
    store = installation.application.store
    insert = (
        "INSERT INTO parked (feed, source, message_id, subject, type, body, error)"
        " VALUES ('project', 'template', %s, 'a', 't', %s, '') RETURNING id"
    )
    ids = [rows(store, insert, 10**9 + n, b"nothing")[0]["id"] for n in range(2)]
    dc("parked", "discard", f"project/message/{ids[0]}", "--yes")

    def tried() -> bool:
        (row,) = rows(store, "SELECT attempts FROM parked WHERE id = %s", ids[1])
        return bool(row["attempts"] > 0)

    eventually(tried)
    assert dc("parked", "discard", f"project/message/{ids[1]}", "--yes").status == 0
    assert rows(store, "SELECT id FROM parked") == []


def test_work_of_a_pool_is_tried_again_but_never_discarded(dc: Dc, installation: PreparedSystem) -> None:
    """A parked ask goes back to its pool and the pool is looked at again. The row is one of a paused project, so that
    nothing is decided about it."""
    store = installation.center.services["dispatch"].store
    assert store is not None
    pool, project = f"product:{uuid4()}", uuid4()
    (row,) = rows(
        store,
        "INSERT INTO pool_inbox (pool, kind, class, ask, request_id, project_id, run, vendor_id, customer_id,"
        " product_id, order_number, queued_at, attempts, parked_at, error, correlation_id, causation_id, suspended)"
        " VALUES (%s, 'ask', '', %s, %s, %s, 1, %s, %s, %s, 'n', now(), 5, now(), 'as a test', 'c', 'c', true)"
        " RETURNING arrival",
        pool, str(uuid4()), uuid4(), project, uuid4(), uuid4(), uuid4(),
    )  # fmt: skip
    ref = f"dispatch/work/{row['arrival']}"
    assert [(r["ref"], r["error"]) for r in dc("parked", "list", "--json").json] == [(ref, "as a test")]
    assert dc("parked", "show", ref, "--json").json["attempts"] == 5
    assert dc("parked", "discard", ref, "--yes").err.endswith("requeue it, or cancel the project\n")
    dc("parked", "requeue", ref)
    (now,) = rows(store, "SELECT parked_at, attempts FROM pool_inbox WHERE arrival = %s", row["arrival"])
    assert (now["parked_at"], now["attempts"]) == (None, 0)
    eventually(lambda: rows(store, "SELECT 1 FROM wake WHERE pool = %s", pool) == [])
    rows(store, "DELETE FROM pool_inbox WHERE arrival = %s", row["arrival"])
    rows(store, "DELETE FROM pool_class WHERE pool = %s", pool)


def test_a_read_model_is_switched_while_it_is_read(
    dc: Dc, installation: PreparedSystem, admin: Client, projects: list[UUID]
) -> None:
    """Orders flow and lists are read without a break; the live read model has been spoilt, and after the switch it
    equals a replay. Nobody gets an error, no list ever lacks a project it had."""
    live = connect(installation.center.settings.database_url, "reporting")
    with live.begin() as connection:
        connection.execute(text("UPDATE project SET product_name = 'wrong'"))
        connection.execute(text("DELETE FROM handled"))
        connection.execute(text("INSERT INTO role VALUES ('ghost', 'Ghost', 'provider', true)"))
    assert dc("projection", "switch", "--yes").err == (
        "dc: nothing is built beside the live one: run `dc projection rebuild`\n"
    )
    assert dc("projection", "rebuild", "--dry-run", "--json").json["resumed"] is False
    assert not rebuilt_model.exists(live)
    stopping = threading.Event()
    readers = [Reader(installation, admin, stopping) for _ in range(READERS)]
    robots = installation.robots()
    ordered = robots.order(installation.orders(10))
    for reader in readers:
        reader.start()
    try:
        commands: list[Callable[[], object]] = [
            lambda: dc("projection", "rebuild", "--json").json,
            lambda: robots.work(),
            lambda: dc("projection", "switch", "--dry-run", "--json").json,
            lambda: dc("projection", "switch", "--json", "--yes").json,
        ]
        said = []
        for command in commands:
            ordered += robots.order(installation.orders(10))
            robots.work()
            said.append(command())
        through(robots, ordered)
    finally:
        stopping.set()
        for reader in readers:
            reader.join(30)
    assert [reader.wrong for reader in readers] == [[] for _ in readers]
    assert min(len(reader.totals) for reader in readers) > 10
    switched: Any = said[-1]
    assert switched["changed"]["role"] == [1, 0]
    assert switched["changed"]["project"][0] >= 3
    assert switched["changed"]["handled"][1] >= 3
    assert last_action(dc)["action"] == "projection switch"
    assert not rebuilt_model.exists(live)
    installation.settle()
    assert dc("projection", "verify", "--json").json == {"projection": "reporting", "equal": True}
    with live.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM project WHERE product_name = 'wrong'")).scalar() == 0
    live.dispose()


class Reader(threading.Thread):
    """Reads the project list as fast as it can; notes every answer that is no list, or is shorter than one before."""

    def __init__(self, installation: PreparedSystem, admin: Client, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.installation = installation
        self.token = admin.token
        self.stopping = stopping
        self.totals: list[int] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        path = "/api/v1/project-list?entrance=vendor&tab=all&limit=5"
        with httpx.Client(timeout=30, headers={"Authorization": f"Bearer {self.token}"}) as http:
            while not self.stopping.is_set():
                answer = http.get(self.installation.system.address(path))
                if answer.status_code != 200:
                    self.wrong.append(f"{answer.status_code} {answer.text}")
                    return
                total = answer.json()["total"]
                if self.totals and total < self.totals[-1]:
                    self.wrong.append(f"{total} after {self.totals[-1]}")
                self.totals.append(total)


def test_an_interrupted_rebuild_goes_on(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    installation.settle()
    url = installation.center.settings.database_url
    dc("projection", "rebuild")
    engine = rebuilt_model.create(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM handled"))
    assert dc("projection", "rebuild", "--json").json["resumed"] is True
    live = connect(url, "reporting")
    assert state_hash(engine) != state_hash(live)
    assert dc("projection", "rebuild", "--fresh", "--json").json["resumed"] is False
    assert state_hash(engine) == state_hash(live)
    stands = {(row["which"], row["source"]): row["position"] for row in dc("projection", "status", "--json").json}
    assert {which for which, _ in stands} == {"live", "beside"}
    assert dc("projection", "switch", "--json", "--yes").json["changed"] == {}
    engine.dispose()
    live.dispose()
    assert dc("projection", "rebuild", "notify").status == 2


def test_a_message_is_skipped_and_what_it_said_comes_back_by_a_rebuild(
    dc: Dc, installation: PreparedSystem, projects: list[UUID]
) -> None:
    """Only the one the read model stands before; here because its worker does not run."""
    installation.settle()
    refused = dc("projection", "skip", "project", 1, "--yes")
    assert (refused.status, refused.err.startswith("dc: reporting stands at project:")) == (1, True)
    assert dc("projection", "skip", "nobody", 1, "--yes").status == 2

    def stands() -> int:
        rows = dc("projection", "status", "--json").json
        return next(int(row["position"]) for row in rows if row["source"] == "project")

    installation.system.stop(["reporting-worker"])
    before = stands()
    robots = installation.robots()
    through(robots, robots.order(installation.orders(1)))
    (message,) = Outbox(installation.application.store).read(after=before, limit=1)
    assert dc("projection", "skip", "project", message.id, "--dry-run").status == 0
    assert stands() == before
    dc("projection", "skip", "project", message.id, "--yes")
    assert stands() == message.id
    assert last_action(dc)["arguments"] == {"projection": "reporting", "message": f"project:{message.id}"}
    dc("projection", "rebuild", "--fresh")
    dc("projection", "switch", "--yes")
    installation.system.start(["reporting-worker"])
    installation.settle()
    assert dc("projection", "verify", "--json").json["equal"] is True


@pytest.mark.parametrize(("ending", "mode"), [(".json", 0o600), ("", 0o444)], ids=["embedded", "make secrets"])
def test_keys_are_rotated_while_every_token_stays_good(dc: Dc, tmp_path: Path, ending: str, mode: int) -> None:
    """With the files as they are named and readable in both places. In each step a token of the key that signs is good
    for whoever has the public keys of this step or the one before: processes may be restarted one after the other."""
    environment_of(tmp_path)
    for name in ("signing-key", "public-keys"):
        (tmp_path / f"{name}.json").replace(tmp_path / f"{name}{ending}")
        (tmp_path / f"{name}{ending}").chmod(mode)

    def issuer() -> TokenIssuer:
        return TokenIssuer(json.loads((tmp_path / f"signing-key{ending}").read_text()))

    def verifier() -> TokenVerifier:
        return TokenVerifier(json.loads((tmp_path / f"public-keys{ending}").read_text()))

    def token() -> str:
        return issuer().issue(
            user_id=uuid4(), party_id=uuid4(), side="customer", main=False, roles=frozenset(), department_id=None,
            name="", must_change_password=False, session_id=uuid4(),
        )[0]  # fmt: skip

    (old,) = uses(tmp_path)
    known = verifier()
    assert dc("keys", "activate", "--keys", tmp_path).err == "dc: no next key is prepared\n"
    assert dc("keys", "prepare", "--keys", tmp_path, "--dry-run").status == 0
    assert list(uses(tmp_path)) == [old]
    for step in ("prepare", "activate", "retire"):
        tokens = [token()]
        if step == "retire":
            assert "tokens of the former key live" in dc("keys", step, "--keys", tmp_path).err
            since = time.time() - TOKEN_SECONDS
            os.utime(tmp_path / f"signing-key{ending}", (since, since))
        assert dc("keys", step, "--keys", tmp_path).status == 0
        assert last_action(dc)["action"] == f"keys {step}"
        tokens.append(token())
        assert environment_of(tmp_path)["DELIVERY_PUBLIC_KEYS"] == str(tmp_path / f"public-keys{ending}")
        now = verifier()
        for either in tokens if step != "activate" else tokens[:1]:
            known.verify(either)
        for either in tokens if step != "retire" else tokens[1:]:
            now.verify(either)
        known = now
    (new,) = uses(tmp_path)
    assert new != old
    assert dc("keys", "list", "--keys", tmp_path, "--json").json == [{"kid": new, "use": "signing"}]
    assert (tmp_path / f"signing-key{ending}").stat().st_mode & 0o777 == mode
    assert dc("keys", "retire", "--keys", tmp_path).status == 1


def test_a_leaked_key_is_replaced_at_once_without_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever keeps the files of a cluster has no way to its database; nobody is told then."""
    environment_of(tmp_path)
    (old,) = uses(tmp_path)
    for step in (["prepare"], ["activate"], ["retire", "--now"]):
        assert run(["keys", *step, "--keys", str(tmp_path)], {}) == 0, capsys.readouterr().err
    (new,) = uses(tmp_path)
    assert new != old
