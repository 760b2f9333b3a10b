"""个人信息: the caller's own data and password (U-37, U-38)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from delivery_shared.http import (
    SIGNED_IN,
    allow,
    application,
    caller,
    claims_of_request,
    command,
    reply,
)
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from identity_svc.api.schemas import PersonWithEmail, UserOut, personal_data
from identity_svc.api.sessions import CODE, address, refusing_in_time
from identity_svc.commands import own_account, second_factors, sessions

blp = Blueprint("me", __name__, description="个人信息 / own data")


class MeOut(UserOut):
    main = fields.Boolean()
    party_id = fields.UUID()
    party_name = fields.String()
    party_kind = fields.String()
    second_factor_demanded = fields.Boolean()


class SessionOut(Schema):
    """``current``: the one that asks. ``agent``: what its browser says of itself."""

    session_id = fields.UUID()
    started_at = fields.AwareDateTime()
    used_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    address = fields.String(allow_none=True)
    agent = fields.String(allow_none=True)
    current = fields.Boolean()


class SessionPage(Schema):
    items = fields.List(fields.Nested(SessionOut))
    total = fields.Integer()


class Code(Schema):
    code = fields.String(required=True, validate=CODE)


class NewPassword(Schema):
    current_password = fields.String(required=True, validate=validate.Length(min=1, max=200))
    new_password = fields.String(required=True, validate=validate.Length(min=1, max=200))


@blp.route("/api/v1/me")
class Me(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, MeOut)
    def get(self) -> dict[str, Any]:
        """个人信息."""
        found: dict[str, Any] = application().lists.me(by=caller())
        return found

    @allow(SIGNED_IN)
    @blp.arguments(PersonWithEmail)
    @blp.response(200)
    def put(self, body: dict[str, Any]) -> Response:
        """Name, phones and email; all else is the admin's (U-38)."""
        changing = own_account.change_data(by=caller(), data=personal_data(body))
        return reply(application().carry_out(command(), changing))


@blp.route("/api/v1/me/password")
class MyPassword(MethodView):
    @allow(SIGNED_IN, while_password_initial=True)
    @blp.arguments(NewPassword)
    @blp.response(204)
    @blp.alt_response(422, description="The present password is wrong, or the new one is refused")
    def put(self, body: dict[str, Any]) -> Response:
        """Change the password; then refresh, since tokens issued so far are void (U-28, U-29)."""
        # A stored fingerprint of this body would be a fast hash of both passwords.
        unmarked = replace(command(), fingerprint="")
        changing = own_account.change_password(
            by=caller(), session_id=claims_of_request().session_id, address=address(), **body
        )
        return reply(refusing_in_time(lambda: application().carry_out(unmarked, changing)))


@blp.route("/api/v1/me/sessions")
class MySessions(MethodView):
    @allow(SIGNED_IN, while_password_initial=True)
    @blp.response(200, SessionPage)
    def get(self) -> dict[str, Any]:
        """Where the caller is signed in, the session used last first."""
        items = application().lists.sessions(by=caller(), session_id=claims_of_request().session_id)
        return {"items": items, "total": len(items)}

    @allow(SIGNED_IN)
    @blp.response(204)
    def delete(self) -> Response:
        """End all sessions but this one; then refresh, since tokens issued so far are void."""
        ending = sessions.end_others(by=caller(), session_id=claims_of_request().session_id)
        return reply(application().carry_out(command(), ending))


@blp.route("/api/v1/me/sessions/<uuid:session_id>")
class MySession(MethodView):
    @allow(SIGNED_IN)
    @blp.response(204)
    def delete(self, session_id: UUID) -> Response:
        """End one of the own sessions; then refresh, since tokens issued so far are void."""
        return reply(application().carry_out(command(), sessions.end(by=caller(), session_id=session_id)))


@blp.route("/api/v1/me/second-factor/removal")
class MySecondFactor(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(Code)
    @blp.response(204)
    @blp.alt_response(401, description="The code is wrong")
    @blp.alt_response(403, description="The party demands one")
    @blp.alt_response(409, description="There is none")
    @blp.alt_response(429, description="Too many attempts; see Retry-After")
    def post(self, body: dict[str, Any]) -> Response:
        """Give the own second factor up, with a code of it."""
        giving_up = second_factors.give_up(by=caller(), address=address(), **body)
        return reply(refusing_in_time(lambda: application().carry_out(command(), giving_up)))
