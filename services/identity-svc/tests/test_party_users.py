"""Users only the operator manages, and the erasing of a deleted person's data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import dispatch, identity
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import OPERATOR

from .conftest import Account, Feeds, Published, new_user, sign_in
from .test_users_api import counts

pytestmark = pytest.mark.integration

SECOND = {"login_name": "second", "name": "第二人", "email": "second@example.com"}


@pytest.mark.requirement("G-10")
def test_a_customer_has_several_users(
    operator: Account, register: Callable[..., Account], client: FlaskClient, published: Published
) -> None:
    customer = register("customer", "客户甲乙丙")
    path = f"parties/{customer.party_id}/users"
    published.again()
    made = operator("POST", path, SECOND)
    assert made.status_code == 201
    [saved] = published()
    assert isinstance(saved, identity.UserSaved)
    assert (saved.party_id, saved.side, saved.main, saved.roles) == (customer.party_id, "customer", False, ["customer"])
    second = Account(client, made.json["login_name"], made.json["initial_password"]).with_own_password()
    assert second("GET", "me").json["party_id"] == str(customer.party_id)
    assert {u["name"] for u in operator("GET", path).json["items"]} == {"主账号", "第二人"}
    assert operator("POST", path, SECOND).status_code == 409
    published.again()
    user = f"{path}/{made.json['user_id']}"
    assert operator("DELETE", user).status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked, identity.UserDeleted]
    assert second("GET", "me").status_code == 401
    assert operator("DELETE", user).status_code == 404
    assert customer("GET", "me").status_code == 200


def test_the_operator_has_several_users_and_nobody_deletes_himself(
    operator: Account, client: FlaskClient, application: IdentityApplication
) -> None:
    me = operator("GET", "me").json
    assert operator.login_name == OPERATOR
    path = f"parties/{me['party_id']}/users"
    made = operator("POST", path, {**SECOND, "login_name": f"xiaoer{uuid4().hex[:6]}"}).json
    second = Account(client, made["login_name"], made["initial_password"]).with_own_password()
    assert second("GET", "parties").status_code == 200
    before = counts(application)
    assert operator("DELETE", f"{path}/{me['user_id']}").status_code == 409
    assert counts(application) == before
    assert operator("DELETE", f"{path}/{made['user_id']}").status_code == 204
    assert second("GET", "parties").status_code == 401


def test_an_isv_manages_its_own_users(
    operator: Account, isv: Account, designer: Account, application: IdentityApplication
) -> None:
    before = counts(application)
    path = f"parties/{isv.party_id}/users"
    assert operator("POST", path, SECOND).status_code == 409
    main = operator("GET", path).json
    assert ([one["login_name"] for one in main["items"]], main["total"]) == ([isv.login_name], 1)
    assert operator("DELETE", f"{path}/{designer.user_id}").status_code == 409
    assert operator("POST", f"parties/{uuid4()}/users", SECOND).status_code == 404
    me = operator("GET", "me").json
    assert operator("DELETE", f"parties/{me['party_id']}/users/{designer.user_id}").status_code == 404
    assert counts(application) == before


def asked(application: IdentityApplication) -> int:
    """How often the service's stream was to be published anew."""
    with application.store.connection() as connection:
        row = connection.execute("SELECT coalesce(sum(asked), 0) AS n FROM outbox_renewal").fetchone()
    assert row is not None
    return int(row["n"])


@pytest.mark.requirement("U-21")
def test_the_data_of_a_deleted_person_are_erased(
    isv: Account, designer: Account, operator: Account, feeds: Feeds, application: IdentityApplication,
    published: Published,
) -> None:  # fmt: skip
    user_id = designer.user_id
    assert isinstance(user_id, UUID)
    path = f"users/{user_id}/personal-data"
    before = counts(application)
    assert operator("DELETE", path).status_code == 409, "holds projects, perhaps"
    assert operator("DELETE", f"users/{uuid4()}/personal-data").status_code == 404
    assert isv("DELETE", path).status_code == 403
    assert counts(application) == before
    isv("DELETE", f"users/{user_id}")
    feeds(dispatch.MemberClosed(provider_id=isv.party_id or uuid4(), person_id=user_id))
    assert application.store.vault.key_of(user_id) is not None
    published.again()
    renewals = asked(application)
    for _ in range(2):
        assert operator("DELETE", path).status_code == 204
    assert asked(application) == renewals + 1, "events.identity is published anew, once"
    assert published() == [identity.PersonErased(user_id=user_id, party_id=isv.party_id)]  # type: ignore[arg-type]
    assert application.store.vault.key_of(user_id) is None
    published.start = 0
    anew: list[Any] = [c for c in published() if isinstance(c, identity.UserSaved) and c.user_id == user_id]
    assert anew
    assert {(c.name, c.login_name, c.mobile, c.landline, c.email) for c in anew} == {("", "", None, None, None)}


@pytest.mark.requirement("U-21")
def test_a_customer_who_is_a_person_is_forgotten(
    isv: Account, operator: Account, application: IdentityApplication, published: Published, number: str
) -> None:
    body = {"kind": "customer", "name": "赵忘名", "number": f"C{number}", "user": {"login_name": "z", "name": "赵忘名"}}
    made = operator("POST", "parties", body).json
    path = f"parties/{made['party_id']}/personal-data"
    before = counts(application)
    kept = operator("DELETE", path)
    assert (kept.status_code, kept.json["type"]) == (409, "urn:delivery-center:problem:has-users")
    assert kept.json["blocking"] == {
        "items": [{"kind": "user", "id": made["user"]["user_id"], "name": "赵忘名"}], "total": 1,
    }  # fmt: skip
    company = operator("DELETE", f"parties/{isv.party_id}/personal-data")
    assert (company.status_code, company.json["type"]) == (409, "urn:delivery-center:problem:not-a-customer")
    assert operator("DELETE", f"parties/{uuid4()}/personal-data").status_code == 404
    assert isv("DELETE", path).status_code == 403
    assert counts(application) == before
    assert operator("DELETE", f"parties/{made['party_id']}/users/{made['user']['user_id']}").status_code == 204
    renewals = asked(application)
    published.again()
    for _ in range(2):
        assert operator("DELETE", path).status_code == 204
    assert asked(application) == renewals + 1, "events.identity is published anew, once"
    party_id = UUID(made["party_id"])
    assert published() == [identity.PartyErased(party_id=party_id)]
    assert "赵忘名" not in operator("GET", f"parties/{party_id}").text
    published.start = 0
    (anew,) = (c for c in published() if isinstance(c, identity.PartyRegistered) and c.party_id == party_id)
    assert (anew.name, anew.customer_number) == ("", f"C{number}")


def test_views_go_with_their_user(
    isv: Account, designer: Account, feeds: Feeds, application: IdentityApplication, client: FlaskClient
) -> None:
    view_id = uuid4()
    body = {"page": "my-projects", "name": "我的", "filters": {}, "shared": True}
    assert designer("PUT", f"me/views/{view_id}", body).status_code == 201
    assert isv("GET", "me/views").json["total"] == 1
    isv("DELETE", f"users/{designer.user_id}")
    feeds(dispatch.MemberClosed(provider_id=isv.party_id or uuid4(), person_id=designer.user_id or uuid4()))
    assert isv("GET", "me/views").json["total"] == 0
    assert sign_in(client, designer.login_name, designer.password).status_code == 401
    assert isv("POST", "users", new_user()).status_code == 201
