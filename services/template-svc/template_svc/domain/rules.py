"""What a template must fulfil to be published (T-17 … T-95). Every rule broken is listed, not only the first.

Pure: nodes and reference data in, violations out. A rule is a generator function over the ``Outline``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from template_svc.domain.flow import Outline, Reference, Violation, broken
from template_svc.domain.kinds import KINDS, TRIGGERS
from template_svc.domain.nodes import Node, Reminder, reminders_of, side_of, value_of

Rule = Callable[[Outline], Iterator[Violation]]

CHOSEN = frozenset({"role", "demand_form", "choice"})
"""Controls of fields that are chosen, not written."""


def violations(nodes: Sequence[Node], reference: Reference) -> list[Violation]:
    """Everything that stands against publishing ``nodes``, in the order of :data:`RULES`."""
    flow = Outline(nodes, reference)
    return [violation for rule in RULES for violation in rule(flow)]


def structure(nodes: Sequence[Node]) -> list[Violation]:
    """What even an unfinished template must keep: its built-in first node (T-19, T-20)."""
    return list(starts_with_assign_provider(Outline(nodes, Reference(roles={}, forms=(), message_templates=()))))


def starts_with_assign_provider(flow: Outline) -> Iterator[Violation]:
    """T-18, T-20, T-29: the assign-provider node stands first, outside containers, and once."""
    first = flow.nodes[0] if flow.nodes else None
    if first is None or first["type"] != "assign_provider":
        yield broken(
            first,
            None,
            "first_not_assign_provider",
            "第一个节点必须是分配服务商节点",
            "the first node must be the assign-provider node",
        )
    for node in flow.of_type("assign_provider"):
        if node is not first:
            yield broken(
                node,
                None,
                "assign_provider_misplaced",
                "分配服务商节点只能有一个，且必须位于首位",
                "there is one assign-provider node, in the first place",
            )


def ends_with_complete_project(flow: Outline) -> Iterator[Violation]:
    """T-22, T-23, T-29: exactly one complete-project node, last, outside containers."""
    last = flow.nodes[-1] if flow.nodes else None
    if last is None or last["type"] != "complete_project":
        yield broken(
            last,
            None,
            "last_not_complete_project",
            "最后一个节点必须是完成项目节点",
            "the last node must be a complete-project node",
        )
    outside = [p.node for p in flow.placed if p.node["type"] == "complete_project" and not p.containers]
    for node in outside[:-1]:
        yield broken(
            node, None, "complete_project_again", "完成项目节点只能有一个", "there is only one complete-project node"
        )
    for placed in flow.placed:
        if placed.node["type"] == "complete_project" and placed.containers:
            yield broken(
                placed.node,
                None,
                "complete_project_in_container",
                "完成项目节点不能放在容器节点内",
                "a container cannot hold the complete-project node",
            )


def containers_hold_nodes(flow: Outline) -> Iterator[Violation]:
    """T-29: a container has at least one child and holds no other container."""
    for placed in flow.placed:
        if placed.node["type"] != "container":
            continue
        if not placed.node["children"]:
            yield broken(
                placed.node,
                "children",
                "container_empty",
                "容器节点至少要有一个子节点",
                "a container needs at least one child",
            )
        if placed.containers:
            yield broken(
                placed.node,
                None,
                "container_in_container",
                "容器节点内不能再放容器节点",
                "a container cannot hold another container",
            )


def required_fields(flow: Outline) -> Iterator[Violation]:
    """The required marks of the forms (T-30, T-36, T-43, T-48, T-57, T-68, T-72, T-78), where they apply: the
    upload and view buttons with 需上传按钮 (T-76), the reject button with 可驳回 (T-62)."""
    for placed in flow.placed:
        node = placed.node
        for field in KINDS[node["type"]].form:
            there = field.shown_with is None or value_of(node, field.shown_with)
            if field.required and there and not (value_of(node, field.name) or "").strip():
                zh, en = field.label
                asked = f"请选择{zh.removeprefix('选择')}" if field.control in CHOSEN else f"请填写{zh}"
                yield broken(node, field.name, "required", asked, f"the {en[0].lower()}{en[1:]} is required")


def one_claim_before_assignments(flow: Outline) -> Iterator[Violation]:
    """T-26: a claim-order node stands before every assign-order node. One project has one claimer."""
    assigned = claimed = False
    for node in flow.of_type("claim_order", "assign_order"):
        if node["type"] == "assign_order":
            assigned = True
            continue
        if assigned:
            yield broken(
                node,
                None,
                "claim_after_assignment",
                "认领订单节点必须位于分配订单节点之前",
                "the claim-order node stands before the assign-order nodes",
            )
        if claimed:
            yield broken(
                node, None, "claim_order_again", "认领订单节点只能有一个", "there is at most one claim-order node"
            )
        claimed = True


def roles_exist_and_fit(flow: Outline) -> Iterator[Violation]:
    """T-31, T-38, T-59: the role is in use, and belongs to the side that operates the node."""
    for placed in flow.placed:
        node = placed.node
        role = node.get("role")
        if not role:
            continue
        facts = flow.reference.roles.get(role)
        if facts is None:
            yield broken(
                node, "role", "unknown_role", f"角色“{role}”不存在或已停用", f"there is no active role {role!r}"
            )
        elif (allowed := _roles_allowed(node)) and role not in allowed:
            yield broken(
                node,
                "role",
                "role_may_not_claim",
                f"角色“{facts.name}”不能认领订单",
                f"the role {role!r} may not claim orders",
            )
        elif (side := side_of(node)) is not None and facts.side != side:
            yield broken(
                node,
                "role",
                "role_of_other_side",
                f"角色“{facts.name}”不属于该节点的操作端",
                f"the role {role!r} does not belong to the side operating the node",
            )


def _roles_allowed(node: Node) -> Sequence[str]:
    field = KINDS[node["type"]].field("role")
    return field.roles if field else ()


def roles_are_filled(flow: Outline) -> Iterator[Violation]:
    """T-32: for a provider-side node's role somebody was found before – by an assign-order node, for 客户经理 also
    by claiming; 服务商管理员 is there by himself (D-44)."""
    filled: set[str | None] = {"provider_admin"}
    for placed in flow.placed:
        node = placed.node
        role = node.get("role")
        if node["type"] in ("assign_order", "claim_order"):
            filled.add(role)
        elif role is not None and role in flow.roles and node.get("side") == "provider" and role not in filled:
            name = flow.role_name(role)
            yield broken(
                node,
                "role",
                "role_not_assigned",
                f"角色“{name}”之前没有对应的分配订单节点",
                f"no earlier assign-order node finds somebody for the role {role!r}",
            )


def one_assignment_per_role(flow: Outline) -> Iterator[Violation]:
    """T-33: a role is assigned once."""
    seen: set[str] = set()
    for node in flow.of_type("assign_order"):
        role = node["role"]
        if role in seen:
            name = flow.role_name(role)
            yield broken(
                node,
                "role",
                "role_assigned_again",
                f"角色“{name}”已有分配订单节点",
                f"the role {role!r} has an assign-order node already",
            )
        elif role:
            seen.add(role)


def department_first_after_claim(flow: Outline) -> Iterator[Violation]:
    """T-46: 部门优先 means the claimer's department, so somebody must have claimed."""
    claimed = False
    for node in flow.of_type("claim_order", "assign_order"):
        if node["type"] == "claim_order":
            claimed = True
        elif node["rule"] == "department_first" and not claimed:
            yield broken(
                node,
                "rule",
                "department_first_without_claim",
                "“部门优先”要求之前有认领订单节点",
                "department first needs an earlier claim-order node",
            )


def forms_exist(flow: Outline) -> Iterator[Violation]:
    """T-49: the demand form is one of the platform's."""
    for node in flow.of_type("submit_requirement"):
        form = node["form"]
        if form and form not in flow.reference.forms:
            yield broken(
                node,
                "form",
                "unknown_form",
                f"需求模板“{form}”不存在或已停用",
                f"there is no active demand form {form!r}",
            )


def reject_has_a_target(flow: Outline) -> Iterator[Violation]:
    """A-21: the first node a person operates cannot be rejectable, there is no step before."""
    first = next((placed.node for placed in flow.placed if KINDS[placed.node["type"]].operated), None)
    if first is not None and first.get("rejectable"):
        yield broken(
            first,
            "rejectable",
            "nothing_before_to_reject",
            "之前没有由人操作的节点，不能设为可驳回",
            "there is no earlier step to go back to",
        )


def advance_needs_timeout(flow: Outline) -> Iterator[Violation]:
    """T-67: 超时进入下一步 needs a timeout above 0."""
    for placed in flow.placed:
        node = placed.node
        if node.get("advance_on_timeout") and not node["timeout"]:
            yield broken(
                node,
                "advance_on_timeout",
                "advance_without_timeout",
                "“超时进入下一步”要求超时时间大于0",
                "advancing on timeout needs a timeout above 0",
            )


def reminders_fit(flow: Outline) -> Iterator[Violation]:
    """T-93, T-95, N-14: message templates of the platform, triggers that can happen at the node, and receivers the
    template knows."""
    for placed in flow.placed:
        node = placed.node
        for place, reminder in enumerate(reminders_of(node)):
            for field, code, zh, en in _misfits(flow, node, reminder):
                yield broken(node, f"reminders.{place}.{field}", code, zh, en)


def _misfits(flow: Outline, node: Node, reminder: Reminder) -> Iterator[tuple[str, str, str, str]]:
    message = reminder["message_template"]
    if message not in flow.reference.message_templates:
        yield (
            "message_template",
            "unknown_message_template",
            f"消息模板“{message}”不存在或已停用",
            f"there is no active message template {message!r}",
        )
    trigger = next(one for one in TRIGGERS if one.value == reminder["trigger"])
    if trigger.needs and trigger.why and not value_of(node, trigger.needs):
        yield "trigger", "trigger_cannot_happen", trigger.why.zh, trigger.why.en
    kind, _, role = reminder["receiver"].partition(":")
    if kind == "role" and role not in flow.roles:
        yield (
            "receiver",
            "receiver_not_in_template",
            f"模板中没有角色“{flow.role_name(role)}”的操作人",
            f"the template has nobody of the role {role!r}",
        )


RULES: Sequence[Rule] = (
    starts_with_assign_provider,
    ends_with_complete_project,
    containers_hold_nodes,
    required_fields,
    one_claim_before_assignments,
    roles_exist_and_fit,
    roles_are_filled,
    one_assignment_per_role,
    department_first_after_claim,
    forms_exist,
    reject_has_a_target,
    advance_needs_timeout,
    reminders_fit,
)
