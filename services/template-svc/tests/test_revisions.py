"""Edits of published templates, reviewed by the operator (T-101, T-102)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts.template import ProductListed, ProductTemplateChanged, TemplatePublished
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.testing.bdd import given
from template_svc.application import TemplateApplication
from template_svc.commands.products import list_product
from template_svc.commands.revisions import approve_revision
from template_svc.domain import editing, facts, revising
from template_svc.domain.errors import NotUnderReview, PublishingRefused, TemplateNotPublished
from template_svc.domain.flow import Reference
from template_svc.domain.nodes import Node, with_presets
from template_svc.domain.template import FlowTemplate
from template_svc.seeding import preset_template_id

from .test_api_templates import NODES, create, create_published, problem, save

pytestmark = pytest.mark.integration

NOW = datetime(2019, 10, 25, 11, 57, tzinfo=UTC)
REFERENCE = Reference(roles={}, forms=(), message_templates=())
OTHER_NODES = [node for node in NODES if node["id"] != "claim" and node["id"] != "work"]


@pytest.fixture(autouse=True)
def offered(application: TemplateApplication) -> Iterator[None]:
    """Editing of published templates is switched on."""
    application.means.revisions_offered = True
    yield
    application.means.revisions_offered = False


def published_template() -> FlowTemplate:
    made = editing.create(id=uuid4(), serial=7, name="网站设计", description="", owner_id=uuid4(), at=NOW)
    editing.save_content(made, name="网站设计", description="", nodes=nodes(), at=NOW)
    editing.publish(made, reference=REFERENCE, at=NOW)
    return made


def nodes() -> list[Node]:
    return [with_presets(node) for node in (OTHER_NODES[0], {"id": "end", "type": "complete_project", "name": "完成"})]


def revise(user: Any, template: str, version: int = 3, **changes: Any) -> Any:
    body = {"name": "网站设计 二", "description": "新", "nodes": OTHER_NODES, **changes}
    return user("PUT", f"templates/{template}/revision", body, If_Match=f'"{version}"')


def outgoing(application: TemplateApplication, after: int) -> list[Any]:
    return [open_message(out.body).contract for out in Outbox(application.store).read(after=after, limit=100)]


@pytest.mark.requirement("T-101", "T-102")
def test_a_revision_changes_nothing_until_it_is_approved() -> None:
    def submit(template: FlowTemplate) -> None:
        revising.submit(template, name="二", description="", nodes=nodes(), reference=REFERENCE, at=NOW)

    flow = given(published_template())
    before = (flow.aggregate.name, flow.aggregate.nodes, flow.aggregate.published_version)
    flow.when(submit).then(facts.RevisionSubmitted)
    assert (flow.aggregate.name, flow.aggregate.nodes, flow.aggregate.published_version) == before
    flow.when(lambda t: revising.refuse(t, reason="不完整", at=NOW)).then((facts.RevisionRefused, {"reason": "不完整"}))
    assert (flow.aggregate.name, flow.aggregate.nodes, flow.aggregate.published_version) == before
    revision = flow.aggregate.revision
    assert revision
    assert revision["reason"] == "不完整"
    flow.refuses(NotUnderReview, lambda t: revising.approve(t, reference=REFERENCE, at=NOW))
    flow.refuses(NotUnderReview, lambda t: revising.refuse(t, reason="再次", at=NOW))
    flow.when(submit).then(facts.RevisionSubmitted)
    flow.when(lambda t: revising.approve(t, reference=REFERENCE, at=NOW)).then(
        (facts.RevisionApproved, {"version": 2, "name": "二", "serial": 7})
    )
    assert (flow.aggregate.name, flow.aggregate.published_version, flow.aggregate.revision) == ("二", 2, None)
    flow.refuses(NotUnderReview, lambda t: revising.approve(t, reference=REFERENCE, at=NOW))
    flow.refuses(NotUnderReview, lambda t: revising.withdraw(t, at=NOW))
    flow.when(submit).then(facts.RevisionSubmitted)
    flow.when(lambda t: revising.withdraw(t, at=NOW)).then(facts.RevisionWithdrawn)
    flow.refuses(
        PublishingRefused,
        lambda t: revising.submit(t, name="二", description="", nodes=nodes()[:1], reference=REFERENCE, at=NOW),
    )


def test_an_unpublished_template_has_no_revisions() -> None:
    draft = editing.create(id=uuid4(), serial=7, name="草稿", description="", owner_id=None, at=NOW)
    given(draft).refuses(
        TemplateNotPublished,
        lambda t: revising.submit(t, name="二", description="", nodes=nodes(), reference=REFERENCE, at=NOW),
    )


@pytest.mark.requirement("T-100", "T-101")
def test_editing_published_templates_is_not_offered_unless_switched_on(
    vendor: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    template = create_published(vendor)
    application.means.revisions_offered = False
    before = events()
    assert problem(revise(vendor, template)) == (409, "template-published")
    assert problem(save(vendor, template, version=3)) == (409, "template-published")
    assert events() == before


@pytest.mark.requirement("T-101", "T-102", "T-103", "P-14")
def test_an_approved_revision_is_the_next_version_for_later_projects(
    vendor: Any, operator: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    template = create_published(vendor)
    product = vendor("POST", "products", {"code": "1", "name": "一", "template_id": template}).json["id"]
    start = events()
    submitted = revise(vendor, template)
    assert (submitted.status_code, submitted.json["state"], submitted.headers["ETag"]) == (202, "published", '"4"')
    assert outgoing(application, start) == []
    seen = vendor("GET", f"templates/{template}").json
    assert (seen["name"], len(seen["nodes"]), seen["revision_state"]) == ("网站设计", 4, "under_review")
    assert (seen["revision"]["name"], len(seen["revision"]["nodes"])) == ("网站设计 二", 2)
    waiting = operator("GET", "templates?revision=under_review&limit=200").json
    assert template in [item["id"] for item in waiting["items"]]
    assert operator("POST", f"templates/{template}/revision/approval").status_code == 428
    assert operator("POST", f"templates/{template}/revision/approval", If_Match='"3"').status_code == 412
    approved = operator("POST", f"templates/{template}/revision/approval", If_Match='"4"')
    assert (approved.status_code, approved.json["name"]) == (200, "网站设计 二")
    said = outgoing(application, start)
    assert [type(c) for c in said] == [TemplatePublished, ProductTemplateChanged]
    assert (str(said[0].template_id), said[0].version, len(said[0].nodes)) == (template, 2, 2)
    assert (str(said[1].product_id), said[1].template_version, said[1].template_name) == (product, 2, "网站设计 二")
    seen = vendor("GET", f"templates/{template}").json
    assert (seen["name"], len(seen["nodes"]), seen["revision_state"]) == ("网站设计 二", 2, None)
    assert vendor("GET", f"products/{product}").json["template_name"] == "网站设计 二"
    assert problem(operator("POST", f"templates/{template}/revision/approval", If_Match='"5"')) == (409, "no-revision")
    assert template not in [i["id"] for i in operator("GET", "templates?revision=under_review&limit=200").json["items"]]


@pytest.mark.requirement("T-102")
def test_a_refused_revision_shows_the_operators_reason(
    vendor: Any, operator: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    template = create_published(vendor)
    revise(vendor, template)
    start = events()
    path = f"templates/{template}/revision/refusal"
    for reason in ({}, {"reason": " "}, {"reason": "因" * 501}):
        assert operator("POST", path, reason, If_Match='"4"').status_code == 422
    assert events() == start
    assert operator("POST", path, {"reason": "因" * 500}, If_Match='"4"').status_code == 200
    assert outgoing(application, start) == []
    seen = vendor("GET", f"templates/{template}").json
    assert (seen["name"], seen["state"]) == ("网站设计", "published")
    assert (seen["revision"]["state"], seen["revision"]["reason"]) == ("refused", "因" * 500)
    assert vendor("GET", "templates?revision=refused").json["total"] == 1
    again = revise(vendor, template, version=5)
    assert again.status_code == 202
    assert vendor("GET", f"templates/{template}").json["revision"]["reason"] == ""
    assert vendor("DELETE", f"templates/{template}/revision").status_code == 204
    assert vendor("GET", f"templates/{template}").json["revision"] is None
    assert problem(vendor("DELETE", f"templates/{template}/revision")) == (409, "no-revision")


@pytest.mark.requirement("T-98", "T-102")
def test_a_revision_must_be_complete_and_named_freely(vendor: Any, events: Callable[[], int]) -> None:
    template, draft = create_published(vendor), create(vendor, "另一个")
    before = events()
    refused = revise(vendor, template, nodes=NODES[:1])
    assert problem(refused) == (422, "template-incomplete")
    assert [error["code"] for error in refused.json["errors"]] == ["last_not_complete_project"]
    assert problem(revise(vendor, template, name="另一个")) == (409, "name-taken")
    assert problem(revise(vendor, template, name=" ")) == (422, "template-name-invalid")
    assert problem(revise(vendor, template, version=2)) == (412, "changed-meanwhile")
    assert problem(revise(vendor, draft, version=1, name="二")) == (409, "template-not-published")
    assert events() == before


@pytest.mark.requirement("T-06", "T-102", "T-110")
def test_a_revision_is_its_owners_and_the_operators(
    vendor: Any, operator: Any, sign_in: Callable[..., Any], events: Callable[[], int]
) -> None:
    template = create_published(vendor)
    revise(vendor, template)
    rival = sign_in("vendor_admin")
    before = events()
    assert revise(rival, template).status_code == 404
    assert rival("DELETE", f"templates/{template}/revision").status_code == 404
    assert revise(operator, template).status_code == 403
    assert vendor("POST", f"templates/{template}/revision/approval", If_Match='"4"').status_code == 403
    public = str(preset_template_id("mini_program_design"))
    assert revise(vendor, public).status_code == 403
    assert events() == before
    version = operator("GET", f"templates/{public}").json["version"]
    assert revise(operator, public, version=version).status_code == 202
    seen = vendor("GET", f"templates/{public}").json
    assert (seen["revision"], seen["revision_state"]) == (None, None)
    assert vendor("GET", "templates?revision=under_review&scope=public").json["total"] == 0
    assert operator("DELETE", f"templates/{public}/revision").status_code == 204


@pytest.mark.requirement("T-102")
def test_a_product_listed_while_a_revision_is_approved_gets_the_new_version(
    vendor: Any, operator: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    template = create_published(vendor)
    revise(vendor, template)
    start, template_id = events(), UUID(template)

    def act(number: int) -> int:
        if number == 5:
            return application.carry_out(Command(), approve_revision(template_id=template_id)).status
        return application.carry_out(
            Command(),
            list_product(vendor_id=vendor.party_id, code=f"r{number}", name="一", template_id=template_id),
        ).status

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(act, range(10))) == [200] + [201] * 9
    version: dict[Any, int] = {}
    for said in outgoing(application, start):
        if isinstance(said, ProductListed | ProductTemplateChanged):
            version[said.product_id] = said.template_version
    assert sorted(version.values()) == [2] * 9
