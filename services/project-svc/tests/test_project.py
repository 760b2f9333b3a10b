"""Decisions of a project: start, answers of dispatch, operations of nodes, completion."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.testing.bdd import given
from project_svc.domain import answers, changing, facts, operating, supervising, talking
from project_svc.domain.errors import (
    NodePassed,
    NotOperable,
    NotOperator,
    NotParticipant,
    NotRejectable,
    ProjectEnded,
    ProjectPaused,
    RequirementMissing,
    TextMissing,
    TextTooLong,
    VisitUnknown,
)
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project

from .flows import node, self_service, website
from .people import (
    ADMIN,
    AS_ADMIN,
    AS_OPERATOR,
    CUSTOMER,
    LISI,
    OTHER_PROVIDER,
    PROVIDER,
    STRANGER,
    VENDOR,
    WANGWU,
    at,
    id_of,
)
from .steps import confirms, fills, only_ask, person_comes, provider_comes, rejects, started

FLOW = Flow(website())

AT_SUBMIT = (provider_comes(FLOW), person_comes(FLOW))
AT_CHECK = (*AT_SUBMIT, fills(FLOW), confirms(FLOW, CUSTOMER))
AT_DESIGN = (*AT_CHECK, confirms(FLOW, LISI))
AT_ACCEPT = (*AT_DESIGN, confirms(FLOW, LISI))


@pytest.mark.requirement("R-01", "R-04", "D-01")
def test_an_order_starts_the_project_and_asks_for_a_provider() -> None:
    project = started(FLOW)
    assert project.id == Project.create_id(VENDOR, "210018")
    events = project.pending_events
    assert [type(e) for e in events] == [facts.Started, facts.NodeEntered, facts.ProviderRequested]
    asked: Any = events[2]
    assert (asked.run, asked.wanted, asked.implicit_roles, asked.order_number) == (1, None, [], "210018")
    assert (project.visit, project.node, project.state) == (1, "provider", "running")


@pytest.mark.requirement("R-107", "D-19")
def test_the_provider_completes_its_node_and_the_assign_order_node_asks_for_its_role() -> None:
    given(started(FLOW)).when(provider_comes(FLOW)).then(
        (facts.ProviderSet, {"provider_id": PROVIDER, "run": 1}),
        (facts.NodeCompleted, {"visit": 1, "node": "provider", "by": {"kind": "system"}}),
        (facts.NodeEntered, {"visit": 2, "node": "assign", "side": None, "role": None, "assignee_id": None}),
        (
            facts.StaffRequested,
            {"kind": "assign", "role": "designer", "rule": "provider_first", "provider_id": PROVIDER},
        ),
    ).when(person_comes(FLOW)).then(
        (facts.RoleFilled, {"role": "designer", "person_id": LISI.user_id}),
        (facts.NodeCompleted, {"visit": 2, "by": {"kind": "system"}}),
        (facts.NodeEntered, {"visit": 3, "node": "submit", "side": "customer", "role": "customer"}),
    )


def test_answers_that_come_twice_or_to_unknown_asks_change_nothing() -> None:
    project = started(FLOW)
    ask = only_ask(project)

    def again(p: Any) -> None:
        answers.provider_assigned(p, FLOW, request_id=ask, provider_id=OTHER_PROVIDER, at=at(9))

    given(project).when(provider_comes(FLOW)).then(
        facts.ProviderSet, facts.NodeCompleted, facts.NodeEntered, facts.StaffRequested
    ).when(again).then().when(
        lambda p: answers.staff_assigned(
            p, FLOW, request_id=uuid4(), role="designer", person_id=LISI.user_id, department_id=None, at=at(9)
        )
    ).then().when(lambda p: answers.request_refused(p, request_id=only_ask(p), reason="person_full", at=at(9))).then()


@pytest.mark.requirement("D-44")
def test_without_an_assign_order_node_the_main_account_is_filled_with_the_provider() -> None:
    flow = Flow(self_service())
    project = started(flow)
    asked: Any = project.pending_events[-1]
    assert asked.implicit_roles == ["provider_admin"]
    given(project).when(provider_comes(flow)).then(facts.ProviderSet).when(
        person_comes(flow, ADMIN, "provider_admin", kind="provider")
    ).then(
        (facts.RoleFilled, {"role": "provider_admin", "person_id": ADMIN.user_id}),
        facts.NodeCompleted,
        (facts.NodeEntered, {"node": "submit"}),
    )


@pytest.mark.requirement("D-44")
def test_the_implicit_role_may_come_before_the_provider() -> None:
    flow = Flow(self_service())
    given(started(flow)).when(person_comes(flow, ADMIN, "provider_admin", kind="provider")).then(facts.RoleFilled).when(
        provider_comes(flow)
    ).then(facts.ProviderSet, facts.NodeCompleted, facts.NodeEntered)


@pytest.mark.requirement("R-114", "R-115", "R-118")
def test_the_customer_fills_the_form_and_passes_the_node() -> None:
    given(started(FLOW), *AT_SUBMIT).when(fills(FLOW)).then(
        (facts.RequirementSubmitted, {"visit": 3, "node": "submit", "form": "website", "data": {"site": "x"}})
    ).when(confirms(FLOW, CUSTOMER)).then(
        (
            facts.NodeCompleted,
            {
                "visit": 3,
                "by": {"kind": "customer", "user_id": CUSTOMER.user_id, "party_id": CUSTOMER.party_id},
            },
        ),
        (facts.NodeEntered, {"visit": 4, "node": "check", "role": "designer", "assignee_id": LISI.user_id}),
    )


@pytest.mark.requirement("R-116")
def test_passing_without_a_filled_form_is_refused() -> None:
    given(started(FLOW), *AT_SUBMIT).refuses(RequirementMissing, confirms(FLOW, CUSTOMER))


@pytest.mark.requirement("R-113", "R-127")
@pytest.mark.parametrize("person", [CUSTOMER, WANGWU, ADMIN, STRANGER])
def test_only_the_holder_of_the_role_operates_a_node_of_the_provider(person: Any) -> None:
    given(started(FLOW), *AT_CHECK).refuses(NotOperator, confirms(FLOW, person)).refuses(
        NotOperator, rejects(FLOW, person)
    )


@pytest.mark.requirement("R-113")
@pytest.mark.parametrize("person", [LISI, ADMIN, STRANGER])
def test_only_the_customer_operates_a_node_of_the_customer(person: Any) -> None:
    given(started(FLOW), *AT_SUBMIT).refuses(NotOperator, fills(FLOW, person)).refuses(
        NotOperator, confirms(FLOW, person)
    )


@pytest.mark.requirement("R-127")
def test_late_repeated_and_invented_visits_are_refused() -> None:
    def confirm(visit: int) -> Any:
        return lambda p: operating.confirm(p, FLOW, visit=visit, person=CUSTOMER, at=at(9))

    given(started(FLOW), *AT_CHECK).refuses(NodePassed, confirm(3)).refuses(NodePassed, confirm(1)).refuses(
        VisitUnknown, confirm(5)
    ).refuses(VisitUnknown, confirm(0))


def test_automatic_nodes_cannot_be_operated() -> None:
    given(started(FLOW)).refuses(NotOperable, confirms(FLOW, ADMIN))
    given(started(FLOW), *AT_CHECK).refuses(NotOperable, fills(FLOW, LISI))


@pytest.mark.requirement("R-119", "R-120", "R-122", "R-103", "T-63")
def test_a_reject_leads_back_to_the_step_before_which_keeps_its_form() -> None:
    given(started(FLOW), *AT_CHECK).when(rejects(FLOW, LISI, " 请补充首页要求 ")).then(
        (facts.NodeRejected, {"visit": 4, "node": "check", "reason": "请补充首页要求"}),
        (facts.NodeEntered, {"visit": 5, "node": "submit"}),
    ).when(confirms(FLOW, CUSTOMER)).then(
        (facts.NodeCompleted, {"visit": 5}), (facts.NodeEntered, {"visit": 6, "node": "check"})
    )


@pytest.mark.requirement("R-120")
def test_a_reject_needs_a_reason_of_at_most_500_characters() -> None:
    given(started(FLOW), *AT_CHECK).refuses(TextMissing, rejects(FLOW, LISI, " \n")).refuses(
        TextTooLong, rejects(FLOW, LISI, "字" * 501)
    ).when(rejects(FLOW, LISI, "字" * 500)).then(facts.NodeRejected, facts.NodeEntered)


@pytest.mark.requirement("T-61", "T-77")
def test_a_node_that_cannot_be_rejected_is_not() -> None:
    given(started(FLOW), *AT_DESIGN).refuses(NotRejectable, rejects(FLOW, LISI))


@pytest.mark.requirement("R-121")
def test_an_assign_order_node_entered_again_after_a_reject_completes_at_once() -> None:
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
    project = started(flow)
    provider_comes(flow)(project)
    fills(flow)(project)
    confirms(flow, CUSTOMER)(project)
    changing.claim(
        project,
        flow,
        person=WANGWU,
        roles=frozenset({"account_manager"}),
        department_id=None,
        request_id=uuid4(),
        at=at(5),
    )
    person_comes(flow, WANGWU, "account_manager", kind="claim")(project)
    person_comes(flow)(project)
    given(project).when(rejects(flow, LISI)).then(facts.NodeRejected, (facts.NodeEntered, {"node": "submit"})).when(
        confirms(flow, CUSTOMER)
    ).then(
        facts.NodeCompleted,
        (facts.NodeEntered, {"node": "claim"}),
        (facts.NodeCompleted, {"node": "claim"}),
        (facts.NodeEntered, {"node": "assign"}),
        (facts.NodeCompleted, {"node": "assign", "by": {"kind": "system"}}),
        (facts.NodeEntered, {"node": "check", "assignee_id": LISI.user_id}),
    )


@pytest.mark.requirement("R-123", "R-124")
def test_an_uploaded_file_is_released_to_the_customer_by_the_confirmation() -> None:
    file_id, own = uuid4(), uuid4()

    def attach(person: Any, file: Any) -> Any:
        return lambda p: operating.attach_file(
            p, FLOW, visit=p.visit, person=person, file_id=file, name="首页.png", size=9, at=at(6)
        )

    story = (
        given(started(FLOW), *AT_DESIGN)
        .when(attach(LISI, file_id))
        .then((facts.FileAttached, {"visit": 5, "node": "design", "file_name": "首页.png", "size": 9}))
    )
    assert not story.aggregate.files[file_id].released
    story.when(
        lambda p: operating.attach_file(
            p, FLOW, visit=None, person=CUSTOMER, file_id=own, name="要求.png", size=9, at=at(6)
        )
    ).then(facts.FileAttached)
    assert story.aggregate.files[own].released
    story.when(confirms(FLOW, LISI)).then(facts.NodeCompleted, facts.NodeEntered)
    assert story.aggregate.files[file_id].released


@pytest.mark.requirement("R-124")
def test_a_reject_releases_nothing() -> None:
    file_id = uuid4()
    project = started(FLOW)
    for step in AT_CHECK:
        step(project)
    operating.attach_file(project, FLOW, visit=None, person=LISI, file_id=file_id, name="x.png", size=1, at=at(6))
    rejects(FLOW, LISI)(project)
    assert not project.files[file_id].released
    confirms(FLOW, CUSTOMER)(project)
    assert not project.files[file_id].released
    confirms(FLOW, LISI)(project)
    assert project.files[file_id].released


@pytest.mark.requirement("R-85", "R-113", "R-123", "T-57", "T-73")
def test_only_the_operator_of_a_node_with_upload_uploads_at_the_open_visit() -> None:
    def attach(person: Any, visit: int) -> Any:
        return lambda p: operating.attach_file(
            p, FLOW, visit=visit, person=person, file_id=uuid4(), name="x", size=1, at=at(6)
        )

    given(started(FLOW), *AT_DESIGN).refuses(NotOperator, attach(ADMIN, 5)).refuses(
        NotOperator, attach(STRANGER, 5)
    ).refuses(NotOperator, attach(CUSTOMER, 5)).refuses(NodePassed, attach(LISI, 4)).when(attach(LISI, 5)).then(
        facts.FileAttached
    )
    given(started(FLOW), *AT_CHECK).refuses(NotOperable, attach(LISI, 4)).refuses(NotOperator, attach(CUSTOMER, 4))
    given(started(FLOW), *AT_SUBMIT).refuses(NotOperable, attach(CUSTOMER, 3)).refuses(NotOperator, attach(LISI, 3))
    given(started(FLOW), *AT_ACCEPT).refuses(NotOperable, attach(CUSTOMER, 6)).refuses(NotOperator, attach(LISI, 6))
    given(started(FLOW)).refuses(NotOperable, attach(LISI, 1))


@pytest.mark.requirement("R-123", "T-71", "T-73")
@pytest.mark.parametrize("upload", [True, False])
def test_the_customer_uploads_at_a_node_of_its_own_where_that_is_switched_on(upload: bool) -> None:
    flow = Flow(
        [
            node("assign_provider", "provider"),
            node("general", "hand-in", side="customer", role="customer", upload=upload),
            node("complete_project", "accept"),
        ]
    )

    def attach(p: Project) -> None:
        operating.attach_file(
            p, flow, visit=p.visit, person=CUSTOMER, file_id=uuid4(), name="资料.png", size=9, at=at(6)
        )

    story = given(started(flow), provider_comes(flow))
    if upload:
        story.when(attach).then((facts.FileAttached, {"node": "hand-in", "released": True}))
    else:
        story.refuses(NotOperable, attach)


@pytest.mark.requirement("R-126")
def test_a_node_with_upload_can_be_confirmed_without_a_file() -> None:
    given(started(FLOW), *AT_DESIGN).when(confirms(FLOW, LISI)).then(
        facts.NodeCompleted, (facts.NodeEntered, {"node": "accept", "assignee_id": None})
    )


@pytest.mark.requirement("T-80", "R-134")
def test_the_customers_confirmation_at_the_last_node_completes_the_project() -> None:
    story = (
        given(started(FLOW), *AT_ACCEPT)
        .when(confirms(FLOW, CUSTOMER))
        .then((facts.NodeCompleted, {"node": "accept"}), (facts.Completed, {"run": 1}))
    )
    story.refuses(NodePassed, confirms(FLOW, CUSTOMER)).refuses(
        ProjectEnded, lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(9))
    ).refuses(ProjectEnded, lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(9))).refuses(
        ProjectEnded, lambda p: talking.comment(p, FLOW, comment_id=uuid4(), person=CUSTOMER, text="x", at=at(9))
    )


@pytest.mark.requirement("T-81", "R-119")
def test_the_customer_may_reject_at_the_last_node() -> None:
    given(started(FLOW), *AT_ACCEPT).when(rejects(FLOW, CUSTOMER)).then(
        (facts.NodeRejected, {"node": "accept"}),
        (facts.NodeEntered, {"node": "design", "assignee_id": LISI.user_id}),
    )


@pytest.mark.requirement("R-56", "R-57", "R-64")
def test_in_a_paused_project_no_node_can_be_operated() -> None:
    given(started(FLOW), *AT_CHECK).refuses(
        TextMissing, lambda p: supervising.pause(p, remark=" ", by=AS_ADMIN, at=at(5))
    ).when(lambda p: supervising.pause(p, remark="客户休假", by=AS_ADMIN, at=at(5))).then(
        (facts.Paused, {"remark": "客户休假", "by": AS_ADMIN})
    ).refuses(ProjectPaused, confirms(FLOW, LISI)).refuses(ProjectPaused, rejects(FLOW, LISI)).refuses(
        ProjectPaused, lambda p: supervising.pause(p, remark="again", by=AS_ADMIN, at=at(5))
    ).when(lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(6))).then((facts.Resumed, {"by": AS_ADMIN})).when(
        confirms(FLOW, LISI)
    ).then(facts.NodeCompleted, facts.NodeEntered)


@pytest.mark.requirement("R-64", "D-38")
def test_an_assignment_that_reaches_a_paused_project_is_recorded_and_its_node_completes_on_resume() -> None:
    given(started(FLOW), lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(0))).when(
        provider_comes(FLOW)
    ).then(facts.ProviderSet).when(lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(6))).then(
        facts.Resumed,
        (facts.NodeCompleted, {"node": "provider"}),
        (facts.NodeEntered, {"node": "assign"}),
        facts.StaffRequested,
    ).when(lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(7))).then(facts.Paused).when(
        person_comes(FLOW)
    ).then(facts.RoleFilled).when(lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(8))).then(
        facts.Resumed, (facts.NodeCompleted, {"node": "assign"}), (facts.NodeEntered, {"node": "submit"})
    )


@pytest.mark.requirement("R-139", "R-140")
def test_a_cancelled_project_is_final_and_ignores_late_answers() -> None:
    project = started(FLOW)
    ask = only_ask(project)
    given(project).refuses(TextMissing, lambda p: supervising.cancel(p, remark="", by=AS_OPERATOR, at=at(1))).when(
        lambda p: supervising.cancel(p, remark="订单取消", by=AS_OPERATOR, at=at(1))
    ).then((facts.Cancelled, {"remark": "订单取消", "by": AS_OPERATOR})).when(
        lambda p: answers.provider_assigned(p, FLOW, request_id=ask, provider_id=PROVIDER, at=at(2))
    ).then().refuses(ProjectEnded, lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(3))).refuses(
        ProjectEnded, lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(3))
    ).refuses(ProjectEnded, confirms(FLOW, CUSTOMER))


@pytest.mark.requirement("R-89", "R-90", "R-97")
def test_operators_comment_with_at_most_500_characters() -> None:
    def comment(person: Any, text: str) -> Any:
        return lambda p: talking.comment(p, FLOW, comment_id=id_of("c"), person=person, text=text, at=at(6))

    given(started(FLOW), *AT_CHECK).when(comment(CUSTOMER, "设计过程沟通良好")).then(
        (facts.CommentAdded, {"text": "设计过程沟通良好"})
    ).when(comment(LISI, "字" * 500)).then(facts.CommentAdded).refuses(TextTooLong, comment(LISI, "字" * 501)).refuses(
        TextMissing, comment(LISI, "")
    ).refuses(NotParticipant, comment(ADMIN, "x")).refuses(NotParticipant, comment(STRANGER, "x"))


def test_what_is_said_is_counted_and_names_where_it_was_said_and_whom_it_mentions() -> None:
    def says(say: Any, person: Any, *mentions: UUID, **more: Any) -> Any:
        return lambda p: say(p, FLOW, person=person, text="请看", mentions=mentions, at=at(6), **more)

    first = says(talking.comment, CUSTOMER, LISI.user_id, CUSTOMER.user_id, LISI.user_id, comment_id=id_of("c"))
    second = says(talking.note, LISI, ADMIN.user_id, note_id=id_of("n"))
    where = {"visit": 4, "name": "设计师确定需求"}
    given(started(FLOW), *AT_CHECK).when(first).then(
        (facts.CommentAdded, {**where, "number": 1, "mentions": [LISI.user_id]})
    ).when(second).then((facts.NoteAdded, {**where, "number": 2, "mentions": [ADMIN.user_id]}))


@pytest.mark.requirement("R-93", "R-94", "R-95")
def test_only_operators_of_the_provider_add_notes() -> None:
    def note(person: Any, text: str) -> Any:
        return lambda p: talking.note(p, FLOW, note_id=id_of("n"), person=person, text=text, at=at(6))

    given(started(FLOW), *AT_CHECK).when(note(LISI, "客户需求变更多次，影响设计进度")).then(facts.NoteAdded).refuses(
        NotParticipant, note(CUSTOMER, "x")
    ).refuses(NotParticipant, note(ADMIN, "x")).refuses(TextTooLong, note(LISI, "字" * 501))


@pytest.mark.requirement("S-07", "S-10")
def test_the_account_that_placed_a_test_order_is_its_customer_and_its_colleagues_are_not() -> None:
    project = started(FLOW, customer_id=WANGWU.user_id)
    for step in AT_SUBMIT:
        step(project)
    given(project).refuses(NotOperator, fills(FLOW, LISI)).when(fills(FLOW, WANGWU)).then(facts.RequirementSubmitted)
