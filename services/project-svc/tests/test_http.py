"""The routes: who may call, what is refused and how, and the story of scenario 2 over HTTP."""

from __future__ import annotations

import gc
import io
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts import dispatch
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.http import Caller, declarations
from delivery_shared.testing.fixtures import eventually
from project_svc import commands, read_model
from project_svc.api.files import AT_ONCE

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_MANAGER,
    BY_VENDOR,
    BY_VPM,
    BY_WANGWU,
    FOREIGN_ADMIN,
    FOREIGN_CUSTOMER,
    FORM,
    MARKET,
    OPERATOR,
    Http,
    World,
    caller_of,
    multipart,
)
from .people import DEPARTMENT, LISI, MANAGER, OTHER_PROVIDER, PROVIDER, WANGWU, at, id_of

pytestmark = pytest.mark.integration

PNG = b"\x89PNG\r\n\x1a\n picture"
CALLERS = {
    "VA+PA of the vendor": BY_VENDOR,
    "VPM": BY_VPM,
    "PA": BY_ADMIN,
    "PE": BY_LISI,
    "CM": BY_MANAGER,
    "CU": BY_CUSTOMER,
    "OP": OPERATOR,
    "marketplace": MARKET,
}


def purchase(**more: Any) -> dict[str, Any]:
    number = uuid4().hex[:16]
    return {
        "order_number": number,
        "business_number": number,
        "product_code": "55001",
        "vendor_account": "1744526877246715",
        "customer": {"number": "C-7", "name": "客户甲乙丙"},
        "edition": "尊享版 (自营)",
        "valid_until": "2019-06-05",
        **more,
    }


def upload(name: str = "首页.png", content: bytes = PNG) -> list[tuple[str, str, bytes]]:
    return [("file", name, content)]


def problem(response: Any) -> tuple[int, str]:
    assert response.content_type == "application/problem+json", response.get_data(as_text=True)
    body = response.get_json()
    assert body["messages"]["zh"]
    assert body["messages"]["en"]
    return response.status_code, body["type"].rpartition(":")[2]


def fields(response: Any) -> set[str]:
    assert response.status_code == 422
    return {error["field"] for error in response.get_json()["errors"]}


@pytest.mark.requirement("R-01", "R-79")
def test_an_order_becomes_a_project(http: Http) -> None:
    body = purchase()
    key = uuid4().hex
    response = http.of(MARKET)("POST", "orders", body, Idempotency_Key=key)
    assert response.status_code == 201
    project = response.get_json()
    assert response.headers["Location"] == f"/api/v1/projects/{project['project_id']}"
    assert response.headers["Delivery-Position"].startswith("project:")
    again = http.of(MARKET)("POST", "orders", body, Idempotency_Key=key)
    assert (again.status_code, again.get_json()) == (201, project)
    assert again.headers["Delivery-Position"] == response.headers["Delivery-Position"]
    other = http.of(MARKET)("POST", "orders", purchase(), Idempotency_Key=key)
    assert problem(other) == (422, "idempotency-key-reused")
    twice = http.of(MARKET)("POST", "orders", body, Idempotency_Key=uuid4().hex)
    assert problem(twice) == (409, "order-exists")
    assert twice.headers["Location"] == f"/api/v1/projects/{project['project_id']}"
    page = http.of(BY_VENDOR)("GET", f"projects/{project['project_id']}").get_json()
    assert page["business"] == {
        "product_name": "name_55",
        "edition": "尊享版 (自营)",
        "order_number": body["order_number"],
        "customer_name": "客户甲乙丙",
        "valid_until": "2019-06-05",
        "sku": "--",
        "quantity": 1,
        "trial": False,
        "test": False,
        "parameters": [],
    }


def test_the_answer_holds_the_whole_page(http: Http, world: World) -> None:
    """The documented schema leaves out nothing: at an offered form, filled, sent back, in a container, overdue,
    queueing, paused, evaluated."""

    def same(project_id: UUID, by: Caller) -> None:
        page = world.application.details(by=by, project_id=project_id)
        assert http.of(by)("GET", f"projects/{project_id}").get_json() == page

    ordered = world.order()
    world.hear(
        dispatch.RequestQueued(
            project_id=ordered, run=1, request_id=world.ask(ordered), reason="providers_full", queued_at=at(0)
        )
    )
    assert world.application.details(by=BY_VENDOR, project_id=ordered)["current"]["queue"] is not None
    same(ordered, BY_VENDOR)
    sent_back = world.at_check()
    world.application.attach_file(
        command=Command(), by=BY_LISI, project_id=sent_back, visit=None,
        file=world.application.files.put(name="x.txt", content=io.BytesIO(b"x")),
    )  # fmt: skip
    world.do(commands.reject(by=BY_LISI, project_id=sent_back, visit=4, reason="请补充"))
    done = world.at_design()
    world.confirm(done, BY_LISI)
    world.confirm(done, BY_CUSTOMER)
    world.do(commands.evaluate(by=BY_CUSTOMER, project_id=done, stars=5, text=None))
    timed, inside = world.order("timed"), world.order("outsourced")
    for project_id in (timed, inside):
        world.hear(world.provider(project_id))
    world.do(commands.remind(by=BY_VENDOR, project_id=timed, visit=world.visit(timed)))
    world.clock.time = at(60 * 24 * 60)
    world.do(commands.pause(by=BY_ADMIN, project_id=inside, remark="x"))
    overdue = world.application.details(by=BY_VENDOR, project_id=timed)["current"]
    assert None not in (overdue["overdue"], overdue["limit"], overdue["reminded_at"])
    for project_id in (sent_back, done, timed, inside):
        for by in (BY_VENDOR, BY_CUSTOMER, OPERATOR):
            same(project_id, by)


def test_orders_that_are_refused(http: Http) -> None:
    post = http.of(MARKET)
    assert problem(post("POST", "orders", purchase())) == (400, "idempotency-key-required")
    key = {"Idempotency_Key": uuid4().hex}
    assert problem(post("POST", "orders", purchase(product_code="0"), **key)) == (404, "product-not-listed")
    unlisted = purchase(product_id=str(uuid4()))
    del unlisted["product_code"], unlisted["vendor_account"]
    assert problem(post("POST", "orders", unlisted, **key)) == (404, "product-not-listed")
    assert fields(post("POST", "orders", purchase(product_id=str(uuid4())), **key)) == {"product_id"}
    wrong = purchase(order_number="", surprise=1, customer={"number": 5}, valid_until="soon")
    assert fields(post("POST", "orders", wrong, **key)) == {
        "order_number",
        "surprise",
        "customer.number",
        "customer.name",
        "valid_until",
    }
    assert fields(post("POST", "orders", purchase(business_number="a\nb"), **key)) == {"business_number"}
    for by in (BY_VENDOR, BY_ADMIN, BY_LISI, BY_CUSTOMER, OPERATOR):
        assert problem(http.of(by)("POST", "orders", purchase(), **key)) == (403, "forbidden")


@pytest.mark.requirement("R-111")
def test_every_route_declares_who_may_call(http: Http) -> None:
    found = {f"{method} {rule}": allowed for (method, rule), allowed in declarations(http.app).items()}
    restricted = {route: allowed for route, allowed in found.items() if allowed - {"customer_link"} != {"signed_in"}}
    one = "/api/v1/projects/<uuid:project_id>"
    assert restricted == {
        "POST /api/v1/orders": {"marketplace"},
        "GET /api/v1/project-status": {"platform_operator"},
        "POST /market": {"access_key"},
        "POST /api/v1/projects/claims": {"account_manager", "provider_admin"},
        f"POST {one}/claim": {"account_manager", "provider_admin"},
        f"PUT {one}/assignee": {"provider_admin"},
        f"PUT {one}/provider": {"vendor_admin", "platform_operator"},
        f"POST {one}/pause": {"provider_admin"},
        f"POST {one}/resume": {"provider_admin"},
        f"POST {one}/cancellation": {"platform_operator", "marketplace", "vendor_admin"},
        f"PUT {one}/contact": {"platform_operator", "marketplace", "vendor_admin"},
        f"POST {one}/notes": {"provider_admin", "staff"},
        f"POST {one}/visits/<int:visit>/reminder": {
            "vendor_admin",
            "vendor_project_manager",
            "provider_admin",
            "platform_operator",
        },
    }
    assert len(found) == 34
    assert [route for route in found if route.endswith("/log")] == [f"GET {one}/log"]


def test_without_a_token_nothing_is_told(http: Http, world: World) -> None:
    project_id = world.order()
    response = http.app.test_client().get(f"/api/v1/projects/{project_id}")
    assert problem(response) == (401, "unauthenticated")


def requests_of(project_id: UUID, visit: int) -> dict[str, tuple[str, str, Any]]:
    one = f"projects/{project_id}"
    return {
        "details": ("GET", one, None),
        "log": ("GET", f"{one}/log", None),
        "files": ("GET", f"{one}/files", None),
        "comments": ("GET", f"{one}/comments", None),
        "notes": ("GET", f"{one}/notes", None),
        "requirement": ("PUT", f"{one}/visits/{visit}/requirement", {"site": "x"}),
        "confirmation": ("POST", f"{one}/visits/{visit}/confirmation", None),
        "rejection": ("POST", f"{one}/visits/{visit}/rejection", {"reason": "x"}),
        "comment": ("POST", f"{one}/comments", {"text": "x"}),
        "note": ("POST", f"{one}/notes", {"text": "x"}),
        "claim": ("POST", f"{one}/claim", None),
        "assignee": ("PUT", f"{one}/assignee", {"person_id": str(uuid4())}),
        "provider": ("PUT", f"{one}/provider", {"provider_id": str(uuid4()), "remark": "x"}),
        "pause": ("POST", f"{one}/pause", {"remark": "x"}),
        "resume": ("POST", f"{one}/resume", None),
        "request": ("GET", f"{one}/requests/{uuid4()}", None),
    }


@pytest.mark.requirement("R-133")
def test_strangers_learn_nothing_and_change_nothing(http: Http, world: World) -> None:
    project_id = world.at_check()
    before = world.versions(project_id)
    for by in (FOREIGN_ADMIN, FOREIGN_CUSTOMER, BY_WANGWU):
        for name, (method, path, body) in requests_of(project_id, 4).items():
            response = http.of(by)(method, path, body)
            status, slug = problem(response)
            assert (status, slug) in {(404, "project-unknown"), (403, "forbidden")}, (name, status, slug)
            if name in ("details", "log", "files", "comments", "notes", "confirmation", "rejection", "request"):
                assert status == 404, name
        response = http.of(by)("POST", f"projects/{project_id}/visits/4/files", files=upload())
        assert problem(response) == (404, "project-unknown")
    assert world.versions(project_id) == before


@pytest.mark.requirement("R-45", "R-55", "R-63", "R-97")
@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("details", {"VA+PA of the vendor", "VPM", "PA", "PE", "CU", "OP"}),
        ("log", {"VA+PA of the vendor", "VPM", "PA", "PE", "CU", "OP"}),
        ("files", {"VA+PA of the vendor", "VPM", "PA", "PE", "CU", "OP"}),
        ("comments", {"VA+PA of the vendor", "VPM", "PA", "PE", "CU", "OP"}),
        ("notes", {"VA+PA of the vendor", "VPM", "PA", "PE", "OP"}),
        ("confirmation", {"PE"}),
        ("rejection", {"PE"}),
        ("requirement", set()),
        ("comment", {"PE", "CU"}),
        ("note", {"PE"}),
        ("claim", set()),
        ("assignee", {"PA"}),
        ("provider", {"VA+PA of the vendor", "OP"}),
        ("pause", {"PA"}),
    ],
)
def test_the_authorization_matrix(
    http: Http, world: World, action: str, allowed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part (c): every kind of caller at a project whose open node the designer operates."""
    monkeypatch.setattr("project_svc.api.changes.WAIT", 0)
    succeeded = set()
    for name, by in CALLERS.items():
        project_id = world.at_check()
        before = world.versions(project_id)
        method, path, body = requests_of(project_id, 4)[action]
        response = http.of(by)(method, path, body)
        if response.status_code < 300:
            succeeded.add(name)
        else:
            status, _ = problem(response)
            assert status in ((403, 404) if action not in ("requirement", "claim") else (403, 404, 409))
            assert world.versions(project_id) == before
    assert succeeded == allowed


def test_cancellation_is_for_the_operator_and_the_marketplace(http: Http, world: World) -> None:
    for name, by in CALLERS.items():
        project_id = world.at_check()
        response = http.of(by)("POST", f"projects/{project_id}/cancellation", {"remark": "订单取消"})
        expected = name in ("OP", "marketplace")
        assert (response.status_code == 200) == expected, name
        assert world.project(project_id).state == ("cancelled" if expected else "running")


@pytest.mark.requirement("R-127")
def test_a_late_click_cannot_hit_the_next_node(http: Http, world: World) -> None:
    project_id = world.at_check()
    confirm = f"projects/{project_id}/visits/4/confirmation"
    first = http.of(BY_LISI)("POST", confirm)
    assert first.get_json() == {
        "project_id": str(project_id),
        "state": "running",
        "run": 1,
        "visit": 5,
        "node": "design",
    }
    assert problem(http.of(BY_LISI)("POST", confirm)) == (409, "node-passed")
    assert problem(http.of(BY_LISI)("POST", f"projects/{project_id}/visits/9/confirmation")) == (404, "visit-unknown")
    assert world.project(project_id).node == "design"


@pytest.mark.requirement("R-115", "R-116")
def test_the_demand_form_is_checked_by_field(http: Http, world: World) -> None:
    project_id = world.at_submit()
    at = f"projects/{project_id}/visits/3"
    put = http.of(BY_CUSTOMER)
    before = world.versions(project_id)
    assert problem(put("POST", f"{at}/confirmation")) == (409, "requirement-missing")
    wrong = put("PUT", f"{at}/requirement", {"pages": "many", "contact": {"mail": "x"}, "extra": 1})
    assert fields(wrong) == {"site", "pages", "contact.mail", "extra"}
    assert put("PUT", f"{at}/requirement", [1]).status_code == 422
    assert put("PUT", f"{at}/requirement", files=upload()).status_code == 415
    assert world.versions(project_id) == before
    assert fields(put("PUT", f"{at}/requirement", {"site": " \u3000"})) == {"site"}
    assert world.versions(project_id) == before
    filled = {"site": "我的网站", "pages": 3}
    assert put("PUT", f"{at}/requirement", {**filled, "contact": {"mail": "a@b.cn"}}).status_code == 200
    assert put("POST", f"{at}/confirmation").status_code == 200


def test_a_form_that_is_none_is_told_and_works_again_once_put_right(
    http: Http, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = world.at_submit()
    address, before = f"projects/{project_id}/visits/3/requirement", world.versions(project_id)
    with monkeypatch.context() as kept_before:
        broken = {**FORM, "properties": {"site": {"$ref": "#/$defs/missing"}}}
        kept_before.setattr(read_model, "demand_form", lambda *_: {"schema": broken})
        assert problem(http.of(BY_CUSTOMER)("PUT", address, {"site": "x"})) == (409, "form-broken")
        assert world.versions(project_id) == before
    assert http.of(BY_CUSTOMER)("PUT", address, {"site": "x"}).status_code == 200


@pytest.mark.requirement("R-57", "R-120", "R-89", "R-94")
def test_texts_are_required_and_limited(http: Http, world: World) -> None:
    project_id = world.at_check()
    one = f"projects/{project_id}"
    before = world.versions(project_id)
    for by, path, field in (
        (BY_LISI, f"{one}/visits/4/rejection", "reason"),
        (BY_ADMIN, f"{one}/pause", "remark"),
        (OPERATOR, f"{one}/cancellation", "remark"),
        (BY_LISI, f"{one}/comments", "text"),
        (BY_LISI, f"{one}/notes", "text"),
    ):
        post = http.of(by)
        assert fields(post("POST", path, {})) == {field}
        assert fields(post("POST", path, {field: "字" * 501})) == {field}
        assert fields(post("POST", path, {field: "x", "more": 1})) == {"more"}
        assert problem(post("POST", path, {field: "  "})) == (422, "text-missing")
    assert world.versions(project_id) == before
    for by, path, field in (
        (BY_LISI, f"{one}/comments", "text"),
        (BY_CUSTOMER, f"{one}/comments", "text"),
        (BY_LISI, f"{one}/notes", "text"),
        (BY_LISI, f"{one}/visits/4/rejection", "reason"),
        (BY_ADMIN, f"{one}/pause", "remark"),
        (OPERATOR, f"{one}/cancellation", "remark"),
    ):
        assert http.of(by)("POST", path, {field: "字" * 500}).status_code < 300
    assert len(world.application.flow_log(by=OPERATOR, project_id=project_id)["items"][0]["remark"]) == 500


@pytest.mark.requirement("R-56", "R-60", "R-62", "R-64")
def test_pause_and_resume(http: Http, world: World) -> None:
    project_id = world.at_check()
    admin = http.of(BY_ADMIN)
    assert problem(admin("POST", f"projects/{project_id}/resume")) == (409, "not-paused")
    assert admin("POST", f"projects/{project_id}/pause", {"remark": "客户休假"}).get_json()["state"] == "paused"
    late = http.of(BY_LISI)("POST", f"projects/{project_id}/visits/4/confirmation")
    assert problem(late) == (409, "project-paused")
    assert admin("POST", f"projects/{project_id}/resume").get_json()["state"] == "running"


@pytest.mark.requirement("D-46", "D-47", "D-50", "D-51", "X-310", "G-25")
def test_claiming_by_order_number(http: Http, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("project_svc.api.changes.WAIT", 0)
    number = uuid4().hex[:12]
    claim = http.of(BY_MANAGER)
    body = {"order_number": number}
    assert problem(claim("POST", "projects/claims", body)) == (404, "order-unknown")
    project_id = world.order("outsourced", order_number=number)
    assert problem(claim("POST", "projects/claims", body)) == (409, "no-provider-yet")
    world.hear(world.provider(project_id, OTHER_PROVIDER))
    assert problem(claim("POST", "projects/claims", body)) == (409, "order-of-other-provider")
    project_id = world.order("outsourced", order_number=number)
    world.hear(world.provider(project_id))
    assert problem(http.of(BY_LISI)("POST", "projects/claims", body)) == (403, "forbidden")
    assert problem(http.of(BY_ADMIN)("POST", "projects/claims", body)) == (403, "wrong-claim-role")
    sibling = world.order("outsourced", order_number=number)
    world.hear(world.provider(sibling))
    choices = claim("POST", "projects/claims", body)
    assert choices.status_code == 200
    assert {c["project_id"] for c in choices.get_json()["items"]} == {str(project_id), str(sibling)}
    chosen = claim("POST", f"projects/{project_id}/claim")
    assert chosen.status_code == 202
    request_id = chosen.get_json()["request_id"]
    assert chosen.headers["Location"] == f"/api/v1/projects/{project_id}/requests/{request_id}"
    assert claim("GET", chosen.headers["Location"]).get_json() == {
        "request_id": request_id,
        "outcome": None,
        "text": None,
        "messages": None,
    }
    other = caller_of(
        id_of("王五二"), PROVIDER, "staff", "account_manager", roles=("account_manager",), name="另一客户经理"
    )
    assert problem(http.of(other)("POST", f"projects/{project_id}/claim")) == (409, "claim-pending")
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager", DEPARTMENT))
    assert claim("GET", chosen.headers["Location"]).get_json()["outcome"] == "done"
    assert problem(http.of(other)("POST", f"projects/{project_id}/claim")) == (409, "already-claimed")
    last = claim("POST", "projects/claims", body)
    assert (last.status_code, last.get_json()["project_id"]) == (202, str(sibling))
    world.hear(world.staff(sibling, MANAGER.user_id, "account_manager", DEPARTMENT))
    assert problem(claim("POST", "projects/claims", body)) == (409, "already-claimed")
    elsewhere = world.at_submit(order_number=f"{number}-2")
    assert world.project(elsewhere).node == "submit"
    assert problem(claim("POST", "projects/claims", {"order_number": f"{number}-2"})) == (409, "not-at-claim-node")


@pytest.mark.requirement("X-212", "R-49", "R-51")
def test_a_change_waits_for_the_answer_of_dispatch(http: Http, world: World) -> None:
    def answer_when_asked(project_id: UUID, answer: Any) -> threading.Thread:
        def run() -> None:
            request_id = eventually(lambda: next(iter(world.project(project_id).asks), None))
            world.hear(answer(request_id), twice=False)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    project_id = world.at_check()
    path, body = f"projects/{project_id}/assignee", {"person_id": str(WANGWU.user_id), "remark": "改派"}

    def full(request_id: UUID) -> Any:
        return dispatch.RequestRefused(
            project_id=project_id, run=1, request_id=request_id, reason="person_full", refused_at=world.clock.now()
        )

    thread = answer_when_asked(project_id, full)
    response = http.of(BY_ADMIN)("PUT", path, body)
    thread.join()
    assert problem(response) == (409, "request-refused")
    assert (response.get_json()["reason"], response.get_json()["detail"]) == ("person_full", "该员工持单量已满")

    thread = answer_when_asked(project_id, lambda _: world.staff(project_id, WANGWU.user_id))
    response = http.of(BY_ADMIN)("PUT", path, body)
    thread.join()
    assert response.status_code == 200
    assert world.project(project_id).roles == {"designer": WANGWU.user_id}
    assert problem(http.of(BY_ADMIN)("PUT", path, body)) == (409, "same-person")

    def as_wanted(request_id: UUID) -> Any:
        return dispatch.RequestRefused(
            project_id=project_id, run=1, request_id=request_id, reason="same_person", refused_at=world.clock.now()
        )

    thread = answer_when_asked(project_id, as_wanted)
    overtaken = http.of(BY_ADMIN)("PUT", path, {"person_id": str(LISI.user_id)})
    thread.join()
    assert overtaken.status_code == 200, "dispatch has just given him the role by itself"
    unknown = http.of(BY_ADMIN)("GET", f"projects/{project_id}/requests/{uuid4()}")
    assert problem(unknown) == (404, "request-unknown")


@pytest.mark.requirement("R-82", "R-85", "R-86", "R-123", "R-124")
def test_upload_and_download(http: Http, world: World) -> None:
    project_id = world.at_design()
    path = f"projects/{project_id}/visits/5/files"
    response = http.of(BY_LISI)("POST", path, files=upload())
    assert response.status_code == 201
    location = response.headers["Location"]
    assert problem(http.of(BY_CUSTOMER)("GET", location)) == (404, "file-unknown")
    found = http.of(BY_LISI)("GET", location)
    assert (found.status_code, found.get_data(), found.mimetype) == (200, PNG, "image/png")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Disposition"].startswith("attachment;")
    assert "%E9%A6%96%E9%A1%B5.png" in found.headers["Content-Disposition"]
    found.close()
    http.of(BY_LISI)("POST", f"projects/{project_id}/visits/5/confirmation")
    seen = http.of(BY_CUSTOMER)("GET", location)
    assert seen.get_data() == PNG
    seen.close()
    assert problem(http.of(BY_CUSTOMER)("GET", f"files/{uuid4()}")) == (404, "file-unknown")
    (entry,) = http.of(BY_CUSTOMER)("GET", f"projects/{project_id}/files").get_json()["items"]
    assert (entry["name"], entry["operator"], entry["node"]) == ("首页.png", "李四 设计师", "设计师设计网站")


def stored_files(world: World) -> int:
    directory = world.application.files.directory  # type: ignore[attr-defined]
    return len(list(directory.iterdir())) if directory.exists() else 0


def test_a_repeated_upload_is_kept_once(http: Http, world: World) -> None:
    project_id = world.at_design()
    path = f"projects/{project_id}/visits/5/files"
    key = uuid4().hex
    before = stored_files(world)
    first, again = (http.of(BY_LISI)("POST", path, files=upload(), Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert stored_files(world) == before + 1
    assert len(world.project(project_id).files) == 1


def test_refused_uploads_leave_nothing_behind(http: Http, world: World) -> None:
    project_id = world.at_design()
    path = f"projects/{project_id}/visits/5/files"
    post = http.of(BY_LISI)
    before = world.versions(project_id), stored_files(world)
    assert problem(post("POST", path, files=upload(content=b""))) == (422, "file-empty")
    assert problem(post("POST", path, files=upload("a.exe", b"MZ"))) == (415, "file-type-refused")
    assert problem(post("POST", path, files=upload("a.png", b"MZ"))) == (415, "file-content-refused")
    large = PNG + b"x" * (2 * 1024 * 1024)
    assert problem(post("POST", path, files=upload(content=large))) == (413, "file-too-large")
    assert problem(post("POST", path, files=upload(content=large * 2))) == (413, "file-too-large")
    assert fields(post("POST", path, files=[("other", "a.png", PNG)])) == {"file"}
    assert fields(post("POST", path, files=[*upload(), ("more", "a.png", PNG)])) == {"file"}
    late = post("POST", f"projects/{project_id}/visits/4/files", files=upload())
    assert problem(late) == (409, "node-passed")
    outsider = http.of(BY_ADMIN)("POST", path, files=upload())
    assert problem(outsider) == (403, "not-operator")
    assert (world.versions(project_id), stored_files(world)) == before


def test_what_can_be_uploaded_is_told(http: Http, world: World) -> None:
    told = http.of(BY_CUSTOMER)("GET", "file-types").get_json()
    assert told["limit"] == world.application.files.rules.limit
    assert {"extension": "heic", "group": "image"} in told["types"]
    assert [entry["extension"] for entry in told["types"]] == list(world.application.files.rules.types)


@pytest.mark.requirement("R-86", "R-123")
@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("page.html", "attachment; filename=page.html"),
        ("首页.svg", "attachment; filename=file.svg; filename*=UTF-8''%E9%A6%96%E9%A1%B5.svg"),
        ("a 云.js", "attachment; filename=a.js; filename*=UTF-8''a%20%E4%BA%91.js"),
    ],
)
def test_downloads_are_inert_whatever_lies_in_them(http: Http, world: World, name: str, disposition: str) -> None:
    path = f"projects/{world.at_design()}/visits/5/files"
    script = b"<script>alert(1)</script>"
    location = http.of(BY_LISI)("POST", path, files=upload(name, script)).headers["Location"]
    found = http.of(BY_LISI)("GET", location)
    assert (found.get_data(), found.content_type) == (script, "application/octet-stream")
    assert found.headers["Content-Disposition"] == disposition
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    found.close()


@pytest.mark.filterwarnings(
    "ignore:.*(SpooledTemporaryFile|FileIO):pytest.PytestUnraisableExceptionWarning"
)  # the parser leaves what it could not write
@pytest.mark.parametrize("size", [1000, 700_000])
def test_a_full_disk_is_a_503_and_the_same_upload_works_afterwards(http: Http, world: World, size: int) -> None:
    """Large bodies are laid down once more, before the file is."""
    path = f"projects/{world.at_design()}/visits/5/files"
    files, key, before = upload(content=PNG + b"x" * size), uuid4().hex, stored_files(world)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        full = http.of(BY_LISI)("POST", path, files=files, Idempotency_Key=key)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    gc.collect()
    assert problem(full) == (503, "files-full")
    assert int(full.headers["Retry-After"]) > 0
    assert stored_files(world) == before
    assert http.of(BY_LISI)("POST", path, files=files, Idempotency_Key=key).status_code == 201
    assert stored_files(world) == before + 1


def test_a_person_sends_a_few_files_at_once(http: Http, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    project_id = world.at_design()
    path = f"projects/{project_id}/visits/5/files"
    begun, go_on, kept = threading.Semaphore(0), threading.Event(), world.application.files.put

    def slow(**upload: Any) -> Any:
        begun.release()
        assert go_on.wait(20)
        return kept(**upload)

    monkeypatch.setattr(world.application.files, "put", slow)
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        sent = [pool.submit(http.of(BY_LISI), "POST", path, files=upload()) for _ in range(AT_ONCE)]
        assert all(begun.acquire(timeout=20) for _ in sent)
        refused = http.of(BY_LISI)("POST", path, files=upload())
        assert (problem(refused), refused.headers["Retry-After"]) == ((429, "too-many-uploads"), "2")
        sent.append(pool.submit(http.of(BY_CUSTOMER), "POST", f"projects/{project_id}/files", files=upload()))
        assert begun.acquire(timeout=20)
        go_on.set()
        assert [answer.result().status_code for answer in sent] == [201] * len(sent)
    assert http.of(BY_LISI)("POST", path, files=upload()).status_code == 201


@pytest.mark.requirement("R-84", "R-113", "R-123", "T-73")
def test_what_others_add_does_not_stand_under_the_content_of_the_node(http: Http, world: World) -> None:
    project_id = world.at_design()
    visit = f"projects/{project_id}/visits/5/files"
    before = world.versions(project_id), stored_files(world)
    assert problem(http.of(BY_CUSTOMER)("POST", visit, files=upload("混入.png"))) == (403, "not-operator")
    assert (world.versions(project_id), stored_files(world)) == before
    assert http.of(BY_CUSTOMER)("POST", f"projects/{project_id}/files", files=upload("附件.png")).status_code == 201
    assert http.of(BY_LISI)("POST", visit, files=upload("设计.png")).status_code == 201
    page = http.of(BY_LISI)("GET", f"projects/{project_id}").get_json()
    assert [[f["name"] for f in step["files"]] for step in page["steps"]] == [[], [], [], [], ["设计.png"], []]
    listed = http.of(BY_LISI)("GET", f"projects/{project_id}/files").get_json()["items"]
    assert [(f["name"], f["node"]) for f in listed] == [
        ("附件.png", "设计师设计网站"),
        ("设计.png", "设计师设计网站"),
    ]
    assert problem(http.of(BY_LISI)("POST", f"projects/{world.at_check()}/visits/4/files", files=upload())) == (
        409,
        "not-operable",
    )


@pytest.mark.filterwarnings(
    "ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
)  # the parser leaves it
@pytest.mark.parametrize("sent", ["shorter than it says", "without its end"])
def test_an_upload_that_breaks_off_leaves_nothing_behind(http: Http, world: World, sent: str) -> None:
    project_id = world.at_design()
    by = http.of(BY_LISI)
    before = world.versions(project_id), stored_files(world)
    whole = multipart(upload(content=PNG + b"x" * 300_000))
    part = whole[: len(whole) // 2]
    answer = by.client.post(
        f"/api/v1/projects/{project_id}/visits/5/files",
        input_stream=io.BytesIO(part),
        content_length=len(part if sent == "without its end" else whole),
        content_type="multipart/form-data; boundary=b",
        headers={"Authorization": f"Bearer {by.token}"},
    )
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert (world.versions(project_id), stored_files(world)) == before


@pytest.mark.requirement("X-211", "X-327", "R-134")
def test_scenario_two_over_http(http: Http, world: World) -> None:
    """Submit, confirm with one reject and resubmission, upload, view, final confirmation (dispatch as a stand-in)."""
    customer = caller_of(id_of("c7 account"), party_id_of("C-7"), "customer", roles=("customer",), name="客户甲乙丙")
    buyer, designer = http.of(customer), http.of(BY_LISI)
    created = http.of(MARKET)("POST", "orders", purchase(), Idempotency_Key=uuid4().hex)
    one = created.headers["Location"]
    project_id = UUID(created.get_json()["project_id"])
    world.hear(world.provider(project_id))
    world.hear(world.staff(project_id))

    def click(of: Any, operation: str, body: Any = None, **more: Any) -> Any:
        current = of("GET", one).get_json()["current"]
        offer = next(o for o in current["operations"] if o["operation"] == operation)
        response = of(offer["method"], offer["href"], body, **more)
        assert response.status_code < 300, response.get_data(as_text=True)
        return response

    click(buyer, "requirement", {"site": "草稿"})
    click(buyer, "confirmation")
    click(designer, "rejection", {"reason": "请补充页数"})
    click(buyer, "requirement", {"site": "我的网站", "pages": 5})
    click(buyer, "confirmation")
    page = designer("GET", one).get_json()
    assert page["steps"][2]["requirement"]["data"] == {"site": "我的网站", "pages": 5}
    click(designer, "confirmation")
    file = click(designer, "upload", files=upload()).headers["Location"]
    click(designer, "confirmation")
    downloaded = buyer("GET", file)
    assert downloaded.get_data() == PNG
    downloaded.close()
    click(buyer, "confirmation")
    assert buyer("GET", one).get_json()["state_text"] == "已完成"
    log = buyer("GET", f"{one}/log").get_json()["items"]
    assert [row["event"] for row in log][::-1] == [
        "项目开始",
        "进入分配服务商节点",
        "分配服务商节点已完成",
        "进入分配订单",
        "分配订单已完成",
        "进入顾客提交需求",
        "顾客提交需求已完成",
        "进入设计师确定需求",
        "设计师确定需求 未通过",
        "进入顾客提交需求",
        "顾客提交需求已完成",
        "进入设计师确定需求",
        "设计师确定需求已完成",
        "进入设计师设计网站",
        "设计师设计网站已完成",
        "进入项目验收",
        "项目验收已完成",
        "项目完成",
    ]


def test_the_openapi_document_is_served(http: Http) -> None:
    document = http.app.test_client().get("/api/v1/_docs/project/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/projects/{project_id}/visits/{visit}/files" in document["paths"]
