"""用户管理: sub-accounts of the caller's party (U-01 … U-32)."""

from __future__ import annotations

import time
from collections.abc import Mapping
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

ANSWER_WAIT = 2.0
"""Seconds a deletion waits for dispatch's answer before it is answered 202."""
ANSWER_LOOK = 0.02

MAXIMUM = "最大持单量取值范围为0-50，只支持整数 / maximum load from 0 to 50, integers only"

ROLES = fields.List(Text(shortest=1, longest=64), required=True, validate=validate.Length(min=1, max=50))


class NewUser(Person):
    """新建用户 (U-02, U-14). ``side`` is 归属; a provider's employee begins with 最大持单量 and 接单状态 (D-65)."""

    side = fields.String(required=True, validate=validate.OneOf(["vendor", "provider"]))
    login_name = LocalName()
    roles = ROLES
    department_id = fields.UUID(load_default=None, allow_none=True)
    maximum = fields.Integer(
        strict=True,
        load_default=10,
        validate=validate.Range(0, 50, error=MAXIMUM),
        error_messages={"invalid": MAXIMUM},
    )
    receiving = Switch(load_default=True)


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
            maximum=body["maximum"],
            receiving=body["receiving"],
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
    @blp.alt_response(202, description="A provider's user, of whom dispatch has not said yet whether he holds projects")
    @blp.alt_response(409, description="The user still holds projects")
    def delete(self, user_id: UUID) -> Response:
        """Delete; whoever still holds projects stays (U-21)."""
        outcome = application().carry_out(command(), users.delete(by=caller(), user_id=user_id))
        if outcome.status != 202:
            return reply(outcome)
        location = f"/api/v1/users/{user_id}"
        answered = deletion_of(user_id)
        response = reply(outcome, location=location if answered is not None else None)
        if answered is None:
            response.status_code, response.data = 204, b""
        elif answered["deletion_refused_at"] is not None:
            raise refusal(answered, location)
        return response


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


def deletion_of(user_id: UUID) -> dict[str, Any] | None:
    """What became of a deletion that dispatch is asked about, waited for a moment: None, and the user is gone."""
    deadline = time.monotonic() + ANSWER_WAIT
    while True:
        found: dict[str, Any] | None = application().lists.deletion(user_id=user_id)
        if found is None or found["deletion_refused_at"] is not None or time.monotonic() > deadline:
            return found
        time.sleep(ANSWER_LOOK)


def refusal(user: Mapping[str, Any], location: str) -> Problem:
    """Why a user stays (U-21), and for which orders."""
    held = user["deletion_refused_held"] or 0
    zh = f"该员工持有{held}个未完结的项目，请先更换操作人" if held else "有认领或更换操作人的申请涉及该员工，请稍后再试"
    en = (
        f"The user holds {held} unfinished projects; hand them to others first"
        if held
        else "A claim or change under way names the user; try again later"
    )
    return Problem.blocked(
        409,
        "user-holds-projects",
        zh,
        en,
        items=[
            {"kind": "project", "id": order["project_id"], "name": order["order_number"]}
            for order in user["deletion_refused_orders"]
        ],
        total=held or user["deletion_refused_asks"] or 0,
        headers={"Location": location},
        held=held,
    )


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
