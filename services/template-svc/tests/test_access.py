"""Who may call what: part (c) of the requirements, route by route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.http import declarations
from template_svc.nodes import FIELDS

pytestmark = pytest.mark.integration

EDITORS = {"vendor_admin", "platform_operator"}
READERS = {*EDITORS, "vendor_project_manager"}
MATRIX: dict[tuple[str, str], set[str]] = {
    ("GET", "/api/v1/templates"): EDITORS,
    ("POST", "/api/v1/templates"): EDITORS,
    ("GET", "/api/v1/templates/<uuid:template_id>"): EDITORS,
    ("DELETE", "/api/v1/templates/<uuid:template_id>"): EDITORS,
    ("PUT", "/api/v1/templates/<uuid:template_id>/content"): EDITORS,
    ("POST", "/api/v1/templates/<uuid:template_id>/publication"): EDITORS,
    ("POST", "/api/v1/templates/<uuid:template_id>/copies"): EDITORS,
    ("GET", "/api/v1/products"): READERS,
    ("POST", "/api/v1/products"): {"vendor_admin"},
    ("GET", "/api/v1/products/<uuid:product_id>"): READERS,
    ("PUT", "/api/v1/products/<uuid:product_id>/template"): EDITORS,
    **{
        route: kinds
        for resource in ("roles", "demand-forms", "message-templates")
        for route, kinds in {
            ("GET", f"/api/v1/{resource}"): EDITORS,
            ("POST", f"/api/v1/{resource}"): {"platform_operator"},
            ("PUT", f"/api/v1/{resource}/<string:code>"): {"platform_operator"},
        }.items()
    },
}
KINDS = (
    "vendor_admin",
    "vendor_project_manager",
    "staff",
    "account_manager",
    "customer",
    "platform_operator",
    "marketplace",
)


@pytest.mark.requirement("G-20", "G-22", "G-24", "P-33", "T-110")
def test_every_route_declares_exactly_who_may_call_it(api: Any) -> None:
    assert {route: set(kinds or ()) for route, kinds in declarations(api).items()} == MATRIX


@pytest.mark.requirement("G-20", "G-22", "G-24", "T-110")
@pytest.mark.parametrize("kind", KINDS)
def test_everybody_else_is_refused_and_changes_nothing(
    sign_in: Callable[..., Any], events: Callable[[], int], kind: str
) -> None:
    user = sign_in(kind)
    before = events()
    for (method, rule), allowed in MATRIX.items():
        if kind not in allowed:
            path = rule.removeprefix("/api/v1/").replace("<string:code>", "designer")
            for variable in ("<uuid:template_id>", "<uuid:product_id>"):
                path = path.replace(variable, str(uuid4()))
            assert user(method, path, {}).status_code == 403, (method, rule)
    assert events() == before


def test_nobody_gets_in_without_a_token(api: Any, events: Callable[[], int]) -> None:
    before = events()
    for method, rule in MATRIX:
        path = rule.replace("<string:code>", "designer")
        for variable in ("<uuid:template_id>", "<uuid:product_id>"):
            path = path.replace(variable, str(uuid4()))
        assert api.test_client().open(path, method=method, json={}).status_code == 401, (method, rule)
    assert events() == before


def test_the_api_documents_itself(api: Any) -> None:
    document = api.test_client().get("/api/v1/_docs/template/openapi.json").json
    assert document["openapi"] == "3.1.0"
    paths = {rule.replace("<uuid:", "{").replace("<string:", "{").replace(">", "}") for _, rule in MATRIX}
    assert set(document["paths"]) == paths
    node = document["components"]["schemas"]["Content"]["properties"]["nodes"]["items"]
    assert {form["title"] for form in node["anyOf"]} == set(FIELDS)
