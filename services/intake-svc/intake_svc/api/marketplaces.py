"""The addresses marketplaces call. No token of ours: a notice is authentic by its kind's own signature."""

from __future__ import annotations

from typing import Any, Final

from delivery_shared.http import ANYONE, Problem, allow, application
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge

from intake_svc.kinds import KINDS
from intake_svc.kinds.kind import Incoming, Reply

blp = Blueprint("marketplaces", __name__, description="云市场通知: what marketplaces call")

LARGEST: Final = 64 * 1024
"""Bytes of a notice."""


@blp.route("/intake/<string:kind>/<string:token>")
class Notices(MethodView):
    @allow(ANYONE)
    @blp.doc(security=[])
    @blp.response(200, description="as the kind of marketplace expects it")
    def get(self, kind: str, token: str) -> Response:
        """A notice whose parameters stand in the address, as ``aliyun-spi`` sends it."""
        return _received(kind, token)

    @allow(ANYONE)
    @blp.doc(security=[])
    @blp.response(200, description="as the kind of marketplace expects it")
    def post(self, kind: str, token: str) -> Response:
        """A notice with a body, as ``generic``, ``huawei`` and ``tencent`` send it."""
        return _received(kind, token)


def _received(kind: str, token: str) -> Response:
    known = KINDS.get(kind)
    if known is None:
        raise Problem.of(404)
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _response(known.fail(413, "too large"))
    headers: dict[str, Any] = {name: request.headers[name] for name in known.keeps if name in request.headers}
    incoming = Incoming(method=request.method, query=request.query_string.decode("latin-1"), headers=headers, body=body)
    return _response(application().receiver.receive(kind=known, token=token, incoming=incoming))


def _response(reply: Reply) -> Response:
    return Response(reply.body, status=reply.status, content_type=reply.content_type, headers=dict(reply.headers))
