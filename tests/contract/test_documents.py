"""The documents of the two interfaces – OpenAPI 3.1, AsyncAPI 3 – are up to date, valid and tell who may call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from delivery_center.gateway import openapi
from delivery_center.gateway.routing import EXAMPLES, service_of, target_of
from delivery_shared import asyncapi
from delivery_shared.http import ANYONE, KINDS, SIGNED_IN
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract import examples
from tests.security.matrix import routes

DOCS = Path(__file__).parents[2] / "docs"
ASYNCAPI_SCHEMA = Path(__file__).with_name("asyncapi-3.0.0.schema.json")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in item.keys() & {"get", "post", "put", "delete", "patch"}:
            yield f"{method.upper()} {path}", item[method]


def test_the_openapi_document_is_the_generated_one(document: dict[str, Any]) -> None:
    assert json.loads((DOCS / "openapi.json").read_text()) == document, "run `make docs`"


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_operation_says_who_may_call_it(document: dict[str, Any]) -> None:
    known = {ANYONE, SIGNED_IN, *KINDS}
    unsaid = [
        name
        for name, operation in operations(document)
        if not operation.get("x-allowed")
        or not known.issuperset(operation["x-allowed"])
        or "who may call" not in operation["description"]
    ]
    assert unsaid == []


def test_every_route_is_led_to_the_service_that_has_it() -> None:
    """By the gateway and, as it is written from the same table, by nginx."""
    lost = [
        f"{method} {rule}"
        for service, table in routes().items()
        for method, rule in table
        if service_of(target_of(rule)) != service
    ]
    assert lost == []


def test_every_operation_names_the_headers_it_understands(document: dict[str, Any]) -> None:
    """A position wherever somebody is known, a key with every command, the version where it is looked at; and what
    comes back with them."""
    parts = document["components"]
    for name, operation in operations(document):
        references = [parameter.get("$ref", "") for parameter in operation.get("parameters", [])]
        named = {parts["parameters"][r.rpartition("/")[2]]["name"] for r in references if r}
        reads, known = name.startswith("GET"), ANYONE not in operation["x-allowed"]
        assert ("Delivery-Min-Position" in named) == known, name
        assert ("Idempotency-Key" in named) == (known and not reads), name
        for status, response in operation["responses"].items():
            if known and not reads and status.startswith("2"):
                assert "Delivery-Position" in response["headers"], name
    needed = [name for name, operation in operations(document) if "RequiredIfMatch" in str(operation.get("parameters"))]
    assert "PUT /api/v1/templates/{template_id}/content" in needed
    assert len(needed) > 5
    assert "RequiredIdempotencyKey" in str(document["paths"]["/api/v1/orders"]["post"]["parameters"])
    assert "Retry-After" in parts["responses"]["DEFAULT_ERROR"]["headers"]


FREE_FORM = {
    "IdentityViewOut.filters": "whatever the client wants back with its view",
    "ProjectFilledForm.data": "as the demand form's own schema says",
    "ProjectNode.form_schema": "a JSON schema",
    "ProjectStep.form_schema": "a JSON schema",
    "TemplateDemandFormEntry.schema": "a JSON schema",
}
"""What answers hold that no document can describe, and why."""


def untyped(schema: dict[str, Any], place: str, components: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """The places under ``schema`` of which the document does not say what stands there: no type, an object without
    members, an array without items."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            yield from untyped(components[name], name, components, seen)
        return
    alternatives = [s for key in ("allOf", "anyOf", "oneOf") for s in schema.get(key, ())]
    for alternative in alternatives:
        yield from untyped(alternative, f"{place}<{alternative['title']}>" if "title" in alternative else place,
                           components, seen)  # fmt: skip
    if alternatives or "enum" in schema or "const" in schema:
        return
    types = [schema.get("type")] if not isinstance(schema.get("type"), list) else schema["type"]
    values, items = schema.get("additionalProperties"), schema.get("items")
    for name, member in schema.get("properties", {}).items():
        yield from untyped(member, f"{place}.{name}", components, seen)
    if values and isinstance(values, dict):
        yield from untyped(values, f"{place}.*", components, seen)
    if items:
        yield from untyped(items, f"{place}[]", components, seen)
    empty_object = "object" in types and not schema.get("properties") and not values
    if types == [None] or empty_object or ("array" in types and not items):
        yield place


def test_answers_say_what_stands_in_them(document: dict[str, Any]) -> None:
    """A client is typed by the document: an object nobody described is a reviewed exception."""
    seen: set[str] = set()
    found = [
        place
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        for place in untyped(content.get("schema", {}), f"{status} of {name}", document["components"]["schemas"], seen)
    ]
    assert sorted(found) == sorted(FREE_FORM)


@pytest.mark.parametrize(
    "schema",
    [{}, {"type": "object"}, {"type": ["object", "null"], "additionalProperties": {}}, {"type": "array"},
     {"type": "array", "items": {}}, {"type": "object", "properties": {"a": {"readOnly": True}}}],
)  # fmt: skip
def test_what_says_nothing_is_found(schema: dict[str, Any]) -> None:
    assert len(list(untyped(schema, "here", {}, set()))) == 1


def test_what_needs_no_token_says_so(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert (operation.get("security") == []) == (ANYONE in operation["x-allowed"]), name


def test_every_operation_has_a_summary(document: dict[str, Any]) -> None:
    assert [name for name, operation in operations(document) if not operation.get("summary")] == []


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    described = dict(operations(document))
    for name, example in json.loads(EXAMPLES.read_text()).items():
        places = {"request": described[name].get("requestBody"), "response": None}
        if "response" in example:
            places["response"] = described[name]["responses"][example["status"]]
        for part, place in places.items():
            if part in example:
                assert place is not None, name
                schema = {**place["content"]["application/json"]["schema"], "components": document["components"]}
                wrong = [error.message for error in Draft202012Validator(schema).iter_errors(example[part])]
                assert wrong == [], f"{part} of {name}"


def test_the_asyncapi_document_is_valid() -> None:
    validator = Draft7Validator(json.loads(ASYNCAPI_SCHEMA.read_text()))
    assert [error.message for error in validator.iter_errors(asyncapi.document())] == []
    assert not validator.is_valid({**asyncapi.document(), "asyncapi": "2.6.0"})


@pytest.mark.parametrize("page", ["reliability.md", "screens.md"])
def test_what_a_page_names_exists(page: str) -> None:
    text = (DOCS / page).read_text()
    for path, test in re.findall(r"`((?:shared|services|tests)/[\w./-]+\.py)(?:::(\w+))?`", text):
        assert f"def {test or 'test_'}" in (DOCS.parent / path).read_text(), path
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (DOCS / picture).is_file(), picture


def test_an_example_gets_the_fields_its_schema_has_come_to_require() -> None:
    schemas = {
        "Row": {
            "type": "object",
            "properties": {
                "old": {"type": "string"},
                "stars": {"type": "integer"},
                "at": {"type": "string", "format": "date-time"},
                "id": {"type": "string", "format": "uuid"},
                "name": {"type": ["string", "null"]},
                "state": {"type": "string", "enum": ["open", "shut"]},
                "inner": {"$ref": "#/components/schemas/Inner"},
            },
            "required": ["old", "stars", "at", "id", "name", "state", "inner"],
        },
        "Inner": {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]},
    }
    page = {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}}}
    (row,) = examples.filled({"items": [{"old": "kept", "more": 1}]}, page, schemas)["items"]
    assert {name: row[name] for name in ("old", "more", "name", "state", "inner")} == {
        "old": "kept", "more": 1, "name": None, "state": "open", "inner": {"n": 1},
    }  # fmt: skip
    schema = {"$ref": "#/components/schemas/Row", "components": {"schemas": schemas}}
    assert list(Draft202012Validator(schema).iter_errors(row)) == []
