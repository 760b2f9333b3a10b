"""The flow engine: what comes after what in a published template. Pure; knows no project.

Built from the content of a template version – a list of nodes, in order, containers with their
``children``. Containers have no effect of their own (T-27): the flow is the sequence of its *leaves*, and a
container's state follows from theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict

from project_svc.domain.facts import Reminder
from project_svc.domain.kinds import CONTAINER, CUSTOMER, KINDS, Kind, Waits

PROVIDER_ADMIN: Final = "provider_admin"


DEFAULT_MESSAGES: Final[tuple[Reminder, ...]] = (
    {"receiver": "assignee", "trigger": "entered", "message_template": "arrived"},
    {"receiver": "assignee", "trigger": "due_soon", "message_template": "due_soon"},
    {"receiver": "assignee", "trigger": "overdue", "message_template": "overdue"},
)
"""默认提醒: what whoever operates a node is told, behind the rules of the template; notify-svc leaves out whom one of
these tells of the same."""


class NoSuchNode(KeyError):
    """The template has no node of this id."""


class CopiedNode(TypedDict):
    """A node as template-svc published it and the copy of the template version has it."""

    id: str
    type: str
    name: str
    side: NotRequired[str | None]
    role: NotRequired[str | None]
    rule: NotRequired[str | None]
    form: NotRequired[str | None]
    submit_button: NotRequired[str | None]
    view_button: NotRequired[str | None]
    upload: NotRequired[bool]
    upload_button: NotRequired[str | None]
    confirm_button: NotRequired[str | None]
    rejectable: NotRequired[bool]
    reject_button: NotRequired[str | None]
    timeout: NotRequired[int]
    advance_on_timeout: NotRequired[bool]
    reminders: NotRequired[list[Reminder]]
    children: NotRequired[list[CopiedNode]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """A leaf of the flow (节点), of one of the :data:`~project_svc.domain.kinds.KINDS`. ``step`` is the number of its
    top-level step (A-63), ``position`` its place among the leaves, ``container`` the id of the container holding it.

    ``side`` and ``role`` say who operates it: the customer for submit-requirement and complete-project nodes (T-54,
    T-79), a role of the provider that may claim for a claim-order node; for an assign-order node ``role`` is the
    one to fill and ``side`` None. ``timeout`` counts tenths of a working day. Reminder rules are split by the event
    that carries them: ``on_entry`` (also those for the timeout), ``on_overdue``, ``on_completion``, ``on_reject``;
    ``on_due_soon`` are only ours.
    ``advance_on_timeout``: 超时进入下一步.
    """

    id: str
    kind: Kind
    name: str
    step: int
    position: int
    container: str | None
    side: str | None
    role: str | None
    rule: str
    form: str | None
    submit_button: str
    view_button: str
    upload: bool
    upload_button: str
    confirm_button: str
    rejectable: bool
    reject_button: str
    timeout: int
    advance_on_timeout: bool
    on_entry: list[Reminder]
    on_due_soon: list[Reminder]
    on_overdue: list[Reminder]
    on_completion: list[Reminder]
    on_reject: list[Reminder]

    @property
    def type(self) -> str:
        """The name of its kind, as facts and templates have it."""
        return self.kind.type

    @property
    def waits_for(self) -> Waits:
        return self.kind.waits_for

    @property
    def operated(self) -> bool:
        """Whether a person operates it; automatic and claim nodes are not (R-121)."""
        return self.kind.operated

    @property
    def waits_for_people(self) -> bool:
        """Whether somebody can be asked to hurry: its operator, or who may claim it."""
        return self.operated or self.waits_for is Waits.CLAIM

    @property
    def fills_form(self) -> bool:
        """Whether it ends only with a filled demand form (R-116)."""
        return self.kind.fills_form

    @property
    def by_customer(self) -> bool:
        """Whether the customer operates it."""
        return self.side == CUSTOMER


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A top-level step 第N步 (R-69): one leaf, or a container with its children (R-74)."""

    number: int
    id: str
    name: str
    type: str
    leaves: tuple[FlowNode, ...]

    @property
    def is_container(self) -> bool:
        return self.type == CONTAINER


class Flow:
    """The flow of one template version; immutable, shared by all projects that started with it (T-103)."""

    def __init__(self, nodes: Sequence[CopiedNode], *, default_messages: bool = False) -> None:
        """``default_messages``: who operates a node is told what comes, draws near and is overdue, beside the rules of
        the template.

        :raises ValueError: no leaf, or an id used twice."""
        steps: list[Step] = []
        leaves: list[FlowNode] = []
        for number, top in enumerate(nodes, start=1):
            inside = top.get("children") or () if top["type"] == CONTAINER else (top,)
            container = top["id"] if top["type"] == CONTAINER else None
            own = [
                _leaf(raw, step=number, position=len(leaves) + index, container=container, tells=default_messages)
                for index, raw in enumerate(inside)
            ]
            leaves += own
            steps.append(Step(number=number, id=top["id"], name=top["name"], type=top["type"], leaves=tuple(own)))
        self.steps: tuple[Step, ...] = tuple(steps)
        self.leaves: tuple[FlowNode, ...] = tuple(leaves)
        self._by_id = {leaf.id: leaf for leaf in leaves}
        if not leaves or len(self._by_id) != len(leaves):
            raise ValueError("a flow needs nodes with ids of their own")
        self.implicit_roles: tuple[str, ...] = self._implicit_roles()

    @property
    def first(self) -> FlowNode:
        """Where every run begins: the assign-provider node (T-18)."""
        return self.leaves[0]

    def node(self, node_id: str) -> FlowNode:
        """The leaf of that id. :raises NoSuchNode: there is none."""
        try:
            return self._by_id[node_id]
        except KeyError:
            raise NoSuchNode(node_id) from None

    def after(self, node: FlowNode) -> FlowNode | None:
        """The next leaf, into and out of containers; None after the last one."""
        position = node.position + 1
        return self.leaves[position] if position < len(self.leaves) else None

    def step_before(self, node: FlowNode) -> FlowNode | None:
        """Where a reject at ``node`` leads: the nearest earlier node operated by a person, automatic and claim nodes
        and borders of containers skipped (R-119 … R-121); None if there is none."""
        return next((leaf for leaf in reversed(self.leaves[: node.position]) if leaf.operated), None)

    def role_of_claimer(self, claim: FlowNode) -> str | None:
        """The role whose nodes the claimer operates: that of the claim node, unless the next to need it is an
        assign-order node that fills it (D-53)."""
        for leaf in self.leaves[claim.position + 1 :]:
            if leaf.role == claim.role and leaf.side != CUSTOMER:
                return None if leaf.waits_for is Waits.STAFF else claim.role
        return claim.role

    def _implicit_roles(self) -> tuple[str, ...]:
        """Roles filled together with the provider: 服务商管理员 when a node of the provider names it and no earlier
        claim- or assign-order node is there for it (D-43, D-44)."""
        for leaf in self.leaves:
            if leaf.role == PROVIDER_ADMIN:
                return (PROVIDER_ADMIN,) if leaf.operated else ()
        return ()


def _leaf(raw: CopiedNode, *, step: int, position: int, container: str | None, tells: bool) -> FlowNode:
    kind = KINDS[raw["type"]]
    side = kind.side or raw.get("side")
    waits_for_people = kind.operated or kind.waits_for is Waits.CLAIM
    ours = DEFAULT_MESSAGES if tells and waits_for_people else ()
    reminders = raw.get("reminders") or ()
    return FlowNode(
        id=raw["id"],
        kind=kind,
        name=raw["name"],
        step=step,
        position=position,
        container=container,
        side=side,
        role=CUSTOMER if side == CUSTOMER else raw.get("role"),
        rule=raw.get("rule") or "provider_first",
        form=raw.get("form"),
        submit_button=raw.get("submit_button") or "提交需求",
        view_button=raw.get("view_button") or kind.view_text,
        upload=kind.uploads and bool(raw.get("upload")),
        upload_button=raw.get("upload_button") or "上传内容",
        confirm_button=raw.get("confirm_button") or kind.confirm_text,
        rejectable=bool(raw.get("rejectable")),
        reject_button=raw.get("reject_button") or "驳回",
        timeout=raw.get("timeout") or 0,
        advance_on_timeout=kind.advances and bool(raw.get("advance_on_timeout")),
        on_entry=[*_rules(reminders, "entered", "overdue"), *_rules(ours, "entered")],
        on_due_soon=_rules(ours, "due_soon"),
        on_overdue=[*_rules(reminders, "overdue"), *_rules(ours, "overdue")],
        on_completion=_rules(reminders, "passed_on"),
        on_reject=_rules(reminders, "rejected"),
    )


def _rules(reminders: Iterable[Reminder], *triggers: str) -> list[Reminder]:
    return [{**rule} for rule in reminders if rule["trigger"] in triggers]
