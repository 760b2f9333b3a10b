"""The flow engine on examples and on random valid templates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from project_svc.domain.flow import Flow, FlowNode, NoSuchNode
from project_svc.domain.kinds import Waits

from .flows import node, outsourced, self_service, website
from .random_flows import templates


def ids(flow: Flow) -> list[str]:
    return [leaf.id for leaf in flow.leaves]


def walk(flow: Flow) -> list[FlowNode]:
    seen = [flow.first]
    while (following := flow.after(seen[-1])) is not None:
        seen.append(following)
    return seen


@pytest.mark.requirement("T-27", "R-74")
def test_children_of_a_container_run_one_after_the_other_and_the_container_has_no_effect() -> None:
    flow = Flow(outsourced())
    assert ids(flow) == ["provider", "claim", "assign", "submit", "check", "build", "approve", "accept"]
    assert [leaf.id for leaf in walk(flow)] == ids(flow)
    container = flow.steps[5]
    assert (container.number, container.is_container, [leaf.id for leaf in container.leaves]) == (
        6,
        True,
        ["build", "approve"],
    )
    assert {leaf.id: (leaf.step, leaf.container) for leaf in flow.leaves[4:]} == {
        "check": (5, None),
        "build": (6, "prototype"),
        "approve": (6, "prototype"),
        "accept": (7, None),
    }


@pytest.mark.requirement("R-119", "R-121")
@pytest.mark.parametrize(
    ("at", "before"),
    [("check", "submit"), ("build", "check"), ("approve", "build"), ("accept", "approve"), ("submit", None)],
)
def test_the_step_before_is_the_nearest_one_operated_by_a_person(at: str, before: str | None) -> None:
    flow = Flow(outsourced())
    found = flow.step_before(flow.node(at))
    assert (found.id if found else None) == before


@pytest.mark.requirement("R-121")
def test_the_step_before_skips_automatic_and_claim_nodes() -> None:
    flow = Flow(
        [
            node("assign_provider", "provider"),
            node("submit_requirement", "submit", form="f"),
            node("claim_order", "claim", role="account_manager"),
            node("assign_order", "assign", role="designer"),
            node("confirm", "check", side="provider", role="designer", rejectable=True),
            node("complete_project", "accept"),
        ]
    )
    assert flow.step_before(flow.node("check")) is flow.node("submit")


@pytest.mark.requirement("T-54", "T-79")
def test_who_operates_a_node() -> None:
    flow = Flow(website())
    assert {leaf.id: (leaf.operated, leaf.side, leaf.role) for leaf in flow.leaves} == {
        "provider": (False, None, None),
        "assign": (False, None, "designer"),
        "submit": (True, "customer", "customer"),
        "check": (True, "provider", "designer"),
        "design": (True, "provider", "designer"),
        "accept": (True, "customer", "customer"),
    }
    claim = Flow(outsourced()).node("claim")
    assert (claim.operated, claim.side, claim.role) == (False, "provider", "account_manager")


@pytest.mark.requirement("D-43", "D-44")
def test_the_provider_admin_is_an_implicit_role_only_without_an_earlier_node_that_fills_it() -> None:
    assert Flow(self_service()).implicit_roles == ("provider_admin",)
    assert Flow(website()).implicit_roles == ()
    claimed = self_service()
    claimed.insert(1, node("claim_order", "claim", role="provider_admin"))
    assert Flow(claimed).implicit_roles == ()
    too_late = self_service()
    too_late.insert(3, node("assign_order", "assign", role="provider_admin"))
    assert Flow(too_late).implicit_roles == ("provider_admin",)


@pytest.mark.requirement("D-53")
def test_the_claimer_operates_the_nodes_of_his_role_unless_an_assign_order_node_follows() -> None:
    flow = Flow(outsourced())
    assert flow.role_of_claimer(flow.node("claim")) == "account_manager"
    dispatched = outsourced()
    dispatched.insert(3, node("assign_order", "assign-2", role="account_manager"))
    again = Flow(dispatched)
    assert again.role_of_claimer(again.node("claim")) is None


def test_button_texts_have_defaults() -> None:
    flow = Flow(self_service())
    submit, work = flow.node("submit"), flow.node("work")
    assert (submit.submit_button, submit.view_button, submit.confirm_button) == ("提交需求", "查看需求", "通过")
    assert (work.upload_button, work.view_button, work.confirm_button) == ("上传内容", "查看内容", "确认")


def test_reminders_travel_with_the_event_that_triggers_them() -> None:
    rules = [
        {"receiver": "customer", "trigger": trigger, "message_template": "m"}
        for trigger in ("entered", "rejected", "passed_on", "overdue")
    ]
    leaf = Flow([node("complete_project", "accept", reminders=rules)]).first
    assert [rule["trigger"] for rule in leaf.on_entry] == ["entered", "overdue"]
    assert [rule["trigger"] for rule in leaf.on_completion] == ["passed_on"]
    assert [rule["trigger"] for rule in leaf.on_reject] == ["rejected"]


def test_unknown_nodes_and_impossible_templates_are_refused() -> None:
    with pytest.raises(NoSuchNode):
        Flow(website()).node("nowhere")
    with pytest.raises(ValueError, match="ids of their own"):
        Flow([])
    with pytest.raises(ValueError, match="ids of their own"):
        Flow([node("confirm", "a"), node("confirm", "a")])


@settings(max_examples=300, deadline=None)
@given(templates())
def test_walking_forward_reaches_completion_through_every_node_once(raw: list[dict[str, Any]]) -> None:
    flow = Flow(raw)
    path = walk(flow)
    assert path == list(flow.leaves)
    assert path[0].type == "assign_provider"
    assert path[-1].type == "complete_project"
    assert [leaf.position for leaf in path] == list(range(len(path)))
    assert [leaf.step for leaf in path] == sorted(leaf.step for leaf in path)
    assert {leaf.step for leaf in path} == set(range(1, len(raw) + 1))


@settings(max_examples=300, deadline=None)
@given(templates())
def test_a_reject_goes_to_an_earlier_node_of_a_person_with_none_between(raw: list[dict[str, Any]]) -> None:
    flow = Flow(raw)
    for leaf in flow.leaves:
        before = flow.step_before(leaf)
        if leaf.rejectable:
            assert before is not None
        if before is not None:
            assert before.operated
            assert before.position < leaf.position
            assert not any(between.operated for between in flow.leaves[before.position + 1 : leaf.position])


@settings(max_examples=300, deadline=None)
@given(templates())
def test_every_role_of_the_provider_is_filled_before_its_first_node(raw: list[dict[str, Any]]) -> None:
    flow = Flow(raw)
    filled = set(flow.implicit_roles)
    for leaf in flow.leaves:
        if leaf.waits_for is Waits.STAFF and leaf.role:
            filled.add(leaf.role)
        elif leaf.waits_for is Waits.CLAIM and (role := flow.role_of_claimer(leaf)):
            filled.add(role)
        elif leaf.side == "provider":
            assert leaf.role in filled
