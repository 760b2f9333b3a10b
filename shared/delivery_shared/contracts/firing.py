"""Which reminder rules of a node a message fires: asked by who sends the messages, and by who counts them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from delivery_shared.contracts import project as p
from delivery_shared.contracts.registry import Contract

TRIGGERS: Final[Mapping[type[Contract], tuple[str, str]]] = MappingProxyType(
    {
        p.NodeEntered: ("entered", "entered_at"),
        p.NodeRejected: ("rejected", "rejected_at"),
        p.NodeCompleted: ("passed_on", "completed_at"),
        p.NodeDueSoon: ("due_soon", "told_at"),
        p.NodeOverdue: ("overdue", "overdue_at"),
        p.AssigneeChanged: ("reassigned", "changed_at"),
        p.AssigneeReminded: ("reminded", "reminded_at"),
        p.Talked: ("mentioned", "talked_at"),
    }
)
"""Which messages fire which rules, and which of their fields says when: 进入当前流程, also after a reject or restart
(N-06), 当前流程驳回 (N-07), 当前流程流转 (N-08), 当前流程超时 (N-09): told again of the same visit it fires nothing.
Most of the time limit has passed: only what is told by default.
更换操作人 fires those for 进入当前流程 that mean the new operator; 催办 no rule of the node but one of its own, once
per number; a comment or note one for everybody it mentions."""

CHANGES: Final = 1000
"""The rules of a node are fewer: with the number of a change times this, a rule it fires has a place of its own."""

URGE: Final = "urge"
"""The message template of 催办."""

MENTION: Final = "mention"
"""The message template of 提及."""

PERSON: Final = "person:"
"""How the receiver of a rule begins that means one person by name."""


class Rule(Protocol):
    """Whom to tell, and in which words."""

    @property
    def receiver(self) -> str: ...
    @property
    def message_template(self) -> str: ...


class Own(NamedTuple):
    """A rule that no template has: that of 催办, of 提及."""

    receiver: str
    message_template: str


def firing(contract: Any) -> list[tuple[int, Rule]]:
    """The rules of the node that wait for what ``contract`` tells, each with its place among them."""
    if type(contract) is p.AssigneeReminded:
        return [(contract.number, Own(contract.receiver, URGE))]
    if type(contract) is p.Talked:
        first = contract.number * CHANGES
        return [(first + place, Own(f"{PERSON}{one}", MENTION)) for place, one in enumerate(contract.mentions)]
    if type(contract) not in TRIGGERS or not contract.reminders:
        return []
    if type(contract) is p.AssigneeChanged:
        meant, first = ("assignee", f"role:{contract.role}"), contract.number * CHANGES
        return [(first + place, rule) for place, rule in enumerate(contract.reminders) if rule.receiver in meant]
    trigger, _ = TRIGGERS[type(contract)]
    return [(number, rule) for number, rule in enumerate(contract.reminders) if rule.trigger == trigger]
