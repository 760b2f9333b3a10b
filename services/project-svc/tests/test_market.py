"""The public API of the marketplace's delivery center over our projects, behind the gateway: a token stands for the
signature here. What official clients make of it: ``tests/stories/test_official_client.py``."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import dispatch
from delivery_shared.http import Caller
from project_svc import commands
from project_svc.api.market import ACTIONS, TOLD
from project_svc.domain.facts import Paused
from project_svc.pages.market import number

from .conftest import BY_ADMIN, BY_CUSTOMER, BY_LISI, BY_VENDOR, BY_VPM, FOREIGN_ADMIN, OPERATOR, Http, World
from .people import OTHER_PROVIDER, at

pytestmark = pytest.mark.integration

ALL = frozenset({"project:read", "project:write"})


class Script:
    """A program with an access key."""

    def __init__(self, http: Http, by: Caller, scopes: frozenset[str] = ALL) -> None:
        self.client = http.of(by, scopes)

    def __call__(
        self, action: str, *, nonce: str = "", body: bytes = b"", version: str = "2015-11-01", **values: Any
    ) -> Any:
        return self.client.client.post(
            f"/market?{urlencode(values)}",
            data=body,
            headers={
                "Authorization": f"Bearer {self.client.token}",
                "x-acs-action": action,
                "x-acs-version": version,
                "x-acs-signature-nonce": nonce or uuid4().hex,
                "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    def result(self, action: str, **values: Any) -> Any:
        answer = self(action, **values)
        assert answer.status_code == 200, answer.text
        assert answer.json["Success"] is True
        assert answer.json["RequestId"] == answer.headers["X-Correlation-Id"]
        return answer.json["Result"]


def refusal(answer: Any) -> tuple[int, str]:
    """Every refusal has one shape."""
    assert answer.content_type == "application/json"
    assert set(answer.json) == {"RequestId", "HostId", "Code", "Message"}
    assert all(answer.json.values())
    return answer.status_code, answer.json["Code"]


def business_number(world: World, project_id: UUID) -> str:
    return world.project(project_id).business_number


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1744526877246715", 1744526877246715), ("0", 0), ("007", "007"), ("K1", "K1"), ("", ""), (None, None),
        ("1" * 19, "1" * 19), ("١٢", "١٢"), ("-1", "-1"),
    ],
)  # fmt: skip
def test_numbers_are_told_as_numbers_where_nothing_is_lost(text: str | None, told: Any) -> None:
    assert number(text) == told
    assert type(number(text)) is type(told)


def test_a_project_is_meant_by_its_number_or_its_id(http: Http, world: World) -> None:
    project_id = world.at_submit()
    own, provider = Script(http, BY_VENDOR), Script(http, BY_ADMIN)
    written = business_number(world, project_id)
    for script, told in ((own, written), (provider, str(project_id))):
        for instance in (written, f" {written.upper()} ", str(project_id)):
            info = script.result("DescribeProjectInfo", InstanceId=instance)
            assert (info["InstanceId"], info["ProductCode"]) == (told, "55001")
            assert info["SupplierAliUid"] == 1744526877246715
    stranger = Script(http, FOREIGN_ADMIN)
    for instance in (written, str(project_id)):
        assert refusal(stranger("DescribeProjectInfo", InstanceId=instance)) == (400, "IllegalParameter")


def test_only_keys_that_may_are_let_in(http: Http, world: World) -> None:
    project_id = world.at_submit()
    values = {"InstanceId": str(project_id), "NodeId": 3, "Remark": "一"}
    assert refusal(Script(http, BY_VENDOR, frozenset())("DescribeProjectInfo", **values)) == (403, "NoPermission")
    reading = Script(http, BY_ADMIN, frozenset({"project:read"}))
    assert reading("DescribeProjectInfo", **values).status_code == 200
    before = world.versions(project_id)
    for action in ACTIONS:
        if not action.startswith("Describe"):
            assert refusal(reading(action, **values)) == (403, "NoPermission")
    assert world.versions(project_id) == before
    for person in (BY_VENDOR, BY_VPM, BY_LISI, BY_CUSTOMER):
        script = Script(http, BY_VENDOR)
        script.client = http.of(person)
        assert refusal(script("DescribeProjectInfo", **values)) == (403, "NoPermission")
    script.client.token = "nothing"
    assert refusal(script("DescribeProjectInfo", **values)) == (401, "InvalidSecurityToken.Expired")


def test_what_is_asked_for_wrongly_is_told(http: Http, world: World) -> None:
    script, project_id = Script(http, BY_ADMIN), world.at_submit()
    named = {"InstanceId": str(project_id)}
    assert refusal(script("DescribePrice", **named)) == (404, "InvalidAction.NotFound")
    assert refusal(script("DescribeProjectInfo", version="2014-05-26", **named)) == (400, "InvalidVersion")
    wrong = [
        ("DescribeProjectInfo", {}),
        ("DescribeProjectInfo", {"InstanceId": "x" * 5000}),
        ("DescribeProjectMessages", {**named, "PageIndex": 0}),
        ("DescribeProjectMessages", {**named, "PageIndex": "two"}),
        ("DescribeOrderForIsv", {}),
        ("DescribeOrderForIsv", {"OrderId": "unknown"}),
        ("PauseProject", {**named, "Remark": "一"}),
        ("PauseProject", {**named, "NodeId": "three", "Remark": "一"}),
        ("PauseProject", {**named, "NodeId": 3}),
        ("PauseProject", {**named, "NodeId": 3, "Remark": " "}),
        ("PauseProject", {**named, "NodeId": 3, "Remark": "一" * 501}),
        ("FinishCurrentProjectNode", {**named, "NodeId": 3, "TemplateForm": "[1]"}),
        ("FinishCurrentProjectNode", {**named, "NodeId": 3, "TemplateForm": "{"}),
    ]
    before = world.versions(project_id)
    for action, values in wrong:
        assert refusal(script(action, **values)) == (400, "IllegalParameter"), (action, values)
    assert refusal(script("PauseProject", **named, NodeId=4, Remark="一")) == (400, "IllegalCurrentNode")
    assert world.versions(project_id) == before


def test_another_body_than_was_signed_is_refused(http: Http, world: World) -> None:
    script, project_id = Script(http, BY_ADMIN), world.at_submit()
    form = f"InstanceId={project_id}".encode()
    assert script("DescribeProjectInfo", body=form).status_code == 200
    headers = {"x-acs-content-sha256": hashlib.sha256(b"").hexdigest(), "x-acs-version": "2015-11-01"}
    answer = http.of(BY_ADMIN, ALL)(
        "POST", "/market", {"InstanceId": "1"}, **headers, x_acs_action="DescribeProjectInfo"
    )
    assert refusal(answer) == (400, "SignatureDoesNotMatch")


def test_an_action_is_done_once_for_each_nonce(http: Http, world: World) -> None:
    script, project_id = Script(http, BY_ADMIN), world.at_submit()
    values = {"InstanceId": str(project_id), "NodeId": 3, "Remark": "等待客户资料"}

    def paused() -> int:
        return sum(isinstance(fact, Paused) for fact in world.application.store.history(project_id))

    assert script("PauseProject", nonce="n-1", **values).status_code == 200
    assert script("PauseProject", nonce="n-1", **values).status_code == 200
    assert paused() == 1
    assert refusal(script("PauseProject", nonce="n-1", **{**values, "Remark": "二"})) == (400, "SignatureNonceUsed")
    assert refusal(script("PauseProject", nonce="n-2", **values)) == (400, "IllegalProjectStatus")
    assert script.result("ResumeProject", **values) is True
    assert script("PauseProject", nonce="n-3", **values).status_code == 200
    assert paused() == 2


def test_nobody_gets_further_than_by_the_console(http: Http, world: World) -> None:
    """A node is finished by its operator alone, a project paused by the admin of its provider."""
    project_id = world.at_check()
    values = {"InstanceId": str(project_id), "NodeId": 4, "Remark": "一"}
    before = world.versions(project_id)
    for by in (BY_VENDOR, BY_ADMIN):
        for action in ("FinishCurrentProjectNode", "RollbackCurrentProjectNode"):
            assert refusal(Script(http, by)(action, **values)) == (400, "IllegalOperatorRole")
    for action in ("PauseProject", "ResumeProject"):
        assert refusal(Script(http, BY_VENDOR)(action, **values)) == (400, "IllegalOperatorRole")
    assert world.versions(project_id) == before


def test_a_form_goes_in_with_the_node(http: Http, world: World) -> None:
    """Of a test order whoever placed it is the customer (S-10): here the vendor's main account."""
    project_id = world.at_submit(customer_id=BY_VENDOR.user_id)
    script = Script(http, BY_VENDOR)
    named = {"InstanceId": business_number(world, project_id), "NodeId": 3}
    assert refusal(script("FinishCurrentProjectNode", **named)) == (400, "IllegalCurrentNode")
    wrong = json.dumps({"site": 1})
    assert refusal(script("FinishCurrentProjectNode", **named, TemplateForm=wrong)) == (400, "IllegalParameter")
    assert script.result("FinishCurrentProjectNode", **named, TemplateForm=json.dumps({"site": "x"})) is True
    nodes = script.result("DescribeProjectNodes", InstanceId=named["InstanceId"])
    form = next(json.loads(node["TemplateForm"]) for node in nodes if node["TemplateForm"])
    assert [(field["fieldKey"], field["value"]) for field in form if "value" in field] == [("site", "x")]


def test_ends_and_holds_are_told(http: Http, world: World) -> None:
    script, project_id = Script(http, BY_VENDOR), world.at_submit()
    named = {"InstanceId": business_number(world, project_id)}
    order = {"OrderId": world.project(project_id).order_number}
    assert script("DescribeOrderForIsv", **order).json["OrderStatus"] == "NORMAL"
    world.do(commands.pause(by=BY_ADMIN, project_id=project_id, remark="一"))
    assert script.result("DescribeProjectInfo", **named)["ProjectStatus"] == "Pause"
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="取消"))
    assert script.result("DescribeProjectInfo", **named)["ProjectStatus"] == "Cancel"
    assert script.result("DescribeCurrentNodeInfo", **named)["NodeStatus"] == "Cancel"
    assert script("DescribeOrderForIsv", **order).json["OrderStatus"] == "DELETE"
    values = {**named, "NodeId": 3, "Remark": "一"}
    assert refusal(Script(http, BY_ADMIN)("PauseProject", **{**values, "InstanceId": str(project_id)})) == (
        400,
        "IllegalProjectStatus",
    )


def test_what_is_internal_to_another_provider_is_not_told(http: Http, world: World) -> None:
    project_id = world.at_submit()
    world.clock.time = at(5)
    world.do(commands.change_provider(by=BY_VENDOR, project_id=project_id, provider_id=OTHER_PROVIDER, remark="换"))
    world.hear(
        dispatch.ProviderAssigned(
            project_id=project_id,
            run=1,
            request_id=world.ask(project_id),
            provider_id=OTHER_PROVIDER,
            assigned_at=world.clock.now(),
        )
    )
    named = {"InstanceId": str(project_id)}
    assert refusal(Script(http, BY_ADMIN)("DescribeProjectInfo", **named)) == (400, "IllegalParameter")
    assert Script(http, BY_VENDOR).result("DescribeProjectOperateLogs", **named)


def test_every_refusal_of_an_operation_has_a_code() -> None:
    """What none is told for is an internal error, which clients repeat."""
    assert {code for _, code, _ in TOLD.values()} == {
        "IllegalParameter", "IllegalOperatorRole", "IllegalCurrentNode", "IllegalProjectStatus", "IllegalResult",
        "SignatureNonceUsed", "ServiceUnavailable",
    }  # fmt: skip
