"""The table of kinds of nodes: complete, and what the pages say of each."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from delivery_shared.contracts.template import Node, NodeType
from delivery_shared.testing.bdd import given
from project_svc.api.details import LEAF_TYPES
from project_svc.domain.facts import NodeCompleted, NodeEntered, ProviderSet, StaffRequested
from project_svc.domain.flow import CopiedNode, Flow
from project_svc.domain.kinds import CONTAINER, KINDS, Kind, Waits

from .flows import node
from .random_flows import LAST
from .steps import provider_comes, started


@pytest.mark.requirement("T-17", "T-18")
def test_the_table_has_every_type_a_template_can_have() -> None:
    assert {*KINDS, CONTAINER} == set(get_args(NodeType))
    assert set(LEAF_TYPES) == set(KINDS)
    assert all(type == kind.type for type, kind in KINDS.items())


def test_the_copy_of_a_node_has_the_fields_of_the_contract() -> None:
    assert set(CopiedNode.__annotations__) == {field.name for field in msgspec.structs.fields(Node)}


PASSED = (ProviderSet, NodeCompleted)
ASKED: dict[Waits, tuple[Any, ...]] = {
    Waits.PROVIDER: (*PASSED[1:], NodeEntered),
    Waits.STAFF: ((StaffRequested, {"kind": "assign", "role": "designer"}),),
    Waits.CLAIM: (),
    Waits.OPERATOR: (),
}
"""What follows on entering; a second assign-provider node has what it waits for."""


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_node_of_each_kind_is_entered_and_asks_for_what_it_waits_for(kind: Kind) -> None:
    begins = next(kind.type for kind in KINDS.values() if kind.waits_for is Waits.PROVIDER)
    flow = Flow([node(begins, "first"), node(kind.type, "second", role="designer"), node(LAST.type, "last")])
    project = started(flow)
    given(project).when(provider_comes(flow)).then(*PASSED, (NodeEntered, {"node": "second"}), *ASKED[kind.waits_for])


def test_a_type_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        Flow([node("nothing", "none")])
