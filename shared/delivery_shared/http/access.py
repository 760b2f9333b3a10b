"""Who calls and who may: every view declares it, a view without a declaration does not start. It is looked at before
anything else: whoever may not call makes nothing wait and no body be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

import structlog
from flask import Flask, current_app, g, request
from flask.views import MethodView
from werkzeug.routing import Rule

from delivery_shared.http.problems import Problem
from delivery_shared.http.tokens import Claims, TokenError

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
"""No token needed."""
SIGNED_IN = "signed_in"
"""Any account."""
BY_LINK = "customer_link"
"""A session that a customer's link began: the customer's rights in one project. It is no account, so that only a view
that names it is open to it."""

KINDS = (
    "vendor_admin",
    "vendor_project_manager",
    "provider_admin",
    "staff",
    "account_manager",
    "customer",
    BY_LINK,
    "platform_operator",
    "marketplace",
    "access_key",
)
"""The columns of the authorization matrix (requirements, part (c)), the customer who came by a link, the marketplace's
service account, and access keys, which are what the account is that made them as well."""

KEY_SERVICES: Final = ("project", "dispatch", "template", "reporting", "notify", "intake")
"""The services access keys open; accounts and keys themselves are people's."""
SCOPES: Final = tuple(f"{service}:{what}" for service in KEY_SERVICES for what in ("read", "write"))
"""What an access key may be made for: the routes of a service that read, and those that change something."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is calling, from the token alone – never from a body. ``kinds`` are columns of the authorization
    matrix; a main account is vendor_admin and provider_admin at once (G-15). ``project_id``: all that one who came by a
    link may see."""

    user_id: UUID
    party_id: UUID
    kinds: frozenset[str]
    roles: frozenset[str]
    department_id: UUID | None
    name: str
    project_id: UUID | None = None

    def is_a(self, *kinds: str) -> bool:
        """Whether the caller is of any of ``kinds``."""
        return not self.kinds.isdisjoint(kinds)


def kinds_of(claims: Claims) -> frozenset[str]:
    """The columns of the authorization matrix a token stands for."""
    if claims.project_id is not None:
        return frozenset({BY_LINK})
    if claims.main:
        return frozenset({"vendor_admin", "provider_admin", *(["access_key"] if claims.scopes is not None else [])})
    if claims.side == "provider":
        claiming = {"account_manager"} if "account_manager" in claims.roles else set()
        return frozenset({"staff", *claiming})
    own = {
        "vendor": "vendor_project_manager",
        "customer": "customer",
        "operator": "platform_operator",
        "marketplace": "marketplace",
    }
    return frozenset({own[claims.side]})


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """Who may call a view: kinds of the matrix, :data:`SIGNED_IN` or :data:`ANYONE`. ``decides``: it commits the
    customer, so that a device that came by a link has to show a code first. ``key_needs``: whether an access key needs
    the scope that its method tells, the one to read whatever the method, or none."""

    kinds: frozenset[str]
    while_password_initial: bool
    decides: bool
    key_needs: Literal["method", "read", "nothing"]

    @property
    def anyone(self) -> bool:
        return ANYONE in self.kinds


DECLARATION: Final = "declaration"
"""Attribute of a view that :func:`allow` sets."""


def allow(
    *kinds: str,
    while_password_initial: bool = False,
    decides: bool = False,
    key_needs: Literal["method", "read", "nothing"] = "method",
) -> Callable[[View], View]:
    """Declare who may call a view; :func:`authorize` sees to it.

    ``while_password_initial``: also before the initial password was changed (U-28). ``decides``, ``key_needs``: see
    :class:`Declaration`.
    """
    unknown = set(kinds) - {*KINDS, ANYONE, SIGNED_IN}
    if unknown or not kinds:
        raise TypeError(f"allow() with {unknown or 'nothing'}")
    declaration = Declaration(
        kinds=frozenset(kinds),
        while_password_initial=while_password_initial,
        decides=decides,
        key_needs=key_needs,
    )

    def declare(view: View) -> View:
        setattr(view, DECLARATION, declaration)
        return view

    return declare


def view_of(app: Flask, rule: Rule, method: str) -> Callable[..., Any]:
    """The function, or the method of a view class, that answers ``method`` of a route."""
    view: Callable[..., Any] = app.view_functions[rule.endpoint]
    cls: type[MethodView] | None = getattr(view, "view_class", None)
    return getattr(cls, method.lower(), view) if cls else view


def declaration_of(app: Flask, rule: Rule, method: str) -> Declaration | None:
    """What the view of ``method`` of a route declares; None = nothing."""
    declared = getattr(view_of(app, rule, method), DECLARATION, None)
    assert declared is None or isinstance(declared, Declaration)
    return declared


def authorize() -> bool:
    """Before every request to a view: whether the caller is somebody known, who may call it.

    :raises Problem: 401, 403.
    """
    rule = request.url_rule
    if rule is None or request.method == "OPTIONS":
        return False
    declared = declaration_of(current_app, rule, "GET" if request.method == "HEAD" else request.method)
    if declared is None or declared.anyone:
        return False
    claims = claims_of_request()
    if claims.must_change_password and not declared.while_password_initial:
        raise Problem(403, "password-change-required", "首次登录需先修改登录密码", "Change the initial password first")
    if claims.project_id is not None:
        _admit_by_link(claims, declared)
    elif SIGNED_IN not in declared.kinds and not caller().is_a(*declared.kinds):
        raise Problem.of(403)
    if declared.key_needs != "nothing":
        need_scope("read" if declared.key_needs == "read" or request.method in ("GET", "HEAD") else "write")
    return True


def _admit_by_link(claims: Claims, declared: Declaration) -> None:
    """A link opens the views that name it, and of every project they are about the link's own alone.

    :raises Problem: 403; 404: the view is about another project.
    """
    if BY_LINK not in declared.kinds:
        raise Problem.of(403)
    if (request.view_args or {}).get("project_id", claims.project_id) != claims.project_id:
        raise Problem.of(404)
    if declared.decides and not claims.confirmed:
        raise Problem(403, "code-needed", "请先输入发送给您的验证码", "Enter the code that is sent to you first")


def need_scope(what: Literal["read", "write"]) -> None:
    """Refuse an access key that was not made to read, or to change, what this service has. :raises Problem: 403."""
    scopes = claims_of_request().scopes
    needed = f"{current_app.name}:{what}"
    if scopes is not None and needed not in scopes:
        raise Problem(403, "scope-missing", f"该访问密钥没有权限 {needed}", f"The access key lacks the scope {needed}")


def claims_of_request() -> Claims:
    """The verified claims of the request's bearer token. :raises Problem: 401."""
    if "claims" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem.of(401, headers={"WWW-Authenticate": "Bearer"})
        try:
            claims = current_app.extensions["verifier"].verify(token)
        except TokenError as error:
            log.info("token refused", reason=str(error))
            raise Problem.of(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
        revoked = current_app.extensions["revoked"]
        if revoked is not None and revoked(claims):
            raise Problem.of(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        g.claims = claims
    claims = g.claims
    assert isinstance(claims, Claims)
    return claims


def caller() -> Caller:
    """The caller of the running request."""
    claims = claims_of_request()
    return Caller(
        user_id=claims.user_id,
        party_id=claims.party_id,
        kinds=kinds_of(claims),
        roles=frozenset(claims.roles),
        department_id=claims.department_id,
        name=claims.name,
        project_id=claims.project_id,
    )
