"""Customers who come by a link, without an account: looking, opening, asking for a new one, codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from delivery_shared.http import (
    ANYONE,
    BY_LINK,
    Problem,
    allow,
    application,
    caller,
    claims_of_request,
    command,
    reply,
)
from delivery_shared.links import LONGEST
from flask import Response, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from werkzeug.http import dump_cookie

from identity_svc.api.errors import ERRORS
from identity_svc.api.schemas import FirstUserIn, Name, personal_data
from identity_svc.api.sessions import CODE, address, refuse_other_sites, refusing_in_time
from identity_svc.api.users import secret
from identity_svc.commands.claiming import claim
from identity_svc.commands.link_life import set_link_life
from identity_svc.commands.parties import FirstUser
from identity_svc.links import Entered, GuestGone, Links

blp = Blueprint("links", __name__, description="客户链接 / links of customers")

PATH = "/api/v1/links"
DEVICE_COOKIE = "delivery_guest_device"
DEVICE_KEPT = timedelta(days=400)
"""As long as browsers keep a cookie at most."""

SHORTEST_LIFE, LONGEST_LIFE = 1, 14 * 24
"""Hours."""


class Held(Schema):
    """``token``: what stands in the link after ``#``."""

    token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))


class Look(Schema):
    """``open``: whether the link opens a project; the rest is of that one."""

    open = fields.Boolean(required=True)
    product_name = fields.String(required=True, allow_none=True)
    vendor_name = fields.String(required=True, allow_none=True)


class EnteredOut(Schema):
    """The access token opens one project only. ``confirmed``: whether it decides there, too; if not, deciding acts are
    refused with ``code-needed``. How to get the next one is kept in a cookie."""

    project_id = fields.UUID(required=True)
    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
    confirmed = fields.Boolean(required=True)


class OfProject(Schema):
    project_id = fields.UUID(required=True)


class Shown(Schema):
    code = fields.String(required=True, validate=CODE)


class NewAccount(FirstUserIn):
    """``customer_name``: what the buyer is called as a customer; the rest is of whoever signs in for it."""

    customer_name = Name()
    password = fields.String(required=True, validate=validate.Length(min=1, max=200))


class NewAccountOut(Schema):
    """``login_name`` in full, as it is signed in with."""

    party_id = fields.UUID(required=True)
    login_name = fields.String(required=True)


class Life(Schema):
    """``hours``: how long a link opens its project after it was made."""

    hours = fields.Integer(required=True, strict=True, validate=validate.Range(min=SHORTEST_LIFE, max=LONGEST_LIFE))


def links() -> Links:
    found: Links = application().links
    return found


@blp.route("/api/v1/links/look")
class Looking(MethodView):
    @allow(ANYONE)
    @blp.arguments(Held)
    @blp.response(200, Look)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a link opens. It changes nothing: whoever opens addresses before people do spoils no link. What is no
        link looks like one that opens nothing any more."""
        guest = links().look(**body)
        return {
            "open": guest is not None,
            "product_name": guest.product_name if guest else None,
            "vendor_name": guest.vendor_name if guest else None,
        }


@blp.route("/api/v1/links/sessions")
class Entering(MethodView):
    @allow(ANYONE)
    @blp.arguments(Held)
    @blp.response(201, EnteredOut)
    @blp.alt_response(401, description="The link opens nothing (any more)")
    def post(self, body: dict[str, Any]) -> Response:
        """Open the link's project."""
        refuse_other_sites()
        return entered(links().enter(device=request.cookies.get(DEVICE_COOKIE), **body), 201)


@blp.route("/api/v1/links/sessions/refresh")
class GoingOn(MethodView):
    @allow(ANYONE)
    @blp.arguments(OfProject)
    @blp.response(200, EnteredOut)
    @blp.alt_response(401, description="The session has ended")
    def post(self, body: dict[str, Any]) -> Response:
        """The next access token for the project, by the cookie."""
        refuse_other_sites()
        project_id: UUID = body["project_id"]
        secret = request.cookies.get(session_cookie(project_id))
        try:
            if secret is None:
                raise GuestGone
            return entered(links().go_on(project_id=project_id, secret=secret), 200)
        except GuestGone as error:
            gone = cookie(session_cookie(project_id), "", datetime.fromtimestamp(0, UTC))
            raise Problem(401, *ERRORS[GuestGone][1:], headers={"Set-Cookie": gone}) from error


@blp.route("/api/v1/links/sessions/current")
class Leaving(MethodView):
    @allow(BY_LINK)
    @blp.response(204)
    def delete(self) -> Response:
        """Leave the project."""
        claims = claims_of_request()
        links().leave(claims)
        response = Response(status=204)
        if claims.project_id is not None:
            gone = cookie(session_cookie(claims.project_id), "", datetime.fromtimestamp(0, UTC))
            response.headers.add("Set-Cookie", gone)
        return response


@blp.route("/api/v1/links/renewals")
class Renewals(MethodView):
    @allow(ANYONE)
    @blp.arguments(Held)
    @blp.response(202)
    @blp.alt_response(429, description="Too many from this address; see Retry-After")
    def post(self, body: dict[str, Any]) -> Response:
        """Ask for a new link. It goes to the contact of the order, whom this does not show, a few times a day; the
        answer is the same whatever is sent."""
        refusing_in_time(lambda: links().wish(address=address(), **body))
        return Response(status=202)


@blp.route("/api/v1/links/codes")
class Codes(MethodView):
    @allow(BY_LINK)
    @blp.response(202)
    @blp.alt_response(429, description="Too many codes; see Retry-After")
    def post(self) -> Response:
        """Have a code sent to the contact, for this device to show."""
        refusing_in_time(lambda: links().send_code(claims_of_request()))
        return Response(status=202)


@blp.route("/api/v1/links/codes/confirmation")
class CodeShown(MethodView):
    @allow(BY_LINK)
    @blp.arguments(Shown)
    @blp.response(200, EnteredOut)
    @blp.alt_response(409, description="There is no code to show, or no more")
    @blp.alt_response(422, description="Another code")
    def post(self, body: dict[str, Any]) -> Response:
        """Show the code: the device decides from now on, for 30 days."""
        return entered(links().confirm(claims_of_request(), **body), 200)


@blp.route("/api/v1/links/accounts")
class Accounts(MethodView):
    @allow(BY_LINK, decides=True)
    @blp.arguments(NewAccount)
    @blp.response(201, NewAccountOut)
    @blp.alt_response(409, description="There is an account already, or orders to be opened on this device first")
    @blp.alt_response(422, description="The password is refused")
    def post(self, body: dict[str, Any]) -> Response:
        """开通账号: the buyer becomes a customer with an account, which shows everything he has ordered; then sign in.
        Before, a code is shown on this device for each of his orders; the problem ``orders-unopened`` tells in
        ``blocking`` for how many that is still to be done."""
        first_user = FirstUser(local_name=body["login_name"], data=personal_data(body))
        claiming = claim(
            claims=claims_of_request(), name=body["customer_name"], first_user=first_user, password=body["password"]
        )
        # A stored fingerprint of this body would be a fast hash of the password.
        return secret(reply(application().carry_out(replace(command(), fingerprint=""), claiming)))


@blp.route("/api/v1/links/life")
class LinkLife(MethodView):
    @allow("vendor_admin")
    @blp.response(200, Life)
    def get(self) -> dict[str, Any]:
        """How long links of the own customers live."""
        return {"hours": application().lists.link_hours(party_id=caller().party_id)}

    @allow("vendor_admin")
    @blp.arguments(Life)
    @blp.response(200, Life)
    def put(self, body: dict[str, Any]) -> Response:
        """Have them live longer or shorter, also those there are."""
        return reply(application().carry_out(command(), set_link_life(by=caller(), **body)))


def entered(found: Entered, status: int) -> Response:
    """The answer with the token, and what the browser keeps."""
    response = jsonify(
        {
            "project_id": str(found.project_id),
            "access_token": found.access_token,
            "token_type": "Bearer",
            "expires_at": found.expires_at.isoformat(),
            "confirmed": found.confirmed,
        }
    )
    if found.secret is not None:
        kept = cookie(session_cookie(found.project_id), found.secret, found.session_expires_at)
        response.headers.add("Set-Cookie", kept)
    if found.device is not None:
        response.headers.add("Set-Cookie", cookie(DEVICE_COOKIE, found.device, datetime.now(UTC) + DEVICE_KEPT))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def session_cookie(project_id: UUID) -> str:
    """A cookie for each project, so that two links do not end each other's sessions."""
    return f"delivery_guest_{project_id.hex}"


def cookie(name: str, value: str, expires: datetime) -> str:
    """It goes to the routes of links only, and over https only where this request came so, or all do."""
    secure = request.is_secure or application().means.config.always_https
    return dump_cookie(name, value, expires=expires, path=PATH, secure=secure, httponly=True, samesite="Strict")
