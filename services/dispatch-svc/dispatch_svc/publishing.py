"""What the other services are told: every published event of dispatch and its contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, dispatch

from dispatch_svc.assignment import Assignment
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.pool import ProviderPool


def relation_set(event: Any) -> dispatch.RelationSet:
    return dispatch.RelationSet(product_id=event.product_id, provider_id=event.provider_id, related=event.related)


def providers_configured(event: Any) -> dispatch.ProvidersConfigured:
    return dispatch.ProvidersConfigured(
        product_id=event.product_id,
        providers=[dispatch.ConfiguredProvider(**provider) for provider in event.providers],
        configured_at=event.timestamp,
    )


def decision(event: Any) -> dispatch.Decision | None:
    """How it was decided; events stored before it was recorded have none."""
    recorded = getattr(event, "decision", None)
    return msgspec.convert(recorded, dispatch.Decision) if recorded else None


def provider_assigned(event: Any) -> dispatch.ProviderAssigned:
    """Also for a reserved provider: it is the answer to the wanted candidate, whose run the project then starts."""
    return dispatch.ProviderAssigned(
        project_id=event.project_id,
        run=event.run,
        request_id=event.request_id,
        provider_id=event.provider_id,
        assigned_at=event.timestamp,
        decision=decision(event),
    )


def staff_assigned(event: Any) -> dispatch.StaffAssigned:
    return dispatch.StaffAssigned(
        project_id=event.project_id,
        run=event.run,
        request_id=event.request_id,
        provider_id=event.provider_id,
        role=event.role,
        person_id=event.person_id,
        department_id=event.department_id,
        assigned_at=event.timestamp,
        decision=decision(event),
    )


def request_queued(event: Any) -> dispatch.RequestQueued:
    return dispatch.RequestQueued(
        project_id=event.project_id,
        run=event.run,
        request_id=event.request_id,
        reason=event.reason,
        provider_id=event.provider_id,
        role=event.role,
        queued_at=event.queued_at,
    )


def request_refused(event: Any) -> dispatch.RequestRefused:
    return dispatch.RequestRefused(
        project_id=event.project_id,
        run=event.run,
        request_id=event.request_id,
        reason=event.reason,
        refused_at=event.timestamp,
    )


def member_set(event: Any) -> dispatch.MemberSet:
    return dispatch.MemberSet(
        provider_id=event.provider_id,
        person_id=event.person_id,
        maximum=event.maximum,
        receiving=event.receiving,
    )


def member_closed(event: Any) -> dispatch.MemberClosed:
    return dispatch.MemberClosed(provider_id=event.provider_id, person_id=event.person_id)


def member_close_refused(event: Any) -> dispatch.MemberCloseRefused:
    return dispatch.MemberCloseRefused(provider_id=event.provider_id, person_id=event.person_id)


_CONFIGURATION: Any = ProviderConfiguration
_POOL: Any = ProviderPool
_ASSIGNMENT: Any = Assignment

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    _CONFIGURATION.RelationSet: relation_set,
    _CONFIGURATION.ProvidersConfigured: providers_configured,
    _ASSIGNMENT.ProviderAssigned: provider_assigned,
    _ASSIGNMENT.ProviderReserved: provider_assigned,
    _ASSIGNMENT.StaffAssigned: staff_assigned,
    _ASSIGNMENT.Queued: request_queued,
    _ASSIGNMENT.Refused: request_refused,
    _POOL.MemberJoined: member_set,
    _POOL.MemberSet: member_set,
    _POOL.MemberClosed: member_closed,
    _POOL.MemberCloseRefused: member_close_refused,
}
"""Any other event – counts, asks, pauses – is private."""
