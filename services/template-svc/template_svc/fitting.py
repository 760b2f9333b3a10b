"""Whether a message template fits the node and receiver it is chosen for, judged by its name
发送节点-发送对象 (T-94, N-10). A misfit is only warned of (A-29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from template_svc.flow import Violation
from template_svc.nodes import TYPE_NAMES, Node, in_order

NODE_WORDS: Mapping[str, tuple[str, ...]] = {
    **{node_type: (name,) for node_type, name in TYPE_NAMES.items()},
    "complete_project": ("完成项目节点", "项目完成节点"),
}
RECEIVER_WORDS: Mapping[str, tuple[str, ...]] = {
    "customer": ("客户", "顾客"),
    "provider_admin": ("服务商管理员", "服务商"),
    "vendor_admin": ("厂商管理员", "厂商"),
    "vendor_project_manager": ("厂商项目经理", "厂商"),
    "role": ("服务商",),
}
"""What the receiver may be called in a name after 通知."""


def misfits(nodes: Sequence[Node], names: Mapping[str, str]) -> list[Violation]:
    """Warnings for reminders whose message template, by its name in ``names``, is meant for another node or
    receiver. Unknown codes are no matter of fitting."""
    return list(_misfits(nodes, names))


def _misfits(nodes: Sequence[Node], names: Mapping[str, str]) -> Iterator[Violation]:
    for placed in in_order(nodes):
        node = placed.node
        for place, reminder in enumerate(node.get("reminders", ())):
            name = names.get(reminder["message_template"])
            if name is not None and not fits(name, node, reminder["receiver"]):
                yield Violation(
                    node_id=node["id"],
                    field=f"reminders.{place}.message_template",
                    code="message_template_misfit",
                    zh=f"消息模板“{name}”与节点或接收者不匹配",
                    en=f"The message template “{name}” is meant for another node or receiver",
                )


def fits(name: str, node: Node, receiver: str) -> bool:
    """Whether a message template called ``name`` is meant for ``node`` and ``receiver``."""
    where, _, whom = name.partition("-")
    return where in NODE_WORDS[node["type"]] and whom.removeprefix("通知") in _receiver_words(node, receiver)


def _receiver_words(node: Node, receiver: str) -> tuple[str, ...]:
    kind = receiver.partition(":")[0]
    if kind == "assignee":
        customer = node["type"] in ("submit_requirement", "complete_project") or node.get("side") == "customer"
        kind = "customer" if customer else "role"
    return RECEIVER_WORDS[kind]
