"""The routes: settings, queue pages, 分单 and explanations, for those who may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from delivery_shared.contracts import dispatch, identity, template
from delivery_shared.http import declarations
from dispatch_svc.domain import configuring, employing
from dispatch_svc.domain.choice import draw
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.verify import verify

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


PRODUCT, STAFF = f"provider-configurations/{id_of('product')}", "staff-loads"


def provider(who: str, **more: Any) -> dict[str, Any]:
    return {"provider_id": str(id_of(who)), **more}


@pytest.fixture
def dispatching(shop: Any) -> Iterator[Any]:
    """The shop with a dispatcher at work on every hint."""
    stopping, some = threading.Event(), threading.Event()
    shop.store.hint = lambda pool: (shop.hinted.append(pool), some.set())

    def work() -> None:
        dispatcher = shop.dispatcher()
        while not stopping.is_set():
            if some.wait(0.05):
                some.clear()
                for pool in shop.hinted[:]:
                    dispatcher.handle(pool)
        dispatcher.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield shop
    stopping.set()
    thread.join()
    assert verify(shop.store) == []


# 配置服务商


@pytest.mark.requirement("P-18", "P-24", "P-26", "P-28", "P-29", "P-34")
@pytest.mark.parametrize("kind", ["main", "vendor_project_manager"])
def test_the_vendor_configures_providers(shop: Any, sign_in: Any, kind: str) -> None:
    vendor = sign_in(kind, "vendor")
    shop.hinted.clear()
    saved = vendor("PUT", PRODUCT, {"providers": [provider("vendor"), provider("provider", weight=20, maximum=600)]})
    assert saved.status_code == 200
    assert saved.headers["Delivery-Position"].startswith("dispatch:")
    assert saved.json == {
        "product_id": str(id_of("product")),
        "providers": [provider("vendor", weight=10, maximum=1000), provider("provider", weight=20, maximum=600)],
        "version": saved.json["version"],
    }
    assert shop.hinted == [PoolKey.of_product(id_of("product"))]
    assert vendor("GET", PRODUCT).json == {
        "product_id": str(id_of("product")),
        "version": saved.json["version"],
        "providers": [
            provider("provider", weight=20, maximum=600, name="provider", load=0),
            provider("vendor", weight=10, maximum=1000, name="vendor", load=0),
        ],
    }
    assert shop.published(dispatch.ProvidersConfigured)[-1].providers[1].weight == 20
    assert vendor("PUT", PRODUCT, {"providers": []}).status_code == 200
    assert vendor("GET", PRODUCT).json["providers"] == []


@pytest.mark.requirement("P-21", "P-22", "P-23")
@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("weight", 0, "权重取值范围为1-100，最大持单量取值范围为0-2000"),
        ("weight", 101, "权重取值范围为1-100，最大持单量取值范围为0-2000"),
        ("weight", 10.5, "文本框只支持整数，不支持小数"),
        ("weight", "many", "文本框只支持整数，不支持小数"),
        ("maximum", -1, "权重取值范围为1-100，最大持单量取值范围为0-2000"),
        ("maximum", 2001, "权重取值范围为1-100，最大持单量取值范围为0-2000"),
        ("maximum", 1.5, "文本框只支持整数，不支持小数"),
        ("maximum", "many", "文本框只支持整数，不支持小数"),
    ],
)
def test_wrong_values_are_refused_with_the_hint(shop: Any, sign_in: Any, field: str, value: Any, hint: str) -> None:
    before = shop.count()
    refused = sign_in("main", "vendor")("PUT", PRODUCT, {"providers": [provider("provider", **{field: value})]})
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    [error] = refused.json["errors"]
    assert (error["field"], error["message"], error["zh"]) == (f"providers.0.{field}", hint, hint)
    english = {"权": "weight from 1 to 100, maximum load from 0 to 2000", "文": "integers only, no decimals"}
    assert error["en"] == english[hint[0]]
    assert all(refused.json["messages"][language] for language in ("zh", "en"))
    assert shop.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"providers": [provider("provider", load=0)]},
        {"providers": [], "vendor_id": str(uuid4())},
        {"providers": [{"weight": 10}]},
        {"providers": [provider("provider"), provider("provider")]},
        {"providers": [provider("stranger")]},
    ],
)
def test_malformed_configurations_change_nothing(shop: Any, sign_in: Any, body: Any) -> None:
    before = shop.count()
    assert sign_in("main", "vendor")("PUT", PRODUCT, body).status_code == 422
    assert shop.count() == before


@pytest.mark.requirement("P-26", "P-28")
def test_who_saves_another_configuration_than_the_one_edited_is_told(shop: Any, sign_in: Any) -> None:
    admin, manager = sign_in("main", "vendor"), sign_in("vendor_project_manager", "vendor")
    shop.product("empty")
    nothing = admin("GET", f"provider-configurations/{id_of('empty')}")
    mine = {"providers": [{"provider_id": str(id_of("vendor")), "weight": 1, "maximum": 1}]}
    first = admin("PUT", f"provider-configurations/{id_of('empty')}", mine, If_Match=nothing.headers["ETag"])
    assert first.status_code == 200
    read = [one("GET", PRODUCT) for one in (admin, manager)]
    shop.order("A")
    shop.serve()
    assert admin("GET", PRODUCT).headers["ETag"] == read[0].headers["ETag"], "an order given away is no edit"
    saved = manager("PUT", PRODUCT, {"providers": []}, If_Match=read[1].headers["ETag"])
    assert (saved.status_code, saved.json["version"]) == (200, nothing.json["version"])
    before = shop.count()
    late = admin("PUT", PRODUCT, mine, If_Match=read[0].headers["ETag"])
    assert (late.status_code, shop.count()) == (412, before)
    assert admin("PUT", PRODUCT, mine, If_Match=saved.headers["ETag"]).status_code == 200
    assert admin("PUT", PRODUCT, mine).status_code == 200, "who read nothing before"


@pytest.mark.requirement("P-07")
def test_products_of_others_are_not_known(shop: Any, sign_in: Any) -> None:
    before = shop.count()
    stranger = sign_in("main", "provider")
    for method, path, body in (
        ("GET", PRODUCT, None),
        ("PUT", PRODUCT, {"providers": []}),
        ("GET", f"{PRODUCT}/candidates", None),
        ("GET", f"provider-configurations/{uuid4()}", None),
    ):
        assert stranger(method, path, body).status_code == 404
    assert sign_in("platform_operator", "operator")("GET", PRODUCT).status_code == 200
    assert shop.count() == before


@pytest.mark.requirement("P-15", "P-16", "P-17", "P-20")
def test_the_operator_keeps_relations_and_they_are_the_candidates(shop: Any, sign_in: Any) -> None:
    shop.isv("other")
    shop.tell(identity.PartyRegistered(party_id=id_of("customer"), name="customer", kind="customer"))
    shop.product("fresh")
    operator, vendor = sign_in("platform_operator", "operator"), sign_in("main", "vendor")
    path = f"relations/{id_of('fresh')}/{id_of('other')}"
    assert [
        c["provider_id"] for c in vendor("GET", f"provider-configurations/{id_of('fresh')}/candidates").json["items"]
    ] == [str(id_of("vendor"))]
    assert operator("GET", path).status_code == 404
    assert operator("PUT", path).status_code == 200
    assert operator("PUT", path).status_code == 200
    assert operator("GET", path).status_code == 200
    found = vendor("GET", f"provider-configurations/{id_of('fresh')}/candidates").json
    assert found["items"] == [
        {
            "provider_id": str(id_of(n)),
            "name": n,
            "configured": False,
            "weight": 10,
            "maximum": 1000,
            "load": 0,
            "full_roles": [],
        }
        for n in ("other", "vendor")
    ]
    assert len(found["hints"]) == 2
    assert operator("DELETE", path).status_code == 204
    assert operator("GET", path).status_code == 404
    assert [r.related for r in shop.published(dispatch.RelationSet) if r.product_id == id_of("fresh")] == [True, False]
    before = shop.count()
    assert operator("PUT", f"relations/{id_of('fresh')}/{id_of('customer')}").json["type"].endswith("not-a-provider")
    assert operator("PUT", f"relations/{uuid4()}/{id_of('other')}").status_code == 404
    assert vendor("PUT", path).status_code == 403
    assert shop.count() == before


# 持单量设置


def people(shop: Any) -> None:
    shop.tell(template.RoleDefined(role="designer", name="设计师", side="provider"))
    shop.tell(template.RoleDefined(role="vendor_admin", name="厂商管理员", side="vendor"))
    shop.tell(template.RoleDefined(role="provider_admin", name="服务商管理员", side="provider"))
    shop.tell(identity.DepartmentSaved(department_id=id_of("d"), party_id=id_of("provider"), name="设计一部"))
    shop.person("李四", "designer", provider="provider", department="d", maximum=50)
    shop.person("王五", "designer", "engineer", provider="provider")
    shop.tell(
        identity.UserSaved(
            user_id=id_of("main of provider"),
            party_id=id_of("provider"),
            side="isv",
            main=True,
            login_name="main",
            name="主账号",
            roles=["vendor_admin", "provider_admin"],
            saved_at=NOON,
        )
    )


@pytest.mark.requirement("R-42")
def test_a_candidate_says_of_which_roles_its_people_are_full(shop: Any, sign_in: Any) -> None:
    """A project given to it would go from one queue into the next."""
    people(shop)
    vendor, admin = sign_in("main", "vendor"), sign_in("main", "provider")

    def full() -> list[str]:
        items = vendor("GET", f"{PRODUCT}/candidates").json["items"]
        roles: list[str] = next(c["full_roles"] for c in items if c["provider_id"] == str(id_of("provider")))
        return [role for role in roles if role != "服务商管理员"]

    def allow(name: str, maximum: int, *, receiving: bool = True) -> None:
        set_to = {"maximum": maximum, "receiving": receiving}
        assert admin("PUT", f"{STAFF}/{id_of(name)}", set_to).status_code == 200

    allow("王五", 20)
    assert full() == []
    allow("王五", 0)
    assert full() == ["engineer"], "李四 takes what designers do"
    allow("李四", 50, receiving=False)
    assert full() == ["设计师", "engineer"]


@pytest.mark.requirement("D-57", "D-63", "G-15")
def test_the_list_of_staff_loads(shop: Any, sign_in: Any) -> None:
    people(shop)
    admin = sign_in("main", "provider")
    listed = admin("GET", STAFF).json
    assert listed["total"] == 3
    by_name = {row["name"]: row for row in listed["items"]}
    assert by_name["李四"] == {
        "person_id": str(id_of("李四")),
        "name": "李四",
        "login_name": "李四",
        "roles": ["designer"],
        "role_names": ["设计师"],
        "department_id": str(id_of("d")),
        "department_name": "设计一部",
        "receiving": True,
        "receiving_text": "正常",
        "load": 0,
        "maximum": 50,
    }
    assert "、".join(by_name["主账号"]["role_names"]) == "厂商管理员、服务商管理员"
    assert by_name["王五"]["role_names"] == ["设计师", "engineer"]

    def names(query: str) -> list[str]:
        return sorted(row["name"] for row in admin("GET", f"{STAFF}?{query}").json["items"])

    assert names("name=李") == ["李四"]
    assert names("role=designer") == sorted(["李四", "王五"])
    assert names("receiving=false") == []
    assert admin("GET", f"{STAFF}?sort=load").status_code == 422
    assert sign_in("main", "vendor")("GET", STAFF).json == {"items": [], "total": 0, "next": None}


@pytest.mark.requirement("D-55", "D-56", "D-59", "D-60")
def test_loads_are_set_one_by_one_and_together(shop: Any, sign_in: Any) -> None:
    people(shop)
    admin = sign_in("main", "provider")
    shop.hinted.clear()
    saved = admin("PUT", f"{STAFF}/{id_of('王五')}", {"maximum": 20, "receiving": True})
    assert saved.json["items"] == [{"person_id": str(id_of("王五")), "maximum": 20, "receiving": True, "load": 0}]
    assert shop.hinted == [PoolKey.of_provider(id_of("provider"))]
    for maximum in (0, 50, 20):
        at_limit = admin("PUT", f"{STAFF}/{id_of('王五')}", {"maximum": maximum, "receiving": True})
        assert (at_limit.status_code, at_limit.json["items"][0]["maximum"]) == (200, maximum)
    ids = [str(id_of(n)) for n in ("王五", "李四")]
    assert admin("POST", f"{STAFF}/batch", {"person_ids": ids, "receiving": False}).status_code == 200
    assert {n: shop.staff().members[str(id_of(n))]["maximum"] for n in ("王五", "李四")} == {"王五": 20, "李四": 50}
    assert [(m.person_id, m.receiving) for m in shop.published(dispatch.MemberSet)[-2:]] == [
        (id_of("王五"), False),
        (id_of("李四"), False),
    ]
    before = shop.count()
    for path, body, status in (
        (f"{STAFF}/{id_of('王五')}", {"maximum": 51, "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": -1, "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": 1.5, "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": "5", "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": "五", "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": None, "receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"receiving": True}, 422),
        (f"{STAFF}/{id_of('王五')}", {"maximum": 5, "receiving": True, "load": 0}, 422),
        (f"{STAFF}/{uuid4()}", {"maximum": 5, "receiving": True}, 404),
    ):
        assert admin("PUT", path, body).status_code == status
    for batch, status in (
        ({"person_ids": [*ids, str(uuid4())], "maximum": 5}, 404),
        ({"person_ids": ids}, 422),
        ({"person_ids": [], "maximum": 5}, 422),
    ):
        assert admin("POST", f"{STAFF}/batch", batch).status_code == status
    assert (
        sign_in("main", "vendor")("PUT", f"{STAFF}/{id_of('王五')}", {"maximum": 5, "receiving": True}).status_code
        == 404
    )
    assert shop.count() == before


@pytest.mark.requirement("D-61", "D-62", "R-131")
def test_one_sees_and_switches_ones_own_receiving(shop: Any, sign_in: Any) -> None:
    people(shop)
    for kind, user in (("staff", "李四"), ("main", "main of provider")):
        own = sign_in(kind, "provider", user)
        assert own("GET", "receiving").json["receiving"] is True
        assert own("PUT", "receiving", {"receiving": False}).json["receiving"] is False
        assert own("GET", "receiving").json["receiving"] is False
    assert own("PUT", "receiving", {"receiving": "no"}).status_code == 422
    assert shop.staff().members[str(id_of("王五"))]["receiving"] is True
    assert sign_in("staff", "provider", "stranger")("GET", "receiving").status_code == 404
    assert sign_in("vendor_project_manager", "vendor")("GET", "receiving").status_code == 403


def test_a_key_makes_a_command_happen_once(shop: Any, sign_in: Any) -> None:
    people(shop)
    own = sign_in("staff", "provider", "李四")
    first = own("PUT", "receiving", {"receiving": False}, Idempotency_Key="k")
    sign_in("main", "provider")("PUT", f"{STAFF}/{id_of('李四')}", {"maximum": 1, "receiving": True})
    again = own("PUT", "receiving", {"receiving": False}, Idempotency_Key="k")
    assert again.json == first.json
    assert shop.staff().members[str(id_of("李四"))]["receiving"] is True


@pytest.mark.requirement("R-48", "R-49", "R-53", "R-55")
def test_who_could_take_over_a_role(shop: Any, sign_in: Any) -> None:
    people(shop)
    shop.order("A")
    shop.serve()
    shop.configure("product", provider=(10, 100))
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("王五"), receiving=False, at=NOON))
    shop.ask("A")
    shop.serve()
    assert shop.load("李四") == 1
    for name, roles, department, maximum in (
        ("near", "designer", "d", 5),
        ("far", "designer", None, 5),
        ("full", "designer", "d", 0),
        ("engineer", "engineer", "d", 5),
    ):
        shop.person(name, roles, provider="provider", department=department, maximum=maximum)
    path = f"assignments/{id_of('A')}/candidates?role=designer"
    admin = sign_in("main", "provider")
    assert [row["name"] for row in admin("GET", path).json["items"]] == ["near", "far"]
    assert sign_in("main", "vendor")("GET", path).status_code == 404
    assert sign_in("staff", "provider", "李四")("GET", path).status_code == 403
    assert admin("GET", f"assignments/{id_of('A')}/candidates").status_code == 422


# 排队情况


@pytest.mark.requirement("D-26", "D-41", "U-22")
def test_the_provider_sees_which_department_an_order_waits_for_and_that_it_is_gone(shop: Any, sign_in: Any) -> None:
    shop.tell(identity.DepartmentSaved(department_id=id_of("d1"), party_id=id_of("provider"), name="设计一部"))
    shop.ask("A", "architect", rule="department_first", department_id=id_of("d1"))
    shop.ask("B", "architect")
    shop.serve()
    admin, here = sign_in("main", "provider"), f"queue?entrance=provider&department_id={id_of('d1')}"

    def told(account: Any, query: str) -> list[tuple[Any, ...]]:
        return [
            (r["order_number"], r["department_id"], r["department_name"], r["department_deleted"])
            for r in account("GET", query).json["items"]
        ]

    at_d1 = ("A", str(id_of("d1")), "设计一部")
    assert told(admin, "queue?entrance=provider") == [(*at_d1, False), ("B", None, None, None)]
    assert told(admin, here) == [(*at_d1, False)]
    shop.tell(identity.DepartmentDeleted(department_id=id_of("d1"), party_id=id_of("provider")))
    assert told(admin, here) == [(*at_d1, True)]
    shop.rows("UPDATE department SET deleted = false")
    shop.rows(import_module("dispatch_svc.migrations.0006_deleted_departments").FILL)
    assert told(admin, here) == [(*at_d1, True)], "also of one deleted before that was kept"
    vendor = [("A", None, None, None), ("B", None, None, None)]
    assert told(sign_in("main", "vendor"), "queue?entrance=vendor") == vendor
    filtered = told(sign_in("main", "vendor"), here.replace("=provider", "=vendor"))
    assert filtered == vendor, "nothing of the departments of a provider can be guessed"


@pytest.fixture
def queued(shop: Any) -> Any:
    """A waits for a provider, B for a person."""
    people(shop)
    shop.tell(identity.PartyRegistered(party_id=id_of("customer"), name="客户甲乙丙", kind="customer"))
    shop.configure("product", provider=(10, 1))
    shop.order("B")
    shop.serve()
    shop.order("A")
    shop.ask("B", "architect")
    shop.serve()
    shop.hinted.clear()
    return shop


@pytest.mark.requirement("D-36")
def test_dispatching_now_what_the_admin_gave_away_answers_the_person(shop: Any, sign_in: Any) -> None:
    request_id = shop.ask("A", "architect")
    shop.serve()
    shop.person("li", "architect", provider="provider")
    shop.ask("A", "architect", kind="replace", wanted=id_of("li"))
    shop.serve()
    admin = sign_in("main", "provider")
    answered = admin("POST", f"queue/{request_id}/dispatch")
    assert (answered.status_code, answered.json["status"]) == (200, "assigned")
    assert answered.json["person_id"] == str(id_of("li"))
    (explained,) = admin("GET", f"assignments/{id_of('A')}/decisions").json["decisions"]
    assert (explained["how"], explained["person_id"]) == ("replace", str(id_of("li")))


@pytest.mark.requirement("D-13", "D-14", "D-15", "D-17", "D-18", "D-40", "D-41")
def test_the_queue_pages_of_vendor_and_provider(queued: Any, sign_in: Any) -> None:
    vendor = sign_in("vendor_project_manager", "vendor")
    listed = vendor("GET", "queue?entrance=vendor").json
    assert [(r["order_number"], r["provider_name"], r["reason_text"]) for r in listed["items"]] == [
        ("A", None, "服务商持单量已满"),
        ("B", "provider", "没有找到可接单的服务商员工"),
    ]
    row = listed["items"][1]
    assert (row["product_name"], row["customer_name"], row["vendor_name"], row["role"]) == (
        "product",
        "客户甲乙丙",
        "vendor",
        "architect",
    )
    assert row["last_attempt"] >= row["queued_at"]
    attempt, hour = datetime.fromisoformat(row["last_attempt"]), datetime.fromisoformat(row["next_attempt"])
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    assert attempt < hour <= attempt + timedelta(hours=2), "the hourly poll"
    assert row["waiting_seconds"] >= 0
    admin = sign_in("main", "provider")
    assert [r["order_number"] for r in admin("GET", "queue?entrance=provider").json["items"]] == ["B"]
    assert admin("GET", "queue?entrance=vendor").json == {"items": [], "total": 0, "next": None}

    def found(query: str) -> list[str]:
        return [r["order_number"] for r in vendor("GET", f"queue?entrance=vendor&{query}").json["items"]]

    assert found("order_number=A") == ["A"]
    assert found("provider_name=prov") == ["B"]
    assert found("provider_name=prov&order_number=A") == []
    assert vendor("GET", "queue?entrance=provider").status_code == 403
    assert vendor("GET", "queue").status_code == 422
    assert sign_in("staff", "provider")("GET", "queue?entrance=provider").status_code == 403


@pytest.mark.requirement("D-10", "D-16", "D-36")
def test_dispatching_now_tells_the_reason_or_the_assignment(dispatching: Any, sign_in: Any) -> None:
    shop = dispatching
    shop.configure("product", provider=(10, 0))
    request_id = shop.order("A")
    vendor = sign_in("main", "vendor")
    answer = vendor("POST", f"queue/{request_id}/dispatch")
    assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (200, "waiting", "providers_full")
    again = vendor("POST", f"queue/{request_id}/dispatch")
    assert again.json["last_attempt"] > answer.json["last_attempt"]
    assert again.json["reason_text"] == "服务商持单量已满"
    shop.store.save_all([shop.configuration()])
    found = shop.configuration()
    configuring.configure(found, providers=[(id_of("provider"), 10, 1)], at=NOON)
    shop.store.save_all([found])
    served = vendor("POST", f"queue/{request_id}/dispatch")
    assert (served.json["status"], served.json["provider_id"]) == ("assigned", str(id_of("provider")))
    assert shop.waiting() == {}
    assert vendor("POST", f"queue/{request_id}/dispatch").json["provider_id"] == str(id_of("provider"))


@pytest.mark.requirement("D-17")
def test_the_vendor_project_manager_dispatches_as_well(dispatching: Any, sign_in: Any) -> None:
    shop = dispatching
    shop.configure("product", provider=(10, 0))
    request_id = shop.order("A")
    manager = sign_in("vendor_project_manager", "vendor")
    assert manager("POST", f"queue/{request_id}/dispatch").json["reason"] == "providers_full"
    [row] = manager("GET", "queue?entrance=vendor").json["items"]
    assert (row["order_number"], row["request_id"], row["reason_text"]) == ("A", str(request_id), "服务商持单量已满")
    shop.configure("product", provider=(10, 1))
    assert manager("POST", f"queue/{request_id}/dispatch").json["status"] == "assigned"
    assert manager("GET", "queue?entrance=vendor").json["items"] == []


@pytest.mark.requirement("D-33", "D-42")
def test_the_provider_dispatches_what_waits_for_its_staff(dispatching: Any, sign_in: Any) -> None:
    shop = dispatching
    waiting_for_provider = shop.order("X", product="unknown")
    request_id = shop.ask("B")
    admin = sign_in("main", "provider")
    assert admin("POST", f"queue/{request_id}/dispatch").json["reason"] == "no_staff"
    found = shop.staff()
    employing.enlist(found, person_id=id_of("p"), roles=["designer"], department_id=None, at=NOON)
    shop.store.save_all([found])
    served = admin("POST", f"queue/{request_id}/dispatch")
    assert (served.json["status"], served.json["person_id"]) == ("assigned", str(id_of("p")))
    assert admin("POST", f"queue/{waiting_for_provider}/dispatch").status_code == 404
    assert admin("POST", f"queue/{uuid4()}/dispatch").status_code == 404


@pytest.mark.requirement("D-38")
def test_dispatching_now_without_dispatcher_or_while_paused(
    queued: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = sign_in("main", "vendor")
    (a, b) = (r["request_id"] for r in vendor("GET", "queue?entrance=vendor").json["items"])
    monkeypatch.setattr("dispatch_svc.application.ATTEMPT_WAIT", 0.05)
    pending = vendor("POST", f"queue/{a}/dispatch")
    assert (pending.status_code, pending.json["status"]) == (202, "pending")
    assert queued.hinted == [PoolKey.of_product(id_of("product"))]
    queued.pause("B")
    assert vendor("POST", f"queue/{b}/dispatch").status_code == 409
    assert [r["suspended"] for r in vendor("GET", "queue?entrance=vendor").json["items"]] == [False, True]


def test_dispatching_now_takes_up_what_was_put_aside(dispatching: Any, sign_in: Any) -> None:
    shop = dispatching
    shop.configure("product", provider=(10, 0))
    request_id = shop.order("A")
    vendor = sign_in("main", "vendor")
    vendor("POST", f"queue/{request_id}/dispatch")
    failed = "parked_at = now(), next_try = now() + interval '1 day', attempts = 5, error = 'failed'"
    shop.rows(f"UPDATE pool_inbox SET {failed}")
    assert vendor("POST", f"queue/{request_id}/dispatch").json["status"] == "waiting"
    assert shop.rows("SELECT parked_at, next_try FROM pool_inbox") == [{"parked_at": None, "next_try": None}]


# Explanations


def test_every_decision_is_explained_with_all_its_candidates(shop: Any, sign_in: Any) -> None:
    people(shop)
    shop.isv("other")
    shop.configure("product", provider=(20, 5), other=(30, 5), full=(1, 0))
    for n in range(4):
        shop.order(f"before {n}")
    request_id = shop.order("A")
    shop.serve()
    shop.order("after")
    shop.serve()
    vendor, operator = sign_in("main", "vendor"), sign_in("platform_operator", "operator")
    found = vendor("GET", f"decisions/{request_id}").json["decisions"]
    assert len(found) == 1
    decision = found[0]
    assert (decision["level"], decision["how"], decision["outcome"]) == ("provider", "draw", "assigned")
    assert decision["excluded"] == {"full": 1}
    candidates = decision["candidates"]
    assert [(c["name"], c["weight"], c["excluded"]) for c in candidates] == [
        ("provider", 20, None),
        ("other", 30, None),
        (None, 1, "full"),
    ]
    assert sum(c["load"] for c in candidates) == 4
    free = [(c["id"], c["weight"]) for c in candidates if not c["excluded"]]
    assert draw(free, int(decision["seed"])) == decision["provider_id"]
    assert operator("GET", f"decisions/{request_id}").json["decisions"] == found
    assert sign_in("main", "provider")("GET", f"decisions/{request_id}").status_code == 404
    assert sign_in("vendor_project_manager", "vendor")("GET", f"decisions/{request_id}").status_code == 403

    staff_request = shop.ask("A", "designer")
    shop.serve()
    (staff,) = sign_in("main", "provider")("GET", f"decisions/{staff_request}").json["decisions"]
    assert (staff["level"], staff["how"], staff["role"]) == ("staff", "assign", "designer")
    assert {c["name"]: (c["ratio"], c["excluded"]) for c in staff["candidates"]} == {
        "李四": ("0/50", None),
        "王五": ("0/10", None),
        "主账号": ("0/10", "lacks_role"),
    }
    assert sorted(staff["tied"]) == sorted(str(id_of(n)) for n in ("李四", "王五"))
    assert vendor("GET", f"decisions/{staff_request}").status_code == 404

    project_id = decision["project_id"]
    whole = operator("GET", f"assignments/{project_id}/decisions").json["decisions"]
    assert whole == [decision, staff]
    assert vendor("GET", f"assignments/{project_id}/decisions").json["decisions"] == [decision]
    assert sign_in("main", "provider")("GET", f"assignments/{project_id}/decisions").json["decisions"] == [staff]
    assert sign_in("main", "other")("GET", f"assignments/{project_id}/decisions").status_code == 404
    assert operator("GET", f"assignments/{id_of('nothing')}/decisions").status_code == 404

    refused = shop.ask("A", kind="replace", wanted=id_of("主账号"), request_id=id_of("refused"))
    shop.serve()
    (decision,) = operator("GET", f"decisions/{refused}").json["decisions"]
    assert (decision["outcome"], decision["reason"], decision["seed"]) == ("refused", "person_unknown", None)


@pytest.mark.requirement("D-28", "R-49")
def test_a_full_person_who_holds_the_project_is_shown_as_a_candidate_of_it(shop: Any, sign_in: Any) -> None:
    shop.person("p", "designer", "engineer", "architect", provider="provider", maximum=1)
    shop.person("full", "engineer", "architect", provider="provider", maximum=0)
    shop.order("A")
    shop.serve()
    shop.ask("A", "designer")
    shop.serve()
    request_id = shop.ask("A", "engineer")
    shop.serve()
    admin = sign_in("main", "provider")
    (decision,) = admin("GET", f"decisions/{request_id}").json["decisions"]
    assert {c["name"]: (c["ratio"], c["excluded"]) for c in decision["candidates"]} == {
        "p": ("1/1", None),
        "full": ("0/0", "full"),
    }
    assert (decision["person_id"], decision["excluded"]) == (str(id_of("p")), {"full": 1})
    offered = admin("GET", f"assignments/{id_of('A')}/candidates?role=architect").json["items"]
    assert [row["name"] for row in offered] == ["p"]


# All routes


@pytest.mark.requirement("G-20", "G-24")
def test_who_may_call_what(flask_app: Any) -> None:
    vendor, provider_side = {"vendor_admin", "vendor_project_manager"}, {"provider_admin"}
    assert {
        f"{m} {r.removeprefix('/api/v1/').split('<uuid')[0].rstrip('/')}": set(a or ())
        for (m, r), a in declarations(flask_app).items()
        if "candidates" not in r and "dispatch" not in r
    } == {
        "GET provider-configurations": vendor | {"platform_operator"},
        "PUT provider-configurations": vendor,
        "GET relations": {"platform_operator"},
        "PUT relations": {"platform_operator"},
        "DELETE relations": {"platform_operator"},
        "GET staff-loads": provider_side,
        "PUT staff-loads": provider_side,
        "POST staff-loads/batch": provider_side,
        "GET receiving": provider_side | {"staff"},
        "PUT receiving": provider_side | {"staff"},
        "GET queue": vendor | provider_side,
        "GET decisions": {"vendor_admin", "provider_admin", "platform_operator"},
        "GET assignments": {"vendor_admin", "provider_admin", "platform_operator"},
    }


@pytest.mark.parametrize("kind", ["customer", "marketplace", "account_manager"])
def test_others_are_refused_everywhere(shop: Any, sign_in: Any, flask_app: Any, kind: str) -> None:
    caller = sign_in(kind, "provider")
    before = shop.count()
    for (method, rule), _ in declarations(flask_app).items():
        if kind == "account_manager" and rule == "/api/v1/receiving":
            continue
        path = rule.removeprefix("/api/v1/")
        for name in ("product_id", "provider_id", "person_id", "project_id", "request_id"):
            path = path.replace(f"<uuid:{name}>", str(uuid4()))
        assert caller(method, path, {}).status_code == 403, rule
        assert flask_app.test_client().open(f"/api/v1/{path}", method=method).status_code == 401, rule
    assert shop.count() == before
