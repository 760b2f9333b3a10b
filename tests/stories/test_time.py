"""Time through the services: the operator's calendar and clock reach project-svc, whose scheduler fires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_center.composition import Center
from delivery_center.installing.keys import environment_of
from delivery_shared.commands import Command
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database
from project_svc import commands
from project_svc.domain import answers
from project_svc.domain.order import Order
from project_svc.domain.project import Project
from project_svc.main import application_of
from project_svc.store import ProjectStore
from project_svc.verify import verify
from template_svc.application import TemplateApplication
from template_svc.commands.calendar import move_clock, set_holidays
from template_svc.commands.products import list_product
from template_svc.commands.templates import create_template, publish_template, save_template
from template_svc.domain.calendar import Holiday
from template_svc.domain.nodes import built_in_start, with_presets
from template_svc.store import TemplateStore

pytestmark = pytest.mark.stories


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    """All services in this process, without a broker, with a clock that may be moved."""
    keys = environment_of(tmp_path)
    with scratch_database() as database_url:
        center = Center(
            Settings(
                database_url=database_url,
                broker=None,
                public_keys=Path(keys["DELIVERY_PUBLIC_KEYS"]).read_text(),
                data_dir=tmp_path,
                environment={**keys, "DELIVERY_MOVABLE_CLOCK": "1"},
            )
        )
        center.migrate()
        center.start()
        yield center
        center.stop()


class Stage:
    """A project at a customer's node with a timeout of two working days, and the operator's hands."""

    def __init__(self, center: Center) -> None:
        template, store = center.services["template"].store, center.services["project"].store
        assert isinstance(template, TemplateStore)
        assert isinstance(store, ProjectStore)
        self.template = TemplateApplication(template, movable_clock=True)
        self.project = application_of(store, center.settings)
        self.project_id = self._at_the_node()

    def _at_the_node(self) -> UUID:
        vendor_id, provider_id = uuid4(), uuid4()
        made = self.template.carry_out(Command(), create_template(owner_id=vendor_id, name="假期", description=""))
        template_id = UUID(made.body["id"])
        ids: dict[str, Any] = {"owner_id": vendor_id, "template_id": template_id}
        last = {"id": "done", "type": "complete_project", "name": "假期测试节点", "timeout": 20}
        content = save_template(name="假期", description="", nodes=[built_in_start(), with_presets(last)], **ids)
        self.template.carry_out(Command(), content)
        self.template.carry_out(Command(), publish_template(**ids))
        listing = list_product(vendor_id=vendor_id, code="1", name="name_80", template_id=template_id)
        listed = self.template.carry_out(Command(), listing)
        product_id = UUID(listed.body["id"])

        def known() -> bool:
            with self.project.store.connection() as connection:
                return connection.execute("SELECT 1 FROM product WHERE product_id = %s", (product_id,)).rowcount == 1

        eventually(known)
        order = Order(order_number="1", business_number="1", product_id=product_id, customer_id=uuid4())
        project_id = UUID(self.project.carry_out(Command(), commands.take_order(order=order)).body["project_id"])
        found = self.project.store.project(project_id)
        [request_id] = found.asks
        flow, at = self.project.flows.of(found), self.project.clock.now()
        answers.provider_assigned(found, flow, request_id=request_id, provider_id=provider_id, at=at)
        self.project.store.save_all([found])
        return project_id

    @property
    def found(self) -> Project:
        return self.project.store.project(self.project_id)

    @property
    def due(self) -> datetime:
        with self.project.store.connection() as connection:
            row: Any = connection.execute(
                "SELECT due_at FROM timer WHERE project_id = %s", (self.project_id,)
            ).fetchone()
        due: datetime = row["due_at"]
        return due

    @property
    def overdue(self) -> bool:
        clock = self.found.node_clock
        return clock is not None and clock.overdue is not None

    def move_clock(self, to: datetime) -> None:
        ahead = int((to - datetime.now(UTC)).total_seconds()) + 1
        self.template.carry_out(Command(), move_clock(offset_seconds=ahead))

    def make_holidays(self, first: date, last: date) -> None:
        """That time is a holiday, and no other of the years concerned."""
        for year in {first.year, last.year}:
            begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
            holidays = [Holiday(name="长假", first=begin, last=end)]
            operation = set_holidays(year=year, holidays=holidays, provisional=False)
            self.template.carry_out(Command(), operation)


@pytest.mark.requirement("H-01", "H-08", "H-09", "R-23", "R-29", "T-85")
def test_the_calendar_and_the_clock_of_the_operator_decide_when_a_node_is_overdue(center: Center) -> None:
    stage = Stage(center)
    first, today = stage.due, (datetime.now(UTC) + timedelta(hours=8)).date()
    stage.make_holidays(today, today + timedelta(days=20))
    eventually(lambda: stage.due > first)
    moved = stage.due
    stage.move_clock(first + timedelta(hours=1))
    eventually(lambda: stage.project.clock.now() > first)
    assert not stage.overdue
    stage.move_clock(moved)
    eventually(lambda: stage.overdue)
    stage.make_holidays(today, today + timedelta(days=40))
    eventually(lambda: not stage.overdue)
    assert stage.found.state == "running"
    assert list(verify(stage.project.store, now=stage.project.clock.now())) == []
