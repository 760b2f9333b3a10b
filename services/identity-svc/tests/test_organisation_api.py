"""Parties and departments over HTTP, the first accounts, the routes as a whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts import identity
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.http.access import Caller
from delivery_shared.service import Service, Settings
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import MARKETPLACE, OPERATOR, bootstrap
from identity_svc.carrying_out import Operation
from identity_svc.commands import departments, users
from identity_svc.domain.errors import DepartmentLoop, DepartmentNotEmpty
from identity_svc.main import service as compose
from identity_svc.vault import PersonalData

from .conftest import PASSWORD, Account, Published, new_user, sign_in
from .test_users_api import counts

pytestmark = pytest.mark.integration


@pytest.mark.requirement("G-08", "G-13", "G-14", "G-15")
def test_the_operator_registers_an_isv_with_its_main_account(
    operator: Account, number: str, published: Published, client: FlaskClient
) -> None:
    published.again()
    body = {"kind": "isv", "name": "河北服务商", "number": number, "user": {"login_name": "main", "name": "张三"}}
    made = operator("POST", "parties", body, Idempotency_Key=number)
    assert made.status_code == 201
    party_id = party_id_of(number)
    assert made.json["party_id"] == str(party_id)
    assert made.json["user"]["login_name"] == f"main@{number}.onaliyun.com"
    registered, saved = published()
    assert registered == identity.PartyRegistered(party_id=party_id, name="河北服务商", kind="isv", account=number)
    assert isinstance(saved, identity.UserSaved)
    assert (saved.side, saved.main, saved.roles) == ("isv", True, ["vendor_admin", "provider_admin"])
    assert sign_in(client, made.json["user"]["login_name"], made.json["initial_password"]).status_code == 201
    again = operator("POST", "parties", body, Idempotency_Key=number)
    assert again.json == {k: v for k, v in made.json.items() if k != "initial_password"}
    taken = operator("POST", "parties", body)
    assert (taken.status_code, taken.json["type"]) == (409, "urn:delivery-center:problem:number-taken")


def test_a_number_is_taken_however_it_is_written(operator: Account, number: str) -> None:
    """As login names are, which end with it."""
    first = operator("POST", "parties", {"kind": "customer", "name": "甲", "number": f"cA-{number}"})
    assert first.status_code == 201
    assert first.json["party_id"] == str(party_id_of(f"CA-{number}"))
    for written in (f"CA-{number}", f"ca-{number}"):
        again = operator("POST", "parties", {"kind": "customer", "name": "乙", "number": written})
        assert (again.status_code, again.json["type"]) == (409, "urn:delivery-center:problem:number-taken")


@pytest.mark.requirement("S-10")
def test_a_customers_id_follows_from_its_number(operator: Account, number: str, published: Published) -> None:
    published.again()
    made = operator("POST", "parties", {"kind": "customer", "name": "客户甲乙丙", "number": number})
    assert made.json == {"party_id": str(party_id_of(number)), "account": number, "user": None}
    assert published() == [
        identity.PartyRegistered(
            party_id=party_id_of(number), name="客户甲乙丙", kind="customer", account=number, customer_number=number
        )
    ]
    seen = operator("GET", f"parties/{made.json['party_id']}").json
    assert (seen["kind"], seen["customer_number"]) == ("customer", number)


@pytest.mark.parametrize(
    "change",
    [{"kind": "operator"}, {"kind": "marketplace"}, {"number": "a@b"}, {"number": ""}, {"user": None},
     {"party_id": str(uuid4())}, {"account": "x"}, {"name": ""}, {"marketplace": "huawei"},
     {"kind": "customer", "marketplace": "aliyun-spi"}, {"kind": "customer", "marketplace": "generic"},
     {"kind": "customer", "marketplace": f"generic:{uuid4()}x"}, {"kind": "customer", "marketplace": "huawei\n"},
     {"kind": "customer", "marketplace": None}],
)  # fmt: skip
def test_bad_parties_are_refused(
    operator: Account, number: str, application: IdentityApplication, change: dict[str, Any]
) -> None:
    before = counts(application)
    body = {"kind": "isv", "name": "x", "number": number, "user": {"login_name": "main", "name": "张三"}, **change}
    assert operator("POST", "parties", body).status_code == 422
    assert counts(application) == before


def test_the_list_of_parties_tells_who_has_nobody_to_sign_in(operator: Account) -> None:
    """What a customer's last user leaves waits for the next one."""
    number = f"C{uuid4().hex[:10]}"
    party = operator("POST", "parties", {"kind": "customer", "name": "客户甲乙丙", "number": number}).json["party_id"]

    def people() -> int:
        page = operator("GET", "parties?kind=customer&limit=200").json
        return next(row["people"] for row in page["items"] if row["party_id"] == party)  # type: ignore[no-any-return]

    assert people() == 0
    user = operator("POST", f"parties/{party}/users", {"login_name": "buyer", "name": "王五"}).json["user_id"]
    assert people() == 1
    assert operator("DELETE", f"parties/{party}/users/{user}").status_code == 204
    assert people() == 0


def test_parties_are_listed(operator: Account, isv: Account) -> None:
    first = operator("GET", "parties?limit=1").json
    assert first["items"][0]["kind"] == "operator"
    second = operator("GET", f"parties?limit=1&cursor={first['next']}").json
    assert second["items"][0]["kind"] == "marketplace"
    alone = operator("GET", "parties?kind=operator&limit=1").json
    assert (alone["total"], alone["next"]) == (1, None), "no page is empty"
    assert operator("GET", "parties?kind=operator").json["total"] == 1
    account = isv.login_name.partition("@")[2].partition(".")[0]
    (found,) = operator("GET", f"parties?kind=isv&name={account}").json["items"]
    assert found["party_id"] == str(isv.party_id)
    assert operator("GET", "parties?name=%25").json["items"] == []
    assert operator("GET", f"parties/{uuid4()}").status_code == 404


@pytest.mark.requirement("U-10", "U-39", "X-302", "U-09", "U-19")
def test_the_tree_of_departments(isv: Account, roles: list[str], published: Published) -> None:
    published.again()
    top = isv("POST", "departments", {"name": " 外包公司1 "})
    assert top.status_code == 201
    below = isv("POST", "departments", {"name": "设计部", "parent_id": top.json["department_id"]}).json["department_id"]
    saved = published()
    assert [(c.name, c.parent_id) for c in saved if isinstance(c, identity.DepartmentSaved)] == [
        ("外包公司1", None), ("设计部", UUID(top.json["department_id"])),
    ]  # fmt: skip
    isv("POST", "users", new_user(department_id=below))
    isv("POST", "users", new_user(department_id=top.json["department_id"], roles=["account_manager"]))
    tree = isv("GET", "departments").json
    assert tree["name"] == "河北服务商"
    assert [(d["name"], d["people"], d["has_account_manager"]) for d in tree["items"]] == [
        ("设计部", 1, False), ("外包公司1", 1, True),
    ]  # fmt: skip

    def without_account_manager() -> list[str]:
        return [d["name"] for d in isv("GET", "departments").json["items"] if not d["has_account_manager"]]

    manager = isv("POST", "users", new_user(department_id=below, roles=["designer", "account_manager"])).json["user_id"]
    assert without_account_manager() == []
    kept = {"name": "李四", "roles": ["designer"], "department_id": below}
    assert isv("PUT", f"users/{manager}", kept, If_Match="1").status_code == 200, "pointed out, not refused"
    assert without_account_manager() == ["设计部"]


@pytest.mark.requirement("U-16", "D-25")
def test_the_list_of_a_department_has_those_below_as_dispatch_counts_them(isv: Account, roles: list[str]) -> None:
    top, mid, low, far = (
        isv("POST", "departments", {"name": n}).json["department_id"] for n in ("一", "二", "三", "四")
    )
    for department, name, parent in ((mid, "二", top), (low, "三", mid)):
        isv("PUT", f"departments/{department}", {"name": name, "parent_id": parent})
    for department in (top, mid, low, far, None):
        isv("POST", "users", new_user(name=f"in {department}", department_id=department))

    def listed(department: str, limit: int = 50) -> list[tuple[str, bool]]:
        page = isv("GET", f"users?side=provider&department_id={department}&limit={limit}").json
        found = [(row["name"], row["below"]) for row in page["items"]]
        if page["next"]:
            more = isv("GET", f"users?side=provider&department_id={department}&cursor={page['next']}").json
            assert more["total"] == page["total"]
            found += [(row["name"], row["below"]) for row in more["items"]]
        return found

    everybody = [(f"in {low}", True), (f"in {mid}", True), (f"in {top}", False)]
    assert listed(top) == listed(top, 1) == everybody
    assert listed(mid) == [(f"in {low}", True), (f"in {mid}", False)]
    assert listed(low) == [(f"in {low}", False)]
    unfiltered = isv("GET", "users?side=provider").json["items"]
    assert (len(unfiltered), {row["below"] for row in unfiltered}) == (5, {False})


@pytest.mark.requirement("U-10")
def test_departments_are_renamed_and_moved(isv: Account, published: Published) -> None:
    a, b, c = (isv("POST", "departments", {"name": n}).json["department_id"] for n in "abc")
    published.again()
    assert isv("PUT", f"departments/{b}", {"name": "b2", "parent_id": a}).status_code == 200
    assert isv("PUT", f"departments/{c}", {"name": "c", "parent_id": b}).status_code == 200
    for parent in (a, b, c):
        loop = isv("PUT", f"departments/{a}", {"name": "a", "parent_id": parent})
        assert (loop.status_code, loop.json["type"]) == (409, "urn:delivery-center:problem:department-loop")
    assert [c.name for c in published() if isinstance(c, identity.DepartmentSaved)] == ["b2", "c"]


@pytest.mark.requirement("U-22")
def test_a_department_goes_only_when_empty(isv: Account, roles: list[str], published: Published) -> None:
    department = isv("POST", "departments", {"name": "设计部"}).json["department_id"]
    below = isv("POST", "departments", {"name": "一组", "parent_id": department}).json["department_id"]
    refused = isv("DELETE", f"departments/{department}")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:delivery-center:problem:department-not-empty")
    assert refused.json["blocking"] == {
        "items": [{"kind": "department", "id": below, "name": "一组"}], "total": 1,
    }  # fmt: skip
    assert refused.json["detail"] == "部门下存在员工或下级部门：一组"
    assert isv("DELETE", f"departments/{below}").status_code == 204
    user = isv("POST", "users", new_user(department_id=department)).json["user_id"]
    refused = isv("DELETE", f"departments/{department}")
    assert (refused.status_code, refused.json["blocking"]) == (
        409,
        {"items": [{"kind": "user", "id": user, "name": "李四"}], "total": 1},
    )
    body = {"name": "李四", "roles": ["designer"], "department_id": None}
    assert isv("PUT", f"users/{user}", body, If_Match="1").status_code == 200
    published.again()
    assert isv("DELETE", f"departments/{department}").status_code == 204
    assert published() == [identity.DepartmentDeleted(department_id=UUID(department), party_id=isv.party_id)]  # type: ignore[arg-type]
    assert isv("DELETE", f"departments/{department}").status_code == 404
    assert isv("POST", "users", new_user(department_id=department)).status_code == 404


@pytest.mark.requirement("U-10")
def test_no_two_departments_of_one_name_stand_below_one_parent(isv: Account, application: IdentityApplication) -> None:
    top = isv("POST", "departments", {"name": "设计部"}).json["department_id"]
    again = isv("POST", "departments", {"name": " 设计部 "})
    assert (again.status_code, again.json["type"]) == (409, "urn:delivery-center:problem:department-name-taken")
    below = isv("POST", "departments", {"name": "设计部", "parent_id": top})
    assert below.status_code == 201, "elsewhere it may"
    other = isv("POST", "departments", {"name": "Design"}).json["department_id"]
    assert isv("PUT", f"departments/{other}", {"name": "DESIGN"}).status_code == 200, "its own name in other letters"
    assert isv("PUT", f"departments/{other}", {"name": "设计部"}).status_code == 409
    moved = isv("PUT", f"departments/{below.json['department_id']}", {"name": "设计部", "parent_id": None})
    assert moved.status_code == 409
    making = [
        partial(application.carry_out, Command(), departments.create(by=acting(isv), name="运维部", parent_id=None))
        for _ in range(3)
    ]
    assert sorted(at_once(*making)) == ["DepartmentNameTaken", "DepartmentNameTaken", "done"]


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """The calls start together; how each ended."""
    start, ended = threading.Barrier(len(calls)), [""] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            call()
            ended[place] = "done"
        except Exception as error:
            ended[place] = type(error).__name__

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def acting(account: Account) -> Caller:
    assert account.user_id
    assert account.party_id
    return Caller(
        user_id=account.user_id, party_id=account.party_id, kinds=frozenset({"vendor_admin", "provider_admin"}),
        roles=frozenset(), department_id=None, name="",
    )  # fmt: skip


def creating(isv: Account, local_name: str, department_id: UUID | None) -> Operation:
    return users.create(
        by=acting(isv), side="provider", local_name=local_name, roles=["designer"],
        department_id=department_id, data=PersonalData(name="x"),
    )  # fmt: skip


def test_of_two_moves_that_would_close_a_loop_one_is_refused(isv: Account, application: IdentityApplication) -> None:
    a, b = (UUID(isv("POST", "departments", {"name": n}).json["department_id"]) for n in "ab")

    def move(what: UUID, under: UUID) -> Callable[[], Any]:
        moving = departments.change(by=acting(isv), department_id=what, name="x", parent_id=under)
        return lambda: application.carry_out(Command(), moving)

    assert sorted(at_once(move(a, b), move(b, a))) == [DepartmentLoop.__name__, "done"]


@pytest.mark.requirement("U-22")
def test_nobody_enters_a_department_that_is_being_deleted(
    isv: Account, roles: list[str], application: IdentityApplication
) -> None:
    for n in range(3):
        department = UUID(isv("POST", "departments", {"name": f"x{n}"}).json["department_id"])
        ended = at_once(
            partial(application.carry_out, Command(), departments.delete(by=acting(isv), department_id=department)),
            partial(application.carry_out, Command(), creating(isv, new_user()["login_name"], department)),
        )
        assert ended in (["done", "NotFound"], [DepartmentNotEmpty.__name__, "done"])


@pytest.mark.requirement("U-35")
def test_of_two_users_with_one_login_name_one_is_refused(
    isv: Account, roles: list[str], application: IdentityApplication
) -> None:
    name = new_user()["login_name"]

    def create() -> Any:
        return application.carry_out(Command(), creating(isv, name, None))

    assert sorted(at_once(create, create)) == ["LoginNameTaken", "done"]


def test_the_first_accounts_are_made_once(
    application: IdentityApplication, first_passwords: dict[str, str], client: FlaskClient
) -> None:
    assert first_passwords == {OPERATOR: PASSWORD, MARKETPLACE: PASSWORD}
    before = counts(application)
    assert bootstrap(application.means, {OPERATOR: "Other-Zk4-vog8"}) == {}
    assert counts(application) == before
    assert sign_in(client, OPERATOR, "Other-Zk4-vog8", "192.0.2.33").status_code == 401


def test_migrate_makes_the_first_accounts_if_asked_for(
    database_url: str, private_jwk: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "DELIVERY_PRIVATE_KEY": json.dumps(private_jwk),
        "DELIVERY_FIRST_PASSWORDS": json.dumps({OPERATOR: PASSWORD}),
    }
    service = compose(
        Settings(database_url=database_url, broker=None, schema="identity_first", environment=environment)
    )
    try:
        service.migrate()
        login_name, printed = capsys.readouterr().out.split()
        assert login_name == MARKETPLACE
        client = service.create_api().test_client()
        for name, password in ((MARKETPLACE, printed), (OPERATOR, PASSWORD)):
            signed_in = sign_in(client, name, password)
            assert (signed_in.status_code, signed_in.json["must_change_password"]) == (201, False)
        capsys.readouterr()  # what signing in told
        service.migrate()
        assert capsys.readouterr().out == ""
    finally:
        service.close()


def test_the_api_documents_itself(service: Service) -> None:
    """Who may call which route: tests/security/test_matrix.py."""
    app = service.create_api()
    client = app.test_client()
    document = client.get("/api/v1/_docs/identity/openapi.json")
    assert document.json is not None
    assert document.json["openapi"] == "3.1.0"
    assert client.get("/readyz").status_code == 200


@pytest.mark.requirement("U-20")
def test_an_employee_belongs_to_at_most_one_department(isv: Account, roles: list[str]) -> None:
    a, b = (isv("POST", "departments", {"name": n}).json["department_id"] for n in "ab")
    assert isv("POST", "users", {**new_user(), "department_id": [a, b]}).status_code == 422
    user = isv("POST", "users", new_user(department_id=a)).json["user_id"]

    def people() -> dict[str, int]:
        return {d["name"]: d["people"] for d in isv("GET", "departments").json["items"]}

    assert people() == {"a": 1, "b": 0}
    body = {"name": "李四", "roles": ["designer"], "department_id": b}
    assert isv("PUT", f"users/{user}", body, If_Match="1").status_code == 200
    assert people() == {"a": 0, "b": 1}


@pytest.mark.requirement("U-10")
def test_departments_and_views_are_listed_by_the_sound_of_their_names(isv: Account) -> None:
    names = ["重庆部", "研发一部", "Bob", "alice", "安全部", "123"]
    order = ["123", "安全部", "重庆部", "研发一部", "alice", "Bob"]
    for name in names:
        assert isv("POST", "departments", {"name": name}).status_code == 201
        body = {"page": "my-projects", "name": name, "filters": {}}
        assert isv("PUT", f"me/views/{uuid4()}", body).status_code == 201
    assert [row["name"] for row in isv("GET", "departments").json["items"] if row["name"] in names] == order
    assert [row["name"] for row in isv("GET", "me/views").json["items"]] == order


SHOPS = [f"generic:{uuid5(NAMESPACE_URL, name)}" for name in ("first", "second")]


@pytest.mark.requirement("S-10")
def test_equal_numbers_of_two_marketplaces_are_two_customers(
    operator: Account, number: str, published: Published, client: FlaskClient
) -> None:
    """Each with an account of its own, which opens nothing of the other."""
    published.again()
    spaces = ["", "huawei", "tencent", *SHOPS]
    made = {}
    for space in spaces:
        user = {"login_name": "buyer", "name": "王五"}
        body = {"kind": "customer", "name": f"客户 {space}", "number": number, "marketplace": space, "user": user}
        answer = operator("POST", "parties", body)
        assert answer.status_code == 201, answer.text
        made[space] = answer.json
    assert {space: one["party_id"] for space, one in made.items()} == {
        space: str(party_id_of(number, space)) for space in spaces
    }
    accounts = [number, f"{number}.huawei", f"{number}.tencent", *(f"{number}.{shop[8:16]}" for shop in SHOPS)]
    assert [one["account"] for one in made.values()] == accounts
    assert made["huawei"]["user"]["login_name"] == f"buyer@{number}.huawei.onaliyun.com".lower()
    for one in made.values():
        assert sign_in(client, one["user"]["login_name"], one["initial_password"]).status_code == 201
    told = [c for c in published() if isinstance(c, identity.PartyRegistered)]
    assert [(c.party_id, c.customer_number, c.marketplace) for c in told] == [
        (party_id_of(number, space), number, space) for space in spaces
    ]
    found = operator("GET", f"parties?kind=customer&name={number}").json["items"]
    assert [(row["customer_number"], row["marketplace"]) for row in found] == [(number, space) for space in spaces]
    one = operator("GET", f"parties/{made['huawei']['party_id']}").json
    assert (one["customer_number"], one["marketplace"]) == (number, "huawei")


@pytest.mark.parametrize("space", ["", "huawei", SHOPS[0]])
def test_within_a_marketplace_a_number_is_taken_however_it_is_written(
    operator: Account, number: str, space: str
) -> None:
    body = {"kind": "customer", "name": "甲", "marketplace": space}
    assert operator("POST", "parties", {**body, "number": f"cA-{number}"}).status_code == 201
    again = operator("POST", "parties", {**body, "number": f"Ca-{number}"})
    assert (again.status_code, again.json["type"]) == (409, "urn:delivery-center:problem:number-taken")


def test_no_two_parties_have_one_account(operator: Account, number: str) -> None:
    """Not even where a number ends like another marketplace's account."""
    body = {"kind": "customer", "name": "甲"}
    assert operator("POST", "parties", {**body, "number": f"{number}.huawei"}).status_code == 201
    again = operator("POST", "parties", {**body, "number": number, "marketplace": "huawei"})
    assert (again.status_code, again.json["type"]) == (409, "urn:delivery-center:problem:number-taken")


@pytest.mark.requirement("U-21")
def test_erasing_a_customer_leaves_the_one_of_equal_number_elsewhere(
    operator: Account, number: str, published: Published
) -> None:
    parties = [
        operator("POST", "parties", {"kind": "customer", "name": "赵六", "number": number, "marketplace": shop}).json
        for shop in SHOPS
    ]
    assert operator("DELETE", f"parties/{parties[0]['party_id']}/personal-data").status_code == 204
    names = [operator("GET", f"parties/{party['party_id']}").json["name"] for party in parties]
    assert names == ["", "赵六"]
    told = [c for c in published() if isinstance(c, identity.PartyErased)]
    assert told[-1] == identity.PartyErased(party_id=UUID(parties[0]["party_id"]))
    assert UUID(parties[1]["party_id"]) not in {c.party_id for c in told}
