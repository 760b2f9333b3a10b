"""What is done in projects reaches the marketplace's own delivery center: over HTTP, once, in order, whatever fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import Contract, identity, project
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.http.tokens import real_now
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually
from intake_svc import telling
from intake_svc.application import IntakeApplication
from intake_svc.carrying_out import Means
from intake_svc.domain import facts
from intake_svc.domain.mirror import Mirror, mirror_id_of
from intake_svc.domain.order import project_id_of
from intake_svc.endpoints import VARIABLE, endpoints_of
from intake_svc.main import service as compose
from intake_svc.market import AccessKey, Market
from intake_svc.status import intake_status
from intake_svc.telling import TRIES, Teller
from structlog.testing import capture_logs

from .conftest import NOON, Feeds, Marketplace, User
from .test_connections import slug
from .test_receiving import started
from .there import KEY_ID, SECRET, DeliveryCenter, Project

pytestmark = pytest.mark.integration
STAFF = project.Actor(kind="staff")


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Mirrored:
    """A connection with a mirror, and a project that came through it, here and there."""

    market: Marketplace
    there: DeliveryCenter
    feeds: Feeds
    application: IntakeApplication
    teller: Teller
    later: Callable[[timedelta], None]
    project_id: UUID
    project: Project

    @property
    def path(self) -> str:
        return f"connections/{self.market.connection_id}"

    def hear(self, *said: Contract) -> None:
        self.feeds(*said)

    def confirm(self, visit: int = 3, name: str = "确认需求", step: int = 3, by: project.Actor = STAFF) -> None:
        self.hear(entered(self.project_id, visit, name, step), completed(self.project_id, visit, name, by))

    def reject(self, reason: str = "请补充栏目") -> None:
        self.hear(entered(self.project_id, 3, "确认需求", 3), rejected(self.project_id, 3, reason))

    def pause(self, remark: str = "等待资料") -> None:
        self.hear(project.ProjectPaused(project_id=self.project_id, run=1, remark=remark, by=STAFF, paused_at=NOON))

    def resume(self) -> None:
        self.hear(project.ProjectResumed(project_id=self.project_id, run=1, by=STAFF, resumed_at=NOON))

    def tell(self) -> int:
        """All that is due now; how many attempts that were."""
        done = 0
        while self.teller.tell_one():
            done += 1
        return done

    def set(self, **changes: Any) -> Any:
        form = {"endpoint": self.there.base, "access_key_id": KEY_ID, "secret": SECRET, "enabled": True, **changes}
        return self.market.vendor("PUT", f"{self.path}/mirror", form)

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.market.vendor("GET", f"{self.path}/mirror").json
        return found

    def reports(self) -> list[dict[str, Any]]:
        """Oldest first."""
        answer = self.market.vendor("GET", f"{self.path}/reports?limit=100")
        assert answer.status_code == 200, answer.text
        return sorted(answer.json["items"], key=lambda report: report["number"])

    def states(self) -> list[tuple[str, str]]:
        return [(report["act"], report["state"]) for report in self.reports()]

    def act(self, report: dict[str, Any], what: str, body: Any = None) -> Any:
        return self.market.vendor("POST", f"{self.path}/reports/{report['id']}/{what}", body)

    def facts(self) -> list[Any]:
        store = self.application.store
        return [store.mapper.to_domain_event(e) for e in store.recorder.select_events(mirror_id_of(self.project_id))]


def entered(project_id: UUID, visit: int, name: str, step: int, side: Any = "provider") -> project.NodeEntered:
    return project.NodeEntered(
        project_id=project_id, run=1, visit=visit, node=f"n{step}", name=name, type="general", step=step, side=side,
        role=None, assignee_id=None, timeout=10, entered_at=NOON,
    )  # fmt: skip


def completed(project_id: UUID, visit: int, name: str, by: project.Actor = STAFF) -> project.NodeCompleted:
    return project.NodeCompleted(
        project_id=project_id, run=1, visit=visit, node="n", name=name, by=by, completed_at=NOON
    )


def rejected(project_id: UUID, visit: int, reason: str) -> project.NodeRejected:
    return project.NodeRejected(
        project_id=project_id, run=1, visit=visit, node="n", name="确认需求", by=STAFF, reason=reason, rejected_at=NOON
    )


@pytest.fixture
def mirrored(
    connect: Callable[..., Marketplace], there: DeliveryCenter, feeds: Feeds, application: IntakeApplication
) -> Iterator[Callable[..., Mirrored]]:
    """Connects a marketplace of Alibaba Cloud's kind with a mirror, and sells through it."""
    made: list[Mirrored] = []

    def mirrored(**changes: Any) -> Mirrored:
        market, moved = connect("aliyun-spi"), [timedelta(0)]

        def later(by: timedelta) -> None:
            moved[0] += by

        means = Means(
            store=application.store, clock=application.means.clock, endpoints=application.means.endpoints,
            real_now=lambda: real_now() + moved[0],
        )  # fmt: skip
        of = Mirrored(
            market, there, feeds, application, Teller(means), later, uuid4(), Project(instance_id="", order_id=0)
        )
        made.append(of)
        assert of.set(**changes).status_code == 200
        number = uuid4().int % 10**15
        order = market.order(order_number=str(number))
        market.send(order)
        of.project_id = project_id_of(market.connection_id, order.order)
        of.project = there.projects[order.order] = Project(instance_id=order.order, order_id=number)
        of.hear(begun(of))
        return of

    yield mirrored
    there.fails.clear()
    for of in made:  # nothing of it is left for others to tell
        assert of.set(enabled=False).status_code == 200


def begun(of: Mirrored, **changes: Any) -> project.ProjectStarted:
    numbers = {"order_number": str(of.project.order_id), "business_number": of.project.instance_id}
    return started(of.project_id, **{**numbers, **changes})


Make = Callable[..., Mirrored]


def test_a_confirmation_is_told_once(mirrored: Make) -> None:
    of = mirrored()
    of.confirm()
    with capture_logs() as lines:
        assert of.tell() == 1
    assert of.there.told[-1:] == [("FinishCurrentProjectNode", of.project.instance_id, 4, None)]
    assert of.states() == [("finish", "told")]
    (line,) = (line for line in lines if line["event"] == "reported to the marketplace")
    assert (line["outcome"], line["act"], line["project"]) == ("told", "finish", str(of.project_id))
    before = of.there.requests
    assert of.tell() == 0
    assert of.there.requests == before
    shown = of.shown()
    assert (shown["told"], shown["waiting"], shown["error"], shown["enabled"]) == (1, 0, None, True)
    assert shown["answered_at"] is not None


def test_reports_belong_to_the_request_they_came_of(mirrored: Make) -> None:
    of = mirrored()
    of.confirm()
    of.tell()
    told = [vars(fact)["trace"] for fact in of.facts() if isinstance(fact, facts.ReportTold)]
    assert [trace["correlation_id"] for trace in told] == ["test"]


@pytest.mark.parametrize("twice", [False, True])
def test_a_rejection_is_told_with_its_reason_and_the_next_confirmation_after_it(mirrored: Make, twice: bool) -> None:
    of = mirrored()
    of.feeds(entered(of.project_id, 3, "确认需求", 3), rejected(of.project_id, 3, "请补充栏目"), twice=twice)
    of.tell()
    assert of.there.told[-1] == ("RollbackCurrentProjectNode", of.project.instance_id, 4, "请补充栏目")
    assert of.project.at == 2
    of.confirm(visit=5)
    of.tell()
    assert of.states() == [("rollback", "told"), ("finish", "waiting")]
    assert of.reports()[1]["reason"] == "behind"
    of.project.enter(4)  # the customer has handed in anew, there as well
    of.later(timedelta(hours=1))
    of.tell()
    assert of.states() == [("rollback", "told"), ("finish", "told")]
    assert of.project.at == 5


def test_a_pause_and_its_end_are_told(mirrored: Make) -> None:
    of = mirrored()
    of.pause()
    of.resume()
    of.tell()
    assert [(action, remark) for action, *_, remark in of.there.told[-2:]] == [
        ("PauseProject", "等待资料"), ("ResumeProject", None),
    ]  # fmt: skip
    assert of.states() == [("pause", "told"), ("resume", "told")]
    of.project.status = "Pause"
    of.pause()
    of.pause()
    of.tell()
    assert of.states()[2:] == [("pause", "seen")]


def test_what_the_customer_or_the_system_does_is_the_marketplaces_own_affair(mirrored: Make) -> None:
    of = mirrored()
    of.hear(
        entered(of.project_id, 2, "提交需求", 2, side="customer"),
        completed(of.project_id, 2, "提交需求", project.Actor(kind="customer")),
    )
    of.confirm(by=project.Actor(kind="system"))
    assert of.reports() == []


@pytest.mark.parametrize("point", ["mirror.before_call", "mirror.after_call"])
def test_a_crash_around_the_call_tells_neither_twice_nor_never(
    mirrored: Make, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = mirrored()
    told = len(of.there.told)

    def die(name: str) -> None:
        if name == point:
            raise Killed

    of.confirm()
    with monkeypatch.context() as patch:
        patch.setattr(telling, "failpoint", die)
        with pytest.raises(Killed):
            of.teller.tell_one()
    assert of.tell() == 0, "it is leased"
    of.later(telling.LEASE)
    assert of.tell() == 1
    assert len(of.there.told) == told + 1
    assert of.states() == [("finish", "told" if point == "mirror.before_call" else "seen")]


def test_an_answer_that_is_lost_is_seen_as_told(mirrored: Make) -> None:
    of = mirrored()
    told = len(of.there.told)
    of.there.fails[:] = [None, None, None, "lose"]
    of.reject()
    of.tell()
    assert of.states() == [("rollback", "waiting")]
    assert of.shown()["error"] == "unreachable: RemoteProtocolError"
    of.later(timedelta(minutes=5))
    of.tell()
    assert of.states() == [("rollback", "seen")]
    assert len(of.there.told) == told + 1


@pytest.mark.parametrize("how", ["drop", 503])
def test_while_nobody_answers_all_waits_and_then_is_told_in_order(mirrored: Make, how: Any) -> None:
    of = mirrored()
    of.confirm()
    of.pause()
    of.resume()
    of.confirm(visit=4, name="交付成果")
    of.there.fails[:] = [how] * 40
    for _ in range(40):  # beyond the attempts a single report is given
        assert of.tell() == 1
        assert of.tell() == 0, "the connection is left alone"
        of.later(timedelta(minutes=5))
    shown = of.shown()
    assert (shown["waiting"], shown["parked"]) == (4, 0)
    assert shown["error"].startswith("unreachable: ")
    status = intake_status(of.application.store, now=real_now() + timedelta(hours=3))
    assert (status.waiting_reports, status.oldest_report_seconds > 3600) == (4, True)
    of.tell()
    assert [action for action, *_ in of.there.told[-4:]] == [
        "FinishCurrentProjectNode", "PauseProject", "ResumeProject", "FinishCurrentProjectNode",
    ]  # fmt: skip
    assert {state for _, state in of.states()} == {"told"}
    assert of.shown()["error"] is None
    assert intake_status(of.application.store, now=real_now()).waiting_reports == 0


def test_one_connection_that_is_away_holds_up_no_other(mirrored: Make) -> None:
    away, other = mirrored(secret="another"), mirrored()
    away.confirm()
    other.confirm()
    away.tell()
    assert (away.states(), other.states()) == ([("finish", "waiting")], [("finish", "told")])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"secret": "not the secret"}, "refused: SignatureDoesNotMatch"),
        ({"access_key_id": "nobody"}, "refused: InvalidAccessKeyId.NotFound"),
    ],
)
def test_a_wrong_key_is_shown_and_another_one_is_tried_at_once(
    mirrored: Make, changes: dict[str, str], error: str
) -> None:
    of = mirrored(**changes)
    of.confirm()
    of.tell()
    assert of.shown()["error"] == error
    assert of.set().status_code == 200
    assert of.shown()["error"] is None
    of.tell()
    assert of.states() == [("finish", "told")]


def test_what_does_not_fit_is_put_aside_with_those_behind_it_and_replayed(mirrored: Make) -> None:
    of = mirrored()
    of.confirm(name="需求评审")
    of.pause()
    of.tell()
    assert of.states() == [("finish", "parked"), ("pause", "waiting")]
    (first, _) = of.reports()
    assert (first["reason"], first["step"], first["name"]) == ("no-such-node", 3, "需求评审")
    assert intake_status(of.application.store, now=real_now()).parked_reports >= 1
    assert of.tell() == 0
    replayed = of.act(first, "replay", {"node_id": 4})
    assert (replayed.status_code, replayed.json["state"]) == (200, "waiting")
    of.tell()
    assert of.states() == [("finish", "told"), ("pause", "told")]
    assert of.there.told[-2][2] == 4
    assert slug(of.act(first, "replay", {})) == "report-not-parked"
    assert slug(of.act(first, "dismissal")) == "report-not-parked"


def test_what_was_put_right_there_by_hand_is_dismissed(mirrored: Make) -> None:
    of = mirrored()
    of.project.at = 5
    of.reject()
    of.pause()
    of.tell()
    (first, second) = of.reports()
    assert (first["state"], first["reason"], second["state"]) == ("parked", "another-node", "waiting")
    assert slug(of.act(second, "dismissal")) == "report-not-parked"
    assert of.act(first, "dismissal").json["state"] == "dismissed"
    of.tell()
    assert of.states() == [("rollback", "dismissed"), ("pause", "told")]


@pytest.mark.parametrize(("status", "code"), [(400, "Failing"), (500, "Failing")])
def test_what_is_refused_is_put_aside_at_once_and_what_fails_in_the_end(mirrored: Make, status: int, code: str) -> None:
    of = mirrored()
    of.confirm()
    for _ in range(1 if status == 400 else TRIES):
        assert of.states() == [("finish", "waiting")]
        of.there.fails[:] = [None, None, None, status]
        assert of.tell() == 1
        of.later(timedelta(hours=1))
    (report,) = of.reports()
    assert (report["state"], report["reason"]) == ("parked", code)


def test_a_project_that_is_not_there_yet_is_waited_for(mirrored: Make) -> None:
    of = mirrored()
    there = of.there.projects.pop(of.project.instance_id)
    of.confirm()
    of.tell()
    (report,) = of.reports()
    assert (report["state"], report["reason"], report["tries"]) == ("waiting", "unknown-there", 1)
    of.there.projects[there.instance_id] = there
    of.later(timedelta(minutes=1))
    of.tell()
    assert of.states() == [("finish", "told")]


def test_switched_off_it_waits_and_new_projects_are_not_mirrored(mirrored: Make) -> None:
    of = mirrored()
    of.set(enabled=False, secret=None)
    of.confirm()
    assert of.tell() == 0
    assert of.states() == [("finish", "waiting")]
    order = of.market.order()
    of.market.send(order)
    other = project_id_of(of.market.connection_id, order.order)
    of.hear(started(other), entered(other, 3, "确认需求", 3), completed(other, 3, "确认需求"))
    assert len(of.reports()) == 1
    of.set(secret=None)
    of.tell()
    assert of.states() == [("finish", "told")]


def test_tests_are_none_of_the_marketplaces_projects(mirrored: Make) -> None:
    of = mirrored()
    order = of.market.order()
    of.market.send(order)
    other = project_id_of(of.market.connection_id, order.order)
    of.hear(started(other, test=True), entered(other, 3, "确认需求", 3), completed(other, 3, "确认需求"))
    assert of.reports() == []
    assert of.application.store.find(Mirror, mirror_id_of(other)) == {}


def test_an_erased_buyer_is_not_spoken_of(mirrored: Make) -> None:
    of = mirrored()
    of.reject("赵六六的电话打不通")
    number = "1744526877246715"
    of.hear(identity.PartyErased(party_id=party_id_of(number)))
    of.tell()
    assert of.there.told[-1][3] == "—"
    of.there.projects[of.project.instance_id].at = 4


def test_neither_secret_nor_remark_is_kept_in_clear_or_written_into_a_line(mirrored: Make) -> None:
    of = mirrored(secret="not-the-secret-of-this-key")
    of.reject("赵六六的电话打不通")
    with capture_logs() as lines:
        of.tell()
        of.set()
        of.tell()
    assert of.states() == [("rollback", "told")]
    store = of.application.store
    with store.connection() as connection:
        dumped = [
            json.dumps(row, default=lambda v: v.decode("latin-1") if isinstance(v, bytes) else str(v))
            for table in ("connection", "report", "report_try", "mirror_line", "command", "intake_events")
            for row in connection.execute(f"SELECT * FROM {table}").fetchall()
        ]
    everything = "\n".join([*dumped, json.dumps(lines, default=str), json.dumps(of.shown()), json.dumps(of.reports())])
    for secret in (SECRET, "not-the-secret-of-this-key", "赵六六的电话"):
        assert secret not in everything
        assert json.dumps(secret)[1:-1] not in everything


def test_who_may_set_a_mirror_and_where_to(mirrored: Make, sign_in: Callable[..., User], there: DeliveryCenter) -> None:
    of = mirrored()
    form = {"endpoint": there.base, "access_key_id": KEY_ID, "secret": SECRET}
    for endpoint in ("http://169.254.169.254", "http://127.0.0.1:1", f"{there.base}/", "https://example.com"):
        assert slug(of.set(endpoint=endpoint)) == "mirror-unavailable"
    stranger = sign_in("vendor_admin")
    assert stranger("GET", f"{of.path}/mirror").status_code == 404
    assert stranger("GET", f"{of.path}/reports").status_code == 404
    assert stranger("PUT", f"{of.path}/mirror", form).status_code == 404
    manager = sign_in("vendor_project_manager", of.market.vendor.party_id)
    assert manager("GET", f"{of.path}/mirror").json["access_key_id"] == KEY_ID
    assert manager("PUT", f"{of.path}/mirror", form).status_code == 403
    shop = of.market.vendor("POST", "connections", {"kind": "generic", "name": "商城"}).json["id"]
    assert of.market.vendor("GET", f"connections/{shop}/mirror").json["available"] is False
    assert slug(of.market.vendor("PUT", f"connections/{shop}/mirror", form)) == "mirror-unavailable"
    cloud = of.market.vendor("POST", "connections", {"kind": "aliyun-spi", "name": "云市场"}).json["id"]
    shown = of.market.vendor("GET", f"connections/{cloud}/mirror").json
    assert (shown["available"], shown["configured"], shown["endpoints"][0]) == (True, False, there.base)
    del form["secret"]
    assert slug(of.market.vendor("PUT", f"connections/{cloud}/mirror", form)) == "mirror-incomplete"


def test_what_goes_wrong_with_one_report_holds_up_no_other(mirrored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, right = mirrored(), mirrored()
    wrong.confirm()
    right.confirm()
    read = Market.read

    def reading(self: Market, key: AccessKey, instance_id: str) -> Any:
        if instance_id == wrong.project.instance_id:
            raise RuntimeError("unforeseen")
        return read(self, key, instance_id)

    monkeypatch.setattr(Market, "read", reading)
    monkeypatch.setattr(telling, "EVERY", 0.01)
    stopping = threading.Event()
    thread = threading.Thread(target=right.teller.run, args=(stopping,))
    with capture_logs() as lines:
        thread.start()
        eventually(lambda: right.states() == [("finish", "told")] and wrong.reports()[0]["tries"] == 1)
        eventually(lambda: any(line["event"] == "a report was not handled" for line in lines))
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()
    assert wrong.states() == [("finish", "waiting")]
    for _ in range(TRIES - 1):
        right.later(telling.LEASE)
        with pytest.raises(RuntimeError):
            right.teller.tell_one()
    right.later(telling.LEASE)
    assert right.teller.tell_one()
    (report,) = wrong.reports()
    assert (report["state"], report["reason"]) == ("parked", "failed")


@pytest.mark.parametrize("id", ["", "LTAI 1", "钥匙", "a" * 65, "LTAI\n"])
def test_an_access_key_has_an_id_that_can_stand_in_a_header(mirrored: Make, id: str) -> None:
    of = mirrored()
    answer = of.set(access_key_id=id)
    if id == "LTAI\n":  # trimmed, as every text
        assert of.shown()["access_key_id"] == "LTAI"
    else:
        assert {error["field"] for error in answer.json["errors"]} == {"access_key_id"}


def test_an_address_that_is_no_longer_allowed_is_not_called(mirrored: Make) -> None:
    of = mirrored()
    of.teller = Teller(Means(store=of.application.store, clock=of.application.means.clock))
    of.confirm()
    before = of.there.requests
    of.tell()
    assert (of.there.requests, of.shown()["error"]) == (before, "unreachable: endpoint-not-allowed")


@pytest.mark.parametrize(
    "text", ["http://market.aliyuncs.com", "https://a.b/path", "https://u@a.b", "ftp://a.b", "a.b", "https://"]
)
def test_endpoints_are_https_addresses_of_hosts(text: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_MIRROR_ENDPOINTS"):
        endpoints_of({"DELIVERY_MIRROR_ENDPOINTS": f"https://market.aliyuncs.com,{text}"})


def test_without_endpoints_there_are_no_mirrors(database_url: str, issuer: Any) -> None:
    composed = compose(Settings(database_url=database_url, broker=None, public_keys=json.dumps(issuer.public_jwks)))
    assert composed.background == {}
    composed.close()
    assert endpoints_of({}) == ()
    assert endpoints_of({"DELIVERY_MIRROR_ENDPOINTS": "https://market.aliyuncs.com, http://localhost:1"}) == (
        "https://market.aliyuncs.com", "http://localhost:1",
    )  # fmt: skip


@pytest.mark.faults
def test_a_worker_killed_between_call_and_commit_has_told_once(
    mirrored: Make, broker: Broker, database_url: str, issuer: Any, tmp_path: Path
) -> None:
    """Given a worker that dies once the marketplace has taken it, when another one starts, then that sees it."""
    of = mirrored()
    settings = {
        **os.environ,
        "DATABASE_URL": database_url,
        "AMQP_URL": broker.url,
        "DELIVERY_NAMESPACE": broker.namespace,
        "DELIVERY_PUBLIC_KEYS": json.dumps(issuer.public_jwks),
        VARIABLE: of.there.base,
    }

    def start(**more: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "intake_svc.main", "worker"], env=settings | more, stdout=log, stderr=log
            )

    told = len(of.there.told)
    of.confirm()
    dying = start(DELIVERY_FAILPOINT="mirror.after_call")
    living = None
    try:
        assert dying.wait(120) == -9, (tmp_path / "log").read_text()
        assert (len(of.there.told), of.states()) == (told + 1, [("finish", "waiting")])
        with of.application.store.connection() as connection:
            connection.execute("UPDATE report_try SET next_at = now()")  # its lease has run out
        living = start()
        eventually(lambda: of.states() == [("finish", "seen")], timeout=120)
        of.pause()
        eventually(lambda: of.states() == [("finish", "seen"), ("pause", "told")])
        living.terminate()
        assert living.wait(60) == 0, (tmp_path / "log").read_text()
    finally:
        for process in (dying, living):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    assert len(of.there.told) == told + 2
