"""Decisions about users and departments, as given/when/then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.testing.bdd import given
from identity_svc.domain import accounts, facts, organising
from identity_svc.domain.department import Department
from identity_svc.domain.errors import (
    BeingDeleted,
    DepartmentLoop,
    DepartmentNameTaken,
    DepartmentNotEmpty,
    EditedMeanwhile,
    MainAccountFixed,
    NoSecondFactor,
    RolesNotAssignable,
    SecondFactorDemanded,
    SecondFactorSet,
)
from identity_svc.domain.user import Personal, User

NOW = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)
SEALED = Personal(name="sealed name", mobile=None, landline=None, email=None)
REFUSED = facts.DeletionRefused(held=2)
OFFERED = frozenset({"designer", "account_manager", "provider_admin"})


def sub_account(side: Any = "provider", roles: list[str] | None = None, department_id: UUID | None = None) -> User:
    default = ["designer"] if side == "provider" else ["vendor_project_manager"]
    return accounts.sub_account(
        id=uuid4(), party_id=uuid4(), side=side, login_name="lisi@1.onaliyun.com",
        roles=default if roles is None else roles,
        assignable=OFFERED, department_id=department_id, personal=SEALED, at=NOW,
    )  # fmt: skip


def main_account() -> User:
    return accounts.own_account(
        id=uuid4(), party_id=uuid4(), kind="isv", first=True, login_name="main@1.onaliyun.com",
        personal=SEALED, at=NOW,
    )  # fmt: skip


def edit(user: User, **changes: Any) -> bool:
    wanted: dict[str, Any] = {
        "revision": user.revision, "roles": user.roles, "assignable": OFFERED,
        "department_id": user.department_id, "personal": SEALED, "at": NOW, **changes,
    }  # fmt: skip
    return accounts.edit(user, **wanted)


@pytest.mark.requirement("U-05", "U-14")
def test_a_provider_user_may_have_several_roles() -> None:
    assert sub_account(roles=["designer", "account_manager", "designer"]).roles == ["designer", "account_manager"]


@pytest.mark.requirement("U-06")
@pytest.mark.parametrize("roles", [["designer"], ["vendor_admin"], ["vendor_project_manager", "designer"], []])
def test_a_vendor_user_gets_no_role_but_project_manager(roles: list[str]) -> None:
    with pytest.raises(RolesNotAssignable):
        sub_account("vendor", roles)


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("roles", [["provider_admin"], ["designer", "unknown"], ["vendor_project_manager"], []])
def test_a_provider_user_gets_only_offered_roles_and_never_the_admins(roles: list[str]) -> None:
    with pytest.raises(RolesNotAssignable):
        sub_account("provider", roles)


def test_a_vendor_user_has_no_department() -> None:
    assert sub_account("vendor", department_id=uuid4()).department_id is None


@pytest.mark.requirement("U-31")
def test_an_edit_carries_the_whole_state_and_tells_whether_tokens_are_stale() -> None:
    user = sub_account()
    department = uuid4()
    story = given(user)
    story.when(lambda u: edit(u, roles=["account_manager"], department_id=department)).then(
        (facts.UserEdited, {"roles": ["account_manager"], "department_id": department, "party_id": user.party_id,
                       "side": "provider", "main": False, "login_name": "lisi@1.onaliyun.com", "name": "sealed name"}),
    )  # fmt: skip
    assert user.revision == 2
    assert edit(user) is False
    assert edit(user, roles=["designer"]) is True


def test_an_edit_of_an_older_revision_is_refused() -> None:
    given(sub_account()).refuses(EditedMeanwhile, lambda u: edit(u, revision=0))


@pytest.mark.requirement("G-15")
def test_the_main_account_is_neither_edited_nor_deleted() -> None:
    given(main_account()).refuses(MainAccountFixed, lambda u: edit(u)).refuses(
        MainAccountFixed, lambda u: accounts.delete(u, at=NOW)
    )


def test_a_vendors_user_is_deleted_at_once() -> None:
    user = sub_account("vendor")
    given(user).when(lambda u: accounts.delete(u, at=NOW)).then((facts.UserDeleted, {"party_id": user.party_id}))
    assert user.state == "deleted"


@pytest.mark.requirement("U-21")
def test_a_providers_user_waits_for_dispatch_and_is_blocked_meanwhile() -> None:
    story = given(sub_account()).when(lambda u: accounts.delete(u, at=NOW)).then(facts.DeletionRequested)
    story.refuses(BeingDeleted, lambda u: edit(u))
    story.refuses(BeingDeleted, lambda u: accounts.reset_password(u, by=uuid4(), at=NOW))
    story.refuses(BeingDeleted, lambda u: accounts.change_password(u, at=NOW))
    story.refuses(BeingDeleted, lambda u: accounts.change_own_data(u, personal=SEALED, at=NOW))
    story.when(lambda u: accounts.member_closed(u, at=NOW)).then(facts.UserDeleted)
    story.when(lambda u: accounts.member_closed(u, at=NOW)).then()
    story.when(lambda u: accounts.member_close_refused(u, refused=REFUSED, at=NOW)).then()


@pytest.mark.requirement("U-21")
def test_a_refused_deletion_gives_the_user_back() -> None:
    story = given(sub_account()).when(lambda u: accounts.delete(u, at=NOW)).then(facts.DeletionRequested)
    story.when(lambda u: accounts.member_close_refused(u, refused=REFUSED, at=NOW)).then(
        (facts.DeletionRefused, {"held": 2})
    )
    story.when(lambda u: accounts.member_close_refused(u, refused=REFUSED, at=NOW)).then()
    story.when(lambda u: accounts.member_closed(u, at=NOW)).then()
    assert story.aggregate.state == "active"


@pytest.mark.requirement("U-04")
def test_login_names_end_with_the_main_account() -> None:
    party = organising.register(id=uuid4(), kind="isv", name="河北服务商", number="1744526877246715", at=NOW)
    assert party.login_name("Lisi") == "lisi@1744526877246715.onaliyun.com"


def move(department: Department, *ancestors: UUID, name: str = "设计一部", siblings: Sequence[str] = ()) -> None:
    organising.change_department(
        department, name=name, parent_id=ancestors[0], ancestors=ancestors, siblings=siblings, at=NOW
    )


def department_of(name: str, siblings: Sequence[str] = ()) -> Department:
    return organising.create_department(
        id=uuid4(), party_id=uuid4(), name=name, parent_id=None, siblings=siblings, at=NOW
    )


@pytest.mark.requirement("U-10", "U-22")
def test_departments_move_without_loops_and_go_only_when_empty() -> None:
    department, above = department_of("设计部"), uuid4()
    story = given(department).when(lambda d: move(d, above))
    story.then((facts.DepartmentChanged, {"name": "设计一部", "parent_id": above, "party_id": department.party_id}))
    story.when(lambda d: move(d, above)).then()
    story.refuses(DepartmentLoop, lambda d: move(d, above, d.id))
    story.refuses(
        DepartmentNotEmpty, lambda d: organising.delete_department(d, within=[{"kind": "user"}], total=1, at=NOW)
    )
    story.when(lambda d: organising.delete_department(d, within=[], total=0, at=NOW)).then(facts.DepartmentDeleted)


@pytest.mark.requirement("U-10")
@pytest.mark.parametrize("other", ["Design", "design", " DESIGN ", "\uff24esign"])
def test_no_two_departments_of_one_parent_look_the_same(other: str) -> None:
    with pytest.raises(DepartmentNameTaken):
        department_of(other, siblings=["设计部", "Design"])
    story = given(department_of("设计部", siblings=["Design"]))
    story.refuses(DepartmentNameTaken, lambda d: move(d, uuid4(), name=other, siblings=["Design"]))
    story.when(lambda d: move(d, uuid4(), name=other, siblings=["Designer"])).then(facts.DepartmentChanged)


def test_a_second_factor_is_added_once_and_given_up() -> None:
    user, admin = sub_account(), uuid4()
    story = given(user).refuses(
        NoSecondFactor, lambda u: accounts.remove_second_factor(u, by=u.id, demanded=False, at=NOW)
    )
    story.when(lambda u: accounts.add_second_factor(u, at=NOW)).then(facts.SecondFactorAdded())
    story.refuses(SecondFactorSet, lambda u: accounts.add_second_factor(u, at=NOW))
    story.refuses(SecondFactorDemanded, lambda u: accounts.remove_second_factor(u, by=u.id, demanded=True, at=NOW))
    story.when(lambda u: accounts.remove_second_factor(u, by=admin, demanded=True, at=NOW)).then(
        facts.SecondFactorRemoved(by=admin)
    )
    assert story.aggregate.second_factor is False


def test_only_who_has_a_second_factor_demands_one() -> None:
    party = organising.register(id=uuid4(), kind="isv", name="河北服务商", number="1", at=NOW)
    story = given(party).refuses(
        NoSecondFactor, lambda p: organising.demand_second_factor(p, demanded=True, own=False, at=NOW)
    )
    story.when(lambda p: organising.demand_second_factor(p, demanded=False, own=False, at=NOW)).then()
    for demanded in (True, False):
        story.when(lambda p, d=demanded: organising.demand_second_factor(p, demanded=d, own=True, at=NOW)).then(
            facts.SecondFactorDemanded(demanded=demanded)
        )
        story.when(lambda p, d=demanded: organising.demand_second_factor(p, demanded=d, own=True, at=NOW)).then()
