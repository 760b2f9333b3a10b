"""What the publishing rules look at: the nodes in the order they run, with the reference data in force, and what they
find."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from template_svc.domain.kinds import KINDS
from template_svc.domain.nodes import Node, Placed, in_order


@dataclass(frozen=True)
class RoleFacts:
    """What the rules know of a role: its Chinese name and the side it belongs to (A-13)."""

    name: str
    side: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The reference data in force: active roles by code, codes of active demand forms and message templates."""

    roles: Mapping[str, RoleFacts]
    forms: Collection[str]
    message_templates: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken rule. ``node_id`` is None where it concerns the template as a whole; ``field`` is the path inside
    the node's form, such as ``reminders.0.receiver``."""

    node_id: str | None
    field: str | None
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Outline:
    """The nodes of a template, prepared for the rules."""

    nodes: Sequence[Node]
    reference: Reference

    @cached_property
    def placed(self) -> list[Placed]:
        return list(in_order(self.nodes))

    def of_type(self, *types: str) -> list[Node]:
        return [placed.node for placed in self.placed if placed.node["type"] in types]

    def role_name(self, code: str) -> str:
        facts = self.reference.roles.get(code)
        return facts.name if facts else code

    @cached_property
    def roles(self) -> set[str]:
        """The provider-side roles the template names (N-14)."""
        named = {placed.node.get("role") for placed in self.placed}
        return {code for code in named if code and self._side(code) == "provider"}

    def _side(self, code: str) -> str | None:
        facts = self.reference.roles.get(code)
        return facts.side if facts else None


def broken(node: Node | None, field: str | None, code: str, zh: str, en: str) -> Violation:
    """A violation whose texts name the node, by its name or else by its type."""
    if node is None:
        return Violation(node_id=None, field=field, code=code, zh=zh, en=en)
    name = node["name"].strip() or KINDS[node["type"]].name.zh
    return Violation(node_id=node["id"], field=field, code=code, zh=f"节点“{name}”：{zh}", en=f"Node “{name}”: {en}")
