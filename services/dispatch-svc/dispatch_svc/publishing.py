"""What the other services are told: every published event of dispatch and its contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, dispatch
from delivery_shared.publishing import carries

from dispatch_svc.assignment import Assignment
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.pool import ProviderPool


def providers(event: Any) -> list[dispatch.ConfiguredProvider]:
    """The rows of 配置服务商."""
    return [dispatch.ConfiguredProvider(**provider) for provider in event.providers]


def decision(event: Any) -> dispatch.Decision | None:
    """How it was decided; events stored before it was recorded have none."""
    recorded = getattr(event, "decision", None)
    return msgspec.convert(recorded, dispatch.Decision) if recorded else None


provider_assigned = carries(dispatch.ProviderAssigned, time="assigned_at", decision=decision)
"""Also for a reserved provider: it is the answer to the wanted candidate, whose run the project then starts."""
member_set = carries(dispatch.MemberSet)

_CONFIGURATION: Any = ProviderConfiguration
_POOL: Any = ProviderPool
_ASSIGNMENT: Any = Assignment

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    _CONFIGURATION.RelationSet: carries(dispatch.RelationSet),
    _CONFIGURATION.ProvidersConfigured: carries(
        dispatch.ProvidersConfigured, time="configured_at", providers=providers
    ),
    _ASSIGNMENT.ProviderAssigned: provider_assigned,
    _ASSIGNMENT.ProviderReserved: provider_assigned,
    _ASSIGNMENT.StaffAssigned: carries(dispatch.StaffAssigned, time="assigned_at", decision=decision),
    _ASSIGNMENT.Queued: carries(dispatch.RequestQueued),
    _ASSIGNMENT.Refused: carries(dispatch.RequestRefused, time="refused_at"),
    _POOL.MemberJoined: member_set,
    _POOL.MemberSet: member_set,
    _POOL.MemberClosed: carries(dispatch.MemberClosed),
    _POOL.MemberCloseRefused: carries(dispatch.MemberCloseRefused),
}
"""Any other event – counts, asks, pauses – is private."""
