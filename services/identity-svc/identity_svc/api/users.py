"""用户管理: sub-accounts of the caller's party (U-01 … U-32)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import Problem, allow, application, caller, command, reply
from delivery_shared.http.fields import Switch
from delivery_shared.http.paging import Page, PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from identity_svc.api.schemas import (
    LocalName,
    PasswordOut,
    Person,
    UserOut,
    personal_data,
)
from identity_svc.commands import party_users, second_factors, sessions, users

blp = Blueprint("users", __name__, description="用户管理 / users")

ROLES = fields.List(Text(shortest=1, longest=64), required=True, validate=validate.Length(min=1, max=50))


class NewUser(Person):
    """新建用户 (U-02, U-14). ``side`` is 归属."""

    side = fields.String(required=True, validate=validate.OneOf(["vendor", "provider"]))
    login_name = LocalName()
    roles = ROLES
    department_id = fields.UUID(load_default=None, allow_none=True)


class EditedUser(Person):
    """编辑用户 (U-31)."""

    roles = ROLES
    department_id = fields.UUID(load_default=None, allow_none=True)


class UserFilter(PageQuery):
    """``login_name`` and ``name``: parts of them (U-11); ``department_id``: its own users (U-16)."""

    side = fields.String(required=True, validate=validate.OneOf(["vendor", "provider"]))
    login_name = Text(load_default=None, longest=64)
    name = Text(load_default=None, longest=64)
    department_id = fields.UUID(load_default=None)


class Demand(Schema):
    demanded = Switch(required=True)


UserPage = page_schema(UserOut)


@blp.route("/api/v1/users")
class Users(MethodView):
    @allow("vendor_admin", "provider_admin")
    @blp.arguments(UserFilter, location="query", unknown=RAISE)
    @blp.response(200, UserPage)
    def get(self, query: dict[str, Any]) -> Page:
        """The sub-accounts of one side of the caller's ISV, newest first."""
        page: Page = application().lists.users(by=caller(), **query)
        return page

    @allow("vendor_admin", "provider_admin")
    @blp.arguments(NewUser)
    @blp.response(201, PasswordOut)
    @blp.alt_response(409, description="The login name is taken")
    def post(self, body: dict[str, Any]) -> Response:
        """Create a sub-account; the answer holds its initial password, this once."""
        creating = users.create(
            by=caller(),
            side=body["side"],
            local_name=body["login_name"],
            roles=body["roles"],
            department_id=body["department_id"],
            data=personal_data(body),
        )
        outcome = application().carry_out(command(), creating)
        location = f"/api/v1/users/{outcome.body['user_id']}"
        return secret(reply(outcome, location=location, show_once={"initial_password": creating.initial_password}))


@blp.route("/api/v1/users/second-factor")
class SecondFactorOfAll(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.arguments(Demand)
    @blp.response(200, Demand)
    @blp.alt_response(409, description="The caller has no second factor")
    def put(self, body: dict[str, Any]) -> Response:
        """Demand a second factor of all users of the own party, or do so no longer. Who has none is signed out and
        asked to set one up."""
        return reply(application().carry_out(command(), second_factors.demand(by=caller(), **body)))


@blp.route("/api/v1/users/<uuid:user_id>")
class OneUser(MethodView):
    @allow("vendor_admin", "provider_admin")
    @blp.response(200, UserOut)
    def get(self, user_id: UUID) -> Any:
        """One sub-account; its ``ETag`` is the ``If-Match`` of an edit."""
        found = application().lists.user(by=caller(), user_id=user_id)
        return found, 200, {"ETag": f'"{found["revision"]}"'}

    @allow("vendor_admin", "provider_admin")
    @blp.arguments(EditedUser)
    @blp.response(200)
    @blp.alt_response(412, description="Edited meanwhile")
    @blp.alt_response(428, description="If-Match is missing")
    def put(self, body: dict[str, Any], user_id: UUID) -> Response:
        """Edit; login name, side and party are fixed (U-31)."""
        editing = users.edit(
            by=caller(),
            user_id=user_id,
            revision=edited_revision(),
            roles=body["roles"],
            department_id=body["department_id"],
            data=personal_data(body),
        )
        outcome = application().carry_out(command(), editing)
        response = reply(outcome)
        response.headers["ETag"] = f'"{outcome.body["revision"]}"'
        return response

    @allow("vendor_admin", "provider_admin")
    @blp.response(204)
    @blp.alt_response(202, description="A provider's user: deleted once it holds no project")
    def delete(self, user_id: UUID) -> Response:
        """Delete; whoever still holds projects stays (U-21)."""
        outcome = application().carry_out(command(), users.delete(by=caller(), user_id=user_id))
        return reply(outcome, location=f"/api/v1/users/{user_id}" if outcome.status == 202 else None)


@blp.route("/api/v1/users/<uuid:user_id>/password-reset")
class PasswordReset(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.response(200, PasswordOut)
    def post(self, user_id: UUID) -> Response:
        """密码重置: a new initial password, shown this once (U-30, U-32)."""
        resetting = users.reset_password(by=caller(), user_id=user_id)
        outcome = application().carry_out(command(), resetting)
        return secret(reply(outcome, show_once={"initial_password": resetting.initial_password}))


@blp.route("/api/v1/users/<uuid:user_id>/sessions")
class UserSessions(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.response(204)
    def delete(self, user_id: UUID) -> Response:
        """End all sessions of a user: a lost phone, a computer left open."""
        return reply(application().carry_out(command(), sessions.end_all(by=caller(), user_id=user_id)))


@blp.route("/api/v1/users/<uuid:user_id>/second-factor")
class UserSecondFactor(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.response(204)
    @blp.alt_response(409, description="The user has none")
    def delete(self, user_id: UUID) -> Response:
        """Take the second factor of a user away who has lost it; the user's sessions end."""
        return reply(application().carry_out(command(), second_factors.take_away(by=caller(), user_id=user_id)))


@blp.route("/api/v1/users/<uuid:user_id>/personal-data")
class UserPersonalData(MethodView):
    @allow("platform_operator")
    @blp.response(204)
    @blp.alt_response(409, description="The user is not deleted")
    def delete(self, user_id: UUID) -> Response:
        """Erase what is kept of a deleted person, here and in every copy."""
        return reply(application().carry_out(command(), party_users.erase(user_id=user_id)))


def edited_revision() -> int:
    """The revision the form was filled from. :raises Problem: 428 without ``If-Match``, 412 for another's form."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem.of(428)
    text = given.strip().removeprefix("W/").strip('"')  # weak: a gateway has compressed what it belongs to
    if not text.isdecimal():
        raise Problem.of(412)
    return int(text)


def secret(response: Response) -> Response:
    """Nobody on the way may keep this response."""
    response.headers["Cache-Control"] = "no-store"
    return response
