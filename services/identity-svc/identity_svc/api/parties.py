"""Organisations and customers, kept by the platform operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.contracts.identity import HOME, MARKETPLACE
from delivery_shared.http import allow, application, caller, command, reply
from delivery_shared.http.paging import Page, PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from identity_svc.api.schemas import FirstUserIn, Name, PasswordOut, UserOut, personal_data
from identity_svc.api.users import secret
from identity_svc.commands import parties, party_users

blp = Blueprint("parties", __name__, description="厂商、服务商与客户 / parties")

_NUMBER = validate.Regexp(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", error="只能包含字母、数字、点、下划线和连字符 / letters, digits, . _ -"
)

_SPACE = validate.Regexp(rf"{MARKETPLACE}\Z", error="未知市场 / no such marketplace")


class Number(Text):
    """A main account's id, or a customer's number."""

    def __init__(self) -> None:
        super().__init__(required=True, longest=64)
        self.validators.append(_NUMBER)


class NewParty(Schema):
    """``number``: an ISV's main account id, which ends its login names (U-04); a customer's number (A-57) in
    ``marketplace``: empty for the one the center belongs to, ``huawei``, ``tencent``, or ``generic:`` and the id of a
    connection of that kind. An ISV needs ``user``, its main account (G-15); a customer may have one later orders do not
    wait for."""

    kind = fields.String(required=True, validate=validate.OneOf(["isv", "customer"]))
    name = Name()
    number = Number()
    marketplace = fields.String(load_default=HOME, validate=_SPACE)
    user = fields.Nested(FirstUserIn, load_default=None, allow_none=True)

    @validates_schema
    def _main_account(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == "isv" and data["user"] is None:
            raise ValidationError({"user": ["ISV需要主账号 / an ISV needs its main account"]})

    @validates_schema
    def _at_home(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == "isv" and data["marketplace"] != HOME:
            raise ValidationError({"marketplace": ["厂商属于本市场 / an ISV is of the home marketplace"]})


class NewPartyUser(Schema):
    user_id = fields.UUID()
    login_name = fields.String()


class NewPartyOut(Schema):
    """``initial_password`` of the user is there this once (U-27)."""

    party_id = fields.UUID()
    account = fields.String()
    user = fields.Nested(NewPartyUser, allow_none=True)
    initial_password = fields.String()


class PartyOut(Schema):
    """``people``, in lists: how many can sign in for it. Of a customer without anybody the orders wait (G-10).
    ``marketplace``: whose ``customer_number`` is; empty: the home marketplace's."""

    party_id = fields.UUID()
    kind = fields.String()
    name = fields.String()
    account = fields.String()
    customer_number = fields.String(allow_none=True)
    marketplace = fields.String()
    registered_at = fields.AwareDateTime()
    people = fields.Integer()


class PartyFilter(PageQuery):
    kind = fields.String(load_default=None, validate=validate.OneOf(["isv", "customer", "operator", "marketplace"]))
    name = Text(load_default=None, allow_none=True, longest=64, metadata={"description": "in name, account or number"})


PartyPage = page_schema(PartyOut)


@blp.route("/api/v1/parties")
class Parties(MethodView):
    @allow("platform_operator")
    @blp.arguments(PartyFilter, location="query", unknown=RAISE)
    @blp.response(200, PartyPage)
    def get(self, query: dict[str, Any]) -> Page:
        """All parties, oldest first."""
        page: Page = application().lists.parties(**query)
        return page

    @allow("platform_operator")
    @blp.arguments(NewParty)
    @blp.response(201, NewPartyOut)
    @blp.alt_response(409, description="The number is taken")
    def post(self, body: dict[str, Any]) -> Response:
        """Register an ISV with its main account, or a customer."""
        user = body["user"]
        registering = parties.register(
            kind=body["kind"],
            name=body["name"],
            number=body["number"],
            marketplace=body["marketplace"],
            first_user=parties.FirstUser(local_name=user["login_name"], data=personal_data(user)) if user else None,
        )
        outcome = application().carry_out(command(), registering)
        shown = {"initial_password": registering.initial_password} if registering.initial_password else None
        return secret(reply(outcome, location=f"/api/v1/parties/{outcome.body['party_id']}", show_once=shown))


@blp.route("/api/v1/parties/<uuid:party_id>")
class OneParty(MethodView):
    @allow("platform_operator")
    @blp.response(200, PartyOut)
    def get(self, party_id: UUID) -> dict[str, Any]:
        """A party."""
        found: dict[str, Any] = application().lists.party(party_id=party_id)
        return found


@blp.route("/api/v1/parties/<uuid:party_id>/personal-data")
class PartyPersonalData(MethodView):
    @allow("platform_operator")
    @blp.response(204)
    @blp.alt_response(409, description="A company, or a customer with users")
    def delete(self, party_id: UUID) -> Response:
        """Erase the name of a customer who is a person, here, in every copy, and what all its orders brought of it. A
        buyer who never registered is registered under his number first."""
        return reply(application().carry_out(command(), parties.erase(party_id=party_id)))


class PartyUserList(Schema):
    items = fields.List(fields.Nested(UserOut))
    total = fields.Integer()


@blp.route("/api/v1/parties/<uuid:party_id>/users")
class PartyUsers(MethodView):
    @allow("platform_operator")
    @blp.response(200, PartyUserList)
    def get(self, party_id: UUID) -> dict[str, Any]:
        """The users of a customer or of the operator; of an ISV, which keeps its own, the main account."""
        items = application().lists.party_users(party_id=party_id)
        return {"items": items, "total": len(items)}

    @allow("platform_operator")
    @blp.arguments(FirstUserIn)
    @blp.response(201, PasswordOut)
    @blp.alt_response(409, description="The login name is taken, or the party is an ISV")
    def post(self, body: dict[str, Any], party_id: UUID) -> Response:
        """A further user of a customer or of the operator."""
        adding = party_users.add(party_id=party_id, local_name=body["login_name"], data=personal_data(body))
        outcome = application().carry_out(command(), adding)
        location = f"/api/v1/parties/{party_id}/users"
        return secret(reply(outcome, location=location, show_once={"initial_password": adding.initial_password}))


@blp.route("/api/v1/parties/<uuid:party_id>/users/<uuid:user_id>")
class OnePartyUser(MethodView):
    @allow("platform_operator")
    @blp.response(204)
    @blp.alt_response(409, description="Oneself, or an ISV's user")
    def delete(self, party_id: UUID, user_id: UUID) -> Response:
        """Delete a user of a customer or of the operator."""
        deleting = party_users.delete(by=caller(), party_id=party_id, user_id=user_id)
        return reply(application().carry_out(command(), deleting))
