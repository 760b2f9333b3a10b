"""One public address space: which service serves which path, one OpenAPI document, its browser.

The same table drives the embedded mode and the configuration of the real gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, jsonify, redirect
from flask_swagger_ui import get_swaggerui_blueprint

PREFIX = "/api/v1/"

SEGMENTS: Mapping[str, str] = {
    "sessions": "identity",
    "me": "identity",
    "users": "identity",
    "departments": "identity",
    "parties": "identity",
    "templates": "template",
    "products": "template",
    "roles": "template",
    "demand-forms": "template",
    "message-templates": "template",
    "orders": "project",
    "projects": "project",
    "files": "project",
    "provider-configurations": "dispatch",
    "relations": "dispatch",
    "queue": "dispatch",
    "staff-loads": "dispatch",
    "receiving": "dispatch",
    "decisions": "dispatch",
    "assignments": "dispatch",
    "messages": "notify",
    "project-list": "reporting",
    "my-projects": "reporting",
    "project-counts": "reporting",
    "product-list": "reporting",
    "purchased-services": "reporting",
}
"""The first path segment after ``/api/v1/`` → the service that serves it."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gateway:
    """WSGI application over the services' applications; what belongs to none is the documentation."""

    def __init__(self, applications: Mapping[str, Flask]) -> None:
        self.applications = applications
        self.documentation = documentation(applications)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        segment = path[len(PREFIX) :].partition("/")[0] if path.startswith(PREFIX) else ""
        target: Wsgi = self.applications.get(SEGMENTS.get(segment, ""), self.documentation)
        return target(environ, start_response)


def merged_openapi(applications: Mapping[str, Flask]) -> dict[str, Any]:
    """The OpenAPI 3.1 documents of all services as one. Schemas of the same name in two services must be equal or
    get the service's name as prefix."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "交付中心 Delivery Center", "version": "v1"},
        "paths": {},
        "tags": [],
        "components": {"schemas": {}, "securitySchemes": {}},
        "security": [{"bearer": []}],
    }
    for name, app in applications.items():
        document = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        components = document.get("components", {})
        for schema in components.get("schemas", {}):
            document = _renamed(document, schema, f"{name.capitalize()}{schema}")
        components = document.get("components", {})
        merged["paths"].update(document.get("paths", {}))
        merged["tags"] += document.get("tags", [])
        for part, entries in components.items():
            merged["components"].setdefault(part, {}).update(entries)
    return merged


def _renamed(document: Any, old: str, new: str) -> Any:
    """``document`` with schema ``old`` and every reference to it renamed."""
    reference = f"#/components/schemas/{old}"
    if isinstance(document, dict):
        return {
            (new if key == old and isinstance(value, dict) else key): (
                f"#/components/schemas/{new}" if value == reference else _renamed(value, old, new)
            )
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [_renamed(value, old, new) for value in document]
    return document


def documentation(applications: Mapping[str, Flask]) -> Flask:
    """``/`` and ``/docs/`` – the API browser; ``/openapi.json``; ``/livez`` and ``/readyz`` of the whole."""
    app = Flask("documentation", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json"))
    app.add_url_rule("/", "home", lambda: redirect("/docs/"))
    app.add_url_rule("/openapi.json", "openapi", lambda: jsonify(merged_openapi(applications)))
    app.add_url_rule("/livez", "livez", lambda: jsonify(status="alive"))

    def readyz() -> Any:
        for service in applications.values():
            answer = service.test_client().get("/readyz")
            if answer.status_code != 200:
                return answer.get_data(), answer.status_code, {"Content-Type": answer.content_type}
        return jsonify(status="ready")

    app.add_url_rule("/readyz", "readyz", readyz)
    return app
