"""Signing in, refreshing, signing out (U-33)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from delivery_shared.http import (
    ANYONE,
    SIGNED_IN,
    Problem,
    allow,
    application,
    claims_of_request,
    command,
    reply,
)
from flask import Response, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from identity_svc.sessions import SignedIn
from identity_svc.throttle import TooManyAttempts
from marshmallow import Schema, fields, validate

T = TypeVar("T")

blp = Blueprint("sessions", __name__, description="登录 / signing in")


class SignIn(Schema):
    login_name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    password = fields.String(required=True, validate=validate.Length(min=1, max=200))


class Refresh(Schema):
    refresh_token = fields.String(required=True, validate=validate.Length(min=1, max=200))


class SignedInOut(Schema):
    """``must_change_password``: nothing but ``PUT /api/v1/me/password`` works before (U-28)."""

    access_token = fields.String()
    token_type = fields.String()
    expires_at = fields.AwareDateTime()
    refresh_token = fields.String()
    refresh_expires_at = fields.AwareDateTime()
    must_change_password = fields.Boolean()


@blp.route("/api/v1/sessions")
class SessionList(MethodView):
    @allow(ANYONE)
    @blp.arguments(SignIn)
    @blp.response(201, SignedInOut)
    @blp.alt_response(401, description="Unknown login name or wrong password")
    @blp.alt_response(429, description="Too many attempts; see Retry-After")
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with the full login name."""
        return tokens(refusing_in_time(lambda: application().sessions.sign_in(address=address(), **body)), 201)


@blp.route("/api/v1/sessions/refresh")
class SessionRefresh(MethodView):
    @allow(ANYONE)
    @blp.arguments(Refresh)
    @blp.response(200, SignedInOut)
    @blp.alt_response(401, description="The session has ended")
    def post(self, body: dict[str, Any]) -> Response:
        """The next tokens; each refresh token works once."""
        return tokens(application().sessions.refresh(**body), 200)


@blp.route("/api/v1/sessions/current")
class CurrentSession(MethodView):
    @allow(SIGNED_IN)
    @blp.response(204)
    def delete(self) -> Response:
        """Sign out."""
        claims = claims_of_request()
        return reply(
            application().sessions.sign_out(command=command(), user_id=claims.user_id, session_id=claims.session_id)
        )


def address() -> str:
    """The client's address, as far as our own proxies tell it."""
    return request.remote_addr or "unknown"


def refusing_in_time(attempt: Callable[[], T]) -> T:
    """Run ``attempt``; one too many answers 429 with the seconds to wait."""
    try:
        return attempt()
    except TooManyAttempts as error:
        raise Problem.of(429, headers={"Retry-After": str(error.retry_after)}) from error


def tokens(signed_in: SignedIn, status: int) -> Response:
    response = jsonify(
        access_token=signed_in.access_token,
        token_type="Bearer",  # noqa: S106 - the scheme of RFC 6750
        expires_at=signed_in.expires_at.isoformat(),
        refresh_token=signed_in.refresh_token,
        refresh_expires_at=signed_in.refresh_expires_at.isoformat(),
        must_change_password=signed_in.must_change_password,
    )
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
