"""A marketplace's own delivery center, simulated: it speaks the public API as the official client library's models have
it, over HTTP, and looks at signatures."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from alibabacloud_market20151101 import models
from delivery_shared.signatures import NotSigned, Request, signed

KEY_ID, SECRET = "LTAI-of-a-vendor", "secret-of-the-access-key"
FLOW = [
    ("分配服务商", "System", 1, 0),
    ("提交需求", "Custom", 2, 0),
    ("制作", "System", 3, 0),
    ("确认需求", "Provider", 3, 3),
    ("交付成果", "Provider", 3, 3),
    ("验收", "Custom", 4, 0),
    ("归档", "Provider", 5, 0),
]
"""Name, who operates it, step, the container it stands in; numbered from 1."""

Node = models.DescribeProjectNodesResponseBodyResult


class Told(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass
class Project:
    """One there. ``at``: the number of its current node."""

    instance_id: str
    order_id: int
    at: int = 4
    status: str = "Starting"
    visits: int = 1
    """Each time a node is entered it is later."""
    flow: list[tuple[str, str, int, int]] = field(default_factory=lambda: list(FLOW))

    def enter(self, node_id: int) -> None:
        """Containers are none to stand at."""
        while node_id in {parent for *_, parent in self.flow}:
            node_id += 1 if node_id > self.at else -1
        if node_id > len(self.flow):
            self.status = "Finish"
        self.at, self.visits = node_id, self.visits + 1

    def nodes(self) -> list[Node]:
        return [
            Node(
                node_id=id, node_name=name, operator_role=role, step_no=step, parent_node_id=parent,
                node_status="Finish" if id < self.at else "Starting" if id == self.at else "NotStart",
                gmt_start=1_700_000_000_000 + self.visits if id == self.at else None,
                allow_rollback_node=name == "确认需求", auto_finish_node=False, need_attachment=False,
                final_step_no=5, next_node_id=id + 1, previous_node_id=id - 1,
            )
            for id, (name, role, step, parent) in enumerate(self.flow, start=1)
        ]  # fmt: skip


class DeliveryCenter:
    """What it was told successfully stands in ``told``. ``fails``: what becomes of the requests to come, in order –
    a status that is answered instead, ``drop`` (no answer, nothing done), ``lose`` (done, and no answer)."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.told: list[tuple[str, str, int, str | None]] = []
        self.fails: list[Any] = []
        self.base = ""
        self.requests = 0
        self.lock = threading.Lock()

    def answer(self, request: Request) -> dict[str, Any]:
        """:raises Told:"""
        self._let_in(request)
        query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
        action = request.headers["x-acs-action"]
        if request.headers["x-acs-version"] != "2015-11-01":
            raise Told(400, "InvalidVersion")
        project = self.projects.get(query.get("InstanceId", ""))
        if project is None:
            raise Told(400, "IllegalParameter", "Illegal parameter InstanceId.")
        nodes = project.nodes()
        current = nodes[min(project.at, len(nodes)) - 1]
        match action:
            case "DescribeProjectInfo":
                info = models.DescribeProjectInfoResponseBodyResult(
                    instance_id=project.instance_id, order_id=project.order_id, project_status=project.status,
                    current_step_no=current.step_no, final_step_no=5,
                )  # fmt: skip
                return models.DescribeProjectInfoResponseBody(result=info, success=True).to_map()
            case "DescribeProjectNodes":
                return models.DescribeProjectNodesResponseBody(result=nodes, success=True).to_map()
            case "DescribeCurrentNodeInfo":
                node = models.DescribeCurrentNodeInfoResponseBodyResult().from_map(current.to_map())
                return models.DescribeCurrentNodeInfoResponseBody(result=node, success=True).to_map()
        return self._change(action, query, project, current)

    def _let_in(self, request: Request) -> None:
        try:
            claimed = signed(request)
        except NotSigned as error:
            raise Told(400, "IncompleteSignature", error.missing) from None
        if claimed.access_key_id != KEY_ID:
            raise Told(404, "InvalidAccessKeyId.NotFound")
        if not claimed.by(SECRET):
            raise Told(400, "SignatureDoesNotMatch")

    def _change(self, action: str, query: dict[str, str], project: Project, current: Node) -> dict[str, Any]:
        requests = {
            "FinishCurrentProjectNode": models.FinishCurrentProjectNodeRequest,
            "RollbackCurrentProjectNode": models.RollbackCurrentProjectNodeRequest,
            "PauseProject": models.PauseProjectRequest,
            "ResumeProject": models.ResumeProjectRequest,
        }
        if action not in requests:
            raise Told(404, "InvalidAction.NotFound")
        asked: Any = requests[action]().from_map(query)
        if int(asked.node_id) != current.node_id:
            raise Told(400, "IllegalCurrentNode")
        wanted = "Pause" if action == "ResumeProject" else "Starting"
        if project.status != wanted:
            raise Told(400, "IllegalProjectStatus")
        if action in ("RollbackCurrentProjectNode", "PauseProject") and not asked.remark:
            raise Told(400, "IllegalParameter", "Illegal parameter Remark.")
        if action in ("FinishCurrentProjectNode", "RollbackCurrentProjectNode") and current.operator_role != "Provider":
            raise Told(400, "IllegalOperatorRole")
        match action:
            case "FinishCurrentProjectNode":
                project.enter(project.at + 1)
            case "RollbackCurrentProjectNode":
                project.enter(project.at - 1)
            case _:
                project.status = "Pause" if action == "PauseProject" else "Starting"
        self.told.append((action, project.instance_id, current.node_id, asked.remark))
        return models.PauseProjectResponseBody(result=True, success=True).to_map()


class Handler(BaseHTTPRequestHandler):
    center: DeliveryCenter

    def do_POST(self) -> None:
        with self.center.lock:
            self.center.requests += 1
            fails = self.center.fails.pop(0) if self.center.fails else None
            if fails == "drop":
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                if isinstance(fails, int):
                    raise Told(fails, "Failing")
                status, body = 200, self.center.answer(Request(method="POST", target=self.path, headers=headers))
            except Told as told:
                status, body = (
                    told.status,
                    {"Code": told.code, "Message": told.message, "RequestId": "r"},
                )
        if fails == "lose":
            self.close_connection = True
            return
        self.send_response(status)
        raw = json.dumps(body).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def running() -> Iterator[DeliveryCenter]:
    center = DeliveryCenter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"center": center}))
    center.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield center
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
