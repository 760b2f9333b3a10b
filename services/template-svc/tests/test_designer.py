"""What the console's designer is told: the kinds of nodes with their forms."""

from __future__ import annotations

import typing
from typing import Any

import pytest
from delivery_shared.contracts.template import NodeType, Trigger
from template_svc.api.node_forms import Nodes, dump_node
from template_svc.domain.kinds import KINDS

pytestmark = pytest.mark.integration


@pytest.fixture
def offered(vendor: Any) -> dict[str, Any]:
    answer = vendor("GET", "node-forms")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def fields_of(offered: dict[str, Any], node_type: str) -> dict[str, dict[str, Any]]:
    [kind] = [kind for kind in offered["kinds"] if kind["type"] == node_type]
    return {field["name"]: field for field in kind["fields"]}


@pytest.mark.requirement("T-17", "T-91")
def test_every_type_and_trigger_of_the_contract_is_offered_with_texts_in_both_languages(
    offered: dict[str, Any], operator: Any
) -> None:
    assert [kind["type"] for kind in offered["kinds"]] == list(typing.get_args(NodeType))
    assert [trigger["value"] for trigger in offered["triggers"]] == list(typing.get_args(Trigger))
    for one in (*offered["kinds"], *offered["triggers"], *offered["receivers"]):
        text = one.get("name") or one["text"]
        assert text["zh"]
        assert text["en"]
    assert operator("GET", "node-forms").json == offered


@pytest.mark.requirement("T-36", "T-37", "T-47", "T-52", "T-75")
@pytest.mark.parametrize("node_type", KINDS)
def test_a_node_made_of_the_presets_is_what_saving_makes_of_an_empty_form(
    offered: dict[str, Any], node_type: str
) -> None:
    presets = {name: field["preset"] for name, field in fields_of(offered, node_type).items()}
    saved = Nodes().load({"nodes": [{"id": "a", "type": node_type}]})["nodes"][0]
    assert {"id": "a", "type": node_type, **presets} == dump_node(saved)
    assert Nodes().load({"nodes": [{"id": "a", "type": node_type, **presets}]})["nodes"][0] == saved


@pytest.mark.requirement("T-30", "T-57", "T-62", "T-67", "T-76")
def test_marks_and_conditions(offered: dict[str, Any]) -> None:
    confirm, general = fields_of(offered, "confirm"), fields_of(offered, "general")
    assert {name for name, field in confirm.items() if field["required"]} == {
        "name", "side", "role", "confirm_button", "reject_button",
    }  # fmt: skip
    assert {name: field["shown_with"] for name, field in {**general, **confirm}.items() if field["shown_with"]} == {
        "upload_button": "upload",
        "view_button": "upload",
        "reject_button": "rejectable",
    }
    assert {name: field["needs"] for name, field in confirm.items() if field["needs"]} == {
        "role": "side",
        "advance_on_timeout": "timeout",
    }
    assert confirm["advance_on_timeout"]["why"]["zh"] == "需先设置大于 0 的超时时间"


@pytest.mark.requirement("T-38", "T-46", "T-59")
def test_choices_say_what_they_need_and_what_they_preselect(offered: dict[str, Any]) -> None:
    [_, customer] = fields_of(offered, "confirm")["side"]["choices"]
    assert (customer["value"], customer["sets"]) == ("customer", {"role": "customer"})
    [_, department] = fields_of(offered, "assign_order")["rule"]["choices"]
    assert (department["after"], bool(department["why"]["en"])) == ("claim_order", True)
    assert fields_of(offered, "claim_order")["role"]["roles"] == ["account_manager", "provider_admin"]


@pytest.mark.requirement("T-18", "T-22", "T-29")
def test_where_nodes_stand(offered: dict[str, Any]) -> None:
    places = {kind["type"]: kind["place"] for kind in offered["kinds"] if kind["place"] != "anywhere"}
    assert places == {"assign_provider": "first", "container": "top", "complete_project": "last"}


def test_who_designs_nothing_is_not_told(sign_in: Any) -> None:
    assert sign_in("customer")("GET", "node-forms").status_code == 403
