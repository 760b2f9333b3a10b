"""The texts a vendor sets at the nodes of its template are the ones on the buttons of the operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from delivery_shared.contracts import template

from .conftest import BY_CUSTOMER, BY_LISI, World, at, product_of
from .flows import Raw, node
from .people import VENDOR, id_of

pytestmark = pytest.mark.integration

NODES: list[Raw] = [
    node("assign_provider", "provider", "分配服务商"),
    node("assign_order", "assign", "分配订单", role="designer"),
    node("submit_requirement", "submit", "提交需求", form="website", submit_button="填写需求", view_button="看需求"),
    node("general", "draft", "初稿", side="provider", role="designer", upload=True,
         upload_button="交初稿", view_button="看初稿", confirm_button="交付初稿"),
    node("general", "talk", "沟通", side="provider", role="designer", upload=False, confirm_button="沟通完毕"),
    node("confirm", "agree", "客户确认初稿", side="customer", role="customer", confirm_button="初稿可以",
         rejectable=True, reject_button="重做"),
    node("complete_project", "accept", "完成项目", confirm_button="收货"),
]  # fmt: skip


@pytest.fixture
def project_id(world: World) -> UUID:
    """A project of a product with the template above, at 提交需求."""
    template_id = id_of("template buttons")
    nodes = msgspec.convert(NODES, list[template.Node])
    world.hear(
        template.TemplatePublished(
            template_id=template_id, version=1, serial=77, name="buttons", owner_id=VENDOR, nodes=nodes
        ),
        template.ProductListed(
            product_id=product_of("buttons"), code="77001", name="name_77", vendor_id=VENDOR, template_id=template_id,
            template_version=1, template_name="buttons", listed_at=at(0),
        ),
    )  # fmt: skip
    return world.at_submit("buttons")


def offered(world: World, by: Any, project_id: UUID) -> list[tuple[str, str]]:
    page = world.application.details(by=by, project_id=project_id)
    return [(offer["operation"], offer["text"]) for offer in page["current"]["operations"]]


def view_texts(world: World, by: Any, project_id: UUID) -> dict[str, str]:
    page = world.application.details(by=by, project_id=project_id)
    return {step["name"]: step["view_text"] for step in page["steps"] if step.get("view_text")}


@pytest.mark.requirement("T-53", "T-56", "T-60", "T-61", "T-71", "T-73", "D-27", "T-52", "T-74")
def test_every_operator_sees_the_texts_of_the_template(world: World, project_id: UUID) -> None:
    assert offered(world, BY_CUSTOMER, project_id)[0] == ("requirement", "填写需求")
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    assert offered(world, BY_LISI, project_id) == [("upload", "交初稿"), ("confirmation", "交付初稿")]
    world.confirm(project_id, BY_LISI)
    assert offered(world, BY_LISI, project_id) == [("confirmation", "沟通完毕")]
    world.confirm(project_id, BY_LISI)
    assert offered(world, BY_LISI, project_id) == []
    assert offered(world, BY_CUSTOMER, project_id) == [("confirmation", "初稿可以"), ("rejection", "重做")]
    assert view_texts(world, BY_CUSTOMER, project_id) == {"提交需求": "看需求", "初稿": "看初稿"}
    world.confirm(project_id, BY_CUSTOMER)
    assert offered(world, BY_CUSTOMER, project_id) == [("confirmation", "收货")]
