"""What dispatch-svc tells the others: answers to the asks of projects, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from delivery_shared.contracts.registry import Contract, contract

QueueReason = Literal["no_provider_configured", "providers_full", "no_staff", "staff_full"]


class ReasonText(NamedTuple):
    """How people read a reason."""

    chinese: str
    english: str


QUEUE_REASONS: Final[Mapping[QueueReason, ReasonText]] = MappingProxyType(
    {
        "no_provider_configured": ReasonText("产品未配置服务商", "No provider configured"),
        "providers_full": ReasonText("服务商持单量已满", "All providers are full"),
        "no_staff": ReasonText("没有找到可接单的服务商员工", "Nobody can take it"),
        "staff_full": ReasonText("所有服务商员工持单量已满", "All staff are full"),
    }
)
"""排队原因: why an ask waits for a provider (D-18), or for a person (D-35, D-34)."""


class ConfiguredProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider of a product: ``weight`` 1–100 (P-22), ``maximum`` load 0–2000 (P-23)."""

    provider_id: UUID
    weight: int
    maximum: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody was chosen. ``how``: ``draw`` by weight (D-03), ``assign`` to the least loaded (D-21), ``wanted``
    (R-42), ``claim`` (D-46) or ``replace`` (R-46). ``candidates``: who took part in a draw or a tie, up to 20 of them,
    none where somebody was wanted. ``excluded``: how many did not take part, by reason."""

    how: Literal["draw", "assign", "wanted", "claim", "replace"]
    candidates: list[UUID] = msgspec.field(default_factory=list)
    excluded: dict[str, int] = msgspec.field(default_factory=dict)


@contract
class RelationSet(Contract, frozen=True, kw_only=True):
    """The operator allowed (or no longer allows) a provider to serve a product (P-15)."""

    TYPE: ClassVar[str] = "dispatch.relation_set"

    product_id: UUID
    provider_id: UUID
    related: bool


@contract
class ProvidersConfigured(Contract, frozen=True, kw_only=True):
    """配置服务商 was saved: the whole configuration of the product; empty = 未配置 (P-28)."""

    TYPE: ClassVar[str] = "dispatch.providers_configured"

    product_id: UUID
    providers: list[ConfiguredProvider]
    configured_at: datetime


@contract
class ProviderAssigned(Contract, frozen=True, kw_only=True):
    """The ask ``request_id`` got a provider (D-03). Implicit roles of the ask follow as ``StaffAssigned`` with
    the same ``request_id``."""

    TYPE: ClassVar[str] = "dispatch.provider_assigned"

    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID
    assigned_at: datetime
    decision: Decision | None = None


@contract
class StaffAssigned(Contract, frozen=True, kw_only=True):
    """The ask ``request_id`` got a person for ``role`` (D-21); ``department_id`` is the claimer's on a claim."""

    TYPE: ClassVar[str] = "dispatch.staff_assigned"

    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID
    role: str
    person_id: UUID
    department_id: UUID | None = None
    assigned_at: datetime
    decision: Decision | None = None


@contract
class RequestQueued(Contract, frozen=True, kw_only=True):
    """The ask waits (排队): published when it starts waiting and when its reason changes (D-07, D-08, D-29, D-30).

    ``provider_id`` and ``role`` are None at provider level.
    """

    TYPE: ClassVar[str] = "dispatch.request_queued"

    project_id: UUID
    run: int
    request_id: UUID
    reason: QueueReason
    provider_id: UUID | None = None
    role: str | None = None
    queued_at: datetime


@contract
class RequestRefused(Contract, frozen=True, kw_only=True):
    """A wanted candidate or a claim was refused; the ask is closed. ``reason`` is a stable code."""

    TYPE: ClassVar[str] = "dispatch.request_refused"

    project_id: UUID
    run: int
    request_id: UUID
    reason: Literal[
        "provider_not_configured",
        "provider_full",
        "person_unknown",
        "person_lacks_role",
        "person_full",
        "person_paused",
        "same_person",
        "same_provider",
    ]
    refused_at: datetime


@contract
class MemberSet(Contract, frozen=True, kw_only=True):
    """持单量设置 of a person: ``maximum`` 0–50 (D-56) and 接单状态 (D-58); also sent when a person joins (D-65)."""

    TYPE: ClassVar[str] = "dispatch.member_set"

    provider_id: UUID
    person_id: UUID
    maximum: int
    receiving: bool


@contract
class MemberClosed(Contract, frozen=True, kw_only=True):
    """The person holds nothing and gets nothing any more: identity may delete the user."""

    TYPE: ClassVar[str] = "dispatch.member_closed"

    provider_id: UUID
    person_id: UUID


class HeldOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A project somebody has to do with, by its order number."""

    project_id: UUID
    order_number: str


@contract
class MemberCloseRefused(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """The person still holds ``held`` projects (U-21), or – 0 – an ask under way names him: identity takes the deletion
    back. ``orders`` are the first twenty of the projects held, or of those of the asks; ``asks`` is how many those
    are."""

    TYPE: ClassVar[str] = "dispatch.member_close_refused"

    provider_id: UUID
    person_id: UUID
    held: int = 0
    asks: int = 0
    orders: list[HeldOrder] = msgspec.field(default_factory=list)
