"""The HTTP application of a service: Flask, flask-smorest (OpenAPI 3.1), problems, access, health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import prometheus_client
from flask import Flask, Response, current_app, jsonify
from flask_smorest import Blueprint

from delivery_shared import telemetry
from delivery_shared.health import PATHS as HEALTH_PATHS
from delivery_shared.http import problems, refusals
from delivery_shared.http.access import BY_LINK, SIGNED_IN, allow, authorize, declaration_of
from delivery_shared.http.bodies import StrictRequest, check_address
from delivery_shared.http.documentation import DocumentedApi
from delivery_shared.http.positions import wait_for_positions
from delivery_shared.http.requests import Observed
from delivery_shared.http.status import status_blueprint
from delivery_shared.http.tokens import Claims, TokenVerifier
from delivery_shared.logs import shown_path
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.metrics import exposition
from delivery_shared.status import ServiceStatus
from delivery_shared.tracing import Trace, traced
from delivery_shared.version import VERSION

BODY_LIMIT = 1024 * 1024
"""Bytes of a request body; routes that take files raise it for themselves."""

OPEN_ENDPOINTS = {"livez", "readyz", "metrics", "static"}
SIGNED_IN_PATH = "/signed-in"
"""Where a gateway asks whether a token is somebody's before it takes what comes with it; no route of the API."""


def create_api(
    *,
    name: str,
    title: str,
    application: Any,
    blueprints: Sequence[Blueprint],
    errors: problems.ErrorTable,
    verifier: TokenVerifier,
    consumers: Sequence[Consumer] = (),
    ready: Callable[[], None] = lambda: None,
    revoked: Callable[[Claims], bool] | None = None,
    status: Callable[[], ServiceStatus] | None = None,
) -> Flask:
    """The Flask application of service ``name``.

    :param consumers: feeds that a signed-in request's ``Delivery-Min-Position`` waits for.
    :param ready: raises while the service cannot serve (its database is away).
    :param revoked: tells whether a verified token was revoked meanwhile.
    :param status: how the service is doing, for its status route.
    :raises TypeError: a view without :func:`~delivery_shared.http.access.allow`.
    """
    app = Flask(name, static_folder=None)
    app.request_class = StrictRequest
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=f"/api/v1/_docs/{name}",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
            "security": [{"bearer": []}],
        },
    )  # fmt: skip
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions.update(application=application, verifier=verifier, revoked=revoked, status=status)
    api = DocumentedApi(app)
    for blueprint in (*blueprints, status_blueprint(name)):
        api.register_blueprint(blueprint)
    problems.install(app, errors)
    _health(app, ready)
    known = allow(SIGNED_IN, BY_LINK, while_password_initial=True, key_needs="nothing")
    app.add_url_rule(SIGNED_IN_PATH, "signed-in", known(_signed_in))
    app.after_request(_not_kept)
    app.after_request(refusals.telling(name))
    app.before_request(lambda: _admit(consumers))
    observed = Observed(app.wsgi_app, name, without=OPEN_ENDPOINTS)
    app.wsgi_app = _Correlated(observed)  # type: ignore[method-assign]
    _check_declarations(app)
    return app


def _admit(consumers: Sequence[Consumer]) -> None:
    """Before every request, in this order: who calls is known before anything waits."""
    check_address()
    if authorize():
        wait_for_positions(consumers)


def _signed_in() -> tuple[str, int]:
    return "", 204


def _not_kept(response: Response) -> Response:
    """What a service answers is somebody's own: no cache keeps it, unless the view says so."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


class _Correlated:
    """WSGI middleware: the request's ``X-Correlation-Id`` (or a new one) goes with everything it causes."""

    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self.wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        given = environ.get("HTTP_X_CORRELATION_ID", "")
        correlation_id = given if 0 < len(given) <= 64 and given.isprintable() else str(uuid4())

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if opened is not None:
                _describe(opened, environ, status)
            return start_response(status, [*headers, ("X-Correlation-Id", correlation_id)], *rest)

        trace = Trace(correlation_id, str(uuid4()))
        if not telemetry.on() or environ.get("PATH_INFO") in HEALTH_PATHS:
            opened = None
            with traced(trace):
                return self.wsgi(environ, start)
        trace = replace(trace, traceparent=environ.get("HTTP_TRACEPARENT", ""))
        method = environ["REQUEST_METHOD"]
        about = {
            "http.request.method": method,
            "url.path": shown_path(environ.get("PATH_INFO", "")),
            "url.scheme": "http",
        }
        with traced(trace), telemetry.span(method, kind="SERVER", root=True, **about) as opened:
            return self.wsgi(environ, start)


def _describe(opened: Any, environ: dict[str, Any], status: str) -> None:
    """Name a request's span after its route, once Flask knows it."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    if rule is not None:
        opened.update_name(f"{environ['REQUEST_METHOD']} {rule.rule}")
        opened.set_attribute("http.route", rule.rule)
    opened.set_attribute("http.response.status_code", int(status[:3]))


def _health(app: Flask, ready: Callable[[], None]) -> None:
    def livez() -> Response:
        return jsonify(status="alive", version=VERSION)

    def readyz() -> Response:
        ready()
        return jsonify(status="ready")

    def metrics() -> Response:
        return Response(exposition(), content_type=prometheus_client.CONTENT_TYPE_LATEST)

    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)


def declarations(app: Flask) -> dict[tuple[str, str], frozenset[str] | None]:
    """Every route of ``app`` as (method, rule) with the kinds that may call it; None = undeclared."""
    found: dict[tuple[str, str], frozenset[str] | None] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_ENDPOINTS | {"signed-in"} or rule.endpoint.startswith("api-docs"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            declared = declaration_of(app, rule, method)
            found[(method, rule.rule)] = declared.kinds if declared else None
    return found


def _check_declarations(app: Flask) -> None:
    undeclared = [f"{m} {r}" for (m, r), allowed in declarations(app).items() if allowed is None]
    if undeclared:
        raise TypeError(f"who may call is not declared: {', '.join(undeclared)}")


def application() -> Any:
    """The service's application object, for views."""
    return current_app.extensions["application"]


__all__ = ["BODY_LIMIT", "application", "create_api", "declarations"]
