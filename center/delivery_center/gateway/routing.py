"""One public address space: which service serves which path, one OpenAPI document, its browser, and the console.

The same table drives the embedded mode and the configuration of the real gateway.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import prometheus_client
from delivery_shared.http import problems, status
from delivery_shared.metrics import exposition
from delivery_shared.version import VERSION
from flask import Flask, Response, jsonify, redirect, send_from_directory
from flask_swagger_ui import get_swaggerui_blueprint

from delivery_center.gateway import market
from delivery_center.gateway.console import Console, Wsgi, built

PREFIX = "/api/v1/"

SCHEMAS = "#/components/schemas/"
OF_ALL = ("ProblemDetails", "FieldError", "Messages", "Blocking", "BlockingItem", *status.SCHEMAS)
"""Schemas of the HTTP base."""

PAGES = Path(__file__).with_name("pages")
EXAMPLES = Path(__file__).with_name("examples.json")

SEGMENTS: Mapping[str, str] = {
    "sessions": "identity",
    "links": "identity",
    "me": "identity",
    "users": "identity",
    "departments": "identity",
    "parties": "identity",
    "access-keys": "identity",
    "templates": "template",
    "products": "template",
    "roles": "template",
    "demand-forms": "template",
    "node-forms": "template",
    "historical-products": "template",
    "message-templates": "template",
    "holidays": "template",
    "clock": "template",
    "connections": "intake",
    "orders": "project",
    "projects": "project",
    "files": "project",
    "file-types": "project",
    "provider-configurations": "dispatch",
    "relations": "dispatch",
    "queue": "dispatch",
    "staff-loads": "dispatch",
    "receiving": "dispatch",
    "decisions": "dispatch",
    "assignments": "dispatch",
    "messages": "notify",
    "outbox": "notify",
    "project-list": "reporting",
    "my-projects": "reporting",
    "project-counts": "reporting",
    "product-list": "reporting",
    "purchased-services": "reporting",
    "unregistered-buyers": "reporting",
    "dashboards": "reporting",
    **{
        f"{name}-status": name
        for name in ("identity", "template", "intake", "project", "dispatch", "notify", "reporting")
    },
    "live": "reporting-live",
}
"""The first path segment after ``/api/v1/`` → the service whose API processes serve it, or ``<service>-<process>``
where another process of the service does."""


MARKETPLACES: Final = "/intake/"
"""Where marketplaces call: no path of the API, and nobody signs in there."""


def service_of(target: str) -> str:
    """The service of a target of :data:`SEGMENTS`."""
    return target.partition("-")[0]


OWN = ("/api/", MARKETPLACES, market.MARKET, "/docs", "/status/", "/openapi.json", "/livez", "/readyz", "/metrics")
"""Paths that are never the console's; without a console all others are the documentation's too."""


def target_of(path: str) -> str:
    """The target of :data:`SEGMENTS` that serves a path; empty: none does."""
    if path.startswith(MARKETPLACES):
        return "intake"
    if path == market.MARKET:
        return "project"
    return SEGMENTS.get(path[len(PREFIX) :].partition("/")[0], "") if path.startswith(PREFIX) else ""


class Gateway:
    """WSGI application over the services' applications and the console; what belongs to none is the documentation."""

    def __init__(self, applications: Mapping[str, Flask]) -> None:
        self.applications = applications
        self.documentation = documentation(applications)
        folder = built()
        self.console = Console(folder) if folder else None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if market.is_call(environ) and "identity" in self.applications and "project" in self.applications:
            identity, project = self.applications["identity"], self.applications["project"]
            return market.call(environ, start_response, identity=identity, project=project)
        target: Wsgi = self.applications.get(service_of(target_of(path)), self.documentation)
        if self.console is not None and not path.startswith(OWN):
            target = self.console
        return target(environ, start_response)


def merged_openapi(applications: Mapping[str, Flask]) -> dict[str, Any]:
    """The OpenAPI 3.1 documents of all services as one, with the examples of ``examples.json``. Schemas get the
    service's name as prefix, but for those that every service has."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "交付中心 Delivery Center", "version": VERSION},
        "paths": {},
        "tags": [],
        "components": {},
        "security": [{"bearer": []}],
    }
    for name, app in applications.items():
        document = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        schemas = document["components"]["schemas"]
        names = {schema: schema if schema in OF_ALL else f"{name.capitalize()}{schema}" for schema in schemas}
        document["components"]["schemas"] = {names[schema]: schemas[schema] for schema in schemas}
        document = _renamed(document, {f"{SCHEMAS}{old}": f"{SCHEMAS}{new}" for old, new in names.items()})
        merged["paths"].update(document["paths"])
        merged["tags"] += document["tags"]
        for part, entries in document["components"].items():
            merged["components"].setdefault(part, {}).update(entries)
    _illustrate(merged["paths"])
    return merged


def _renamed(document: Any, references: Mapping[str, str]) -> Any:
    """``document`` with its references to schemas renamed."""
    if isinstance(document, dict):
        return {key: _renamed(value, references) for key, value in document.items()}
    if isinstance(document, list):
        return [_renamed(value, references) for value in document]
    return references.get(document, document) if isinstance(document, str) else document


def _illustrate(paths: dict[str, Any]) -> None:
    """Put the examples – operation → request, status, response – where they belong. A test tells those that fit no
    operation; they do not keep a gateway from serving."""
    recorded = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for operation, example in recorded.items():
        method, _, path = operation.partition(" ")
        described = paths.get(path, {}).get(method.lower())
        if described is None:
            continue
        if "request" in example:
            described["requestBody"]["content"]["application/json"]["example"] = example["request"]
        if "response" in example:
            described["responses"][example["status"]]["content"]["application/json"]["example"] = example["response"]


def page(name: str) -> Response:
    """A file of a page that only talks to this address: nothing else may run in it or frame it."""
    answer = send_from_directory(PAGES, name)
    answer.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def documentation(applications: Mapping[str, Flask]) -> Flask:
    """``/docs/`` (and ``/`` where there is no console) – the API browser; ``/openapi.json``; ``/status/`` – the status
    page; health and metrics of the whole."""
    app = Flask("documentation", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    problems.install(app, {})
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json"))
    app.add_url_rule("/", "home", lambda: redirect("/docs/"))
    app.add_url_rule("/status/", "status", lambda: page("status.html"))
    app.add_url_rule("/status/<any('status.js', 'status.css'):name>", "status_file", page)
    app.add_url_rule("/openapi.json", "openapi", lambda: jsonify(merged_openapi(applications)))
    app.add_url_rule("/livez", "livez", lambda: jsonify(status="alive"))

    def readyz() -> Any:
        for service in applications.values():
            answer = service.test_client().get("/readyz")
            if answer.status_code != 200:
                return answer.get_data(), answer.status_code, {"Content-Type": answer.content_type}
        return jsonify(status="ready")

    app.add_url_rule("/readyz", "readyz", readyz)
    metrics = (200, {"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})
    app.add_url_rule("/metrics", "metrics", lambda: (exposition(), *metrics))
    return app
