"""Whether a message template fits the node and receiver it is chosen for, judged by its name
发送节点-发送对象 (T-94, N-10). A misfit is only warned of (A-29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from template_svc.domain.flow import Violation
from template_svc.domain.kinds import KINDS, RECEIVERS
from template_svc.domain.nodes import Node, in_order, reminders_of, side_of

PROVIDERS_ROLE = "服务商"
"""What receivers of a provider-side role are called in a name after 通知."""


def misfits(nodes: Sequence[Node], names: Mapping[str, str]) -> list[Violation]:
    """Warnings for reminders whose message template, by its name in ``names``, is meant for another node or
    receiver. Unknown codes are no matter of fitting."""
    return list(_misfits(nodes, names))


def _misfits(nodes: Sequence[Node], names: Mapping[str, str]) -> Iterator[Violation]:
    for placed in in_order(nodes):
        node = placed.node
        for place, reminder in enumerate(reminders_of(node)):
            name = names.get(reminder["message_template"])
            if name is not None and not fits(name, node["type"], side_of(node), reminder["receiver"]):
                yield Violation(
                    node_id=node["id"],
                    field=f"reminders.{place}.message_template",
                    code="message_template_misfit",
                    zh=f"消息模板“{name}”与节点或接收者不匹配",
                    en=f"The message template “{name}” is meant for another node or receiver",
                )


def fits(name: str, node_type: str, side: str | None, receiver: str) -> bool:
    """Whether a message template called ``name`` is meant for ``receiver`` at a node of this type.

    :param side: who operates the node, if its kind does not say it.
    """
    where, _, whom = name.partition("-")
    kind = KINDS[node_type]
    called = _called(kind.side or side, receiver)
    return where in (kind.name.zh, *kind.called) and whom.removeprefix("通知") in called


def _called(side: str | None, receiver: str) -> tuple[str, ...]:
    if receiver == "assignee" and side == "customer":
        receiver = "customer"
    found = next((one.called for one in RECEIVERS if one.value == receiver), ())
    return found or (PROVIDERS_ROLE,)
