"""Commands as values, so that many can be decided in one unit of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import UnitOfWork

from project_svc.domain import Project
from project_svc.errors import ProjectError
from project_svc.forms import FormChecker
from project_svc.read_model import Product

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a customer bought, as the marketplace says it. ``valid_until`` is information only (R-80)."""

    order_number: str
    business_number: str
    product_id: UUID
    customer_id: UUID
    customer_number: str | None = None
    customer_name: str | None = None
    edition: str | None = None
    sales_channel: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A command that may be carried out in a batch: on the project ``project_id``, or the intake of ``order``."""

    decide: Callable[[UnitOfWork, Known], Answer]
    project_id: UUID | None = None
    order: Order | None = None


@dataclass
class Known:
    """Copies read once for all operations of a unit of work."""

    products: dict[UUID, Product] = field(default_factory=dict)
    forms: dict[str, FormChecker] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch did: per operation its answer or its refusal; ``position`` as in :class:`Outcome`, None also
    when the batch was carried out one by one."""

    results: list[Answer | ProjectError]
    position: str | None


def streams_of(operation: Operation, known: Known) -> list[UUID]:
    """The projects an operation will touch, to load them at once."""
    if operation.project_id is not None:
        return [operation.project_id]
    order = operation.order
    product = known.products.get(order.product_id) if order else None
    return [Project.create_id(product.vendor_id, order.business_number)] if order and product else []
