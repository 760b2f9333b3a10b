"""The official client of the marketplace's public API, pointed at a center, and what a vendor's script does with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from alibabacloud_market20151101 import models
from alibabacloud_market20151101.client import Client as OfficialClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.request import DaraRequest
from delivery_center.client import Client
from delivery_center.stories.story import PICTURE, Story, see, wait

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
VENDOR = "杭州远山软件有限公司"
SCOPES = ["project:read", "project:write"]

NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商节点"},
    {"id": "submit", "type": "submit_requirement", "name": "提交需求", "form": "information_website"},
    {
        "id": "work",
        "type": "container",
        "name": "实施",
        "children": [
            {
                "id": "agree",
                "type": "confirm",
                "name": "确认需求",
                "side": "provider",
                "role": "provider_admin",
                "rejectable": True,
                "reject_button": "驳回",
                "timeout": 30,
            },
            {
                "id": "build",
                "type": "general",
                "name": "交付成果",
                "side": "provider",
                "role": "provider_admin",
                "upload": True,
            },
        ],
    },
    {"id": "accept", "type": "confirm", "name": "验收", "side": "customer"},
    {"id": "end", "type": "complete_project", "name": "完成项目"},
]
IDS = {"分配服务商节点": 1, "提交需求": 2, "实施": 3, "确认需求": 4, "交付成果": 5, "验收": 6, "完成项目": 7}


def official(base: str, key: dict[str, str], **changed: str) -> OfficialClient:
    """The client, as a vendor's script makes it."""
    made = {"access_key_id": key["access_key_id"], "access_key_secret": key["secret"], **changed}
    return OfficialClient(Config(endpoint=urlsplit(base).netloc, protocol="HTTP", **made))


def signed(base: str, key: dict[str, str], path: str, query: dict[str, str], **headers: str) -> dict[str, str]:
    """Headers of a POST that is signed as the official client signs its own."""
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", path, query
    request.headers = {
        "host": urlsplit(base).netloc,
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-content-sha256": EMPTY,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    secret, algorithm = key["secret"], "ACS3-HMAC-SHA256"
    auth = Utils.get_authorization(request, algorithm, EMPTY, key["access_key_id"], secret)
    return {**request.headers, "Authorization": auth}


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[None]:
    """What is done here is refused with this code, told in the shape that the official client reads."""
    try:
        yield
    except AlibabaCloudException as told:
        see(f"refusal {told.message}", (told.code, told.status_code), (code, status))
        data: dict[str, Any] = told.data
        see("fields of a refusal", {"RequestId", "HostId", "Code", "Message"} <= data.keys(), True)
        return
    raise AssertionError(f"not refused with {code}")


def unlike(shown: Any, **expected: Any) -> dict[str, Any]:
    """What of a result is not as expected."""
    found: dict[str, Any] = shown.to_map()
    return {name: found.get(name) for name, value in expected.items() if found.get(name) != value}


@dataclass
class Script:
    """What a vendor's script does to one project."""

    client: OfficialClient
    instance_id: str

    def info(self) -> Any:
        return self.client.describe_project_info(models.DescribeProjectInfoRequest(self.instance_id)).body.result

    def nodes(self) -> list[Any]:
        request = models.DescribeProjectNodesRequest(self.instance_id)
        found: list[Any] = self.client.describe_project_nodes(request).body.result
        return found

    def current(self) -> Any:
        request = models.DescribeCurrentNodeInfoRequest(self.instance_id)
        return self.client.describe_current_node_info(request).body.result

    def logs(self) -> list[Any]:
        request = models.DescribeProjectOperateLogsRequest(self.instance_id)
        found: list[Any] = self.client.describe_project_operate_logs(request).body.result
        return found

    def attachments(self) -> list[Any]:
        request = models.DescribeProjectAttachmentsRequest(self.instance_id)
        found: list[Any] = self.client.describe_project_attachments(request).body.result
        return found

    def messages(self, page: int | None = None) -> Any:
        request = models.DescribeProjectMessagesRequest(instance_id=self.instance_id, page_index=page)
        return self.client.describe_project_messages(request).body

    def do(self, action: str, node: str, **more: str) -> None:
        """One of the actions that change something."""
        name = "".join(part.title() for part in action.split("_")) + "Request"
        request = getattr(models, name)(instance_id=self.instance_id, node_id=IDS[node], **more)
        body = getattr(self.client, action)(request).body
        see(action, (body.success, body.result, bool(body.request_id)), (True, True, True))

    def stands_at(self, node: str) -> None:
        wait("current node", lambda: self.current().node_name, node)


class ByScript(Story):
    """A vendor delivers by a script that speaks the public API; its customer uses the console."""

    def __init__(self, base: str, client: Client, **who: Any) -> None:
        super().__init__(client, **who)
        self.base = base

    def play(self) -> list[dict[str, Any]]:
        self.party, self.admin = self.isv(VENDOR)
        self.register_customer()
        self.product_id = self.list_with(self.admin, self.publish(self.admin, "接口交付", NODES))
        self.tick_oneself(self.admin, self.product_id, self.party, VENDOR)
        self.key = self.make_key(name="交付脚本", scopes=SCOPES)
        self.project_id = self.order()
        self.script = Script(official(self.base, self.key), f"{self.order_number}001")
        self.it_reads()
        self.it_sends_back_and_finishes()
        self.it_pauses_and_resumes()
        self.it_hands_in()
        self.it_ends()
        self.it_is_refused()
        return self.log(self.project_id)

    def make_key(self, **form: Any) -> dict[str, str]:
        made: dict[str, str] = self.admin.post("/api/v1/access-keys", form)
        return made

    def it_reads(self) -> None:
        script = self.script
        script.stands_at("提交需求")
        info = script.info()
        expected = {
            "InstanceId": script.instance_id, "OrderId": self.order_number,
            "ProjectStatus": "Starting", "CurrentStepNo": 2, "FinalStepNo": 5, "FinishType": None,
            "CustomerAliUid": self.customer[1], "ProductCode": "66001", "ProductName": "name_66",
            "ProductSkuName": "尊享版 (自营)", "GmtFinished": None,
        }  # fmt: skip
        see("DescribeProjectInfo differs in", unlike(info, **expected), {})
        see("GmtCreate is now", abs(info.gmt_create / 1000 - datetime.now(UTC).timestamp()) < 120, True)
        nodes = script.nodes()
        see("nodes", {node.node_name: node.node_id for node in nodes}, IDS)
        statuses = ["Finish", "Starting", "NotStart", "NotStart", "NotStart", "NotStart", "NotStart"]
        see("statuses", [node.node_status for node in nodes], statuses)
        roles = ["System", "Custom", "System", "Provider", "Provider", "Custom", "Custom"]
        see("roles", [node.operator_role for node in nodes], roles)
        see("steps", [node.step_no for node in nodes], [1, 2, 3, 3, 3, 4, 5])
        see("parents", [node.parent_node_id for node in nodes], [0, 0, 0, 3, 3, 0, 0])
        see("next", [node.next_node_id for node in nodes], [2, 4, 6, 5, 6, 7, 0])
        see("previous", [node.previous_node_id for node in nodes], [0, 1, 2, 2, 4, 5, 6])
        see("may be sent back", [n.node_name for n in nodes if n.allow_rollback_node], ["确认需求"])
        see("takes files", [n.node_name for n in nodes if n.need_attachment], ["交付成果"])
        see("the form names its fields", '"fieldKey": "company_name"' in nodes[1].template_form, True)
        order = script.client.describe_order_for_isv(models.DescribeOrderForIsvRequest(self.order_number)).body
        expected = {"OrderStatus": "NORMAL", "OrderType": "NEW", "PayStatus": "PAID", "Quantity": 1,
                    "InstanceIds": [script.instance_id], "ProductCode": "66001"}  # fmt: skip
        see("DescribeOrderForIsv differs in", unlike(order, **expected), {})
        with refused("IllegalOperatorRole"):
            script.do("finish_current_project_node", "提交需求")

    def it_sends_back_and_finishes(self) -> None:
        script = self.script
        self.submit(self.project_id, "提交需求")
        script.stands_at("确认需求")
        see("when it is due is told", script.current().gmt_expired > script.current().gmt_start, True)
        with refused("IllegalParameter"):
            script.do("rollback_current_project_node", "确认需求")
        script.do("rollback_current_project_node", "确认需求", remark="请补充栏目")
        script.stands_at("提交需求")
        with refused("IllegalCurrentNode"):
            script.do("finish_current_project_node", "确认需求")
        self.submit(self.project_id, "提交需求")
        script.stands_at("确认需求")

    def it_pauses_and_resumes(self) -> None:
        script = self.script
        script.do("pause_project", "确认需求", remark="等待客户资料")
        see("ProjectStatus", script.info().project_status, "Pause")
        with refused("IllegalProjectStatus"):
            script.do("finish_current_project_node", "确认需求")
        with refused("IllegalProjectStatus"):
            script.do("pause_project", "确认需求", remark="再次暂停")
        script.do("resume_project", "确认需求")
        see("ProjectStatus", script.info().project_status, "Starting")
        with refused("IllegalProjectStatus"):
            script.do("resume_project", "确认需求")
        script.do("finish_current_project_node", "确认需求")

    def it_hands_in(self) -> None:
        """Files go in by the REST API, for the other has no action for it: with a token for the same key."""
        script = self.script
        script.stands_at("交付成果")
        rest = Client(lambda path: self.base + path, http=self.client.http).with_key(
            self.key["access_key_id"], self.key["secret"]
        )
        visit = rest.get(f"/api/v1/projects/{self.project_id}")["current"]["visit"]
        files = {"file": ("首页.png", PICTURE, "image/png")}
        rest.post(f"/api/v1/projects/{self.project_id}/visits/{visit}/files", files=files)
        (file,) = script.attachments()
        expected = {"FileName": "首页.png", "FileSize": len(PICTURE), "FileSuffix": "png", "NodeName": "交付成果",
                    "NodeId": 5, "OperatorRole": "Provider"}  # fmt: skip
        see("DescribeProjectAttachments differs in", unlike(file, **expected), {})
        link = urlsplit(file.file_link)
        see("the link leads here", link.netloc, urlsplit(self.base).netloc)
        see("what lies behind the link", rest.get(link.path), PICTURE)
        self.buyer.post(f"/api/v1/projects/{self.project_id}/comments", {"text": "什么时候可以验收？"})
        said = script.messages()
        see("TotalCount", said.total_count, 1)
        expected = {"Content": "什么时候可以验收？", "OperatorRole": "Custom", "OperatorName": "客户甲乙丙 顾客"}
        see("DescribeProjectMessages differs in", unlike(said.result[0], **expected), {})
        see("the next page", (script.messages(2).result, script.messages(2).total_count), ([], 1))
        script.do("finish_current_project_node", "交付成果", remark="已交付")

    def it_ends(self) -> None:
        script = self.script
        self.confirm(self.buyer, self.project_id, "验收", "完成项目")
        wait("ProjectStatus", lambda: script.info().project_status, "Finish")
        see("FinishType", script.info().finish_type, "CustomerConfirm")
        see("statuses", {node.node_status for node in script.nodes()}, {"Finish"})
        logs = script.logs()
        expected = [f"{row['node']}：{row['event']}" for row in self.log(self.project_id)]
        see("logs", [log.description.partition("（")[0] for log in logs], expected)
        see("who ended it", (logs[0].operator_name, logs[0].operator_role), ("系统", "System"))
        with refused("IllegalProjectStatus"):
            script.do("pause_project", "完成项目", remark="晚了")

    def it_is_refused(self) -> None:
        """Whatever is wrong with the signature, the key, or what is asked for."""
        script, name = self.script, self.script.instance_id

        def info(client: OfficialClient, instance_id: str | None = name) -> None:
            client.describe_project_info(models.DescribeProjectInfoRequest(instance_id))

        with refused("InvalidAccessKeyId.NotFound", 404):
            info(official(self.base, self.key, access_key_id="DCnobody"))
        with refused("SignatureDoesNotMatch"):
            info(official(self.base, self.key, access_key_secret="wrong"))
        with refused("IllegalParameter"):
            info(script.client, "nothing")
        with refused("IllegalParameter"):
            info(script.client, str(uuid4()))
        with refused("IllegalParameter"):
            info(script.client, None)
        with refused("InvalidAction.NotFound", 404):
            script.client.describe_price(models.DescribePriceRequest(order_type="BUY"))
        reading = self.make_key(name="只读", scopes=["project:read"])
        with refused("NoPermission", 403):
            Script(official(self.base, reading), name).do("pause_project", "完成项目", remark="无权")
        other = self.make_key(name="其他", scopes=["dispatch:read"])
        with refused("NoPermission", 403):
            info(official(self.base, other))
        far = self.make_key(name="远方", scopes=SCOPES, networks=["203.0.113.0/24"])
        with refused("Forbidden.SourceIp", 403):
            info(official(self.base, far))
        _, rival = self.isv("另一厂商", "9")
        strange: dict[str, str] = rival.post("/api/v1/access-keys", {"name": "他人", "scopes": SCOPES})
        for instance in (name, self.project_id):
            with refused("IllegalParameter"):
                info(official(self.base, strange), instance)
        info(script.client, self.project_id)
        self.by_hand()
        self.admin.put(f"/api/v1/access-keys/{self.key['key_id']}/state", {"enabled": False})
        with refused("InvalidAccessKeyId.Inactive", 403):
            info(script.client)
        self.admin = self.client.signed_in(self.party["login_name"], self.book.passwords[self.party["login_name"]])

    def by_hand(self) -> None:
        """What the official client never sends."""
        acs = {"x_acs_action": "DescribeProjectInfo", "x_acs_version": "2015-11-01"}
        query = {"InstanceId": self.script.instance_id, "SomethingNew": "1 + 1"}
        address = f"{self.base}/?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())

        def code(answer: httpx.Response) -> Any:
            see("a refusal is JSON", answer.headers["content-type"].partition(";")[0], "application/json")
            return answer.status_code, answer.json()["Code"]

        headers = signed(self.base, self.key, "/", query, **acs)
        see("parameters nobody knows", httpx.post(address, headers=headers).status_code, 200)
        see("a nonce used again", code(httpx.post(address, headers=headers)), (400, "SignatureNonceUsed"))
        body = httpx.post(address, headers=signed(self.base, self.key, "/", query, **acs), content=b"InstanceId=1")
        see("another body than was signed", code(body), (400, "SignatureDoesNotMatch"))
        altered = httpx.post(f"{address}&a=1", headers=signed(self.base, self.key, "/", query, **acs))
        see("another parameter than was signed", code(altered), (400, "SignatureDoesNotMatch"))
        late = signed(self.base, self.key, "/", query, **acs, x_acs_date="2026-01-01T00:00:00Z")
        see("a time long past", code(httpx.post(address, headers=late)), (400, "InvalidTimeStamp.Expired"))
        version = signed(self.base, self.key, "/", query, **{**acs, "x_acs_version": "2014-01-01"})
        see("another version", code(httpx.post(address, headers=version)), (400, "InvalidVersion"))
        unsigned = httpx.post(address, headers={"x-acs-action": "DescribeProjectInfo"})
        see("no signature", code(unsigned), (400, "IncompleteSignature"))
        bearer = {"Authorization": f"Bearer {self.admin.token}", "x-acs-action": "DescribeProjectInfo"}
        see("a token instead", code(httpx.post(address, headers=bearer)), (400, "IncompleteSignature"))
        prefix = signed(self.base, self.key, "/market", query, **acs)
        there = httpx.post(address.replace("/?", "/market?"), headers=prefix)
        see("the prefix", there.status_code, 200)
