"""Who may call what, route by route, and that nobody reaches what is another party's."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from delivery_center.client import Client
from delivery_shared.http import ANYONE, BY_LINK, KINDS, SIGNED_IN
from delivery_shared.http.access import SCOPES

from .conftest import Installation
from .matrix import STORED, document, may, routes

pytestmark = pytest.mark.integration

WORK = {
    "vendor": {
        "products": "管理商品", "product-list": "管理商品", "templates": "管理商品", "demand-forms": "管理商品",
        "node-forms": "管理商品",
        "message-templates": "管理商品", "roles": "管理商品", "holidays": "管理商品",
        "provider-configurations": "管理服务商",
        "project-list": "监管交付过程", "project-counts": "监管交付过程", "dashboards": "监管交付过程",
        "projects": "监管交付过程", "queue": "监管交付过程", "decisions": "监管交付过程", "assignments": "监管交付过程",
    },
    "provider": {
        "users": "管理员工", "departments": "管理员工", "staff-loads": "管理员工", "receiving": "管理员工",
        "projects": "项目交付", "my-projects": "项目交付", "queue": "项目交付", "decisions": "项目交付",
        "assignments": "项目交付", "project-list": "项目交付", "project-counts": "项目交付", "dashboards": "项目交付",
    },
}  # fmt: skip
"""The resources each side has routes of its own for, and the work they serve (G-04, G-07). What every account signed in
or every buyer has – messages, own data, purchased services – is no side's."""
BEYOND = {"connections", "links"}
"""接入, and links of customers: the vendor's side too, but no work the manual knows."""
ACCOUNTS = {"users", "departments", "access-keys"}
"""The main account manages its people in both entrances (U-01, U-09)."""

ROUTES = {route: allowed for table in routes().values() for route, allowed in table.items()}
SERVICES = {route: service for service, table in routes().items() for route in table}
TENANTS = ("vendor_admin", "provider_admin", "vendor_project_manager", "staff", "account_manager", "customer",
           "access_key")  # fmt: skip
ENDS_THE_CALLER = {
    ("DELETE", "/api/v1/sessions/current"),
    ("DELETE", "/api/v1/me/sessions"),
    ("DELETE", "/api/v1/links/sessions/current"),
}
"""Routes that would end the session this test calls with, or void its token."""
SIGNED = ("POST", "/market")
"""The gateway wants a signature there and tells every refusal as clients of that API read it."""

TEXT = {"text": "一"}
NAMED = {"name": "二", "description": "", "nodes": []}
BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/v1/products/<uuid:product_id>/template"): {"template_id": "{template_id}"},
    ("PUT", "/api/v1/products/<uuid:product_id>/parameters"): {
        "parameters": [{"key": "region", "label": "地域", "type": "text"}],
    },
    ("PUT", "/api/v1/templates/<uuid:template_id>/content"): NAMED,
    ("PUT", "/api/v1/templates/<uuid:template_id>/revision"): NAMED,
    ("POST", "/api/v1/templates/<uuid:template_id>/copies"): {"name": "二"},
    ("PUT", "/api/v1/departments/<uuid:department_id>"): {"name": "二"},
    ("PUT", "/api/v1/me/views/<uuid:view_id>"): {"page": "project-list", "name": "二", "filters": {}},
    ("PUT", "/api/v1/users/<uuid:user_id>"): {"name": "二", "roles": ["designer"]},
    ("PUT", "/api/v1/projects/<uuid:project_id>/assignee"): {"person_id": "{person_id}", "remark": "一"},
    ("PUT", "/api/v1/projects/<uuid:project_id>/provider"): {"provider_id": "{provider_id}", "remark": "一"},
    ("POST", "/api/v1/projects/<uuid:project_id>/comments"): TEXT,
    ("PUT", "/api/v1/templates/<uuid:template_id>/default-messages"): {"offered": False},
    ("PUT", "/api/v1/projects/<uuid:project_id>/conversation/seen"): {"until": "2026-11-29T10:00:00Z"},
    ("POST", "/api/v1/projects/<uuid:project_id>/notes"): TEXT,
    ("POST", "/api/v1/projects/<uuid:project_id>/pause"): {"remark": "一"},
    ("POST", "/api/v1/projects/<uuid:project_id>/cancellation"): {"remark": "一"},
    ("PUT", "/api/v1/projects/<uuid:project_id>/contact"): {"name": "一"},
    ("POST", "/api/v1/projects/<uuid:project_id>/evaluation"): {"stars": 5},
    ("POST", "/api/v1/projects/<uuid:project_id>/visits/<int:visit>/rejection"): {"reason": "一"},
    ("PUT", "/api/v1/projects/<uuid:project_id>/visits/<int:visit>/requirement"): {"company_name": "一"},
    ("PUT", "/api/v1/connections/<uuid:connection_id>"): {"name": "二"},
    ("PUT", "/api/v1/connections/<uuid:connection_id>/stage"): {"stage": "draft"},
    ("PUT", "/api/v1/connections/<uuid:connection_id>/sku-map"): {"entries": []},
    ("PUT", "/api/v1/connections/<uuid:connection_id>/sku-map/file"): {"content": "product_code,product\na,56001\n"},
    ("POST", "/api/v1/connections/<uuid:connection_id>/test-orders"): {"product_code": "a"},
    ("PUT", "/api/v1/connections/<uuid:connection_id>/mirror"): {
        "endpoint": "https://market.aliyuncs.com",
        "access_key_id": "a",
        "secret": "a",
    },
    ("PUT", "/api/v1/provider-configurations/<uuid:product_id>"): {"providers": []},
    ("PUT", "/api/v1/access-keys/<uuid:key_id>/state"): {"enabled": True},
    ("PUT", "/api/v1/staff-loads/<uuid:person_id>"): {"maximum": 1, "receiving": False},
}
"""What makes a request valid, so that only the id speaks against it. ``{…}`` are ids of the tenant."""

QUERIES = {("GET", "/api/v1/assignments/<uuid:project_id>/candidates"): "?role=designer"}
UPLOADS = {
    ("POST", "/api/v1/projects/<uuid:project_id>/files"),
    ("POST", "/api/v1/projects/<uuid:project_id>/visits/<int:visit>/files"),
}


def own_resources(*kinds: str) -> set[str]:
    """Resources with a route that names one of ``kinds`` and is not open to every buyer."""
    return {
        rule.split("/")[3]
        for (_, rule), allowed in ROUTES.items()
        if not allowed.isdisjoint(kinds) and not allowed & {ANYONE, SIGNED_IN, "customer"}
    }


@pytest.mark.requirement("G-04")
def test_the_vendor_side_has_three_kinds_of_work() -> None:
    """A route for the vendor's side that serves none of the three is new work, and fails here."""
    found = own_resources("vendor_admin", "vendor_project_manager") - ACCOUNTS - BEYOND
    assert found == set(WORK["vendor"])
    assert set(WORK["vendor"].values()) == {"管理商品", "管理服务商", "监管交付过程"}


@pytest.mark.requirement("G-07")
def test_the_provider_side_has_staff_and_delivery() -> None:
    assert own_resources("provider_admin", "staff", "account_manager") == set(WORK["provider"])
    assert set(WORK["provider"].values()) == {"管理员工", "项目交付"}


@pytest.mark.requirement("G-26")
def test_account_managers_have_what_employees_have_and_claim_besides() -> None:
    more = {route for route in ROUTES if lets_in("account_manager", route) and not lets_in("staff", route)}
    assert more == {("POST", "/api/v1/projects/claims"), ("POST", "/api/v1/projects/<uuid:project_id>/claim")}
    assert not [r for r in ROUTES if lets_in("staff", r) and not lets_in("account_manager", r)]


def lets_in(kind: str, route: tuple[str, str]) -> bool:
    return may(kind, ROUTES[route], SERVICES[route])


def path_of(rule: str, ids: dict[str, str]) -> str:
    """The rule with ids filled in, random ones where none is given."""
    rule = re.sub(r"<int:\w+>", "1", re.sub(r"<string:\w+>", "nothing", rule))
    return re.sub(r"<uuid:(\w+)>", lambda match: ids.get(match[1], str(uuid4())), rule)


def filled(body: Any, ids: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: filled(value, ids) for key, value in body.items()}
    return body.format(**ids) if isinstance(body, str) else body


def send(client: Client, method: str, path: str, body: Any = None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    headers.update(more.pop("headers", {}))
    if method != "GET" and "files" not in more:
        more["json"] = body or {}
    return client.http.request(method, client.address(path), headers=headers, **more)


def slug(response: Any) -> str:
    return str(response.json()["type"]).removeprefix("urn:delivery-center:problem:")


@pytest.mark.requirement("G-20", "G-22", "G-24", "P-33", "T-51", "T-110", "G-12")
def test_the_reviewed_table_is_what_the_routes_declare() -> None:
    assert STORED.read_text(encoding="utf-8") == document(), (
        "rights changed: python -m tests.security.matrix > docs/authorization-matrix.md, and review the difference"
    )


@pytest.mark.parametrize(("method", "rule"), ROUTES)
def test_without_a_token_nothing_opens(installation: Installation, method: str, rule: str) -> None:
    anonymous = Client(installation.operator.address, http=installation.operator.http)
    before = installation.written()
    response = send(anonymous, method, path_of(rule, {}))
    if (method, rule) == SIGNED:
        assert (response.status_code, response.json()["Code"]) == (400, "IncompleteSignature")
    elif ANYONE in ROUTES[method, rule]:
        nobody = 404 if rule.startswith("/intake/") else 401
        assert response.status_code in (400, nobody, 422), response.text
    else:
        assert (response.status_code, slug(response)) == (401, "unauthenticated")
    assert installation.written() == before


@pytest.mark.requirement("G-20", "G-22", "G-24", "T-51", "T-110")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reaches_what_the_table_says_and_nothing_else(installation: Installation, kind: str) -> None:
    caller = installation.callers[kind]
    twins = ("vendor_admin", "provider_admin")
    for method, rule in ROUTES:
        if (method, rule) in {*ENDS_THE_CALLER, SIGNED}:
            continue
        open_ = any(lets_in(k, (method, rule)) for k in (twins if kind in twins else (kind,)))
        before = installation.written()
        response = send(caller, method, path_of(rule, {}))
        if open_:
            assert response.status_code < 500 or response.status_code == 503, (method, rule, response.text)
            refused = response.status_code in (401, 403) and slug(response) in ("unauthenticated", "forbidden")
            assert not refused, (method, rule)
        else:
            refusals = ("forbidden", "scope-missing") if kind == "access_key" else ("forbidden",)
            assert response.status_code == 403, (method, rule)
            assert slug(response) in refusals, (method, rule)
            assert installation.written() == before, (method, rule)


ID_BEARING = [
    (method, rule)
    for method, rule in ROUTES
    if "<uuid:" in rule and any(lets_in(kind, (method, rule)) for kind in TENANTS)
]


@pytest.mark.requirement("P-07", "T-06")
@pytest.mark.parametrize(("method", "rule"), ID_BEARING)
def test_what_is_another_partys_does_not_exist(installation: Installation, method: str, rule: str) -> None:
    """With a valid request, so that only the id can speak against it: 404, and nothing changed."""
    ids = installation.own.ids
    path = path_of(rule, ids) + QUERIES.get((method, rule), "")
    body = filled(BODIES.get((method, rule), {}), ids)
    more: dict[str, Any] = {"files": {"file": ("a.txt", b"a", "text/plain")}} if (method, rule) in UPLOADS else {}
    before = installation.written()
    for kind, rival in installation.rival.callers.items():
        if lets_in(kind, (method, rule)):
            response = send(rival, method, path, body, headers={"If-Match": '"1"'}, **more)
            assert response.status_code == 404, (kind, method, path, response.text)
    assert installation.written() == before


def test_the_columns_of_a_link_are_those_of_one_project(installation: Installation) -> None:
    """What names no project is the link's own, or says nothing of anybody."""
    open_ = {rule for (_, rule), allowed in ROUTES.items() if BY_LINK in allowed}
    about_no_project = {rule for rule in open_ if "<uuid:project_id>" not in rule}
    assert about_no_project == {
        "/api/v1/file-types",
        "/api/v1/files/<uuid:file_id>",
        "/api/v1/links/accounts",
        "/api/v1/links/codes",
        "/api/v1/links/codes/confirmation",
        "/api/v1/links/sessions/current",
    }


@pytest.mark.parametrize(("method", "rule"), [route for route in ROUTES if "<uuid:" in route[1]])
def test_a_link_of_one_project_opens_nothing_of_another(installation: Installation, method: str, rule: str) -> None:
    """Also not of the same customer, who may see both with an account; and not with a device that has shown a code."""
    own = installation.own
    guest = own.guest_elsewhere
    assert guest is not None
    path = path_of(rule, own.ids) + QUERIES.get((method, rule), "")
    body = filled(BODIES.get((method, rule), {}), own.ids)
    more: dict[str, Any] = {"files": {"file": ("a.txt", b"a", "text/plain")}} if (method, rule) in UPLOADS else {}
    before = installation.written()
    response = send(guest, method, path, body, headers={"If-Match": '"1"'}, **more)
    expected = (404,) if BY_LINK in ROUTES[method, rule] else (403,)
    assert response.status_code in expected, (method, path, response.text)
    assert installation.written() == before


@pytest.mark.requirement("P-07", "T-06")
def test_the_owner_finds_all_of_it(installation: Installation) -> None:
    """The ids of the test above are real ones."""
    own = installation.own
    for rule in ("templates/{template_id}", "products/{product_id}", "users/{user_id}", "projects/{project_id}",
                 "provider-configurations/{product_id}", "files/{file_id}", "decisions/{request_id}",
                 "connections/{connection_id}", "connections/{connection_id}/notices/{notice_id}"):  # fmt: skip
        assert own.admin.get(f"/api/v1/{rule.format(**own.ids)}")
    assert own.guest is not None
    for rule in ("projects/{project_id}", "files/{file_id}", "projects/{project_id}/conversation"):
        assert own.guest.get(f"/api/v1/{rule.format(**own.ids)}")
    assert own.ids["view_id"] in str(own.staff.get("/api/v1/me/views"))
    assert own.ids["message_id"] in str(own.customer.get("/api/v1/messages"))
    assert own.ids["department_id"] in str(own.admin.get("/api/v1/departments"))


def test_lists_show_nothing_of_another_party(installation: Installation) -> None:
    """Every list without a parameter, as the rival sees it, names no id of the other tenant."""
    ids = {value for name, value in installation.own.ids.items() if name != "customer_number"}
    for method, rule in ROUTES:
        if method != "GET" or "<" in rule:
            continue
        for kind, rival in installation.rival.callers.items():
            if lets_in(kind, (method, rule)):
                for query in ("", "?side=provider", "?tab=all"):
                    text = send(rival, method, rule + query).text
                    assert [i for i in ids if i in text] == [], (kind, rule)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_what_its_scope_names_and_nothing_else(installation: Installation, scope: str) -> None:
    caller = installation.own.with_key(scope)
    service, _, what = scope.partition(":")
    for method, rule in ROUTES:
        if (method, rule) == SIGNED or not lets_in("access_key", (method, rule)) or ANYONE in ROUTES[method, rule]:
            continue
        needed = (SERVICES[method, rule], "read" if method == "GET" else "write")
        before = installation.written()
        response = send(caller, method, path_of(rule, {}))
        if needed == (service, what):
            assert response.status_code != 403 or slug(response) not in ("forbidden", "scope-missing"), (method, rule)
        else:
            assert (response.status_code, slug(response)) == (403, "scope-missing"), (method, rule)
            assert installation.written() == before, (method, rule)
