"""The clock of the open node.

Counting working time is not done here: due times come in as data, from the calendar of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from project_svc.domain.kinds import CUSTOMER

SERVER_SIDE: Final = "server"
CUSTOMER_SIDE: Final = "customer"


def overdue_side(side: str | None) -> str:
    """服务端超时 or 客户端超时, by who operates the node – a claim-order node is the provider's (R-26)."""
    return CUSTOMER_SIDE if side == CUSTOMER else SERVER_SIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeClock:
    """The clock of one visit of a node with a timeout. ``timeout`` in tenths of a working day; ``since`` is what it
    counts from; ``overdue``: the due time that passed, None while it has not."""

    visit: int
    timeout: int
    since: datetime
    overdue: datetime | None = None

    def resumed(self, at: datetime) -> NodeClock:
        """What a pause does to the clock – the one place that says so (A-03): it counts from zero from the moment of
        resuming, and an overdue mark disappears (R-59)."""
        return replace(self, since=at, overdue=None)
