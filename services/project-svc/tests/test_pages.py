"""The pages of a project: the manual's flow log, details with operations offered, files, comments, notes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts import dispatch, identity, template
from delivery_shared.http.paging import Page
from project_svc import commands, read_model
from project_svc.domain.errors import FileUnknown, ProjectUnknown, RunUnknown
from project_svc.pages import talk
from project_svc.pages.files import files

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_MANAGER,
    BY_VENDOR,
    BY_VPM,
    BY_WANGWU,
    FOREIGN_ADMIN,
    FOREIGN_CUSTOMER,
    FORM,
    OPERATOR,
    Http,
    World,
    caller_of,
    product_of,
)
from .people import DEPARTMENT, LISI, MANAGER, OTHER_PROVIDER, PROVIDER, STRANGER, WANGWU, at, id_of

pytestmark = pytest.mark.integration


def clock(text: str) -> datetime:
    """A time of the manual's sample, in Shanghai."""
    return datetime.strptime(f"2019-10-18 {text} +0800", "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)


def log_of(world: World, project_id: UUID, by: Any = BY_CUSTOMER, **more: Any) -> list[tuple[str, ...]]:
    page = world.application.flow_log(by=by, project_id=project_id, **more)
    return [(row["node"], row["event"], row["actor"], row["remark"], row["time"]) for row in page["items"]]


def replaced(world: World, project_id: UUID, person_id: UUID, remark: str | None = None) -> None:
    world.do(commands.change_assignee(by=BY_ADMIN, project_id=project_id, person_id=person_id, remark=remark))
    world.hear(world.staff(project_id, person_id))


def changed(world: World, project_id: UUID, provider_id: UUID, remark: str, by: Any = OPERATOR) -> None:
    outcome = world.do(commands.change_provider(by=by, project_id=project_id, provider_id=provider_id, remark=remark))
    world.hear(
        dispatch.ProviderAssigned(
            project_id=project_id,
            run=world.project(project_id).run,
            request_id=UUID(outcome.body["request_id"]),
            provider_id=provider_id,
            assigned_at=world.clock.now(),
        )
    )


@pytest.mark.requirement("X-211", "R-100", "R-101", "R-102", "R-103", "R-104", "R-108", "R-110", "R-52", "R-04")
def test_the_flow_log_shows_the_rows_of_the_manuals_sample(world: World) -> None:
    """§2.2.1.3, L931-L939: the rows of the sample, then those its picture cuts off. A node is entered in the second
    in which the one before it is completed (R-38); the sample's clock sometimes ticked between the two."""
    world.clock.time = clock("14:30:00")
    project_id = world.order()
    world.hear(world.provider(project_id))
    world.hear(world.staff(project_id, WANGWU.user_id))
    world.fill(project_id)
    world.clock.time = clock("14:38:00")
    world.confirm(project_id, BY_CUSTOMER)
    world.clock.time = clock("14:39:03")
    replaced(world, project_id, LISI.user_id, "王五休假")
    world.clock.time = clock("15:25:23")
    world.do(commands.reject(by=BY_LISI, project_id=project_id, visit=4, reason="请补充首页要求"))
    world.clock.time = clock("15:30:05")
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    world.clock.time = clock("15:34:52")
    world.confirm(project_id, BY_LISI)
    world.clock.time = clock("15:43:20") + timedelta(microseconds=900_000)
    world.confirm(project_id, BY_LISI)
    assert log_of(world, project_id, BY_LISI) == [
        ("项目验收", "进入项目验收", "客户甲乙丙 顾客", "", "2019-10-18 15:43:20"),
        ("设计师设计网站", "设计师设计网站已完成", "李四 设计师", "", "2019-10-18 15:43:20"),
        ("设计师设计网站", "进入设计师设计网站", "李四 设计师", "", "2019-10-18 15:34:52"),
        ("设计师确定需求", "设计师确定需求已完成", "李四 设计师", "", "2019-10-18 15:34:52"),
        ("设计师确定需求", "进入设计师确定需求", "李四 设计师", "", "2019-10-18 15:30:05"),
        ("顾客提交需求", "顾客提交需求已完成", "客户甲乙丙 顾客", "", "2019-10-18 15:30:05"),
        ("顾客提交需求", "进入顾客提交需求", "客户甲乙丙 顾客", "", "2019-10-18 15:25:23"),
        ("设计师确定需求", "设计师确定需求 未通过", "李四 设计师", "请补充首页要求", "2019-10-18 15:25:23"),
        ("设计师确定需求", "更换操作人", "河北服务商", "王五休假", "2019-10-18 14:39:03"),
        ("设计师确定需求", "进入设计师确定需求", "王五 设计师", "", "2019-10-18 14:38:00"),
        ("顾客提交需求", "顾客提交需求已完成", "客户甲乙丙 顾客", "", "2019-10-18 14:38:00"),
        ("顾客提交需求", "进入顾客提交需求", "客户甲乙丙 顾客", "", "2019-10-18 14:30:00"),
        ("分配订单", "分配订单已完成", "系统", "", "2019-10-18 14:30:00"),
        ("分配订单", "进入分配订单", "系统", "", "2019-10-18 14:30:00"),
        ("分配服务商节点", "分配服务商节点已完成", "系统", "", "2019-10-18 14:30:00"),
        ("分配服务商节点", "进入分配服务商节点", "系统", "", "2019-10-18 14:30:00"),
        ("项目", "项目开始", "系统", "", "2019-10-18 14:30:00"),
    ]


@pytest.mark.requirement("R-36", "R-37", "R-38", "R-40", "R-105", "R-106")
def test_the_log_after_two_changes_of_provider(world: World) -> None:
    """§2.1.1.3, L390-L396."""
    project_id = world.order()
    world.hear(world.provider(project_id))
    world.clock.time = clock("17:41:38")
    changed(world, project_id, OTHER_PROVIDER, "第一次更换")
    world.clock.time = clock("17:43:43")
    changed(world, project_id, PROVIDER, "备注信息", by=BY_VENDOR)
    now = "2019-10-18 17:43:43"
    running = [
        ("分配订单", "进入分配订单", "系统", "", now),
        ("分配服务商节点", "分配服务商节点已完成", "系统", "", now),
        ("分配服务商节点", "进入分配服务商节点", "系统", "", now),
        ("项目", "项目开始", "系统", "备注信息", now),
        ("项目", "服务商由北京服务商更换为河北服务商", "云梦DB", "备注信息", now),
        ("项目", "服务商由河北服务商更换为北京服务商", "小二", "第一次更换", "2019-10-18 17:41:38"),
    ]
    assert log_of(world, project_id, BY_VENDOR) == running
    assert log_of(world, project_id, BY_CUSTOMER) == [(*row[:3], "", row[4]) for row in running]
    page = world.application.flow_log(by=BY_VPM, project_id=project_id)
    assert [row["earlier_run"] for row in page["items"]] == [None] * 4 + [2, 1]
    first = log_of(world, project_id, OPERATOR, run=1)
    assert [row[1] for row in first] == [
        "进入分配订单",
        "分配服务商节点已完成",
        "进入分配服务商节点",
        "项目开始",
    ]
    assert [row[1] for row in log_of(world, project_id, BY_VENDOR, run=2)][-2:] == [
        "项目开始",
        "服务商由河北服务商更换为北京服务商",
    ]
    for by in (BY_ADMIN, BY_CUSTOMER):
        with pytest.raises(RunUnknown):
            world.application.flow_log(by=by, project_id=project_id, run=1)
        assert {row["earlier_run"] for row in world.application.flow_log(by=by, project_id=project_id)["items"]} == {
            None
        }
    with pytest.raises(RunUnknown):
        world.application.flow_log(by=OPERATOR, project_id=project_id, run=4)


@pytest.mark.requirement("R-65", "R-112", "R-99", "R-107", "D-49")
def test_pause_resume_claim_and_cancellation_are_logged(world: World) -> None:
    project_id = world.order("outsourced")
    world.hear(world.provider(project_id))
    app = world.application
    app.carry_out(Command(), commands.pause(by=BY_ADMIN, project_id=project_id, remark="客户休假"))
    app.carry_out(Command(), commands.resume(by=BY_ADMIN, project_id=project_id))
    app.carry_out(Command(), commands.claim(by=BY_MANAGER, project_id=project_id))
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager", DEPARTMENT))
    app.carry_out(Command(), commands.cancel(by=OPERATOR, project_id=project_id, remark="订单退款"))
    assert [row[:4] for row in log_of(world, project_id, BY_VENDOR)][:7] == [
        ("项目", "取消项目", "小二", "订单退款"),
        ("分单", "进入分单", "系统", ""),
        ("认领订单", "认领订单已完成", "张三 客户经理", ""),
        ("认领订单", "订单认领", "张三 客户经理", ""),
        ("项目", "启动项目", "河北服务商", ""),
        ("项目", "暂停项目", "河北服务商", "客户休假"),
        ("认领订单", "进入认领订单", "系统", ""),
    ]


@pytest.mark.requirement("R-112", "R-134", "R-136")
def test_completion_is_logged(world: World) -> None:
    project_id = world.at_design()
    world.confirm(project_id, BY_LISI)
    world.confirm(project_id, BY_CUSTOMER)
    assert [row[:3] for row in log_of(world, project_id)][:2] == [
        ("项目", "项目完成", "系统"),
        ("项目验收", "项目验收已完成", "客户甲乙丙 顾客"),
    ]
    page = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    assert (page["state_text"], page["current"], page["actions"]) == ("已完成", None, ["evaluate"])
    assert {step["state"] for step in page["steps"]} == {"completed"}


@pytest.mark.requirement("R-35", "R-52", "R-57", "R-99")
def test_the_customer_sees_what_happened_and_not_what_those_who_deliver_say_to_each_other(world: World) -> None:
    project_id = world.order()
    world.hear(world.provider(project_id))
    queued = dispatch.RequestQueued(
        project_id=project_id, run=1, request_id=world.ask(project_id), reason="no_staff",
        provider_id=PROVIDER, role="designer", queued_at=world.clock.now(),
    )  # fmt: skip
    world.hear(queued)
    both = [world.application.details(by=by, project_id=project_id)["current"] for by in (BY_ADMIN, BY_CUSTOMER)]
    assert [(c["queue"] and c["queue"]["reason"], c["waits_for"]) for c in both] == [
        ("no_staff", "等待系统分配"),
        (None, "等待系统分配"),
    ]
    given = world.staff(project_id, WANGWU.user_id)
    choosing = commands.change_assignee(by=BY_ADMIN, project_id=project_id, person_id=WANGWU.user_id, remark="内部一")
    world.hear(msgspec.structs.replace(given, request_id=UUID(world.do(choosing).body["request_id"])))
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    replaced(world, project_id, LISI.user_id, "内部二")
    world.do(commands.pause(by=BY_ADMIN, project_id=project_id, remark="内部三"))
    changed(world, project_id, OTHER_PROVIDER, "内部四")
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="退款"))
    app = world.application
    listed = (partial(app.listed, talk.comments), partial(app.listed, files))
    pages: tuple[Callable[..., Any], ...] = (app.details, app.flow_log, app.timeline, *listed)

    def everything(by: Any, **more: Any) -> str:
        shown = [page(by=by, project_id=project_id, **more) for page in pages]
        return json.dumps(shown, default=str, ensure_ascii=False)

    assert "内部" not in everything(BY_CUSTOMER)
    assert "退款" in everything(BY_CUSTOMER)
    earlier = json.dumps(log_of(world, project_id, BY_VENDOR, run=1), ensure_ascii=False)
    assert all(text in earlier + everything(BY_VENDOR) for text in ("内部一", "内部二", "内部三", "内部四"))
    assert "服务商由河北服务商更换为北京服务商" in [row[1] for row in log_of(world, project_id, BY_CUSTOMER)]


@pytest.mark.requirement("R-115", "T-103", "T-110")
def test_a_form_out_of_use_is_still_filled_by_whom_the_project_waits_for(world: World) -> None:
    project_id = world.at_submit()
    given = {"form": "website", "name": "网站需求", "schema": FORM}
    world.hear(template.DemandFormDefined(**given, active=False))
    page = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    (step,) = (step for step in page["steps"] if step["node"] == "submit")
    assert step["form_schema"] == FORM
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    assert world.project(project_id).node == "check"
    world.hear(template.DemandFormDefined(**given))


@pytest.mark.requirement("R-43", "R-115", "R-122")
def test_after_a_change_of_provider_the_customer_finds_his_requirement_as_he_left_it(world: World) -> None:
    project_id = world.at_check()
    changed(world, project_id, OTHER_PROVIDER, "换")
    world.hear(world.staff(project_id, STRANGER.user_id))

    def submit(by: Any) -> dict[str, Any]:
        page = world.application.details(by=by, project_id=project_id)
        (found,) = (step for step in page["steps"] if step["node"] == "submit")
        return found  # type: ignore[no-any-return]

    own = submit(BY_CUSTOMER)
    assert (own["state"], own["requirement"]["data"]) == ("in_progress", {"site": "x"})
    assert submit(FOREIGN_ADMIN)["requirement"] is None, "not handed in to him yet"
    world.confirm(project_id, BY_CUSTOMER)
    assert submit(FOREIGN_ADMIN)["requirement"]["data"] == {"site": "x"}


def steps(page: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(s["number"], s["name"], s["state"], s["entered_at"]) for s in page["steps"]]


@pytest.mark.requirement("R-66", "R-67", "R-68", "R-69", "R-70", "R-73", "R-79", "R-109", "R-114")
def test_the_details_page_of_the_customer(world: World) -> None:
    project_id = world.at_submit(order_number="210018")
    page = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    now, no = "2019-10-18 14:00:00", "未开始"
    assert steps(page) == [
        (1, "分配服务商节点", "completed", now),
        (2, "分配订单", "completed", now),
        (3, "顾客提交需求", "in_progress", now),
        (4, "设计师确定需求", "not_started", no),
        (5, "设计师设计网站", "not_started", no),
        (6, "项目验收", "not_started", no),
    ]
    assert page["business"] == {
        "product_name": "name_55",
        "edition": "尊享版 (自营)",
        "order_number": "210018",
        "customer_name": "客户甲乙丙",
        "valid_until": "--",
        "sku": "--",
        "quantity": 1,
        "trial": False,
        "test": False,
        "parameters": [],
    }
    assert page["links"] == ["files", "comments", "log"]
    current = page["current"]
    assert (current["visit"], current["waits_for"], current["operator"]) == (3, "等待客户处理", "顾客")
    base = f"/api/v1/projects/{project_id}/visits/3"
    assert current["operations"] == [
        {"operation": "requirement", "text": "提交需求", "method": "PUT", "href": f"{base}/requirement"},
        {"operation": "confirmation", "text": "通过", "method": "POST", "href": f"{base}/confirmation"},
    ]
    assert page["steps"][2]["events"] == [{"time": now, "actor": "系统", "event": "进入顾客提交需求", "remark": ""}]
    assert page["actions"] == ["add_file", "comment"]


@pytest.mark.requirement("R-75", "R-76", "R-77", "R-78")
def test_the_staff_cards(world: World) -> None:
    project_id = world.order("outsourced")
    world.hear(world.provider(project_id))
    world.do(commands.claim(by=BY_MANAGER, project_id=project_id))
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager", DEPARTMENT))
    world.hear(world.staff(project_id))
    page = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    assert page["staff"] == [
        {
            "person_id": str(MANAGER.user_id),
            "name": "张三",
            "roles": "客户经理",
            "landline": "0451-57028123-0987",
            "mobile": "18888888888",
        },
        {
            "person_id": str(LISI.user_id),
            "name": "李四",
            "roles": "设计师",
            "landline": "1111-1121313",
            "mobile": "--",
        },
    ]


@pytest.mark.requirement("R-113", "R-117", "R-120", "R-122")
def test_what_the_designer_sees_and_the_reason_after_a_reject(world: World) -> None:
    project_id = world.at_submit()
    world.fill(project_id)
    draft = world.application.details(by=BY_LISI, project_id=project_id)
    assert (draft["steps"][2]["requirement"], draft["current"]["operations"]) == (None, [])
    world.confirm(project_id, BY_CUSTOMER)
    page = world.application.details(by=BY_LISI, project_id=project_id)
    assert page["steps"][2]["requirement"]["data"] == {"site": "x"}
    assert [(o["operation"], o["text"]) for o in page["current"]["operations"]] == [
        ("confirmation", "确定需求"),
        ("rejection", "驳回"),
    ]
    assert page["links"] == ["files", "comments", "notes", "log"]
    assert page["actions"] == ["add_file", "comment", "note"]
    world.do(commands.reject(by=BY_LISI, project_id=project_id, visit=4, reason="请补充"))
    back = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    assert back["steps"][2]["sent_back"] == {"node": "设计师确定需求", "reason": "请补充", "by": "李四 设计师"}
    assert back["steps"][2]["requirement"]["data"] == {"site": "x"}
    assert [s[2] for s in steps(back)][2:] == ["in_progress", "not_started", "not_started", "not_started"]
    assert back["steps"][3]["entered_at"] == "未开始"


@pytest.mark.requirement("R-114", "R-115", "R-117")
def test_the_form_goes_to_who_may_fill_it_and_to_who_sees_it_filled(world: World) -> None:
    """With its fields in the order in which the platform operator wrote them."""
    project_id = world.at_submit()

    def form(by: Any, **more: Any) -> tuple[Any, Any]:
        step = world.application.details(by=by, project_id=project_id, **more)["steps"][2]
        return step["form_schema"], step["form_fields"]

    fields = [{"name": "site", "title": "网站名称"}, {"name": "pages", "title": "pages"}]
    fields += [{"name": "contact", "title": "contact"}]
    whole = (FORM, fields)
    assert form(BY_CUSTOMER) == whole
    assert list(form(BY_CUSTOMER)[0]["properties"]) == ["site", "pages", "contact"]
    world.fill(project_id)
    for by in (BY_LISI, BY_ADMIN, BY_VENDOR, OPERATOR):
        assert form(by) == (None, None)
    world.clock.time = clock("14:30:00")
    world.confirm(project_id, BY_CUSTOMER)
    for by in (BY_CUSTOMER, BY_LISI, BY_ADMIN, BY_VENDOR, OPERATOR):
        assert form(by) == whole
    before = clock("14:29:59")
    assert (form(BY_CUSTOMER, at=before), form(BY_LISI, at=before)) == (whole, (None, None))


@pytest.mark.requirement("R-09")
def test_the_details_page_names_the_product_and_the_role_of_the_open_node(world: World) -> None:
    def at(project_id: UUID) -> tuple[str, str | None]:
        page = world.application.details(by=BY_VENDOR, project_id=project_id)
        return page["product_id"], page["current"]["role"]

    product = str(product_of("website"))
    ordered = world.order()
    assert at(ordered) == (product, None)
    world.hear(world.provider(ordered))
    assert at(ordered) == (product, "designer")
    world.hear(world.staff(ordered))
    assert at(ordered) == (product, "customer")
    assert at(world.at_check()) == (product, "designer")


@pytest.mark.requirement("R-74")
def test_a_container_holds_its_children_and_takes_its_state_from_them(world: World) -> None:
    project_id = world.order("outsourced")
    world.hear(world.provider(project_id))
    world.do(commands.claim(by=BY_MANAGER, project_id=project_id))
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager", DEPARTMENT))
    world.hear(world.staff(project_id))
    world.fill(project_id)

    def container() -> tuple[Any, ...]:
        step = world.application.details(by=BY_VENDOR, project_id=project_id)["steps"][5]
        return step["number"], step["state"], [child["state"] for child in step["children"]]

    world.confirm(project_id, BY_CUSTOMER)
    assert container() == (6, "not_started", ["not_started", "not_started"])
    world.confirm(project_id, BY_MANAGER)
    assert container() == (6, "in_progress", ["in_progress", "not_started"])
    world.confirm(project_id, BY_LISI)
    assert container() == (6, "in_progress", ["completed", "in_progress"])
    world.confirm(project_id, BY_CUSTOMER)
    assert container() == (6, "completed", ["completed", "completed"])


@pytest.mark.requirement("R-22", "R-41", "R-133", "S-10")
def test_who_sees_a_project(world: World) -> None:
    project_id = world.at_check()
    for by in (BY_VENDOR, BY_VPM, BY_ADMIN, BY_LISI, BY_CUSTOMER, OPERATOR):
        assert world.application.details(by=by, project_id=project_id)["state"] == "running"
    nobody = caller_of(STRANGER.user_id, STRANGER.party_id, "staff")
    strangers = (BY_WANGWU, BY_MANAGER, FOREIGN_ADMIN, FOREIGN_CUSTOMER, nobody)
    for by in strangers:
        for page in (
            world.application.details,
            world.application.flow_log,
            partial(world.application.listed, files),
            partial(world.application.listed, talk.comments),
            partial(world.application.listed, talk.notes),
        ):
            with pytest.raises(ProjectUnknown):
                page(by=by, project_id=project_id)
    replaced(world, project_id, WANGWU.user_id)
    assert world.application.details(by=BY_WANGWU, project_id=project_id)["state"] == "running"
    with pytest.raises(ProjectUnknown):
        world.application.details(by=BY_LISI, project_id=project_id)  # he handled nothing of it
    changed(world, project_id, OTHER_PROVIDER, "换")
    for by in (BY_ADMIN, BY_LISI, BY_WANGWU):
        with pytest.raises(ProjectUnknown):
            world.application.details(by=by, project_id=project_id)
    assert world.application.details(by=FOREIGN_ADMIN, project_id=project_id)["run"] == 2


@pytest.mark.requirement("R-46", "R-50", "R-62", "R-30", "R-45")
def test_the_actions_offered_to_each_kind_of_caller(world: World) -> None:
    project_id = world.at_submit()

    def actions(by: Any) -> list[str]:
        return world.application.details(by=by, project_id=project_id)["actions"]  # type: ignore[no-any-return]

    assert actions(BY_ADMIN) == ["remind", "pause"]
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    assert actions(BY_ADMIN) == ["remind", "pause", "change_assignee"]
    assert actions(BY_VENDOR) == ["remind", "change_provider"]
    assert actions(BY_VPM) == ["remind"]
    assert actions(OPERATOR) == ["remind", "change_provider", "cancel"]
    world.do(commands.pause(by=BY_ADMIN, project_id=project_id, remark="x"))
    assert actions(BY_ADMIN) == ["resume", "change_assignee"]
    assert actions(BY_LISI) == ["add_file", "comment", "note"]
    page = world.application.details(by=BY_LISI, project_id=project_id)
    assert (page["state_text"], page["current"]["operations"]) == ("已暂停", [])


@pytest.mark.requirement("D-26", "R-50", "R-112")
def test_the_provider_chooses_who_gets_an_order_that_waits(world: World) -> None:
    project_id = world.order()
    for by in (BY_VENDOR, OPERATOR):
        assert "choose_assignee" not in world.application.details(by=by, project_id=project_id)["actions"]
    world.hear(world.provider(project_id))
    page = world.application.details(by=BY_ADMIN, project_id=project_id)
    assert (page["actions"], page["current"]["waiting_role"]) == (["pause", "choose_assignee"], "designer")
    assert "choose_assignee" not in world.application.details(by=BY_VENDOR, project_id=project_id)["actions"]
    waiting, outcome = (
        world.ask(project_id),
        world.do(commands.change_assignee(by=BY_ADMIN, project_id=project_id, person_id=WANGWU.user_id, remark="加急")),
    )
    assert world.application.details(by=BY_ADMIN, project_id=project_id)["actions"] == ["pause"]

    def given(request_id: UUID) -> dispatch.StaffAssigned:
        return dispatch.StaffAssigned(
            project_id=project_id, run=1, request_id=request_id, provider_id=PROVIDER, role="designer",
            person_id=WANGWU.user_id, assigned_at=world.clock.now(),
        )  # fmt: skip

    world.hear(given(UUID(outcome.body["request_id"])))
    after = world.versions(project_id)
    world.hear(given(waiting))
    assert world.versions(project_id) == after
    page = world.application.details(by=BY_ADMIN, project_id=project_id)
    assert (page["current"]["node"], page["current"]["waiting_role"]) == ("submit", None)
    assert [row[:4] for row in log_of(world, project_id, BY_ADMIN)[1:4]] == [
        ("分配订单", "分配订单已完成", "系统", ""),
        ("分配订单", "指定操作人", "河北服务商", "加急"),
        ("分配订单", "进入分配订单", "系统", ""),
    ]


@pytest.mark.requirement("R-31")
def test_a_change_of_provider_is_offered_only_where_several_are_configured(world: World) -> None:
    project_id = world.at_check()

    def offered(*providers: UUID) -> bool:
        entries = [dispatch.ConfiguredProvider(provider_id=p, weight=1, maximum=1) for p in providers]
        world.hear(
            dispatch.ProvidersConfigured(
                product_id=product_of("website"), providers=entries, configured_at=world.clock.now()
            )
        )
        pages = [world.application.details(by=by, project_id=project_id) for by in (BY_VENDOR, OPERATOR)]
        found = {"change_provider" in page["actions"] for page in pages}
        assert len(found) == 1
        return found.pop()

    assert [offered(PROVIDER), offered(PROVIDER, OTHER_PROVIDER), offered()] == [False, True, False]
    with world.application.store.connection() as connection:
        connection.execute("DELETE FROM configured")


@pytest.mark.requirement("R-68", "S-04", "S-05", "S-07", "S-10")
def test_acting_as_customer_shows_what_the_customer_sees(world: World) -> None:
    project_id = world.order(customer_id=BY_ADMIN.user_id)
    world.hear(world.provider(project_id))
    world.hear(world.staff(project_id))
    as_admin = world.application.details(by=BY_ADMIN, project_id=project_id)
    assert (as_admin["current"]["operations"], as_admin["actions"]) == ([], ["remind", "pause", "add_file", "comment"])
    page = world.application.details(by=BY_ADMIN, project_id=project_id, as_customer=True)
    assert [o["operation"] for o in page["current"]["operations"]] == ["requirement", "confirmation"]
    assert page["links"] == ["files", "comments", "log"]
    assert page["business"]["customer_name"] == "河北服务商"
    with pytest.raises(ProjectUnknown):
        world.application.listed(talk.notes, by=BY_ADMIN, project_id=project_id, as_customer=True)
    with pytest.raises(ProjectUnknown):
        world.application.details(by=BY_LISI, project_id=project_id, as_customer=True)


@pytest.mark.requirement("R-87", "R-88", "R-92", "R-93", "R-96")
def test_comments_are_for_all_and_notes_never_for_the_customer(world: World) -> None:
    project_id = world.at_check()
    app = world.application
    app.carry_out(Command(), commands.comment(by=BY_CUSTOMER, project_id=project_id, text="设计过程沟通良好"))
    app.carry_out(Command(), commands.note(by=BY_LISI, project_id=project_id, text="客户需求变更多次，影响设计进度"))
    for by in (BY_CUSTOMER, BY_LISI, BY_ADMIN, BY_VPM, OPERATOR):
        found = app.listed(talk.comments, by=by, project_id=project_id).items
        assert [(c["author"], c["role"], c["time"], c["text"]) for c in found] == [
            ("客户甲乙丙", "顾客", "2019-10-18 14:00:00", "设计过程沟通良好")
        ]
    for by in (BY_LISI, BY_ADMIN, BY_VPM):
        found = app.listed(talk.notes, by=by, project_id=project_id).items
        assert [(n["author"], n["text"]) for n in found] == [("李四", "客户需求变更多次，影响设计进度")]
    with pytest.raises(ProjectUnknown):
        app.listed(talk.notes, by=BY_CUSTOMER, project_id=project_id)


@pytest.mark.requirement("R-81", "R-82", "R-83", "R-86", "R-124", "R-125")
def test_an_uploaded_file_is_hidden_from_the_customer_until_confirmed(world: World) -> None:
    app = world.application
    project_id = world.at_design()
    content = b"\x89PNG\r\n\x1a\n" + b"x" * 12_000
    stored = app.files.put(name="首页.png", content=io.BytesIO(content))
    outcome = app.attach_file(command=Command(), by=BY_LISI, project_id=project_id, visit=5, file=stored)
    file_id = UUID(outcome.body["file_id"])
    with pytest.raises(FileUnknown):
        app.open_file(by=BY_CUSTOMER, file_id=file_id)
    assert app.listed(files, by=BY_CUSTOMER, project_id=project_id) == Page(items=[], total=0, next=None)
    assert app.details(by=BY_CUSTOMER, project_id=project_id)["steps"][4]["files"] == []
    for by in (BY_LISI, BY_ADMIN, BY_VENDOR, OPERATOR):
        row, bytes_of = app.open_file(by=by, file_id=file_id)
        with bytes_of:
            assert (row["name"], bytes_of.read()) == ("首页.png", content)
    for by in (BY_WANGWU, FOREIGN_ADMIN, FOREIGN_CUSTOMER):
        with pytest.raises(FileUnknown):
            app.open_file(by=by, file_id=file_id)
    world.confirm(project_id, BY_LISI)
    _, bytes_of = app.open_file(by=BY_CUSTOMER, file_id=file_id)
    with bytes_of:
        assert bytes_of.read() == content
    (entry,) = app.listed(files, by=BY_CUSTOMER, project_id=project_id).items
    assert {k: entry[k] for k in ("name", "uploaded_at", "size_text", "operator", "node")} == {
        "name": "首页.png",
        "uploaded_at": "2019-10-18 14:00:00",
        "size_text": "12KB",
        "operator": "李四 设计师",
        "node": "设计师设计网站",
    }
    step = app.details(by=BY_CUSTOMER, project_id=project_id)["steps"][4]
    assert (step["view_text"], [f["file_id"] for f in step["files"]]) == ("查看设计内容", [str(file_id)])


def test_a_name_without_a_copy_is_dashes(world: World) -> None:
    project_id = world.order(customer_id=id_of("nobody has told"))
    page = world.application.details(by=BY_VENDOR, project_id=project_id)
    assert (page["business"]["customer_name"], page["provider"]) == ("--", None)


@pytest.mark.requirement("U-21")
def test_an_erased_person_is_dashes_in_the_log_and_on_the_staff_card(world: World) -> None:
    """The log's rows stay: only the name is gone, with the contacts."""
    project_id, person = world.order(), uuid4()
    world.hear(
        identity.UserSaved(
            user_id=person, party_id=PROVIDER, side="provider", main=False, login_name="sunliu@1", name="孙六",
            roles=["designer"], mobile="13912345678", landline="0451-57028123", saved_at=world.clock.now(),
        )
    )  # fmt: skip
    world.hear(world.provider(project_id))
    world.hear(world.staff(project_id, person))
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)

    def shown() -> str:
        details = world.application.details(by=BY_VENDOR, project_id=project_id)
        return json.dumps([log_of(world, project_id, BY_VENDOR), details], ensure_ascii=False, default=str)

    rows = log_of(world, project_id, BY_VENDOR)
    assert ("设计师确定需求", "进入设计师确定需求", "孙六 设计师") in [row[:3] for row in rows]
    assert "13912345678" in shown()
    world.hear(identity.UserDeleted(user_id=person, party_id=PROVIDER))
    assert "孙六" in shown()
    world.hear(identity.PersonErased(user_id=person, party_id=PROVIDER))
    erased = log_of(world, project_id, BY_VENDOR)
    assert erased == [tuple(text.replace("孙六", "--") for text in row) for row in rows]
    assert not any(text in shown() for text in ("孙六", "13912345678", "57028123", "sunliu"))


LISTED = ("log", "comments", "notes", "files")


def saved(user_id: UUID, name: str, minutes: int) -> identity.UserSaved:
    return identity.UserSaved(
        user_id=user_id, party_id=PROVIDER, side="provider", main=False, login_name="zhou@1", name=name,
        roles=["designer"], saved_at=at(minutes),
    )  # fmt: skip


@pytest.mark.requirement("R-111", "U-21")
def test_a_row_keeps_the_name_it_had(world: World, http: Http) -> None:
    """In the log, the timeline, comments, notes and files; erasing blanks every name the person had."""
    person, app = uuid4(), world.application
    by = caller_of(person, PROVIDER, "staff", roles=("designer",), name="周甲")
    world.hear(saved(person, "周甲", 0))
    project_id = world.order()
    world.hear(world.provider(project_id))
    world.hear(world.staff(project_id, person))
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)

    def work() -> None:
        app.carry_out(Command(), commands.comment(by=by, project_id=project_id, text="留言"))
        app.carry_out(Command(), commands.note(by=by, project_id=project_id, text="备注"))
        stored = app.files.put(name="x.txt", content=io.BytesIO(b"x"))
        app.attach_file(command=Command(), by=by, project_id=project_id, visit=None, file=stored)

    def shown() -> dict[str, Any]:
        get = http.of(BY_VENDOR)
        found = {name: get("GET", f"projects/{project_id}/{name}").get_json()["items"] for name in LISTED}
        nodes = get("GET", f"projects/{project_id}/timeline").get_json()["nodes"]
        found["timeline"] = [(node["by"], [span["operator"] for span in node["operators"]]) for node in nodes]
        return found

    work()
    before = shown()
    assert "周甲" in repr(before["log"])
    world.clock.time = at(20)
    world.hear(saved(person, "周新", 10))
    assert shown() == before
    work()
    world.confirm(project_id, by)
    after = shown()
    assert [row["author"] for row in after["comments"]] == ["周甲", "周新"]
    assert [row["author"] for row in after["notes"]] == ["周甲", "周新"]
    assert [row["operator"] for row in after["files"]] == ["周甲 设计师", "周新 设计师"]
    assert [row for row in after["log"] if "周甲" in row["actor"]] == [r for r in before["log"] if "周甲" in r["actor"]]
    assert ("设计师确定需求已完成", "周新 设计师") in [(row["event"], row["actor"]) for row in after["log"]]
    (card,) = app.details(by=BY_VENDOR, project_id=project_id)["staff"]
    assert card["name"] == "周新", "the card is of today"
    world.hear(identity.UserDeleted(user_id=person, party_id=PROVIDER))
    assert shown() == after
    world.hear(identity.PersonErased(user_id=person, party_id=PROVIDER))
    assert not any(name in repr(shown()) for name in ("周甲", "周新"))
    with app.store.connection() as connection:
        left = connection.execute("SELECT count(*) AS n FROM person_name WHERE user_id = %s", (person,)).fetchone()
    assert left == {"n": 0}


@pytest.mark.requirement("R-111", "T-109")
def test_a_row_keeps_the_name_its_role_had(world: World, http: Http) -> None:
    """In the log, the timeline, comments and files; the staff card is of today. Heard twice, or all again."""
    person, app = uuid4(), world.application
    by = caller_of(person, PROVIDER, "staff", roles=("designer",), name="周甲")
    defined = [
        template.RoleDefined(role="designer", name=name, side="provider", defined_at=at(hour))
        for name, hour in (("设计师", -100), ("设计人员", 10), ("美工", 20))
    ]
    try:
        world.hear(saved(person, "周甲", 0))
        project_id = world.order()
        world.hear(world.provider(project_id))
        world.hear(world.staff(project_id, person))
        world.fill(project_id)
        world.confirm(project_id, BY_CUSTOMER)

        def comment() -> None:
            app.carry_out(Command(), commands.comment(by=by, project_id=project_id, text="留言"))

        def shown() -> dict[str, Any]:
            get = http.of(BY_VENDOR)
            found = {name: get("GET", f"projects/{project_id}/{name}").get_json()["items"] for name in LISTED}
            nodes = get("GET", f"projects/{project_id}/timeline").get_json()["nodes"]
            return {**found, "timeline": [[span["operator"] for span in node["operators"]] for node in nodes]}

        comment()
        before = shown()
        assert "周甲 设计师" in repr(before["log"])
        world.clock.time = at(15)
        world.hear(defined[1])
        world.hear(defined[1])
        assert shown() == before
        comment()
        between = shown()
        assert [row["role"] for row in between["comments"]] == ["设计师", "设计人员"]
        world.clock.time = at(25)
        world.hear(defined[2])
        assert shown() == between
        world.confirm(project_id, by)
        after = shown()
        assert [row for row in after["log"] if "设计师" in row["actor"]] == [
            row for row in before["log"] if "设计师" in row["actor"]
        ]
        assert ("设计师确定需求已完成", "周甲 美工") in [(row["event"], row["actor"]) for row in after["log"]]
        (card,) = app.details(by=BY_VENDOR, project_id=project_id)["staff"]
        assert card["roles"] == "美工"
        for said in defined:
            world.hear(said)
        assert shown() == after, "what is heard again from the beginning comes out the same"
    finally:
        with app.store.connection() as connection:
            connection.execute("DELETE FROM role_name")
            connection.execute("UPDATE role SET named_at = NULL, name = '设计师' WHERE role = 'designer'")


@pytest.mark.requirement("R-111")
def test_names_by_time_come_out_the_same_in_whatever_order_they_are_heard(world: World) -> None:
    told = [(0, "甲"), (10, "甲"), (20, "乙"), (30, "甲"), (40, "丙")]
    moments = [(-5, "甲"), (0, "甲"), (15, "甲"), (20, "乙"), (29, "乙"), (30, "甲"), (99, "丙")]
    for order in (told, told[::-1], [told[2], told[0], told[4], told[1], told[3]]):
        person = uuid4()
        for minutes, name in order:
            world.hear(saved(person, name, minutes))
        with world.application.store.connection() as connection:
            names = read_model.names(connection, people=[person], parties=[])
        assert [(minutes, names.person(person, at(minutes))) for minutes, _ in moments] == moments


@pytest.mark.requirement("R-43")
def test_files_comments_and_notes_from_before_a_change_of_provider_are_kept(world: World) -> None:
    app, project_id = world.application, world.at_check()
    app.carry_out(Command(), commands.comment(by=BY_CUSTOMER, project_id=project_id, text="更换前的留言"))
    app.carry_out(Command(), commands.note(by=BY_LISI, project_id=project_id, text="更换前的备注"))
    stored = app.files.put(name="更换前.txt", content=io.BytesIO(b"x"))
    file_id = UUID(
        app.attach_file(command=Command(), by=BY_CUSTOMER, project_id=project_id, visit=None, file=stored).body[
            "file_id"
        ]
    )

    def kept(by: Any) -> tuple[list[str], list[str], list[str]]:
        return (
            [c["text"] for c in app.listed(talk.comments, by=by, project_id=project_id).items],
            [n["text"] for n in app.listed(talk.notes, by=by, project_id=project_id).items],
            [f["name"] for f in app.listed(files, by=by, project_id=project_id).items],
        )

    before = kept(BY_VENDOR)
    assert before == (["更换前的留言"], ["更换前的备注"], ["更换前.txt"])
    changed(world, project_id, OTHER_PROVIDER, "更换")
    assert world.project(project_id).run == 2
    assert kept(BY_VENDOR) == kept(OPERATOR) == before
    _, bytes_of = app.open_file(by=BY_CUSTOMER, file_id=file_id)
    with bytes_of:
        assert bytes_of.read() == b"x"


@pytest.mark.requirement("S-06")
def test_no_step_of_a_project_depends_on_acting_as_customer(world: World) -> None:
    """The customer's own account gets every page and every operation that acting as customer offers, and a whole
    project runs to its end, evaluation included, without anybody acting."""
    app, project_id = world.application, world.at_submit()

    def same_as_acting() -> None:
        own = app.details(by=BY_CUSTOMER, project_id=project_id)
        assert own == app.details(by=BY_CUSTOMER, project_id=project_id, as_customer=True)

    same_as_acting()
    world.fill(project_id)
    for by in (BY_CUSTOMER, BY_LISI, BY_LISI, BY_CUSTOMER):
        world.confirm(project_id, by)
        same_as_acting()
    assert world.project(project_id).state == "completed"
    app.carry_out(Command(), commands.evaluate(by=BY_CUSTOMER, project_id=project_id, stars=5, text=""))
    same_as_acting()
