"""``make run`` on a new database: six months of projects before the demo data, and everything as if it had happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from delivery_center import demo, past
from delivery_center.accounts import Notebook
from delivery_center.client import Client
from delivery_center.composition import Center
from delivery_center.past.telling import Telling
from delivery_center.running.embedded import environment_in, past_of, serving
from delivery_center.running.ports import free_port
from delivery_center.running.server import read_settings
from delivery_center.verify import quiet, verify
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database

pytestmark = pytest.mark.stories

ADMIN = "厂商管理员、服务商管理员"


@dataclass(frozen=True)
class Used:
    """The installation as ``make run`` leaves it, and its people."""

    client: Client
    accounts: demo.Accounts
    book: Notebook
    database_url: str
    settings: Settings

    def by(self, title: str) -> Client:
        return self.client.signed_in(*self.accounts[title])

    def rows(self, sql: str) -> list[Any]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    folder: Path = tmp_path_factory.mktemp("past")
    with pytest.MonkeyPatch.context() as patch, scratch_database() as database_url:
        patch.delenv("AMQP_URL", raising=False)
        settings = read_settings(environment_in(folder, database_url))
        past_of(folder, database_url)
        with (
            serving(free_port(), folder, database_url) as base,
            Client(lambda path: base + path) as client,
        ):
            accounts = demo.load(client, database_url=database_url, folder=folder, say=lambda _: None)
            yield Used(client, accounts, Notebook(demo.file_in(folder)), database_url, settings)


def test_every_invariant_holds_of_the_past_and_the_demo_data_together(used: Used) -> None:
    center = Center(used.settings)
    try:
        eventually(lambda: quiet(center) == [])
        assert verify(center) == []
    finally:
        center.stop()


@pytest.mark.requirement("B-05", "B-09", "B-11", "B-16")
def test_the_dashboards_have_something_for_every_month(used: Used) -> None:
    admin = used.by(ADMIN)
    for entrance in ("vendor", "provider"):
        shown = {"entrance": entrance}
        months = admin.get("/api/v1/dashboards/new-projects", params={**shown, "unit": "month"})["points"]
        assert len(months) == 6
        assert all(month["number"] > 10 for month in months[1:-1]), months
        cycle = admin.get("/api/v1/dashboards/average-cycle", params=shown)
        assert cycle["finished"] > 100
        assert 5 < float(cycle["days"]) < 25
        states = admin.get("/api/v1/dashboards/project-states", params={**shown, "window": 60})["states"]
        numbers = {state["state"]: state["number"] for state in states}
        assert min(numbers["delivered"], numbers["running"]) > 10, numbers
    saturation = admin.get("/api/v1/dashboards/saturation", params={"entrance": "vendor"})
    assert any("河北服务商" in str(row) for row in saturation["items"])


def test_the_lists_have_projects_of_every_kind(used: Used) -> None:
    admin = used.by(ADMIN)
    counts = admin.get("/api/v1/project-counts", params={"entrance": "vendor"})
    assert counts["completed"] > 200
    assert counts["running"] > 40
    assert counts["cancelled"] > 5
    late = "SELECT count(*) FROM reporting.project WHERE overdue_side IS NOT NULL AND product_name NOT LIKE 'name%'"
    assert used.rows(late)[0][0] > 0
    rests = "SELECT count(*) FROM reporting.project WHERE state = 'paused' AND product_name NOT LIKE 'name%'"
    assert used.rows(rests)[0][0] > 0
    ends = dict(used.rows("SELECT state, count(*) FROM reporting.project GROUP BY state"))
    assert set(ends) == {"running", "paused", "completed", "cancelled"}
    waiting = "SELECT DISTINCT product_name FROM reporting.waiting JOIN reporting.project USING (project_id)"
    assert ("餐饮点餐小程序",) in used.rows(waiting)


def test_everything_that_happens_to_projects_has_happened(used: Used) -> None:
    topics = dict(used.rows("SELECT topic, count(*) FROM project.project_events GROUP BY topic"))
    told = {topic.rpartition(".")[2]: number for topic, number in topics.items()}
    assert told["Evaluated"] > 200
    assert told["NodeRejected"] > 50
    assert min(told["CommentAdded"], told["NoteAdded"]) > 100
    assert min(told["AssigneeChanged"], told["Restarted"], told["OrderClaimed"]) > 5
    assert min(told["Paused"], told["Resumed"], told["NodeOverdue"], told["NodeDueSoon"]) > 20
    assert told["AssigneeReminded"] > 0
    stars = [row[0] for row in used.rows("SELECT stars FROM reporting.project WHERE stars IS NOT NULL")]
    assert 3.5 < sum(stars) / len(stars) < 4.9
    assert set(stars) >= {3, 4, 5}


@pytest.mark.requirement("R-81", "R-123")
def test_the_files_that_nodes_ask_for_are_there_and_open(used: Used) -> None:
    handed_in = dict(used.rows("SELECT right(name, 4), count(*) FROM project.file GROUP BY 1"))
    assert min(handed_in["xlsx"], handed_in[".png"]) > 100
    admin, vendor = used.by(ADMIN), used.book.done["isv 河北服务商"]["party_id"]
    for ending, magic in {"xlsx": b"PK\x03\x04", ".png": b"\x89PNG"}.items():
        (project,), *_ = used.rows(
            "SELECT project_id FROM project.file JOIN reporting.project USING (project_id) WHERE state = 'completed'"
            f" AND vendor_id = '{vendor}' AND right(name, 4) = '{ending}' ORDER BY uploaded_at LIMIT 1"
        )
        files = admin.get(f"/api/v1/projects/{project}/files")["items"]
        (file, *_) = [one for one in files if one["name"].endswith(ending)]
        assert admin.get(file["href"]).startswith(magic), file


def test_nothing_lies_in_the_future_and_staff_work_on_working_days(used: Used) -> None:
    (latest,), *_ = used.rows("SELECT max(at) FROM reporting.project_event")
    assert latest <= datetime.now(UTC)
    assert used.rows("SELECT 1 FROM reporting.node_visit WHERE left_at < entered_at OR worked_seconds < 0") == []
    center = Center(used.settings)
    try:
        calendar = center.services["project"].store.calendar.current(fresh=True).calendar  # type: ignore[union-attr]
    finally:
        center.stop()
    midnight = datetime.now(UTC) - timedelta(hours=24)
    done = [
        at for (at,) in used.rows("SELECT left_at FROM reporting.node_visit WHERE by_kind = 'staff'") if at < midnight
    ]
    assert len(done) > 500
    days = Counter(calendar.stands(at) for at in done)
    assert days == {None: len(done)}


def test_people_and_companies_have_names_of_their_own(used: Used) -> None:
    names = [name for (name,) in used.rows("SELECT name FROM reporting.person WHERE NOT deleted")]
    assert len(names) > 90
    assert max(Counter(names).values()) <= 2
    buyers = used.rows("SELECT customer_id FROM reporting.project GROUP BY 1")
    assert len(buyers) > 40
    vendors = used.rows("SELECT vendor_id FROM reporting.project GROUP BY 1 HAVING count(*) > 20")
    assert len(vendors) == 4


def test_the_boxes_are_read_but_for_the_last_days(used: Used) -> None:
    old = "created_at < now() - interval '5 days'"
    assert used.rows(f"SELECT 1 FROM notify.message WHERE read_at IS NULL AND {old}") == []
    (number,), *_ = used.rows(f"SELECT count(*) FROM notify.message WHERE {old}")
    assert number > 1000
    outside = used.rows(f"SELECT DISTINCT state FROM notify.delivery WHERE {old}")
    assert outside == [("skipped",)], "nobody is told now of what was then"


def test_the_accounts_of_the_demo_data_see_it(used: Used) -> None:
    for title in ("服务商员工 (高级设计师、设计师)", "服务商员工 (客户经理)"):
        seen = used.by(title).get("/api/v1/my-projects", params={"view": "handled"})
        assert seen["total"] > 10, title
    party = UUID(used.book.done["customer"]["party_id"])
    bought = [customer for (customer,) in used.rows("SELECT customer_id FROM reporting.project")].count(party)
    assert bought > 24, "the manual's and some more"


def test_a_database_in_use_gets_no_past_and_an_interrupted_one_is_refused(
    used: Used, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not past.possible(used.settings)
    before = used.rows("SELECT count(*) FROM project.project_events")
    past_of(tmp_path, used.database_url)
    assert used.rows("SELECT count(*) FROM project.project_events") == before

    def interrupted(telling: Telling, projects: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(Telling, "tell", interrupted)
    monkeypatch.delenv("AMQP_URL", raising=False)
    with scratch_database() as database_url:
        center = Center(read_settings(environment_in(tmp_path, database_url)))
        center.migrate()
        center.stop()
        assert past.possible(center.settings), "prepared is not used"
        with pytest.raises(ConnectionError):
            past_of(tmp_path, database_url)
        with pytest.raises(SystemExit, match="interrupted"):
            past_of(tmp_path, database_url)
