"""What the other services are told: every published fact of dispatch and its contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, dispatch
from delivery_shared.publishing import carries, published

from dispatch_svc.domain import facts


def providers(fact: facts.ProvidersConfigured) -> list[dispatch.ConfiguredProvider]:
    """The rows of 配置服务商."""
    return [dispatch.ConfiguredProvider(**provider) for provider in fact.providers]


def decision(fact: facts.ProviderAssigned | facts.ProviderReserved | facts.StaffAssigned) -> dispatch.Decision | None:
    """How it was decided; facts stored before it was recorded have none."""
    return msgspec.convert(fact.decision, dispatch.Decision) if fact.decision else None


def orders(fact: facts.MemberCloseRefused) -> list[dispatch.HeldOrder]:
    """What keeps the person, as far as it is listed."""
    return [dispatch.HeldOrder(**order) for order in fact.orders or ()]


PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    **published(facts.DispatchFact, dispatch, prefix="Request", decision=decision, providers=providers, orders=orders),
    facts.ProviderReserved: carries(dispatch.ProviderAssigned, time="assigned_at", decision=decision),
    facts.MemberJoined: carries(dispatch.MemberSet),
}
"""A reserved provider is told as assigned: it is the answer to the wanted candidate, whose run the project then starts.
Any other fact – counts, asks, pauses – is private."""
