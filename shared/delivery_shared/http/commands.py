"""Commands over HTTP: idempotency keys, positions, versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Response, g, jsonify, request

from delivery_shared.commands import Command, Outcome
from delivery_shared.http.positions import POSITION
from delivery_shared.http.problems import Problem


def command(*, key_required: bool = False) -> Command:
    """The identity of the command in the running request. An ``Idempotency-Key`` is scoped to caller and route:
    same key and body – same outcome, other body – 422."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        if key_required:
            raise Problem(
                400,
                "idempotency-key-required",
                "缺少 Idempotency-Key",
                "An Idempotency-Key header is required",
            )
        return Command(route=_route())
    if len(key) > 200 or not key.isprintable():
        raise Problem(400, "idempotency-key-invalid", "Idempotency-Key 无效", "The Idempotency-Key is invalid")
    claims = g.get("claims")
    who = str(claims.user_id) if claims else ""
    fingerprint = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    return Command(
        id=uuid5(NAMESPACE_URL, f"{who} {_route()} {key}"),
        caller=who,
        route=_route(),
        fingerprint=fingerprint,
        keyed=True,
    )


def _route() -> str:
    return f"{request.method} {request.path}"


def reply(outcome: Outcome, *, location: str | None = None, show_once: Mapping[str, Any] | None = None) -> Response:
    """The response of a command. ``show_once``: fields added only when it was carried out now, never on a replay
    and never stored (initial passwords, U-27)."""
    body = dict(outcome.body)
    if show_once and not outcome.replayed:
        body.update(show_once)
    response = jsonify(body) if outcome.status != 204 else Response(status=204)
    response.status_code = outcome.status
    if outcome.position:
        response.headers[POSITION] = outcome.position
    if location:
        response.headers["Location"] = location
    return response


def require_version(version: int) -> None:
    """Refuse an edit made on another version than the present one: 428 without ``If-Match``, 412 if it differs. A
    gateway that compresses an answer marks its ``ETag`` as weak; the version in it is the same."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem.of(428)
    if given.strip().removeprefix("W/").strip('"') != str(version):
        raise Problem.of(412)
