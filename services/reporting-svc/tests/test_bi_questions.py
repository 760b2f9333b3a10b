"""The ready-made questions of analysts, on a week whose figures are reckoned by hand; the dashboards' own SQL is
compared with the API elsewhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.contracts import Contract, dispatch, project
from reporting_svc.history import midnight
from sqlalchemy import Engine, text

from .conftest import Feeds, World, id_of

pytestmark = pytest.mark.integration

SQL = Path(__file__).parents[3] / "deploy" / "bi" / "sql"
DASHBOARDS = {"average_cycle", "new_projects_by_day", "new_projects_by_month", "project_states", "saturation"}
MONDAY = date(2019, 10, 14)
WEEK = {"first": MONDAY, "last": MONDAY + timedelta(days=6)}


def at(day: int, hour: int) -> datetime:
    """An hour in Shanghai of a day of the week; 0 is Monday."""
    return midnight(MONDAY) + timedelta(days=day, hours=hour)


class Week:
    """Two projects delivered on Friday morning – ours after a rejection, the rival's after a pause of two days –, one
    of ours that was handed on and stands paused, and one of the rival's cancelled while it was paused."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contracts: list[Contract] = [*world.parties(), *world.products()]
        self.contracts.append(world.configured(world.vendor, world.rival, maximum=1000, at=at(0, 1)))

    def tell(self, *contracts: Contract) -> None:
        self.contracts += contracts

    def begin(self, name: str, when: datetime, *, provider: UUID) -> None:
        self.tell(
            self.world.started(name, started_at=when),
            project.ProviderSet(project_id=id_of(name), run=1, provider_id=provider, set_at=when),
        )

    def visit(
        self, name: str, visit: int, node: str, began: datetime, left: datetime | None, *,
        by: UUID, rejected: str | None = None,
    ) -> None:  # fmt: skip
        """A visit of n1, a day of a designer's, or of n2, two of the customer's to confirm."""
        of_staff = {"type": "general", "side": "provider", "role": "designer", "assignee_id": by, "timeout": 10}
        of_customer = {"type": "confirm", "side": "customer", "timeout": 20}
        values: dict[str, Any] = of_staff if node == "n1" else of_customer
        self.tell(self.world.entered(name, visit, stage=node, node=node, entered_at=began, **values))
        if left is None:
            return
        kind: Any = "staff" if node == "n1" else "customer"
        role = "designer" if node == "n1" else None
        actor = project.Actor(kind=kind, user_id=by, party_id=self.world.vendor, role=role)
        ids: dict[str, Any] = {"project_id": id_of(name), "run": 1, "visit": visit, "node": node, "name": node}
        if rejected:
            self.tell(project.NodeRejected(**ids, by=actor, reason=rejected, rejected_at=left))
        else:
            self.tell(project.NodeCompleted(**ids, by=actor, completed_at=left))

    def assigned(self, name: str, provider: UUID, person: UUID, when: datetime) -> None:
        self.tell(
            dispatch.StaffAssigned(
                project_id=id_of(name), run=1, request_id=id_of(f"{name} {when}"), provider_id=provider,
                role="designer", person_id=person, assigned_at=when,
            )
        )  # fmt: skip

    def queued(self, name: str, reason: Any, when: datetime, role: str | None = None) -> UUID:
        request_id = id_of(f"{name} {reason} {when}")
        self.tell(
            dispatch.RequestQueued(
                project_id=id_of(name), run=1, request_id=request_id, reason=reason, role=role, queued_at=when
            )
        )
        return request_id

    def paused(self, name: str, when: datetime, kind: Any) -> None:
        by = project.Actor(kind=kind, user_id=id_of(kind))
        self.tell(project.ProjectPaused(project_id=id_of(name), run=1, remark="r", by=by, paused_at=when))

    def ended(self, name: str, when: datetime, stars: int, evaluated: datetime) -> None:
        ids: dict[str, Any] = {"project_id": id_of(name), "run": 1}
        by = project.Actor(kind="customer")
        self.tell(
            project.ProjectCompleted(**ids, completed_at=when),
            project.ProjectEvaluated(**ids, stars=stars, text=None, by=by, evaluated_at=evaluated),
        )


@pytest.fixture
def week(engine: Engine, feeds: Feeds, world: World) -> Engine:
    w = Week(world)
    ours, rival, lisi, their = world.vendor, world.rival, world.lisi, world.rival_main

    w.begin("P1", at(0, 8), provider=ours)
    w.visit("P1", 1, "n1", at(0, 8), at(0, 20), by=lisi)
    w.visit("P1", 2, "n2", at(0, 20), at(1, 20), by=world.customer, rejected="颜色不对")
    w.visit("P1", 3, "n1", at(1, 20), at(3, 20), by=lisi)
    w.visit("P1", 4, "n2", at(3, 20), at(4, 8), by=world.customer)
    w.assigned("P1", ours, lisi, at(0, 8))
    w.queued("P1", "no_staff", at(1, 8), role="engineer")
    w.ended("P1", at(4, 8), 5, at(4, 20))

    w.begin("P2", at(0, 8), provider=rival)
    w.visit("P2", 1, "n1", at(0, 8), at(1, 8), by=their)
    w.visit("P2", 2, "n2", at(1, 8), None, by=world.customer)
    w.paused("P2", at(1, 20), "operator")
    resumed = project.Actor(kind="operator", user_id=id_of("operator"))
    w.tell(project.ProjectResumed(project_id=id_of("P2"), run=1, by=resumed, resumed_at=at(3, 20)))
    w.tell(
        project.NodeCompleted(
            project_id=id_of("P2"), run=1, visit=2, node="n2", name="n2",
            by=project.Actor(kind="customer", user_id=world.customer), completed_at=at(4, 8),
        )
    )  # fmt: skip
    w.assigned("P2", rival, their, at(0, 8))
    w.ended("P2", at(4, 8), 3, at(4, 21))

    w.begin("P3", at(1, 8), provider=ours)
    waited = w.queued("P3", "providers_full", at(1, 8))
    w.tell(
        dispatch.ProviderAssigned(
            project_id=id_of("P3"), run=1, request_id=waited, provider_id=ours, assigned_at=at(1, 20)
        )
    )
    w.assigned("P3", ours, world.wangwu, at(1, 20))
    w.visit("P3", 1, "n1", at(1, 20), None, by=lisi)
    w.assigned("P3", ours, lisi, at(2, 8))
    w.paused("P3", at(4, 9), "operator")

    w.begin("P4", at(2, 8), provider=rival)
    waited = w.queued("P4", "staff_full", at(2, 8), role="designer")
    w.tell(
        dispatch.StaffAssigned(
            project_id=id_of("P4"), run=1, request_id=waited, provider_id=rival, role="designer", person_id=their,
            assigned_at=at(2, 10),
        )
    )  # fmt: skip
    w.visit("P4", 1, "n1", at(2, 10), None, by=their)
    w.paused("P4", at(3, 8), "vendor")
    cancelled = project.Actor(kind="vendor", user_id=world.main)
    w.tell(project.ProjectCancelled(project_id=id_of("P4"), run=1, remark="r", by=cancelled, cancelled_at=at(4, 8)))

    feeds(*w.contracts)

    def member(provider: UUID, person: UUID, maximum: int, receiving: bool = True) -> Contract:
        return dispatch.MemberSet(provider_id=provider, person_id=person, maximum=maximum, receiving=receiving)

    feeds(member(ours, lisi, 4), member(ours, world.wangwu, 2), member(rival, their, 0), time=at(0, 1))
    feeds(member(ours, world.wangwu, 2, receiving=False), time=at(2, 0))
    feeds(member(ours, lisi, 8), time=at(5, 0))
    return engine


def asked(engine: Engine, question: str, *columns: str, **values: Any) -> list[tuple[Any, ...]]:
    """These columns of the rows a question answers with."""
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL jit = off"))
        rows = connection.execute(text((SQL / f"{question}.sql").read_text()), values).mappings().all()
    return [tuple(_shown(row[name]) for name in columns) for row in rows]


def _shown(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


OURS, RIVAL = "河北服务商", "北京服务商"

EXPECTED: dict[str, tuple[dict[str, Any], str, list[tuple[Any, ...]]]] = {
    "sla_by_role": (
        WEEK, "operator role role_name visits late in_time_percent average_days p90_days",
        [("staff", "designer", "设计师", 3, 1, 66.7, 1.17, 1.8), ("customer", "", None, 3, 0, 100.0, 1.5, 2.6)],
    ),
    "late_nodes": (
        WEEK, "node name visits late late_percent average_days_late",
        [("n1", "n1", 3, 1, 33.3, 1.0), ("n2", "n2", 3, 0, 0.0, None)],
    ),
    "rework": (
        WEEK, "provider_name visits rejected rejected_percent again again_time_percent",
        [(OURS, 4, 1, 25.0, 2, 62.5), (RIVAL, 2, 0, 0.0, 0, 0.0)],
    ),
    "first_time_right": (
        WEEK, "month provider_name completed right_first right_first_percent",
        [("2019-10", RIVAL, 1, 1, 100.0), ("2019-10", OURS, 1, 0, 0.0)],
    ),
    "queue_wait": (
        WEEK, "level reason waits waiting withdrawn median_hours p90_hours longest_hours",
        [
            ("provider", "providers_full", 1, 0, 0, 12.0, 12.0, 12.0),
            ("staff", "no_staff", 1, 0, 1, None, None, None),
            ("staff", "staff_full", 1, 0, 0, 2.0, 2.0, 2.0),
        ],
    ),
    "staff_utilisation": (
        {"day": MONDAY + timedelta(days=4)}, "person_name load maximum receiving percent",
        [("李四", 2, 4, True, 50.0), ("王五", 0, 2, False, 0.0), ("北京主账号", 2, 0, True, None)],
    ),
    "load_forecast": (
        {"day": MONDAY + timedelta(days=7)}, "product_code day expected_new expected_ended expected_load maximum",
        [
            *(("113001", MONDAY + timedelta(days=7 + n), 0.0, 0.0, 0.0, None) for n in range(7)),
            *(
                ("56001", MONDAY + timedelta(days=7 + n), new, ended, load, 2000)
                for n, (new, ended, load) in enumerate(
                    [(0.25, 0.0, 1.25), (0.13, 0.0, 1.38), (0.13, 0.0, 1.5), (0.0, 0.0, 1.5), (0.0, 0.38, 1.13),
                     (0.0, 0.0, 1.13), (0.0, 0.0, 1.13)]
                )
            ),
        ],
    ),
    "satisfaction": (
        WEEK, "month provider_name evaluated average_stars net_percent",
        [("2019-10", OURS, 1, 5.0, 100.0), ("2019-10", RIVAL, 1, 3.0, -100.0)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("question", EXPECTED)
def test_a_question_is_answered_with_the_figures_of_the_week(week: Engine, question: str) -> None:
    values, columns, expected = EXPECTED[question]
    assert asked(week, question, *columns.split(), **values) == expected


def test_the_cycle_is_told_with_and_without_pauses(week: Engine) -> None:
    columns = "provider_name product_code completed median_days p90_days median_days_without_pauses"
    found = asked(week, "cycle_by_provider", *columns.split(), **WEEK)
    assert sorted(found) == [(RIVAL, "56001", 1, 4.0, 4.0, 2.0), (OURS, "56001", 1, 4.0, 4.0, 4.0)]


def test_pauses_are_counted_by_who_paused(week: Engine) -> None:
    columns = "provider_name paused_by_kind pauses projects open days longest_days"
    lasting, *found = asked(week, "pauses", *columns.split(), **WEEK)
    assert lasting[:5] == (OURS, "operator", 1, 1, 1)
    assert lasting[5] == lasting[6] > 1000  # until now
    assert found == [(RIVAL, "operator", 1, 1, 0, 2.0, 2.0), (RIVAL, "vendor", 1, 1, 0, 1.0, 1.0)]


def test_days_outside_the_period_count_nowhere(week: Engine) -> None:
    """Both edges: the day before the first thing happened, and the one after the last."""
    for first, last in ((MONDAY - timedelta(days=9), MONDAY - timedelta(days=1)), (MONDAY + timedelta(days=5),) * 2):
        period = {"first": first, "last": last}
        for question in sorted({*EXPECTED, "pauses", "cycle_by_provider"} - {"staff_utilisation", "load_forecast"}):
            assert asked(week, question, **period) == [], question
    assert asked(week, "staff_utilisation", "person_name", day=MONDAY) == []
    (after,) = asked(week, "staff_utilisation", "load", "maximum", "percent", day=MONDAY + timedelta(days=6))[:1]
    assert after == (1, 8, 12.5)


def test_every_question_is_asked_here_or_compared_with_the_api() -> None:
    there = {path.stem for path in SQL.glob("*.sql")}
    assert there == DASHBOARDS | {*EXPECTED, "cycle_by_provider", "pauses"}
    assert len(there - DASHBOARDS) == 10
