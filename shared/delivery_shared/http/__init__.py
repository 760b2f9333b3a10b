"""The HTTP base of every service (architecture 6)."""

from delivery_shared.http.access import ANYONE, BY_LINK, KINDS, SIGNED_IN, Caller, allow, caller, claims_of_request
from delivery_shared.http.api import application, create_api, declarations
from delivery_shared.http.commands import command, needs, reply, require_version
from delivery_shared.http.positions import once_known
from delivery_shared.http.problems import ErrorTable, Problem
from delivery_shared.http.tokens import Claims, TokenError, TokenVerifier

__all__ = [
    "ANYONE",
    "BY_LINK",
    "KINDS",
    "SIGNED_IN",
    "Caller",
    "Claims",
    "ErrorTable",
    "Problem",
    "TokenError",
    "TokenVerifier",
    "allow",
    "application",
    "caller",
    "claims_of_request",
    "command",
    "create_api",
    "declarations",
    "needs",
    "once_known",
    "reply",
    "require_version",
]
