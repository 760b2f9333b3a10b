"""The public API of a marketplace's own delivery center (*Market*, 2015-11-01), as far as a mirror needs it: signed
RPC over HTTPS (ADR 0035). Only addresses the installation allows are called, and redirections are not followed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
from delivery_shared.signatures import signing

from intake_svc.domain import facts
from intake_svc.domain.mirroring import Node, There

VERSION: Final = "2015-11-01"
TIMEOUT: Final = 10.0
"""Seconds for an answer."""
LARGEST: Final = 2_000_000
"""Bytes of an answer that are read."""
LONGEST_REMARK: Final = 500
"""Characters: it stands in the address of a request."""

ACTIONS: Final[Mapping[facts.ReportAct, str]] = {
    "finish": "FinishCurrentProjectNode",
    "rollback": "RollbackCurrentProjectNode",
    "pause": "PauseProject",
    "resume": "ResumeProject",
}
MOVED: Final = frozenset({"IllegalCurrentNode", "IllegalProjectStatus"})
"""It has gone on between reading and telling: what there is now is to be read again."""
OF_THE_KEY: Final = (
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidTimeStamp", "IncompleteSignature", "InvalidSecurityToken",
    "Forbidden", "NoPermission", "SignatureNonceUsed",
)  # fmt: skip
"""How codes begin that refuse whoever asks, not what is asked."""
AWAY: Final = frozenset({408, 429, 502, 503, 504})
"""Answers of something between, or of one who has too much to do."""


class Away(Exception):
    """Nobody answers, or not now: that is so for all reports of the connection."""


class KeyRefused(Exception):
    """The access key is refused: for all reports of the connection, until another is given, or it is let in."""


class Unknown(Exception):
    """The marketplace knows no such project, or none that the key's party may know."""


class Refused(Exception):
    """This report is refused, for good; the text is the marketplace's code."""


class Failed(Exception):
    """This request was not carried out, or its answer cannot be read; the next attempt may be."""


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """Whom the marketplace takes us for."""

    endpoint: str
    id: str
    secret: str = field(repr=False)


class Market:
    """Reads projects there and tells of ours. For several threads."""

    def __init__(self, *, now: Callable[[], datetime], timeout: float = TIMEOUT) -> None:
        self._now = now
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)

    def close(self) -> None:
        self._http.close()

    def read(self, key: AccessKey, instance_id: str) -> There:
        """The project as it stands there. :raises Away, KeyRefused, Unknown, Failed:"""
        info = self._result(key, "DescribeProjectInfo", InstanceId=instance_id)
        nodes = self._result(key, "DescribeProjectNodes", InstanceId=instance_id)
        current = self._result(key, "DescribeCurrentNodeInfo", InstanceId=instance_id)
        try:
            return There(
                order_number=str(info["OrderId"]),
                status=info["ProjectStatus"],
                current=_node(current),
                nodes=[_node(node) for node in nodes],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Failed("unreadable") from error

    def tell(
        self, key: AccessKey, act: facts.ReportAct, *, instance_id: str, node_id: int, remark: str | None = None
    ) -> None:
        """:raises Away, KeyRefused, Refused, Failed: in the first and last case it may have been carried out."""
        values = {"InstanceId": instance_id, "NodeId": str(node_id)}
        if remark:
            values["Remark"] = remark[:LONGEST_REMARK]
        try:
            done = self._result(key, ACTIONS[act], **values)
        except Unknown as error:
            raise Refused("IllegalParameter") from error
        if done is not True:
            raise Failed("not-done")

    def _result(self, key: AccessKey, action: str, **values: str) -> Any:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
        headers = signing(
            method="POST", target=f"/?{query}", host=urlsplit(key.endpoint).netloc, key_id=key.id, secret=key.secret,
            now=self._now(), action=action, version=VERSION,
        )  # fmt: skip
        try:
            with self._http.stream("POST", f"{key.endpoint}/?{query}", headers=headers) as response:
                raw = b""
                for piece in response.iter_bytes():
                    raw += piece
                    if len(raw) > LARGEST:
                        raise Failed("unreadable")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Away(type(error).__name__) from error
        if response.status_code in AWAY:
            raise Away(str(response.status_code))
        try:
            body = json.loads(raw)
            code = str(body.get("Code") or "")
        except (ValueError, AttributeError) as error:
            raise Failed(f"{response.status_code} unreadable") from error
        if response.is_success and not code:
            return body.get("Result")
        raise _refusal(response.status_code, code or str(response.status_code), str(body.get("Message") or ""))


def _refusal(status: int, code: str, message: str) -> Exception:
    code = code[:100]
    if code.startswith("Throttling"):
        return Away(code)
    if status in (401, 403) or code.startswith(OF_THE_KEY):
        return KeyRefused(code)
    if status >= 500 or code in MOVED:
        return Failed(code)
    return Unknown(code) if code == "IllegalParameter" and "InstanceId" in message else Refused(code)


def _node(told: Mapping[str, Any]) -> Node:
    entered = told.get("GmtStart")
    return Node(
        id=int(told["NodeId"]),
        name=str(told.get("NodeName") or ""),
        status=str(told["NodeStatus"]),
        step=int(told["StepNo"]),
        parent=int(told.get("ParentNodeId") or 0),
        role=str(told["OperatorRole"]),
        rejectable=bool(told.get("AllowRollbackNode")),
        entered=None if entered is None else int(entered),
    )
