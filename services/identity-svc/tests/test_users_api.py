"""用户管理 over HTTP, on real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.contracts import identity
from flask.testing import FlaskClient
from identity_svc.admission import BadCredentials, Client, InitialPasswordExpired
from identity_svc.application import IdentityApplication

from .conftest import PASSWORD, Account, Published, new_user, sign_in

pytestmark = pytest.mark.integration


def stored(application: IdentityApplication) -> str:
    """Everything the service has stored about anybody, as text."""
    with application.store.connection() as connection:
        events = connection.execute("SELECT convert_from(state, 'UTF8') AS text FROM identity_events").fetchall()
        commands = connection.execute("SELECT body::text || fingerprint AS text FROM command").fetchall()
        hashes = connection.execute("SELECT hash AS text FROM credential").fetchall()
    return "\n".join(row["text"] for row in [*events, *commands, *hashes])


def counts(application: IdentityApplication) -> dict[str, int]:
    """How much of everything there is: to show that nothing changed."""
    with application.store.connection() as connection:
        return {
            table: connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"]  # type: ignore[index]
            for table in ("identity_events", "user_account", "credential", "person_key", "department", "party")
        }


@pytest.mark.requirement("U-14", "U-23", "U-25", "U-04", "X-205", "U-05")
def test_a_provider_user_is_created_with_an_initial_password(
    isv: Account, roles: list[str], published: Published, application: IdentityApplication
) -> None:
    published.again()
    department = isv("POST", "departments", {"name": "设计部"}).json["department_id"]
    form = new_user(roles=["designer", "account_manager"], department_id=department)
    made = isv("POST", "users", form)
    assert made.status_code == 201
    assert set(made.json) == {"user_id", "login_name", "initial_password"}
    suffix = isv.login_name.partition("@")[2]
    assert made.json["login_name"] == f"{form['login_name']}@{suffix}"
    assert len(made.json["initial_password"]) == 8
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Location"] == f"/api/v1/users/{made.json['user_id']}"
    assert made.headers["Delivery-Position"].startswith("identity:")
    saved = published()[-1]
    assert isinstance(saved, identity.UserSaved)
    assert (saved.name, saved.mobile, saved.landline, saved.email) == (
        "李四", "18888888888", "0451-57028123-0987", None,
    )  # fmt: skip
    assert (saved.side, saved.main, saved.roles, str(saved.department_id)) == (
        "provider", False, ["designer", "account_manager"], department,
    )  # fmt: skip
    assert saved.party_id == isv.party_id
    seen = isv("GET", f"users/{made.json['user_id']}").json
    assert seen["roles"] == [
        {"role": "designer", "name": "name of designer"},
        {"role": "account_manager", "name": "name of account_manager"},
    ]
    assert (seen["department_name"], seen["local_name"]) == ("设计部", form["login_name"])


@pytest.mark.requirement("U-27")
def test_the_password_is_stored_nowhere_and_not_repeated(
    isv: Account, roles: list[str], application: IdentityApplication
) -> None:
    form, key = new_user(), str(uuid4())
    made = isv("POST", "users", form, Idempotency_Key=key)
    before = counts(application)
    again = isv("POST", "users", form, Idempotency_Key=key)
    assert again.status_code == 201
    assert again.json == {"user_id": made.json["user_id"], "login_name": made.json["login_name"]}
    assert again.headers["Delivery-Position"] == made.headers["Delivery-Position"]
    assert counts(application) == before
    assert made.json["initial_password"] not in stored(application)
    other = isv("POST", "users", {**form, "name": "王五"}, Idempotency_Key=key)
    assert (other.status_code, other.json["type"]) == (422, "urn:delivery-center:problem:idempotency-key-reused")
    assert "initial_password" not in isv("GET", f"users/{made.json['user_id']}").json


def test_personal_data_stand_encrypted_in_events(
    isv: Account, roles: list[str], application: IdentityApplication
) -> None:
    isv("POST", "users", new_user(name="伏尔泰", mobile="13912345678", landline="0999-1234567"))
    text = stored(application)
    for plain in ("伏尔泰", json.dumps("伏尔泰").strip('"'), "13912345678", "0999-1234567"):
        assert plain not in text


def test_an_erased_person_is_published_blank_and_replays(
    isv: Account, designer: Account, application: IdentityApplication, published: Published
) -> None:
    with application.store.connection() as connection:
        connection.execute("DELETE FROM person_key WHERE user_id = %s", (designer.user_id,))
    published.start = 0
    saved = [c for c in published() if isinstance(c, identity.UserSaved) and c.user_id == designer.user_id]
    assert [(s.name, s.mobile, s.landline, s.email) for s in saved] == [("", None, None, None)]
    assert isv("PUT", "users/" + str(designer.user_id), edited(), If_Match="1").status_code == 409


@pytest.mark.requirement("U-02", "U-06", "U-01")
def test_a_vendor_user_is_a_project_manager(isv: Account, published: Published) -> None:
    published.again()
    made = isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"]))
    assert made.status_code == 201
    saved = published()[-1]
    assert isinstance(saved, identity.UserSaved)
    assert (saved.side, saved.roles) == ("vendor", ["vendor_project_manager"])
    assert (saved.name, saved.mobile, saved.landline) == ("李四", "18888888888", "0451-57028123-0987")
    published.again()
    for missing in ("login_name", "side", "roles", "name"):
        form = new_user(side="vendor", roles=["vendor_project_manager"])
        del form[missing]
        wrong = isv("POST", "users", form)
        assert (wrong.status_code, [e["field"] for e in wrong.json["errors"]]) == (422, [missing])
    bare = new_user(side="vendor", roles=["vendor_project_manager"])
    for optional in ("mobile", "landline"):
        del bare[optional]
    made = isv("POST", "users", bare)
    assert made.status_code == 201
    assert [type(c) for c in published()] == [identity.UserSaved], "what is refused leaves nothing"
    refused = isv("POST", "users", new_user(side="vendor", roles=["designer"]))
    assert (refused.status_code, refused.json["type"]) == (422, "urn:delivery-center:problem:roles-not-assignable")


@pytest.mark.requirement("D-55", "D-56", "D-65", "U-14")
def test_an_employee_begins_with_a_maximum_and_a_receive_status(
    isv: Account, roles: list[str], published: Published
) -> None:
    def begins(**given: Any) -> tuple[Any, Any]:
        published.again()
        assert isv("POST", "users", new_user(**given)).status_code == 201
        (saved,) = (c for c in published() if isinstance(c, identity.UserSaved))
        return saved.maximum, saved.receiving

    assert begins() == (10, True)
    assert begins(maximum=0, receiving=False) == (0, False)
    assert begins(maximum=50) == (50, True)
    assert begins(side="vendor", roles=["vendor_project_manager"], maximum=3, receiving=False) == (None, None)
    for wrong in (-1, 51, 1.5, "many", None):
        refused = isv("POST", "users", new_user(maximum=wrong))
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "maximum"), wrong
    made = isv("POST", "users", new_user(maximum=3)).json["user_id"]
    published.again()
    assert isv("PUT", f"users/{made}", {"name": "李四", "roles": ["designer"]}, If_Match="1").status_code == 200
    (edited,) = (c for c in published() if isinstance(c, identity.UserSaved))
    assert (edited.maximum, edited.receiving) == (None, None), "持单量设置 has them from now on"


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("given", [["provider_admin"], ["unheard_of"], ["vendor_project_manager"]])
def test_roles_not_offered_are_refused(
    isv: Account, roles: list[str], application: IdentityApplication, given: list[str]
) -> None:
    before = counts(application)
    refused = isv("POST", "users", new_user(roles=given))
    assert (refused.status_code, refused.json["type"]) == (422, "urn:delivery-center:problem:roles-not-assignable")
    assert given[0] in refused.json["detail"]
    assert counts(application) == before


@pytest.mark.requirement("U-35")
def test_a_login_name_is_unique_within_the_main_account(
    isv: Account, rival: Account, roles: list[str], application: IdentityApplication
) -> None:
    form = new_user()
    assert isv("POST", "users", form).status_code == 201
    before = counts(application)
    refused = isv("POST", "users", {**form, "login_name": form["login_name"].upper()})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:delivery-center:problem:login-name-taken")
    assert counts(application) == before
    assert rival("POST", "users", form).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": str(uuid4())}, {"party_id": str(uuid4())}, {"main": True}, {"state": "deleted"},
        {"max_load": 50}, {"password": PASSWORD}, {"side": "operator"}, {"side": "isv"}, {"roles": []},
        {"roles": "designer"}, {"name": " "}, {"name": "a\r\nBcc: x"}, {"name": "x" * 65}, {"mobile": "+86 1"},
        {"landline": "0451-1-2-3"}, {"login_name": "li@si"}, {"login_name": ""}, {"login_name": "-x"},
        {"department_id": "here"}, {"email": "a@example.com"},
    ],
)  # fmt: skip
def test_unknown_and_bad_fields_are_refused(
    isv: Account, roles: list[str], application: IdentityApplication, change: dict[str, Any]
) -> None:
    before = counts(application)
    refused = isv("POST", "users", new_user(**change))
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"].split(".")[-1] == next(iter(change))
    assert counts(application) == before


def edited(**changes: Any) -> dict[str, Any]:
    return {"name": "李四四", "roles": ["designer"], "mobile": None, "landline": "0451-1", **changes}


@pytest.mark.requirement("U-31")
def test_an_edit_changes_all_but_login_name_side_and_email(
    isv: Account, designer: Account, published: Published
) -> None:
    designer("PUT", "me", {"name": "李四", "email": "lisi@example.com"})
    published.again()
    seen = isv("GET", f"users/{designer.user_id}")
    done = isv("PUT", f"users/{designer.user_id}", edited(), If_Match=seen.headers["ETag"])
    assert done.status_code == 200
    assert done.headers["ETag"] != seen.headers["ETag"]
    (saved,) = published()
    assert isinstance(saved, identity.UserSaved)
    assert (saved.name, saved.mobile, saved.landline, saved.email) == ("李四四", None, "0451-1", "lisi@example.com")
    assert saved.login_name == designer.login_name
    assert designer("GET", "me").json["name"] == "李四四"
    stale = isv("PUT", f"users/{designer.user_id}", edited(name="五"), If_Match=seen.headers["ETag"])
    assert (stale.status_code, stale.json["type"]) == (412, "urn:delivery-center:problem:changed-meanwhile")
    assert isv("PUT", f"users/{designer.user_id}", edited(name="五")).status_code == 428
    assert isv("GET", f"users/{designer.user_id}").json["name"] == "李四四"


@pytest.mark.requirement("U-18")
def test_a_change_of_roles_voids_tokens_and_a_refresh_brings_the_new_ones(
    isv: Account, designer: Account, application: IdentityApplication, published: Published
) -> None:
    published.again()
    revision = isv("GET", f"users/{designer.user_id}").headers["ETag"]
    isv("PUT", f"users/{designer.user_id}", edited(roles=["account_manager"]), If_Match=revision)
    saved, revoked = published()
    assert isinstance(saved, identity.UserSaved)
    assert isinstance(revoked, identity.SessionsRevoked)
    assert revoked.user_id == designer.user_id
    assert designer("GET", "me").status_code == 401
    assert designer.refresh().status_code == 200
    assert [r["role"] for r in designer("GET", "me").json["roles"]] == ["account_manager"]


@pytest.mark.requirement("U-30", "U-32", "X-206")
def test_a_reset_ends_the_old_password_and_every_session(
    isv: Account, designer: Account, client: FlaskClient, published: Published, application: IdentityApplication
) -> None:
    published.again()
    key = str(uuid4())
    reset = isv("POST", f"users/{designer.user_id}/password-reset", Idempotency_Key=key)
    assert reset.status_code == 200
    again = isv("POST", f"users/{designer.user_id}/password-reset", Idempotency_Key=key)
    assert again.json == {"user_id": str(designer.user_id), "login_name": designer.login_name}
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert designer("GET", "me").status_code == 401
    assert designer.refresh().status_code == 401
    assert sign_in(client, designer.login_name, designer.password).status_code == 401
    signed_in = sign_in(client, designer.login_name, reset.json["initial_password"])
    assert signed_in.json["must_change_password"] is True
    assert reset.json["initial_password"] not in stored(application)


@pytest.mark.requirement("U-11", "U-12", "U-13", "U-16", "U-09")
def test_the_list_filters_and_pages(isv: Account, rival: Account, roles: list[str]) -> None:
    department = isv("POST", "departments", {"name": "设计一部"}).json["department_id"]
    for login, name, where in (
        ("wangwu1010", "王五", department),
        ("lisi1010", "李四", None),
        ("xu_%", "许三观", None),
    ):
        login = login.replace("_%", "sanguan")
        assert isv("POST", "users", new_user(login_name=login, name=name, department_id=where)).status_code == 201
    assert isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"])).status_code == 201
    assert rival("POST", "users", new_user(name="别家")).status_code == 201

    def names(query: str) -> list[str]:
        page = isv("GET", f"users?side=provider{query}")
        assert page.status_code == 200, page.text
        assert page.json["total"] >= len(page.json["items"])
        return [item["name"] for item in page.json["items"]]

    assert names("") == ["许三观", "李四", "王五"]
    shown = isv("GET", "users?side=provider").json["items"][-1]
    assert (shown["local_name"], shown["name"], shown["department_name"]) == ("wangwu1010", "王五", "设计一部")
    assert [role["name"] for role in shown["roles"]] == ["name of designer"]
    assert datetime.fromisoformat(shown["created_at"]).tzinfo is not None
    assert names("&name=三") == ["许三观"]
    assert names("&login_name=1010") == ["李四", "王五"]
    assert names("&login_name=onaliyun") == []
    assert names("&name=%25") == []
    assert names(f"&department_id={department}") == ["王五"]
    first = isv("GET", "users?side=provider&limit=2").json
    second = isv("GET", f"users?side=provider&limit=2&cursor={first['next']}").json
    assert [i["name"] for i in first["items"] + second["items"]] == ["许三观", "李四", "王五"]
    assert (first["total"], second["total"], second["next"]) == (3, 3, None)
    whole = isv("GET", "users?side=provider&limit=3").json
    assert (len(whole["items"]), whole["next"]) == (3, None), "no page is empty"
    assert len(isv("GET", "users?side=vendor").json["items"]) == 1
    for bad in ("side=isv", "side=provider&limit=0", "side=provider&cursor=x", "side=provider&order=name", ""):
        assert isv("GET", f"users?{bad}").status_code == 422, bad


def test_ids_of_another_party_do_not_exist(
    isv: Account, rival: Account, designer: Account, roles: list[str], application: IdentityApplication
) -> None:
    theirs = isv("POST", "departments", {"name": "设计部"}).json["department_id"]
    mine = rival("POST", "users", new_user()).json["user_id"]
    before = counts(application)
    path = f"users/{designer.user_id}"
    for response in (
        rival("GET", path),
        rival("PUT", path, edited(), If_Match="1"),
        rival("DELETE", path),
        rival("POST", f"{path}/password-reset"),
        rival("POST", "users", new_user(department_id=theirs)),
        rival("PUT", f"users/{mine}", edited(department_id=theirs), If_Match="1"),
        rival("GET", f"users?side=provider&department_id={theirs}"),
        rival("PUT", f"departments/{theirs}", {"name": "x"}),
        rival("DELETE", f"departments/{theirs}"),
        rival("POST", "departments", {"name": "x", "parent_id": theirs}),
        isv("GET", f"users/{isv.user_id}"),
        isv("DELETE", f"users/{isv.user_id}"),
        isv("GET", f"users/{uuid4()}"),
    ):
        assert response.status_code == 404, response.request.path
    assert counts(application) == before
    assert isv("GET", path).json["name"] == "李四"


@pytest.mark.requirement("G-20", "G-24")
def test_only_admins_manage_users(
    isv: Account, designer: Account, operator: Account, register: Callable[..., Account], client: FlaskClient
) -> None:
    made = isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"]))
    manager = Account(client, made.json["login_name"], made.json["initial_password"]).with_own_password()
    customer = register("customer", "客户甲乙丙")
    path = f"users/{designer.user_id}"
    for account in (designer, manager, customer, operator):
        for method, where, body in (
            ("GET", "users?side=provider", None),
            ("POST", "users", new_user()),
            ("GET", path, None),
            ("PUT", path, edited()),
            ("DELETE", path, None),
            ("GET", "departments", None),
            ("POST", "departments", {"name": "x"}),
        ):
            assert account(method, where, body).status_code == 403, (account.login_name, method, where)
    for account in (designer, manager, customer, isv):
        assert account("GET", "parties").status_code == 403
        assert account("POST", "parties", {"kind": "customer", "name": "x", "number": "1"}).status_code == 403
    for account in (designer, manager, customer):
        assert account("POST", f"{path}/password-reset").status_code == 403
    assert client.get("/api/v1/users?side=provider").status_code == 401


def test_the_operator_resets_only_those_without_an_admin(
    operator: Account, isv: Account, designer: Account, client: FlaskClient
) -> None:
    assert operator("POST", f"users/{designer.user_id}/password-reset").status_code == 404
    assert operator("POST", f"users/{isv.user_id}/password-reset").status_code == 200
    assert isv("GET", "me").status_code == 401


@pytest.mark.requirement("U-21", "U-01")
def test_a_vendors_user_goes_at_once(isv: Account, client: FlaskClient, published: Published) -> None:
    form = new_user(side="vendor", roles=["vendor_project_manager"])
    made = isv("POST", "users", form)
    manager = Account(client, made.json["login_name"], made.json["initial_password"]).with_own_password()
    published.again()
    assert isv("DELETE", f"users/{made.json['user_id']}").status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked, identity.UserDeleted]
    assert manager("GET", "me").status_code == 401
    assert manager.refresh().status_code == 401
    assert sign_in(client, manager.login_name, manager.password).status_code == 401
    assert isv("GET", f"users/{made.json['user_id']}").status_code == 404
    assert isv("DELETE", f"users/{made.json['user_id']}").status_code == 404
    assert isv("POST", "users", form).status_code == 201


def test_roles_unheard_of_so_far_are_no_error_of_the_caller(
    isv: Account, application: IdentityApplication, roles: list[str]
) -> None:
    with application.store.connection() as connection:
        connection.execute("UPDATE role SET side = 'unheard of' WHERE side = 'provider'")
        try:
            refused = isv("POST", "users", new_user())
        finally:
            connection.execute("UPDATE role SET side = 'provider' WHERE side = 'unheard of'")
    assert (refused.status_code, refused.json["type"]) == (503, "urn:delivery-center:problem:not-yet-known")
    assert refused.headers["Retry-After"] == "1"


def test_an_initial_password_expires(
    isv: Account, roles: list[str], at: Callable[[timedelta], IdentityApplication], client: FlaskClient
) -> None:
    made = isv("POST", "users", new_user()).json
    asking = {"login_name": made["login_name"], "client": Client(address="192.0.2.9")}
    in_time = at(timedelta(days=14) - timedelta(minutes=1))
    assert in_time.sessions.sign_in(password=made["initial_password"], **asking).must_change_password
    late = at(timedelta(days=14, minutes=1))
    with pytest.raises(InitialPasswordExpired):
        late.sessions.sign_in(password=made["initial_password"], **asking)
    with pytest.raises(BadCredentials):
        late.sessions.sign_in(password="wrong-1A", **asking)
