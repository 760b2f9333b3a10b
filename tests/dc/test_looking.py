"""Commands that only look."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_center import demo
from delivery_center.accounts import create_user, settle
from delivery_center.client import Client
from delivery_center.dc import status
from delivery_center.demo.connections import connected
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import orders
from delivery_center.marketplaces.simulating import calling
from delivery_shared.testing.fixtures import eventually
from identity_svc.bootstrap import OPERATOR
from intake_svc.domain.acts import ChangeContact, Contact, Create, Notice
from intake_svc.domain.order import project_id_of
from intake_svc.kinds import KINDS

from tests.dc.calling import Dc, through

pytestmark = pytest.mark.stories

SERVICES = ["template", "identity", "intake", "project", "dispatch", "notify", "reporting"]
PUBLISHING = ["template", "identity", "intake", "project", "dispatch"]


def test_the_doctor_finds_a_running_installation_well(dc: Dc) -> None:
    findings = {row["check"]: row["state"] for row in dc("doctor", "--json").json}
    assert findings == {
        "versions": "ok",
        "database": "ok",
        **{f"migrations of {name}": "ok" for name in SERVICES},
        "broker": "ok",
        "streams and queues": "ok",
        "replicas of streams and queues": findings["replicas of streams and queues"],  # as its management API tells
        "retention of streams": "ok",
        "relays": "ok",
        "public keys": "ok",
        "signing key": "ok",
        "mode of the signing key": "ok",
        "connections": findings["connections"],  # others use the server, too
        "upgrade": "ok",
        "clock of this machine": "ok",
        "clock offset": "ok",
        "calendar": findings["calendar"],  # the year's end comes near
        "feed positions": "ok",
    }
    assert {findings["calendar"], findings["connections"]} <= {"ok", "warning"}
    assert findings["replicas of streams and queues"] in ("ok", "skipped")


def test_the_doctor_does_not_take_the_load_for_a_fault(
    dc: Dc, installation: PreparedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is published and applied between two looks leaves no feed beyond its source."""
    told = status._told

    def meanwhile(given: Any) -> Any:
        robots = installation.robots()
        through(robots, robots.order(installation.orders(1)))
        installation.settle()
        return told(given)

    monkeypatch.setattr(status, "_told", meanwhile)
    findings = {row["check"]: row for row in dc("doctor", "--json").json}
    assert findings["feed positions"]["state"] == "ok"


def test_the_doctor_tells_a_broker_that_is_not_named_from_none(dc: Dc) -> None:
    findings = {row["check"]: row for row in dc("doctor", "--json", environment={"AMQP_URL": ""}).json}
    assert findings["broker"]["state"] == "warning"
    assert findings["broker"]["detail"].startswith("AMQP_URL is not set here, but template, identity, project")


@pytest.mark.parametrize(("running", "members", "state"), [(1, 1, "ok"), (3, 3, "ok"), (3, 1, "wrong"), (5, 3, "ok")])
def test_the_doctor_counts_replicas(dc: Dc, running: int, members: int, state: str) -> None:
    """… as RabbitMQ's management API tells it: a stream declared while one node ran lies on that node only."""
    with management(running, members) as api:
        said = dc("doctor", "--json", environment={"DELIVERY_BROKER_API": api})
    (found,) = (row for row in json.loads(said.out) if row["check"] == "replicas of streams and queues")
    assert found["state"] == state
    if state == "wrong":
        assert "events.project on 1 of 3 nodes" in found["detail"]


@contextmanager
def management(running: int, members: int) -> Iterator[str]:
    """Answers as RabbitMQ's management API does."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nodes = [{"running": n < running} for n in range(running + 1)]
            answer: Any = nodes if self.path == "/api/nodes" else {"members": [f"n{n}" for n in range(members)]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_doctor_finds_what_is_missing(dc: Dc) -> None:
    """Another namespace has no streams, and without a key nobody can be verified."""
    other = {"DELIVERY_NAMESPACE": f"{uuid4()}.", "DELIVERY_PUBLIC_KEYS": '{"keys": []}'}
    said = dc("doctor", "--json", environment=other)
    wrong = {row["check"]: row["detail"] for row in json.loads(said.out) if row["state"] == "wrong"}
    assert (said.status, said.err) == (1, "dc: wrong: streams and queues, keys\n")
    assert wrong["streams and queues"].count("events.") == 5
    assert wrong["keys"] == "ValueError: unusable"


def test_one_line_says_what_is_wrong_with_a_command_line(dc: Dc) -> None:
    assert dc("timers").status == 2
    assert dc("bogus").err == "dc: No such command 'bogus'. See dc --help.\n"
    assert (dc("stream", "show", "no-such").status, dc("stream", "show", "no-such").err) == (
        1,
        "dc: no aggregate or order no-such\n",
    )
    away = dc("status", environment={"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres"})
    assert (away.status, away.err.count("\n")) == (1, 1)
    assert away.err.startswith("dc: the database cannot be used: ")


def test_the_console_script(installation: PreparedSystem) -> None:
    """As operators start it: exit status 0, JSON and nothing else on standard output."""
    script = Path(sys.executable).with_name("dc")
    done = subprocess.run(
        [script, "outbox", "status", "--json"], env=installation.system.environment, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [(row["service"], row["relay"]) for row in json.loads(done.stdout)] == [(n, True) for n in PUBLISHING]


def test_status_tells_how_far_everything_has_got(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    installation.settle()
    status = dc("status", "--json").json
    assert {row["service"]: row["waiting"] for row in status["outboxes"]} == dict.fromkeys(PUBLISHING, 0)
    assert {(row["behind"], row["beyond"], row["parked"]) for row in status["feeds"]} == {(0, 0, 0)}
    assert {row["service"] for row in status["feeds"]} == set(SERVICES)
    assert status["work"]["project.timers_late"] == 0
    assert "reporting" in dc("status").out


def test_a_stream_can_be_read_as_it_was(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    project = projects[0]
    shown = dc("stream", "show", project, "--json").json
    assert [row["version"] for row in shown] == list(range(1, len(shown) + 1))
    assert (shown[0]["event"], shown[-1]["event"]) == ("Project.Started", "Project.Completed")
    number = shown[0]["says"]["order_number"]
    assert dc("stream", "show", number, "--json").json == shown

    def state(*arguments: object) -> dict[str, object]:
        return dict(dc("stream", "as-of", project, "--json", *arguments).json)

    assert (state()["state"], state("--version", 1)["state"]) == ("completed", "running")
    last = datetime.fromisoformat(shown[-1]["at"])
    assert state("--at", (last - timedelta(microseconds=1)).isoformat())["state"] == "running"
    assert state("--at", last.isoformat()) == state()
    assert dc("stream", "as-of", project, "--at", "2019-01-01").err.startswith(f"dc: {project} did not exist at 2019")
    assert dc("stream", "as-of", project, "--version", 10_000).err == (
        f"dc: {project} has {len(shown)} versions, not 10000\n"
    )
    changed = {row["path"]: row for row in dc("stream", "diff", project, "--from", 1, "--json").json}
    assert changed["state"] == {"path": "state", "from": "running", "to": "completed"}
    assert changed["version"]["to"] == len(shown)
    assert "order_number" not in changed


def test_what_people_wrote_is_hidden(dc: Dc, projects: list[UUID]) -> None:
    def requirement(*arguments: object) -> object:
        (row,) = (
            r for r in dc("stream", "show", projects[0], "--json", *arguments).json if "Requirement" in r["event"]
        )
        return row["says"]["data"]

    assert requirement() == "(personal)"
    assert isinstance(requirement("--personal"), dict)


def test_personal_data_are_shown_when_asked_for_and_never_after_erasure(
    dc: Dc, installation: PreparedSystem, admin: Client
) -> None:
    system = installation.system
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    form = {"side": "vendor", "login_name": f"l{uuid4().hex[:8]}", "name": "李四", "roles": ["vendor_project_manager"]}
    user = create_user(admin, book, **form)["user_id"]

    def names(*arguments: str) -> tuple[str, str, str]:
        stored = dc("stream", "show", user, "--json", *arguments).json[0]["says"]["name"]
        state = dc("stream", "as-of", user, "--json", *arguments).json["personal"]["name"]
        (sent, *_) = dc("events", "tail", "-n", 10_000, "--subject", user, "--json", *arguments).lines
        return stored, state, sent["data"]["name"]

    assert names() == ("(personal)", "(personal)", "(personal)")
    assert names("--personal") == ("李四", "李四", "李四")
    actions = [(row["action"], row["arguments"]["subject"]) for row in dc("audit", "list", "-n", 3, "--json").json]
    assert actions == [
        ("events tail --personal", "all"),
        ("stream as-of --personal", user),
        ("stream show --personal", user),
    ]
    admin.call("DELETE", f"/api/v1/users/{user}")
    settle(Client(system.address, http=admin.http), book, OPERATOR).call(
        "DELETE", f"/api/v1/users/{user}/personal-data"
    )
    assert names("--personal") == ("(erased)", "(erased)", "")


def test_what_an_order_calls_its_buyer_is_personal(dc: Dc, projects: list[UUID]) -> None:
    """Nobody reads it by the way, as stored or as sent; with ``--personal`` it is opened."""

    def names(*arguments: str) -> tuple[str, str]:
        stored = dc("stream", "show", projects[0], "--json", *arguments).json[0]["says"]["customer_name"]
        (sent, *_) = dc("events", "tail", "-n", 10_000, "--subject", projects[0], "--json", *arguments).lines
        return stored, sent["data"]["customer_name"]

    assert names() == ("(personal)", "(personal)")
    assert names("--personal") == ("随机客户", "随机客户")


def test_what_a_marketplace_said_of_a_buyer_is_shown_when_asked_for_and_never_after_erasure(
    dc: Dc, installation: PreparedSystem, admin: Client
) -> None:
    """Name, contact, another contact later, and the notices as they came."""
    system, number = installation.system, f"91{uuid4().int % 10**14:014}"
    first, later = ({"name": name, "email": f"{mail}@example.com"} for name, mail in (("李四", "li"), ("钱七", "qian")))
    entry = {"product_code": "cmgj01", "sku": "pro", "product_id": str(installation.product_id)}
    market = connected(admin, "generic", name=number, entry=entry, stage="live")
    kind, send = KINDS["generic"], calling(system.base_url("intake") + market["address"])

    def say(notice: Notice) -> None:
        assert send(kind.write(notice, market["secret"], datetime.now(UTC))).status == 200

    create = Create(
        order_number=number, business_number=number, customer_number=number, product_code="cmgj01", sku="pro",
        customer_name="王五", contact=Contact(**first),
    )  # fmt: skip
    say(kind.new_order(order=number, create=create))
    order = project_id_of(UUID(market["id"]), number)
    other = ChangeContact(contact=Contact(**later))
    say(Notice(key="another", order=number, verb="order.contact_changed", act=other, numbered=True))

    def said(*arguments: str) -> list[Any]:
        rows = dc("stream", "show", order, "--service", "intake", "--json", *arguments).json
        return [
            row["says"][name] for row in rows for name in ("customer_name", "contact", "raw") if row["says"].get(name)
        ]

    notice, name, contact, another, changed = said("--personal")
    assert (notice["method"], json.loads(notice["body"])["data"]["customer_name"]) == ("POST", "王五")
    assert (name, contact["name"], contact["email"]) == ("王五", "李四", "li@example.com")
    assert json.loads(another["body"])["data"]["contact"]["name"] == "钱七"
    assert (changed["name"], changed["email"]) == ("钱七", "qian@example.com")
    assert said() == ["(personal)"] * 5
    (shown, *_) = dc("audit", "list", "-n", 1, "--json").json
    assert (shown["action"], shown["arguments"]["subject"]) == ("stream show --personal", str(order))

    def contacts(*arguments: str) -> list[Any]:
        """As the order's project has them, which is found first."""
        rows = dc("stream", "show", order, "--json", *arguments).json
        return [row["says"]["contact"] for row in rows if row["says"].get("contact")]

    eventually(lambda: len(contacts()) == 2)
    assert contacts() == ["(personal)"] * 2
    assert [contact["email"] for contact in contacts("--personal")] == [first["email"], later["email"]]
    (secret, *_) = dc("stream", "as-of", market["id"], "--json", "--personal").json["secrets"]
    assert secret["sealed"] == "(personal)"
    nobody = dc("stream", "show", order, "--service", "nobody")
    assert (nobody.status, "dispatch" in nobody.err) == (2, True)
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    operator = settle(Client(system.address, http=admin.http), book, OPERATOR)
    form = {"kind": "customer", "name": "匿名", "number": number, "marketplace": f"generic:{market['id']}"}
    party = operator.post("/api/v1/parties", form)["party_id"]
    operator.call("DELETE", f"/api/v1/parties/{party}/personal-data")
    eventually(lambda: said() == ["(erased)"] * 5)
    assert said("--personal") == ["(erased)"] * 5
    eventually(lambda: contacts("--personal") == ["(erased)"] * 2)


def test_events_can_be_followed(dc: Dc, installation: PreparedSystem, projects: list[UUID]) -> None:
    known = [row["type"] for row in dc("events", "tail", "-n", 10_000, "--subject", projects[0], "--json").lines]
    assert (known[0], known[-1]) == ("project.project_started", "project.project_completed")
    nodes = dc("events", "tail", "-n", 10_000, "--subject", projects[0], "--type", "project.node_*", "--json").lines
    assert [row["type"] for row in nodes] == [type for type in known if type.startswith("project.node_")]
    (project,) = installation.robots().order(installation.orders(1))
    followed = dc("events", "tail", "--follow", "--count", 1, "-n", 30, "--subject", project, "--json").lines
    assert [row["type"] for row in followed] == ["project.project_started"]
    assert dc("events", "tail", "--service", "notify").status == 2


def test_the_queue_is_explained(dc: Dc, installation: PreparedSystem, admin: Client, projects: list[UUID]) -> None:
    """A product without providers makes its order wait; one that was served tells who could have been chosen."""
    with installation.application.store.connection() as connection:
        row = connection.execute(
            "SELECT template_id FROM product WHERE product_id = %s", (installation.product_id,)
        ).fetchone()
    assert row is not None
    form = {"code": uuid4().hex[:8], "name": "无服务商", "template_id": str(row["template_id"])}
    product = UUID(admin.post("/api/v1/products", form)["id"])
    eventually(lambda: installation._known(product))
    (order,) = orders(product, 1)
    (project,) = installation.robots().order([order])

    def reasons() -> list[tuple[str, str]]:
        return [(row["order_number"], row["reason"]) for row in dc("queue", "list", "--json").json]

    eventually(lambda: (order.order_number, "no_provider_configured") in reasons())
    why = dc("queue", "explain", order.order_number, "--json").json
    assert (why["project_id"], why["decided"]) == (str(project), [])
    assert [(ask["role"], ask["reason"], ask["candidates"]) for ask in why["waiting"]] == [
        (None, "no_provider_configured", [])
    ]
    assert "there is no candidate at all" in dc("queue", "explain", project).out
    served = dc("queue", "explain", projects[0], "--json").json
    assert served["waiting"] == []
    assert [(d["level"], d["outcome"], len(d["candidates"])) for d in served["decided"]] == [
        ("provider", "assigned", 1),
        ("staff", "assigned", 21),
    ]
    assert "assigned" in dc("queue", "explain", projects[0]).out
    assert dc("queue", "explain", "no-such").err == "dc: no order has the number no-such\n"


def test_no_timer_is_due_and_the_calendar_is_known_everywhere(dc: Dc, projects: list[UUID]) -> None:
    assert dc("timers", "due", "--json").json == []
    known = dc("calendar", "check", "--json").json
    assert {row["state"] for row in known["years"]} <= {"published", "provisional"}
    assert [row["differs_in"] for row in known["years"]] == [[] for _ in known["years"]]
    assert known["timers_by_an_older_calendar"] == 0


def test_documents_are_those_of_the_repository(dc: Dc, tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs"
    for noun in ("openapi", "asyncapi"):
        assert dc(noun, "export").json == json.loads((docs / f"{noun}.json").read_text())
        assert dc(noun, "export", "-o", tmp_path / noun, "--json").json["written"] == str(tmp_path / noun)
        assert json.loads((tmp_path / noun).read_text()) == json.loads((docs / f"{noun}.json").read_text())


def test_a_quiet_installation_is_verified(
    dc: Dc, installation: PreparedSystem, projects: list[UUID], tmp_path: Path
) -> None:
    """Also against the heads of the audit chains that were exported before; other heads are noticed."""
    installation.settle()
    eventually(lambda: dc("verify").status == 0)
    heads = tmp_path / "heads.json"
    dc("verify", "--export", heads)
    found = dc("verify", "--heads", heads, "--json").json
    assert (found["violations"], found["not_checked"], len(found["checks"])) == (0, {}, 15)
    (figure,) = found["figures"]
    assert figure.endswith(" decisions came out the same")
    heads.write_text(re.sub('"hash": "[0-9a-f]{4}', '"hash": "0000', heads.read_text(), count=1))
    changed = dc("verify", "--heads", heads)
    assert (changed.status, changed.err) == (1, "dc: 1 violations\n")
