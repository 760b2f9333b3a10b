"""Random templates that template-svc would publish."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .flows import node


@st.composite
def templates(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Random templates that template-svc would publish (T-17 … T-33)."""
    roles = ["designer", "engineer", "service_staff"]
    count = 0

    def new(type: str, **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        return node(type, f"n{count}", **more)

    assigned = draw(st.lists(st.sampled_from(roles), unique=True))
    claimed = draw(st.booleans())
    nodes = [new("assign_provider")]
    if claimed:
        nodes.append(new("claim_order", role="account_manager"))
    nodes += [new("assign_order", role=role, rule="provider_first") for role in assigned]
    available = [*assigned, "provider_admin", *(["account_manager"] if claimed else [])]

    def work(rejectable: bool) -> dict[str, Any]:
        kind = draw(st.sampled_from(["submit_requirement", "confirm", "general"]))
        if kind == "submit_requirement":
            return new(kind, form="f")
        if draw(st.booleans()):
            return new(kind, side="customer", role="customer", rejectable=kind == "confirm" and rejectable)
        role = draw(st.sampled_from(available))
        return new(kind, side="provider", role=role, rejectable=kind == "confirm" and rejectable)

    operated = False
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            children = []
            for _ in range(draw(st.integers(1, 3))):
                children.append(work(operated and draw(st.booleans())))
                operated = True
            nodes.append(new("container", children=children))
        else:
            nodes.append(work(operated and draw(st.booleans())))
            operated = True
    nodes.append(new("complete_project", rejectable=operated and draw(st.booleans())))
    return nodes
