"""The kinds of nodes (节点类型): one table of what each is. Whoever must tell kinds apart reads it here.

A kind that waits for something new is a new :class:`Waits`, and the type checker names every place that must know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

PROVIDER: Final = "provider"
CUSTOMER: Final = "customer"


class Waits(Enum):
    """For whom the project waits at a node."""

    PROVIDER = "dispatch finds the provider"
    STAFF = "dispatch finds the person for a role"
    CLAIM = "a person of the provider claims the order"
    OPERATOR = "whoever operates the node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all nodes of a type have in common.

    ``side``: who operates it or claims it, None where the template says. ``fills_form``: it ends only with a filled
    demand form (R-116). ``uploads``: the template may offer an upload. ``advances``: it may end by itself when its
    timeout passes, 超时进入下一步 (T-41, T-55, T-77). Every operated node ends with the confirmation of its operator,
    the others when they have what they wait for. The texts are those of its buttons unless the template has others.
    """

    type: str
    waits_for: Waits
    side: str | None = None
    fills_form: bool = False
    uploads: bool = False
    advances: bool = False
    view_text: str = "查看内容"
    confirm_text: str = "确认"

    @property
    def operated(self) -> bool:
        """Whether a person operates it in the project's page; automatic and claim nodes are not (R-121)."""
        return self.waits_for is Waits.OPERATOR


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.type: kind
        for kind in (
            Kind(type="assign_provider", waits_for=Waits.PROVIDER),
            Kind(type="claim_order", waits_for=Waits.CLAIM, side=PROVIDER),
            Kind(type="assign_order", waits_for=Waits.STAFF),
            Kind(
                type="submit_requirement",
                waits_for=Waits.OPERATOR,
                side=CUSTOMER,
                fills_form=True,
                view_text="查看需求",
                confirm_text="通过",
            ),
            Kind(type="confirm", waits_for=Waits.OPERATOR, advances=True),
            Kind(type="general", waits_for=Waits.OPERATOR, uploads=True),
            Kind(type="complete_project", waits_for=Waits.OPERATOR, side=CUSTOMER, advances=True),
        )
    }
)
"""Every type of node a template may have, but the container, which is none: its children are (T-27)."""

CONTAINER: Final = "container"
