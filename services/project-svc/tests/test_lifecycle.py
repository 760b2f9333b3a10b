"""Whole lives of projects on random templates: whatever people do, the project stays consistent and can be finished."""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.facts import folded
from hypothesis import given, settings
from hypothesis import strategies as st
from project_svc.domain import answers, changing, facts, operating, supervising
from project_svc.domain.flow import Flow
from project_svc.domain.kinds import Waits
from project_svc.timers import moves_clock

from .people import AS_ADMIN, AS_VENDOR, CUSTOMER, OTHER_PROVIDER, PROVIDER, Person, at, id_of
from .random_flows import templates
from .steps import started


class Life:
    """A project, and a dispatch that grants everything."""

    def __init__(self, raw: list[dict[str, Any]]) -> None:
        self.flow = Flow(raw)
        self.project = started(self.flow)
        self.wanted: dict[UUID, UUID] = {}

    def staff(self, role: str | None) -> Person:
        return Person(
            user_id=id_of(f"{self.project.provider_id} {role}"), party_id=self.project.provider_id or PROVIDER
        )

    def answer(self) -> bool:
        """One answer to one open ask; False if there is none that waits for an answer."""
        p = self.project
        for request_id, ask in list(p.asks.items()):
            if ask.kind in ("provider", "change") and (ask.kind == "change" or p.provider_id is None):
                provider = self.wanted.get(request_id, PROVIDER)
                answers.provider_assigned(p, self.flow, request_id=request_id, provider_id=provider, at=at(1))
                return True
            roles = [ask.role] if ask.kind != "provider" else list(self.flow.implicit_roles)
            for role in roles:
                if role and (ask.kind != "provider" or role not in p.roles):
                    person = self.wanted.get(request_id, self.staff(role).user_id)
                    answers.staff_assigned(
                        p, self.flow, request_id=request_id, role=role, person_id=person, department_id=None, at=at(1)
                    )
                    return True
        return False

    def operate(self, reject: bool) -> None:
        """The one who may operate the open node does so; the claim node is claimed."""
        p, node = self.project, self.flow.node(self.project.node)
        if node.waits_for is Waits.CLAIM:
            if not p.claim_pending and not p.claimer_id and p.provider_id is not None:
                changing.claim(
                    p,
                    self.flow,
                    person=self.staff(node.role),
                    roles=frozenset({node.role or ""}),
                    department_id=None,
                    request_id=uuid4(),
                    at=at(2),
                )
            return
        if not node.operated:
            return
        holder = p.roles.get(node.role or "")
        person = CUSTOMER if node.by_customer else Person(user_id=holder or UUID(int=0), party_id=PROVIDER)
        if reject and node.rejectable:
            operating.reject(p, self.flow, visit=p.visit, person=person, reason="x", at=at(2))
            return
        if node.fills_form:
            operating.submit_requirement(p, self.flow, visit=p.visit, person=person, data={}, at=at(2))
        operating.confirm(p, self.flow, visit=p.visit, person=person, at=at(2))

    def manage(self, action: str) -> None:
        p = self.project
        if action == "pause" and p.state == "running":
            supervising.pause(p, remark="x", by=AS_ADMIN, at=at(3))
        elif action == "resume" and p.state == "paused":
            supervising.resume(p, self.flow, by=AS_ADMIN, at=at(3))
        elif action == "change" and p.provider_id is not None and not p.change_pending:
            request_id = uuid4()
            self.wanted[request_id] = OTHER_PROVIDER if p.provider_id == PROVIDER else PROVIDER
            changing.change_provider(
                p, provider_id=self.wanted[request_id], remark="x", by=AS_VENDOR, request_id=request_id, at=at(3)
            )
        elif action == "replace" and p.roles and not p.change_pending:
            request_id, role = uuid4(), sorted(p.roles)[0]
            self.wanted[request_id] = uuid4()
            changing.change_assignee(
                p,
                self.flow,
                role=role,
                person_id=self.wanted[request_id],
                remark=None,
                by=AS_ADMIN,
                request_id=request_id,
                at=at(3),
            )

    def check(self) -> None:
        """What is always true; also that the events alone give this state."""
        p = self.project
        refolded: Any = None
        for fact in p.facts:
            before = refolded.running_clock if refolded is not None else None
            refolded = folded(refolded, copy.deepcopy(fact))
            assert refolded.running_clock == before or moves_clock(fact), fact
        kept, live = vars(refolded).copy(), vars(p).copy()
        assert kept.pop("_pending_events") == []
        live.pop("_pending_events")
        assert kept == live
        entered = [fact for fact in p.facts if isinstance(fact, facts.NodeEntered)]
        assert [fact.visit for fact in entered] == list(range(1, p.visit + 1))
        node = self.flow.node(p.node)
        if not p.ended and node.operated and not node.by_customer:
            assert node.role in p.roles
        if not p.ended and not node.waits_for_people and p.state == "running":
            assert p.asks


ACTIONS = ["answer", "confirm", "confirm", "confirm", "reject", "pause", "resume", "change", "replace"]


@settings(max_examples=150, deadline=None)
@given(templates(), st.lists(st.sampled_from(ACTIONS), max_size=40))
def test_whatever_happens_the_project_is_consistent_and_can_be_finished(
    raw: list[dict[str, Any]], actions: list[str]
) -> None:
    life = Life(raw)
    for action in actions:
        if life.project.ended:
            break
        if action == "answer":
            life.answer()
        elif action in ("confirm", "reject"):
            if life.project.state == "running":
                life.operate(reject=action == "reject")
        else:
            life.manage(action)
        life.check()
    if life.project.state == "paused":
        life.manage("resume")
    for _ in range(200):
        if life.project.ended:
            break
        if not life.answer():
            life.operate(reject=False)
    life.check()
    assert life.project.state == "completed"
    assert life.project.asks == {}
