"""What identity-svc makes of messages of template-svc and dispatch-svc: each also twice, late and out of order."""

from __future__ import annotations

import threading
from uuid import uuid4

import msgspec
import pytest
from delivery_shared.contracts import Contract, dispatch, identity, template
from delivery_shared.testing.fixtures import eventually
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication

from .conftest import Account, Feeds, Published, new_user, sign_in
from .test_users_api import counts

pytestmark = pytest.mark.integration


def closed(account: Account) -> dispatch.MemberClosed:
    assert account.user_id
    assert account.party_id
    return dispatch.MemberClosed(provider_id=account.party_id, person_id=account.user_id)


def refused(account: Account) -> dispatch.MemberCloseRefused:
    assert account.user_id
    assert account.party_id
    return dispatch.MemberCloseRefused(provider_id=account.party_id, person_id=account.user_id)


@pytest.mark.requirement("U-21")
@pytest.mark.parametrize("twice", [False, True])
def test_a_closed_member_is_deleted(
    isv: Account, designer: Account, feeds: Feeds, published: Published, client: FlaskClient, twice: bool
) -> None:
    published.again()
    asked = isv("DELETE", f"users/{designer.user_id}")
    assert (asked.status_code, asked.json["state"]) == (202, "deleting")
    assert [type(c) for c in published()] == [identity.SessionsRevoked, identity.UserDeletionRequested]
    assert designer("GET", "me").status_code == 401
    assert sign_in(client, designer.login_name, designer.password).status_code == 401
    assert isv("GET", f"users/{designer.user_id}").json["state"] == "deleting"
    assert isv("POST", f"users/{designer.user_id}/password-reset").status_code == 409
    published.again()
    feeds(closed(designer), twice=twice)
    assert published() == [identity.UserDeleted(user_id=designer.user_id, party_id=isv.party_id)]  # type: ignore[arg-type]
    assert isv("GET", f"users/{designer.user_id}").status_code == 404
    assert isv("GET", "users?side=provider").json["total"] == 0
    published.again()
    feeds(refused(designer), closed(designer))
    assert published() == []
    assert sign_in(client, designer.login_name, designer.password).status_code == 401


@pytest.mark.requirement("U-21")
@pytest.mark.parametrize("twice", [False, True])
def test_a_refused_deletion_lets_the_user_in_again(
    isv: Account, designer: Account, feeds: Feeds, published: Published, client: FlaskClient, twice: bool
) -> None:
    assert isv("DELETE", f"users/{designer.user_id}").status_code == 202
    published.again()
    feeds(refused(designer), twice=twice)
    assert published() == []
    seen = isv("GET", f"users/{designer.user_id}").json
    assert (seen["state"], seen["deletion_refused_at"] is not None) == ("active", True)
    assert designer("GET", "me").status_code == 401, "sessions stay ended"
    assert sign_in(client, designer.login_name, designer.password).status_code == 201
    feeds(closed(designer))
    assert published() == [], "an answer to a question nobody asked any more"
    again = isv("DELETE", f"users/{designer.user_id}")
    assert again.status_code == 202
    assert isv("GET", f"users/{designer.user_id}").json["deletion_refused_at"] is None
    feeds(closed(designer))
    assert isv("GET", f"users/{designer.user_id}").status_code == 404


@pytest.mark.requirement("U-21")
@pytest.mark.parametrize(("held", "total"), [(2, 2), (23, 23), (0, 1)])
def test_the_answer_tells_why_a_user_is_not_deleted(
    isv: Account, designer: Account, feeds: Feeds, monkeypatch: pytest.MonkeyPatch, held: int, total: int
) -> None:
    """Also when the same command is sent again; once the user is free, it says so."""
    monkeypatch.setattr("identity_svc.api.users.ANSWER_WAIT", 20)
    path, key = f"users/{designer.user_id}", {"Idempotency_Key": str(uuid4())}

    def answer(contract: Contract) -> threading.Thread:
        def run() -> None:
            eventually(lambda: isv("GET", path).json["state"] == "deleting")
            feeds(contract)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    orders = [dispatch.HeldOrder(project_id=uuid4(), order_number=f"DD-{n}") for n in range(min(total, 20))]
    told = msgspec.structs.replace(refused(designer), held=held, asks=0 if held else total, orders=orders)
    thread = answer(told)
    kept = isv("DELETE", path, None, **key)
    thread.join()
    assert (kept.status_code, kept.json["type"], kept.json["held"]) == (
        409,
        "urn:delivery-center:problem:user-holds-projects",
        held,
    )
    assert (f"{held}个未完结的项目" in kept.json["detail"]) == (held > 0)
    listed = [{"kind": "project", "id": str(o.project_id), "name": o.order_number} for o in orders]
    assert kept.json["blocking"] == {"items": listed, "total": total}
    assert "：DD-0" in kept.json["detail"]
    assert ("DD-19 等23个" in kept.json["messages"]["zh"], "DD-19 and 3 more" in kept.json["messages"]["en"]) == (
        (total == 23,) * 2
    )
    shown = isv("GET", path).json
    assert (shown["deletion_refused_asks"], shown["deletion_refused_orders"]) == (
        told.asks, [{"project_id": one["id"], "order_number": one["name"]} for one in listed],
    )  # fmt: skip
    assert (kept.headers["Location"], isv("GET", path).json["deletion_refused_held"]) == (f"/api/v1/{path}", held)
    again = isv("DELETE", path, None, **key)
    assert (again.status_code, again.json["detail"]) == (409, kept.json["detail"])
    thread = answer(closed(designer))
    gone = isv("DELETE", path)
    thread.join()
    assert (gone.status_code, gone.data) == (204, b"")
    assert isv("GET", path).status_code == 404


def test_answers_about_people_unknown_or_not_asked_about_change_nothing(
    designer: Account, feeds: Feeds, application: IdentityApplication, published: Published
) -> None:
    before = counts(application)
    published.again()
    for person in (designer.user_id, uuid4()):
        assert person is not None
        feeds(
            dispatch.MemberClosed(provider_id=uuid4(), person_id=person),
            dispatch.MemberCloseRefused(provider_id=uuid4(), person_id=person),
        )
    assert (counts(application), published()) == (before, [])
    assert designer("GET", "me").status_code == 200


@pytest.mark.requirement("U-17")
def test_roles_follow_template_svc(isv: Account, roles: list[str], feeds: Feeds) -> None:
    role = f"role_{uuid4().hex[:6]}"
    assert isv("POST", "users", new_user(roles=[role])).status_code == 422
    feeds(template.RoleDefined(role=role, name="测试", side="provider"), twice=True)
    made = isv("POST", "users", new_user(roles=[role]))
    assert made.status_code == 201
    assert isv("GET", f"users/{made.json['user_id']}").json["roles"] == [{"role": role, "name": "测试"}]
    feeds(template.RoleDefined(role=role, name="改名", side="provider", active=False))
    assert isv("POST", "users", new_user(roles=[role])).status_code == 201, "orders of older templates wait for it"
    assert isv("GET", f"users/{made.json['user_id']}").json["roles"] == [{"role": role, "name": "改名"}]
    kept = {"name": "李四", "roles": [role]}
    assert isv("PUT", f"users/{made.json['user_id']}", kept, If_Match="1").status_code == 200
