"""The address official clients of the marketplace's public API call, in the embedded mode: identity-svc says whose the
signature is, and the service gets the token it is worth. The real gateway does the same by its configuration."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Flask
from identity_svc.api.access_keys import GATEWAY_PATH, REFUSAL_HEADER, REFUSAL_TEXT_HEADER, TOKEN_HEADER
from werkzeug.test import run_wsgi_app

MARKET: Final = "/market"
"""Its path at project-svc. Official clients call the root of a host name."""
ACTION: Final = "x-acs-action"
"""The header that tells such a call from one for the console's page."""

UNAVAILABLE: Final = ("ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
THROTTLED: Final = ("Throttling", "Request was denied due to request throttling.")
TOO_LARGE: Final = ("IllegalRequest", "Illegal request: it is too large.")
NOT_FOUND: Final = "InvalidAccessKeyId.NotFound"
"""The one refusal that is told as 404."""


def is_call(environ: Mapping[str, Any]) -> bool:
    """Whether a request is one of those."""
    at_root = environ.get("PATH_INFO") == "/" and bool(environ.get("HTTP_X_ACS_ACTION"))
    return environ.get("PATH_INFO") == MARKET or (at_root and environ.get("REQUEST_METHOD") == "POST")


def call(
    environ: Mapping[str, Any],
    start_response: Callable[..., Any],
    *,
    identity: Flask,
    project: Flask,
) -> Iterable[bytes]:
    """Answer such a request."""
    query = environ.get("QUERY_STRING", "")
    asked = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")} | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": GATEWAY_PATH,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": "0",
        "wsgi.input": io.BytesIO(),
        "HTTP_X_SIGNED_METHOD": environ["REQUEST_METHOD"],
        "HTTP_X_SIGNED_TARGET": environ["PATH_INFO"] + (f"?{query}" if query else ""),
    }
    _, status, headers = run_wsgi_app(identity, asked, buffered=True)
    if token := headers.get(TOKEN_HEADER):
        return project({**environ, "PATH_INFO": MARKET, "HTTP_AUTHORIZATION": f"Bearer {token}"}, start_response)
    code, text = headers.get(REFUSAL_HEADER), headers.get(REFUSAL_TEXT_HEADER)
    if code is None or text is None:
        return _answer(environ, start_response, 503, *UNAVAILABLE)
    told = 404 if code == NOT_FOUND else 403 if status.startswith("403") else 400
    return _answer(environ, start_response, told, code, text)


def _answer(
    environ: Mapping[str, Any], start_response: Callable[..., Any], status: int, code: str, text: str
) -> Iterable[bytes]:
    body = {
        "RequestId": environ.get("HTTP_X_CORRELATION_ID", ""),
        "HostId": environ.get("HTTP_HOST", ""),
        "Code": code,
        "Message": text,
    }
    content = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", [*headers, ("Cache-Control", "no-store")])
    return [content]
