"""Signing in, refreshing, signing out (U-33)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

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
from delivery_shared.http.fields import Switch
from delivery_shared.http.texts import Text
from flask import Response, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from werkzeug.http import dump_cookie

from identity_svc.admission import Client
from identity_svc.api.errors import ERRORS
from identity_svc.commands.sessions import sign_out
from identity_svc.known_places import REMEMBERED
from identity_svc.sessions import SessionEnded, Sessions, SignedIn
from identity_svc.throttle import TooManyAttempts

T = TypeVar("T")

blp = Blueprint("sessions", __name__, description="登录 / signing in")

COOKIE = "delivery_refresh"
DEVICE_COOKIE = "delivery_device"
COOKIE_PATH = "/api/v1/sessions"
SESSION_ENDED = ERRORS[SessionEnded][1:]


CODE = validate.Regexp(r"[0-9]{6}\Z", error="6位数字 / six digits")


class SignIn(Schema):
    """``code``: of the user's second factor, if there is one. ``cookie``: for a browser – the refresh token comes as a
    cookie no script can read, and not in the body."""

    login_name = Text(required=True, shortest=1, longest=200)
    password = fields.String(required=True, validate=validate.Length(min=1, max=200))
    code = fields.String(load_default=None, allow_none=True, validate=CODE)
    cookie = Switch(load_default=False)


class NewSecondFactor(Schema):
    login_name = Text(required=True, shortest=1, longest=200)
    password = fields.String(required=True, validate=validate.Length(min=1, max=200))


class SecondFactorSecret(Schema):
    """``address`` is what an authenticator app reads out of a QR code; it holds ``secret``, for typing."""

    secret = fields.String()
    address = fields.String()


class Refresh(Schema):
    """Without ``refresh_token`` the one in the cookie counts, and the next one comes as a cookie again."""

    refresh_token = fields.String(validate=validate.Length(min=1, max=200))


class SignedInOut(Schema):
    """``must_change_password``: nothing but ``PUT /api/v1/me/password`` works before (U-28). ``refresh_token`` is
    missing where it is a cookie."""

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
    @blp.alt_response(401, description="Unknown login name, wrong password, or a code that is missing or wrong")
    @blp.alt_response(403, description="The initial password has expired, or a second factor is demanded")
    @blp.alt_response(429, description="Too many attempts; see Retry-After")
    def post(self, body: dict[str, Any]) -> Response:
        """Sign in with the full login name. The problem ``second-factor-missing`` asks for the same again with a code,
        ``second-factor-demanded`` for setting a second factor up first."""
        cookie = body.pop("cookie")
        if cookie:
            refuse_other_sites()
        client = Client(
            address=address(),
            agent=request.headers.get("User-Agent", ""),
            browser=cookie,
            device=device() if cookie else None,
        )
        signed_in = refusing_in_time(lambda: application().sessions.sign_in(client=client, **body))
        return tokens(signed_in, 201, cookie=cookie)


@blp.route("/api/v1/sessions/second-factor")
class SecondFactorSetup(MethodView):
    @allow(ANYONE)
    @blp.arguments(NewSecondFactor)
    @blp.response(201, SecondFactorSecret)
    @blp.alt_response(401, description="Unknown login name or wrong password")
    @blp.alt_response(409, description="There is one already")
    @blp.alt_response(429, description="Too many attempts; see Retry-After")
    def post(self, body: dict[str, Any]) -> Response:
        """Begin to set a second factor up: a secret for an authenticator app. It counts from the first sign-in with a
        code of it on; until then this gives another one."""
        sessions: Sessions = application().sessions
        client = Client(address=address())
        secret, found = refusing_in_time(lambda: sessions.begin_second_factor(client=client, **body))
        response = jsonify({"secret": secret, "address": found})
        response.status_code = 201
        response.headers["Cache-Control"] = "no-store"
        return response


@blp.route("/api/v1/sessions/refresh")
class SessionRefresh(MethodView):
    @allow(ANYONE)
    @blp.arguments(Refresh)
    @blp.response(200, SignedInOut)
    @blp.alt_response(401, description="The session has ended")
    def post(self, body: dict[str, Any]) -> Response:
        """The next tokens; each refresh token works once.

        A browser sends no refresh token but its cookie, with ``X-Requested-With: console``; the answer holds the
        cookie for the next time.
        """
        if "refresh_token" in body:
            return tokens(application().sessions.refresh(**body), 200, cookie=False)
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            missing = {"field": "refresh_token", "message": "Missing data for required field."}
            raise Problem.of(422, errors=[missing])
        refuse_other_sites()
        try:
            return tokens(application().sessions.refresh(refresh_token=cookie), 200, cookie=True)
        except SessionEnded as error:
            raise Problem(401, *SESSION_ENDED, headers={"Set-Cookie": without_cookie()}) from error


@blp.route("/api/v1/sessions/current")
class CurrentSession(MethodView):
    @allow(SIGNED_IN)
    @blp.response(204)
    def delete(self) -> Response:
        """Sign out. The cookie of a browser is deleted."""
        claims = claims_of_request()
        ending = sign_out(user_id=claims.user_id, session_id=claims.session_id)
        response = reply(application().carry_out(command(), ending))
        response.headers.add("Set-Cookie", without_cookie())
        return response


def device() -> str | None:
    """What this browser got when somebody signed in with it."""
    return request.cookies.get(DEVICE_COOKIE)


def address() -> str:
    """The client's address, as far as our own proxies tell it."""
    return request.remote_addr or "unknown"


def refusing_in_time(attempt: Callable[[], T]) -> T:
    """Run ``attempt``; one too many answers 429 with the seconds to wait."""
    try:
        return attempt()
    except TooManyAttempts as error:
        raise Problem.of(429, headers={"Retry-After": str(error.retry_after)}) from error


def refuse_other_sites() -> None:
    """What a cookie authorises must be asked for by our own pages. The cookie is ``SameSite=Strict``; besides, the
    request needs a header that no form of another site can send, and an ``Origin``, where one is told, of our own host;
    its port counts as little as for cookies.

    :raises Problem: 403.
    """
    origin = request.headers.get("Origin")
    own = origin is None or urlsplit(origin).hostname == urlsplit(f"//{request.host}").hostname
    if not own or request.headers.get("X-Requested-With") != "console":
        raise Problem(403, "other-site", "请求并非来自本站页面", "The request does not come from our own pages")


def tokens(signed_in: SignedIn, status: int, *, cookie: bool) -> Response:
    """The answer with the tokens; with ``cookie`` the refresh token is one, and stands not in the body."""
    body = {
        "access_token": signed_in.access_token,
        "token_type": "Bearer",
        "expires_at": signed_in.expires_at.isoformat(),
        "refresh_expires_at": signed_in.refresh_expires_at.isoformat(),
        "must_change_password": signed_in.must_change_password,
    }
    response = jsonify(body if cookie else body | {"refresh_token": signed_in.refresh_token})
    if cookie:
        response.headers.add("Set-Cookie", _cookie(COOKIE, signed_in.refresh_token, signed_in.refresh_expires_at))
        if signed_in.device is not None:
            until = datetime.now(UTC) + REMEMBERED
            response.headers.add("Set-Cookie", _cookie(DEVICE_COOKIE, signed_in.device, until))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def without_cookie() -> str:
    """The header that deletes the cookie."""
    return _cookie(COOKIE, "", datetime.fromtimestamp(0, UTC))


def _cookie(name: str, value: str, expires: datetime) -> str:
    """The cookie goes to the routes of sessions only, and over https only where this request came so, or all do."""
    secure = request.is_secure or application().means.config.always_https
    return dump_cookie(name, value, expires=expires, path=COOKIE_PATH, secure=secure, httponly=True, samesite="Strict")
