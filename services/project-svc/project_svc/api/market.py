"""The public API of the marketplace's own delivery center: RPC over one address, the action in a header.

Requests come through the gateway, which has had their signature looked at and brings the token the signature is worth;
here it is only seen to that the body is the one that was signed. Errors have the shape the official clients read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

import structlog
from delivery_shared.commands import Busy, KeyReused
from delivery_shared.http import Problem, allow, caller, claims_of_request
from delivery_shared.http.access import need_scope
from delivery_shared.http.bodies import storable
from delivery_shared.messaging.consumer import DATABASE_DOWN, NotYet
from delivery_shared.tracing import current_trace
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from project_svc.api.calling import application
from project_svc.domain import errors as e
from project_svc.facade import AnotherNode, Facade, FormUnreadable, Wanted
from project_svc.pages.market import MarketPages

log = structlog.get_logger()

blp = Blueprint("market", __name__, description="云市场开放接口: the public API of the marketplace's delivery center")

VERSION: Final = "2015-11-01"
LONGEST: Final = 4096
"""Characters of a parameter."""
LARGEST_PAGE: Final = 10_000
LARGEST_NODE: Final = 10_000


class Told(Exception):
    """An answer other than success: HTTP status, ``Code`` and ``Message`` as the documentation of the API has them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def illegal(name: str) -> Told:
    return Told(400, "IllegalParameter", f"Illegal parameter {name}.")


ROLE = (400, "IllegalOperatorRole", "Illegal operator role.")
NODE = (400, "IllegalCurrentNode", "Illegal current node.")
STATUS = (400, "IllegalProjectStatus", "Illegal project status.")
BUSY = (503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")

TOLD: Final[dict[type[Exception], tuple[int, str, str]]] = {
    e.ProjectUnknown: (400, "IllegalParameter", "Illegal parameter InstanceId."),
    e.OrderUnknown: (400, "IllegalParameter", "Illegal parameter OrderId."),
    e.FormInvalid: (400, "IllegalParameter", "Illegal parameter TemplateForm."),
    FormUnreadable: (400, "IllegalParameter", "Illegal parameter TemplateForm."),
    e.TextMissing: (400, "IllegalParameter", "Illegal parameter Remark."),
    e.TextTooLong: (400, "IllegalParameter", "Illegal parameter Remark."),
    e.NotOperator: ROLE,
    e.ManagerMissing: ROLE,
    e.NotParticipant: ROLE,
    AnotherNode: NODE,
    e.NodePassed: NODE,
    e.VisitUnknown: NODE,
    e.NotOperable: NODE,
    e.NotRejectable: NODE,
    e.RequirementMissing: NODE,
    e.FormBroken: (400, "IllegalResult", "Illegal result."),
    e.ProjectPaused: STATUS,
    e.ProjectFrozen: STATUS,
    e.TermExpired: STATUS,
    e.NotPaused: STATUS,
    e.ProjectEnded: STATUS,
    e.ChangePending: STATUS,
    KeyReused: (400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    e.FormUnknown: BUSY,
    Busy: BUSY,
    NotYet: BUSY,
    **dict.fromkeys(DATABASE_DOWN, BUSY),
}
INTERNAL: Final = (500, "InternalError", "The request processing has failed due to some unknown error.")

Values = dict[str, str]


def _text(values: Values, name: str) -> str:
    """A parameter that must be there."""
    found = values.get(name, "")
    if not found or len(found) > LONGEST or not storable(found):
        raise illegal(name)
    return found


def _whole(values: Values, name: str, *, most: int, default: int | None = None) -> int:
    found = values.get(name, "" if default is None else str(default))
    if not (found.isascii() and found.isdecimal() and len(found) < 10 and 0 < int(found) <= most):
        raise illegal(name)
    return int(found)


def _pages(facade: Facade, values: Values) -> MarketPages:
    return facade.project(by=caller(), instance_id=_text(values, "InstanceId"))


def describe_project_info(facade: Facade, values: Values) -> dict[str, Any]:
    return {"Result": _pages(facade, values).info()}


def describe_project_nodes(facade: Facade, values: Values) -> dict[str, Any]:
    return {"Result": _pages(facade, values).nodes()}


def describe_current_node_info(facade: Facade, values: Values) -> dict[str, Any]:
    pages = _pages(facade, values)
    return {"Result": pages.node(pages.open)}


def describe_project_messages(facade: Facade, values: Values) -> dict[str, Any]:
    page = _whole(values, "PageIndex", most=LARGEST_PAGE, default=1)
    items, total = _pages(facade, values).messages(page)
    return {"Result": items, "TotalCount": total}


def describe_project_attachments(facade: Facade, values: Values) -> dict[str, Any]:
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return {"Result": _pages(facade, values).attachments(f"{scheme}://{request.host}")}


def describe_project_operate_logs(facade: Facade, values: Values) -> dict[str, Any]:
    return {"Result": _pages(facade, values).logs()}


def describe_order_for_isv(facade: Facade, values: Values) -> dict[str, Any]:
    return facade.order(by=caller(), order_number=_text(values, "OrderId"))


def finish_current_project_node(facade: Facade, values: Values) -> dict[str, Any]:
    form = _text(values, "TemplateForm") if "TemplateForm" in values else None
    facade.finish(_wanted(), **_named(values), form=form, fingerprint=_fingerprint())
    return {"Result": True}


def rollback_current_project_node(facade: Facade, values: Values) -> dict[str, Any]:
    remark = _text(values, "Remark")
    facade.roll_back(_wanted(), **_named(values), remark=remark, fingerprint=_fingerprint())
    return {"Result": True}


def pause_project(facade: Facade, values: Values) -> dict[str, Any]:
    remark = _text(values, "Remark")
    facade.pause(_wanted(), **_named(values), remark=remark, fingerprint=_fingerprint())
    return {"Result": True}


def resume_project(facade: Facade, values: Values) -> dict[str, Any]:
    facade.resume(_wanted(), **_named(values), fingerprint=_fingerprint())
    return {"Result": True}


def _named(values: Values) -> dict[str, Any]:
    """Project and node, as every action that changes something names them."""
    node_id = _whole(values, "NodeId", most=LARGEST_NODE)
    return {"instance_id": _text(values, "InstanceId"), "node_id": node_id}


def _wanted() -> Wanted:
    need_scope("write")
    nonce = request.headers.get("x-acs-signature-nonce", "")
    return Wanted(by=caller(), key_id=claims_of_request().session_id, nonce=nonce)


def _fingerprint() -> str:
    return hashlib.sha256(request.query_string + b"\n" + request.get_data()).hexdigest()


Action = Callable[[Facade, Values], dict[str, Any]]

ACTIONS: Final[dict[str, Action]] = {
    "DescribeProjectInfo": describe_project_info,
    "DescribeProjectNodes": describe_project_nodes,
    "DescribeCurrentNodeInfo": describe_current_node_info,
    "DescribeProjectMessages": describe_project_messages,
    "DescribeProjectAttachments": describe_project_attachments,
    "DescribeProjectOperateLogs": describe_project_operate_logs,
    "DescribeOrderForIsv": describe_order_for_isv,
    "FinishCurrentProjectNode": finish_current_project_node,
    "RollbackCurrentProjectNode": rollback_current_project_node,
    "PauseProject": pause_project,
    "ResumeProject": resume_project,
}


@blp.route("/market")
class Market(MethodView):
    @allow("access_key", key_needs="nothing")
    @blp.response(200, description="`RequestId`, and what the action answers")
    def post(self) -> Response:
        """An action of the product *Market*, version 2015-11-01: its name in `x-acs-action`, its parameters in the
        address or a form, signed with an access key by `ACS3-HMAC-SHA256`. Official clients call `POST /` instead."""
        body = request.get_data()
        if hashlib.sha256(body).hexdigest() != request.headers.get("x-acs-content-sha256"):
            raise Told(400, "SignatureDoesNotMatch", "The body is not the one that was signed.")
        if request.headers.get("x-acs-version") != VERSION:
            raise Told(400, "InvalidVersion", f"Specified parameter Version is not {VERSION}.")
        action = ACTIONS.get(request.headers.get("x-acs-action", ""))
        if action is None:
            raise Told(404, "InvalidAction.NotFound", "Specified api is not found.")
        need_scope("read")
        values = {**request.args.to_dict(), **request.form.to_dict()}
        answer = action(Facade(application()), values)
        return _answer(200, {"RequestId": current_trace().correlation_id, "Success": True, **answer})


@blp.errorhandler(Exception)
def told(error: Exception) -> Response:
    """Every error of this address, in the shape of the API."""
    status, code, message = _told(error)
    if status >= 500:
        log.error("request failed", path=request.path, exc_info=error)
    shown = {"RequestId": current_trace().correlation_id, "HostId": request.host, "Code": code, "Message": message}
    return _answer(status, shown)


def _told(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, Told):
        return error.status, error.code, error.message
    if isinstance(error, Problem):
        code = {401: "InvalidSecurityToken.Expired", 403: "NoPermission", 503: BUSY[1]}.get(error.status)
        return error.status, code or "IllegalRequest", error.en
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        return error.code or 400, "IllegalRequest", "Illegal request."
    return next((TOLD[cls] for cls in type(error).__mro__ if cls in TOLD), INTERNAL)


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
