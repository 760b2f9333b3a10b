"""Decisions of a project: claim, change of assignee, change of provider."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.testing.bdd import given
from project_svc.domain import answers, changing, facts, operating, supervising, talking
from project_svc.domain.errors import (
    AlreadyClaimed,
    ChangePending,
    ClaimPending,
    NoAssigneeYet,
    NodePassed,
    NoProviderYet,
    NotAtClaimNode,
    NotOperator,
    NotParticipant,
    ProjectEnded,
    ProjectPaused,
    SamePerson,
    SameProvider,
    TextMissing,
    TextTooLong,
    WrongClaimRole,
)
from project_svc.domain.facts import Reminder
from project_svc.domain.flow import Flow

from .flows import node, outsourced, self_service, website
from .people import (
    ADMIN,
    AS_ADMIN,
    AS_OPERATOR,
    AS_VENDOR,
    CUSTOMER,
    DEPARTMENT,
    LISI,
    MANAGER,
    OTHER_PROVIDER,
    PROVIDER,
    WANGWU,
    Person,
    at,
)
from .steps import claims, confirms, fills, only_ask, person_comes, provider_comes, rejects, started

WEBSITE = Flow(website())
OUTSOURCED = Flow(outsourced())
SELF_SERVICE = Flow(self_service())
REQUEST = uuid4()
AT_CHECK = (provider_comes(WEBSITE), person_comes(WEBSITE), fills(WEBSITE), confirms(WEBSITE, CUSTOMER))


@pytest.mark.requirement("D-46", "D-48", "D-49", "D-53", "X-310")
def test_a_claim_is_asked_of_dispatch_and_its_answer_completes_the_node() -> None:
    given(started(OUTSOURCED), provider_comes(OUTSOURCED)).when(claims(OUTSOURCED, REQUEST)).then(
        (
            facts.StaffRequested,
            {"kind": "claim", "request_id": REQUEST, "role": "account_manager", "wanted": MANAGER.user_id},
        )
    ).refuses(ClaimPending, claims(OUTSOURCED, uuid4(), WANGWU)).when(
        person_comes(OUTSOURCED, MANAGER, "account_manager", kind="claim", department=DEPARTMENT)
    ).then(
        (facts.OrderClaimed, {"person_id": MANAGER.user_id, "department_id": DEPARTMENT, "node": "claim"}),
        (facts.RoleFilled, {"role": "account_manager", "person_id": MANAGER.user_id}),
        (
            facts.NodeCompleted,
            {
                "node": "claim",
                "by": {
                    "kind": "staff",
                    "user_id": MANAGER.user_id,
                    "party_id": PROVIDER,
                    "role": "account_manager",
                },
            },
        ),
        (facts.NodeEntered, {"node": "assign"}),
        (
            facts.StaffRequested,
            {"kind": "assign", "rule": "department_first", "department_id": DEPARTMENT, "role": "designer"},
        ),
    ).refuses(AlreadyClaimed, claims(OUTSOURCED, uuid4(), WANGWU))


@pytest.mark.requirement("D-51")
def test_a_refused_claim_leaves_the_order_to_others_and_a_late_answer_changes_nothing() -> None:
    story = (
        given(started(OUTSOURCED), provider_comes(OUTSOURCED), claims(OUTSOURCED, REQUEST))
        .when(lambda p: answers.request_refused(p, request_id=REQUEST, reason="person_lacks_role", at=at(2)))
        .then((facts.RequestRefused, {"reason": "person_lacks_role"}))
    )
    assert story.aggregate.outcomes == {REQUEST: "person_lacks_role"}
    story.when(
        lambda p: answers.staff_assigned(
            p,
            OUTSOURCED,
            request_id=REQUEST,
            role="account_manager",
            person_id=MANAGER.user_id,
            department_id=None,
            at=at(3),
        )
    ).then().when(claims(OUTSOURCED, uuid4(), WANGWU)).then(facts.StaffRequested)


@pytest.mark.requirement("D-47", "D-50")
def test_claims_at_another_node_or_with_another_role_or_while_paused_are_refused() -> None:
    def claim(roles: set[str]) -> Any:
        return lambda p: changing.claim(
            p,
            OUTSOURCED,
            person=MANAGER,
            roles=frozenset(roles),
            department_id=None,
            request_id=uuid4(),
            at=at(1),
        )

    given(started(OUTSOURCED)).refuses(NotAtClaimNode, claim({"account_manager"}))
    given(started(WEBSITE), *AT_CHECK).refuses(NotAtClaimNode, lambda p: claims(WEBSITE, uuid4())(p))
    given(started(OUTSOURCED), provider_comes(OUTSOURCED)).refuses(WrongClaimRole, claim({"designer"})).when(
        lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(1))
    ).then(facts.Paused).refuses(ProjectPaused, claim({"account_manager"})).when(
        lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(1))
    ).then(facts.Cancelled).refuses(ProjectEnded, claim({"account_manager"}))


@pytest.mark.requirement("D-53")
def test_a_later_assign_order_node_for_the_claim_role_leaves_the_claimer_without_it() -> None:
    raw = outsourced()
    raw.insert(3, node("assign_order", "assign-2", role="account_manager"))
    flow = Flow(raw)
    story = (
        given(started(flow), provider_comes(flow), claims(flow, REQUEST))
        .when(person_comes(flow, MANAGER, "account_manager", kind="claim"))
        .then(facts.OrderClaimed, facts.NodeCompleted, facts.NodeEntered, facts.StaffRequested)
    )
    assert story.aggregate.roles == {}
    assert story.aggregate.is_worker(MANAGER)
    story.when(
        lambda p: talking.comment(p, flow, comment_id=uuid4(), person=MANAGER, text="已联系客户", at=at(3))
    ).then(facts.CommentAdded)


@pytest.mark.requirement("D-54")
def test_a_claimer_without_department_leaves_the_ask_without_one() -> None:
    given(started(OUTSOURCED), provider_comes(OUTSOURCED), claims(OUTSOURCED, REQUEST)).when(
        person_comes(OUTSOURCED, MANAGER, "account_manager", kind="claim")
    ).then(
        facts.OrderClaimed,
        facts.RoleFilled,
        facts.NodeCompleted,
        facts.NodeEntered,
        (facts.StaffRequested, {"rule": "department_first", "department_id": None}),
    )


@pytest.mark.requirement("R-64")
def test_a_claim_that_succeeds_while_paused_completes_on_resume() -> None:
    given(
        started(OUTSOURCED),
        provider_comes(OUTSOURCED),
        claims(OUTSOURCED, REQUEST),
        lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(1)),
    ).when(person_comes(OUTSOURCED, MANAGER, "account_manager", kind="claim")).then(
        facts.OrderClaimed, facts.RoleFilled
    ).when(lambda p: supervising.resume(p, OUTSOURCED, by=AS_ADMIN, at=at(3))).then(
        facts.Resumed,
        (facts.NodeCompleted, {"node": "claim"}),
        (facts.NodeEntered, {"node": "assign"}),
        facts.StaffRequested,
    )


def replace(flow: Flow, person: Person = WANGWU, *, role: str | None = None, remark: str | None = None) -> Any:
    return lambda p: changing.change_assignee(
        p,
        flow,
        role=role,
        person_id=person.user_id,
        remark=remark,
        by=AS_ADMIN,
        request_id=REQUEST,
        at=at(5),
    )


@pytest.mark.requirement("R-46", "R-51", "R-54", "X-212")
def test_the_new_assignee_takes_over_the_role_for_this_and_all_later_nodes() -> None:
    given(started(WEBSITE), *AT_CHECK).when(replace(WEBSITE, remark="李四请假")).then(
        (
            facts.StaffRequested,
            {"kind": "replace", "role": "designer", "wanted": WANGWU.user_id, "provider_id": PROVIDER},
        )
    ).when(person_comes(WEBSITE, WANGWU, "designer", kind="replace")).then(
        (
            facts.AssigneeChanged,
            {
                "visit": 4,
                "node": "check",
                "role": "designer",
                "person_id": WANGWU.user_id,
                "former_id": LISI.user_id,
                "remark": "李四请假",
                "by": AS_ADMIN,
            },
        )
    ).refuses(NotOperator, confirms(WEBSITE, LISI)).refuses(
        NotParticipant, lambda p: talking.note(p, WEBSITE, note_id=uuid4(), person=LISI, text="x", at=at(6))
    ).when(confirms(WEBSITE, WANGWU)).then(
        facts.NodeCompleted, (facts.NodeEntered, {"node": "design", "assignee_id": WANGWU.user_id})
    )


CHOSEN = (
    facts.AssigneeChosen,
    {"node": "assign", "role": "designer", "person_id": WANGWU.user_id, "remark": "加急", "by": AS_ADMIN},
)


@pytest.mark.requirement("D-26", "R-48")
def test_the_admin_chooses_the_person_of_an_order_that_waits_for_one() -> None:
    given(started(WEBSITE), provider_comes(WEBSITE)).when(replace(WEBSITE, remark="加急")).then(
        (facts.StaffRequested, {"kind": "replace", "role": "designer", "wanted": WANGWU.user_id, "remark": "加急"})
    ).refuses(ChangePending, replace(WEBSITE)).when(person_comes(WEBSITE, WANGWU, kind="replace")).then(
        CHOSEN,
        (facts.RoleFilled, {"role": "designer", "person_id": WANGWU.user_id}),
        (facts.NodeCompleted, {"node": "assign"}),
        (facts.NodeEntered, {"node": "submit"}),
    ).refuses(SamePerson, replace(WEBSITE, role="designer"))


def test_a_choice_for_a_paused_project_is_carried_on_when_it_is_resumed() -> None:
    story = given(
        started(WEBSITE), provider_comes(WEBSITE), lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(1))
    )
    story.when(replace(WEBSITE, remark="加急")).then(facts.StaffRequested).when(
        person_comes(WEBSITE, WANGWU, kind="replace")
    ).then(CHOSEN, facts.RoleFilled).when(person_comes(WEBSITE, WANGWU)).then().when(
        lambda p: supervising.resume(p, WEBSITE, by=AS_ADMIN, at=at(6))
    ).then(facts.Resumed, facts.NodeCompleted, facts.NodeEntered)


def test_a_choice_that_dispatch_has_overtaken_is_a_change() -> None:
    given(started(WEBSITE), provider_comes(WEBSITE), replace(WEBSITE)).when(person_comes(WEBSITE, LISI)).then(
        facts.RoleFilled, facts.NodeCompleted, facts.NodeEntered
    ).when(person_comes(WEBSITE, WANGWU, kind="replace")).then(
        (facts.AssigneeChanged, {"node": "submit", "former_id": LISI.user_id, "person_id": WANGWU.user_id})
    )


@pytest.mark.requirement("D-44")
def test_the_admin_chooses_whoever_an_implicit_role_waits_for() -> None:
    given(started(SELF_SERVICE), provider_comes(SELF_SERVICE)).when(replace(SELF_SERVICE)).then(
        (facts.StaffRequested, {"kind": "replace", "role": "provider_admin"})
    ).when(person_comes(SELF_SERVICE, WANGWU, "provider_admin", kind="replace")).then(
        (facts.AssigneeChosen, {"node": "provider", "role": "provider_admin"}),
        facts.RoleFilled,
        facts.NodeCompleted,
        facts.NodeEntered,
    )


@pytest.mark.requirement("R-46", "N-06")
def test_a_change_carries_the_rules_that_tell_the_new_operator_as_on_entering_the_node() -> None:
    nodes = website()
    told: Reminder = {"receiver": "assignee", "trigger": "entered", "message_template": "told"}
    for raw in nodes[2:5]:
        raw["reminders"] = [told, {**told, "trigger": "overdue"}]
    flow = Flow(nodes)
    at_check = (provider_comes(flow), person_comes(flow), fills(flow), confirms(flow, CUSTOMER))

    def changes(to: Person, number: int, reminders: list[Reminder]) -> Any:
        return (facts.AssigneeChanged, {"person_id": to.user_id, "number": number, "reminders": reminders})

    given(started(flow), *at_check, replace(flow)).when(person_comes(flow, WANGWU, kind="replace")).then(
        changes(WANGWU, 1, [told])
    ).when(replace(flow, LISI)).then(facts.StaffRequested).when(person_comes(flow, LISI, kind="replace")).then(
        changes(LISI, 2, [told])
    )
    given(started(flow), *at_check[:2], replace(flow, role="designer")).when(
        person_comes(flow, WANGWU, kind="replace")
    ).then(changes(WANGWU, 1, []))


@pytest.mark.requirement("R-47", "R-50")
def test_changes_of_the_assignee_that_make_no_sense_are_refused() -> None:
    given(started(WEBSITE)).refuses(NoProviderYet, replace(WEBSITE))
    given(started(WEBSITE), provider_comes(WEBSITE)).refuses(NoAssigneeYet, replace(WEBSITE, role="engineer"))
    given(started(WEBSITE), provider_comes(WEBSITE), person_comes(WEBSITE)).refuses(
        NoAssigneeYet, replace(WEBSITE)
    ).when(replace(WEBSITE, role="designer")).then(facts.StaffRequested)
    given(started(WEBSITE), *AT_CHECK).refuses(SamePerson, replace(WEBSITE, LISI)).refuses(
        TextTooLong, replace(WEBSITE, remark="字" * 501)
    ).when(lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(5))).then(facts.Cancelled).refuses(
        ProjectEnded, replace(WEBSITE)
    )


def change(provider: Any = OTHER_PROVIDER, remark: str = "服务不到位", by: Any = AS_VENDOR) -> Any:
    return lambda p: changing.change_provider(
        p, provider_id=provider, remark=remark, by=by, request_id=REQUEST, at=at(5)
    )


def test_a_second_change_while_one_is_pending_is_refused() -> None:
    given(started(WEBSITE), *AT_CHECK, replace(WEBSITE)).refuses(ChangePending, replace(WEBSITE)).refuses(
        ChangePending, change()
    ).when(lambda p: answers.request_refused(p, request_id=REQUEST, reason="person_full", at=at(6))).then(
        facts.RequestRefused
    ).when(change()).then(facts.ProviderRequested).refuses(ChangePending, replace(WEBSITE))


@pytest.mark.requirement("R-34", "R-35", "R-38", "R-41", "R-43", "X-327")
def test_a_change_of_provider_restarts_the_flow_with_the_new_provider() -> None:
    file_id = uuid4()
    story = (
        given(
            started(WEBSITE),
            *AT_CHECK,
            lambda p: operating.attach_file(
                p, WEBSITE, visit=None, person=CUSTOMER, file_id=file_id, name="x.png", size=1, at=at(4)
            ),
        )
        .when(change())
        .then(
            (
                facts.ProviderRequested,
                {"kind": "change", "wanted": OTHER_PROVIDER, "run": 1, "implicit_roles": []},
            )
        )
        .when(provider_comes(WEBSITE, OTHER_PROVIDER, "change"))
        .then(
            (
                facts.Restarted,
                {
                    "run": 2,
                    "provider_id": OTHER_PROVIDER,
                    "former_provider_id": PROVIDER,
                    "remark": "服务不到位",
                    "by": AS_VENDOR,
                },
            ),
            (facts.ProviderSet, {"run": 2, "provider_id": OTHER_PROVIDER}),
            (facts.NodeEntered, {"run": 2, "visit": 5, "node": "provider"}),
            (facts.NodeCompleted, {"run": 2, "visit": 5, "by": {"kind": "system"}}),
            (facts.NodeEntered, {"run": 2, "visit": 6, "node": "assign"}),
            (facts.StaffRequested, {"run": 2, "provider_id": OTHER_PROVIDER}),
        )
    )
    project = story.aggregate
    assert (project.roles, project.providers, project.outcomes[REQUEST]) == (
        {},
        {1: PROVIDER, 2: OTHER_PROVIDER},
        "done",
    )
    assert list(project.files) == [file_id]
    story.refuses(NodePassed, lambda p: operating.confirm(p, WEBSITE, visit=4, person=LISI, at=at(9)))


@pytest.mark.requirement("R-34", "R-39")
def test_this_run_goes_on_until_dispatch_agrees_and_answers_to_its_asks_are_ignored_after() -> None:
    project = started(WEBSITE)
    provider_comes(WEBSITE)(project)
    old_ask = only_ask(project, "assign")
    given(project).when(change()).then(facts.ProviderRequested).when(
        provider_comes(WEBSITE, OTHER_PROVIDER, "change")
    ).then(
        facts.Restarted,
        facts.ProviderSet,
        facts.NodeEntered,
        facts.NodeCompleted,
        facts.NodeEntered,
        facts.StaffRequested,
    ).when(
        lambda p: answers.staff_assigned(
            p,
            WEBSITE,
            request_id=old_ask,
            role="designer",
            person_id=LISI.user_id,
            department_id=None,
            at=at(9),
        )
    ).then()


@pytest.mark.requirement("R-44")
def test_a_change_of_provider_sets_a_paused_project_running() -> None:
    story = given(
        started(WEBSITE), *AT_CHECK, lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(4)), change()
    ).when(provider_comes(WEBSITE, OTHER_PROVIDER, "change"))
    story.then(
        facts.Restarted,
        facts.ProviderSet,
        facts.NodeEntered,
        facts.NodeCompleted,
        facts.NodeEntered,
        facts.StaffRequested,
    )
    assert story.aggregate.state == "running"


@pytest.mark.requirement("D-44")
def test_the_next_run_asks_for_its_implicit_roles_itself() -> None:
    flow = Flow(self_service())
    given(
        started(flow), provider_comes(flow), person_comes(flow, ADMIN, "provider_admin", kind="provider"), change()
    ).when(provider_comes(flow, OTHER_PROVIDER, "change")).then(
        facts.Restarted,
        facts.ProviderSet,
        (facts.NodeEntered, {"run": 2, "node": "provider"}),
        (facts.StaffRequested, {"kind": "assign", "role": "provider_admin", "provider_id": OTHER_PROVIDER}),
    ).when(person_comes(flow, WANGWU, "provider_admin")).then(
        facts.RoleFilled, facts.NodeCompleted, (facts.NodeEntered, {"node": "submit"})
    )


@pytest.mark.requirement("R-32", "R-35")
def test_changes_of_the_provider_that_make_no_sense_are_refused() -> None:
    given(started(WEBSITE)).refuses(NoProviderYet, change())
    given(started(WEBSITE), *AT_CHECK).refuses(SameProvider, change(PROVIDER)).refuses(
        TextMissing, change(remark="")
    ).refuses(TextTooLong, change(remark="字" * 501)).when(
        lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(5))
    ).then(facts.Cancelled).refuses(ProjectEnded, change())


def test_requests_open_at_the_end_are_withdrawn() -> None:
    story = given(started(WEBSITE), *AT_CHECK, change()).when(
        lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(6))
    )
    story.then(facts.Cancelled)
    assert (story.aggregate.asks, story.aggregate.outcomes) == ({}, {REQUEST: "withdrawn"})
    story.when(
        lambda p: answers.provider_assigned(p, WEBSITE, request_id=REQUEST, provider_id=OTHER_PROVIDER, at=at(7))
    ).then()


@pytest.mark.requirement("R-119", "T-27")
def test_a_reject_inside_and_out_of_a_container() -> None:
    given(
        started(OUTSOURCED),
        provider_comes(OUTSOURCED),
        claims(OUTSOURCED, REQUEST),
        person_comes(OUTSOURCED, MANAGER, "account_manager", kind="claim"),
        person_comes(OUTSOURCED),
        fills(OUTSOURCED),
        confirms(OUTSOURCED, CUSTOMER),
        confirms(OUTSOURCED, MANAGER),
        confirms(OUTSOURCED, LISI),
        confirms(OUTSOURCED, CUSTOMER),
    ).when(rejects(OUTSOURCED, CUSTOMER)).then(
        (facts.NodeRejected, {"node": "accept"}), (facts.NodeEntered, {"node": "approve", "step": 6})
    ).when(rejects(OUTSOURCED, CUSTOMER)).then(
        (facts.NodeRejected, {"node": "approve"}), (facts.NodeEntered, {"node": "build", "step": 6})
    )
