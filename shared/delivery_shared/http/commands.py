"""Commands over HTTP: idempotency keys, positions, versions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.routing import Rule

from delivery_shared.commands import Command, Outcome
from delivery_shared.http.access import View, view_of
from delivery_shared.http.positions import POSITION
from delivery_shared.http.problems import Problem

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
IF_MATCH: Final = "If-Match"
LONGEST_KEY: Final = 200
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Headers a command must bring, or may: an idempotency key; the version it was made on."""

    key: bool = False
    version: Literal["no", "may", "must"] = "no"


NEEDS: Final = "needs"
"""Attribute of a view that :func:`needs` sets."""


def needs(*, key: bool = False, version: Literal["no", "may", "must"] = "no") -> Callable[[View], View]:
    """Declare that a view cannot do without ``Idempotency-Key``, or that ``If-Match`` must or may come along: the
    OpenAPI document says so, and :func:`command` and :func:`require_version` see to it."""

    def declare(view: View) -> View:
        setattr(view, NEEDS, Needs(key=key, version=version))
        return view

    return declare


def needs_of(app: Flask, rule: Rule, method: str) -> Needs:
    """What the view of ``method`` of a route needs."""
    found = getattr(view_of(app, rule, method), NEEDS, Needs())
    assert isinstance(found, Needs)
    return found


def _needed() -> Needs:
    assert request.url_rule is not None
    return needs_of(current_app, request.url_rule, request.method)


def command() -> Command:
    """The identity of the command in the running request. An ``Idempotency-Key`` is scoped to caller and route:
    same key and body – same outcome, other body – 422."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        if _needed().key:
            raise Problem(
                400,
                "idempotency-key-required",
                "缺少 Idempotency-Key",
                "An Idempotency-Key header is required",
            )
        return Command(route=_route())
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
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
    gateway that compresses an answer marks its ``ETag`` as weak; the version in it is the same.

    :raises TypeError: the view does not say by :func:`needs` that it looks at versions.
    """
    needed = _needed().version
    if needed == "no":
        raise TypeError(f"{_route()} does not declare that it needs If-Match")
    given = request.headers.get(IF_MATCH)
    if given is None:
        if needed == "may":
            return
        raise Problem.of(428)
    if given.strip().removeprefix("W/").strip('"') != str(version):
        raise Problem.of(412)
