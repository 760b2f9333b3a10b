"""Everything that can happen in dispatch."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from delivery_shared.facts import Fact


class ConfiguredProvider(TypedDict):
    """A row of 配置服务商: 权重 (P-22) and 最大持单量 (P-23)."""

    provider_id: UUID
    weight: int
    maximum: int


class HeldOrder(TypedDict):
    """A project somebody has to do with."""

    project_id: UUID
    order_number: str


class Decision(TypedDict):
    """How somebody was chosen, for those who analyse decisions: who took part in a draw or a tie (up to 20), and how
    many did not, by reason. The draw itself – seed, arrival – stays in the pool's fact."""

    how: str
    candidates: list[str]
    excluded: dict[str, int]


# The providers of a product


class ConfigurationOpened(Fact, stored_name="Opened"):
    """The pool of a product's providers begins: 未配置 (P-28)."""

    product_id: UUID
    vendor_id: UUID


class RelationSet(Fact):
    """The operator allows a provider to serve the product, or no longer (P-15)."""

    product_id: UUID
    provider_id: UUID
    related: bool


class ProvidersConfigured(Fact):
    """配置服务商 was saved: the whole configuration (P-18…P-28)."""

    product_id: UUID
    providers: list[ConfiguredProvider]


class ProviderChosen(Fact):
    """A provider got an ask: by ``draw`` (D-02…D-05), or ``wanted`` (R-42). ``seed`` repeats the draw."""

    request_id: UUID
    project_id: UUID
    run: int
    arrival: int
    attempts: int
    how: str
    provider_id: UUID
    seed: int | None
    tied: list[str]
    excluded: dict[str, int]


class ProviderReleased(Fact):
    """A project of the provider ended, was cancelled or went to another (D-11)."""

    provider_id: UUID
    project_id: UUID


ProviderConfigurationFact = ConfigurationOpened | RelationSet | ProvidersConfigured | ProviderChosen | ProviderReleased

# The staff of a provider


class PoolOpened(Fact, stored_name="Opened"):
    """The pool of a provider's staff begins."""

    provider_id: UUID


class DepartmentPlaced(Fact):
    """A department exists below another, or at the top (A-46)."""

    department_id: UUID
    parent_id: UUID | None


class DepartmentRemoved(Fact):
    """A department was deleted."""

    department_id: UUID


class MemberJoined(Fact):
    """A person works for the provider and receives orders at once (D-65)."""

    provider_id: UUID
    person_id: UUID
    roles: list[str]
    department_id: UUID | None
    maximum: int
    receiving: bool


class MemberMoved(Fact):
    """A person has other roles or another department (D-32)."""

    person_id: UUID
    roles: list[str]
    department_id: UUID | None


class MemberSet(Fact):
    """持单量设置 of a person: 最大持单量 (D-56) and 接单状态 (D-58)."""

    provider_id: UUID
    person_id: UUID
    maximum: int
    receiving: bool


class MemberClosed(Fact):
    """The person holds nothing and gets nothing any more (U-21)."""

    provider_id: UUID
    person_id: UUID


class MemberCloseRefused(Fact):
    """The person holds ``held`` projects, or – 0 – ``asks`` under way name him (U-21). ``orders`` are the first of
    either; None: older than that list."""

    provider_id: UUID
    person_id: UUID
    held: int = 0
    asks: int = 0
    orders: list[HeldOrder] | None = None


class PersonChosen(Fact):
    """A person got a role of a project: ``assign`` by the smallest load/maximum (D-21, D-22), ``claim`` (D-46) or
    ``replace`` (R-46). ``counted``: whether the load rises, which it does once for a project (D-28)."""

    request_id: UUID
    project_id: UUID
    run: int
    cls: str
    arrival: int
    attempts: int
    how: str
    person_id: UUID
    counted: bool
    seed: int | None
    tied: list[str]
    excluded: dict[str, int]


class PersonReleased(Fact):
    """The person holds no role of the project any more (D-66)."""

    person_id: UUID
    project_id: UUID


ProviderPoolFact = (
    PoolOpened
    | DepartmentPlaced
    | DepartmentRemoved
    | MemberJoined
    | MemberMoved
    | MemberSet
    | MemberClosed
    | MemberCloseRefused
    | PersonChosen
    | PersonReleased
)

# Who holds a project


class AssignmentOpened(Fact, stored_name="Opened"):
    """Dispatch hears of a project for the first time."""

    project_id: UUID
    run: int


class ProviderAsked(Fact):
    """A provider is asked for (D-01) – the one wanted, if any (R-42)."""

    request_id: UUID
    run: int
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str
    implicit_roles: list[str]
    wanted: UUID | None
    unpaid: bool | None = None


class StaffAsked(Fact):
    """A person is asked for: ``assign`` (D-19), ``claim`` (D-46) or ``replace`` (R-46)."""

    request_id: UUID
    run: int
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str
    kind: str
    provider_id: UUID
    role: str
    department_id: UUID | None
    wanted: UUID | None
    unpaid: bool | None = None


class Queued(Fact):
    """排队: the ask waits, or waits for another reason (D-07, D-08, D-29, D-30)."""

    ask: str
    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID | None
    role: str | None
    reason: str
    queued_at: datetime


class ProviderAssigned(Fact):
    """The ask got its provider (D-03)."""

    ask: str
    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID
    implicit_roles: list[str]
    decision: Decision | None = None


class ProviderReserved(Fact):
    """更换服务商: the wanted provider is kept for the next run (R-42)."""

    ask: str
    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID
    implicit_roles: list[str]
    decision: Decision | None = None


class StaffAssigned(Fact):
    """The ask got its person, who takes the place of ``former_id`` (D-21, D-46, R-46)."""

    ask: str
    project_id: UUID
    run: int
    request_id: UUID
    provider_id: UUID
    role: str
    person_id: UUID
    department_id: UUID | None
    former_id: UUID | None
    claimed: bool
    decision: Decision | None = None


class Refused(Fact):
    """The wanted candidate cannot be had; the ask is closed."""

    ask: str
    project_id: UUID
    run: int
    request_id: UUID
    reason: str


class Restarted(Fact):
    """A new run began (R-34): asks of earlier ones are withdrawn, what they held is freed (R-41)."""

    run: int
    provider_id: UUID | None
    withdrawn: list[str]


class Suspended(Fact):
    """暂停: the asks of the project rest (D-38). ``hold``: the marketplace holds it, beside any pause."""

    hold: bool = False


class Resumed(Fact):
    """启动, or the end of the ``hold``: they wait again, if neither is left."""

    hold: bool = False


class Ended(Fact):
    """The project was completed or cancelled: final, everything is freed (R-134, R-139)."""

    how: str
    withdrawn: list[str]


AssignmentFact = (
    AssignmentOpened
    | ProviderAsked
    | StaffAsked
    | Queued
    | ProviderAssigned
    | ProviderReserved
    | StaffAssigned
    | Refused
    | Restarted
    | Suspended
    | Resumed
    | Ended
)

DispatchFact = ProviderConfigurationFact | ProviderPoolFact | AssignmentFact
