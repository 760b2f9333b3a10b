"""Random templates that template-svc would publish, drawn from the table of kinds: a new kind is walked by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from project_svc.domain.kinds import CUSTOMER, KINDS, PROVIDER, Kind, Waits

from .flows import node


def kinds(waits_for: Waits) -> list[Kind]:
    return [kind for kind in KINDS.values() if kind.waits_for is waits_for]


LAST = KINDS["complete_project"]
WORK = [kind for kind in kinds(Waits.OPERATOR) if kind is not LAST]


@st.composite
def templates(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Random templates that template-svc would publish (T-17 … T-33)."""
    roles = ["designer", "engineer", "service_staff"]
    count = 0

    def new(type: str, **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        return node(type, f"n{count}", **more)

    def waiting(waits_for: Waits, **more: Any) -> dict[str, Any]:
        return new(draw(st.sampled_from(kinds(waits_for))).type, **more)

    assigned = draw(st.lists(st.sampled_from(roles), unique=True))
    claimed = draw(st.booleans())
    nodes = [waiting(Waits.PROVIDER)]
    if claimed:
        nodes.append(waiting(Waits.CLAIM, role="account_manager"))
    nodes += [waiting(Waits.STAFF, role=role, rule="provider_first") for role in assigned]
    available = [*assigned, "provider_admin", *(["account_manager"] if claimed else [])]

    def work(rejectable: bool) -> dict[str, Any]:
        kind = draw(st.sampled_from(WORK))
        side = kind.side or draw(st.sampled_from([CUSTOMER, PROVIDER]))
        more: dict[str, Any] = {"form": "f"} if kind.fills_form else {"rejectable": rejectable}
        if kind.side is None:
            more |= {"side": side, "role": CUSTOMER if side == CUSTOMER else draw(st.sampled_from(available))}
        return new(kind.type, **more)

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
    nodes.append(new(LAST.type, rejectable=operated and draw(st.booleans())))
    return nodes
