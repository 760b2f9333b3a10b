"""Commands on products: listing, replacing the template, taking offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork

from template_svc import lookups
from template_svc.carrying_out import Answer, Check, Means, Operation, any_version
from template_svc.commands.historical import Table, TableLine
from template_svc.commands.steps import bindings_seen, visible
from template_svc.domain import listing
from template_svc.domain.errors import CodeTaken, NotVisible, OperatorsToReplace
from template_svc.domain.facts import DeclaredParameter
from template_svc.domain.product import HistoricalProduct, Product
from template_svc.rows import row_of


def list_product(*, vendor_id: UUID, code: str, name: str, template_id: UUID) -> Operation:
    """上架 (P-08), also again of a product taken offline.

    :raises NotVisible, TemplateNotPublished, CodeTaken, OperatorsToReplace:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        unit.rows.append(bindings_seen(means.store, template_id))
        template, now = visible(unit, template_id, vendor_id), means.now()
        with means.store.connection() as connection:
            former = lookups.offline(connection, vendor_id=vendor_id, code=code)
            product = unit.get(Product, former) if former else None
            if product is not None:
                listing.list_again(product, name=name, template=template, at=now)
            elif lookups.code_taken(connection, vendor_id=vendor_id, code=code):
                raise CodeTaken(code)
            else:
                product = listing.list_product(
                    id=uuid4(), code=code, name=name, vendor_id=vendor_id, template=template, at=now
                )
                unit.add(product)
        unit.rows.append(row_of(product))
        return 201, _body(product)

    return Operation(decide=decide)


def replace_product_template(*, vendor_id: UUID | None, product_id: UUID, template_id: UUID) -> Operation:
    """P-11; the platform operator (None) does it for any product, for historical ones nobody else (P-13).

    :raises NotVisible, TemplateNotPublished, OperatorsToReplace, ProductOffline:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        bindings = bindings_seen(means.store, template_id)
        product = unit.get(Product, product_id)
        if product is None or vendor_id not in (None, product.vendor_id):
            raise NotVisible(product_id)
        if product.historical and vendor_id is not None:
            raise OperatorsToReplace(product_id)
        template = visible(unit, template_id, product.vendor_id)
        listing.replace_template(product, template=template, at=means.now())
        unit.rows += [row_of(product), bindings]
        return 200, _body(product)

    return Operation(decide=decide)


def declare_product_parameters(
    *, vendor_id: UUID, product_id: UUID, parameters: list[DeclaredParameter], at_version: Check = any_version
) -> Operation:
    """订单参数 of an own product. :raises NotVisible:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        product = unit.get(Product, product_id)
        if product is None or product.vendor_id != vendor_id:
            raise NotVisible(product_id)
        at_version(product.version)
        listing.declare_parameters(product, parameters=parameters, at=means.now())
        unit.rows.append(row_of(product))
        return 200, {"parameters": product.parameters, "version": product.version}

    return Operation(decide=decide)


def take_product_offline(*, product_id: UUID, reason: str) -> Operation:
    """下线 by the operator (F-05). :raises NotVisible:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        product = unit.get(Product, product_id)
        if product is None:
            raise NotVisible(product_id)
        listing.take_offline(product, reason=reason, at=means.now())
        unit.rows.append(row_of(product))
        return 200, _body(product)

    return Operation(decide=decide)


def take_historical_product_offline(*, historical_id: UUID, reason: str) -> Operation:
    """下线 of a product nobody switched (F-05). :raises NotVisible, AlreadySwitched:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        found = unit.get(HistoricalProduct, historical_id)
        if found is None:
            raise NotVisible(historical_id)
        listing.take_historical_offline(found, reason=reason, at=means.now())
        unit.rows.append(row_of(found))
        return 200, {"id": str(found.id), "code": found.code, "state": found.state}

    return Operation(decide=decide)


def take_over_table(*, rows: Sequence[TableLine]) -> Operation:
    """The vendors' table of F-04, as a whole or not at all: products not known are recorded as historical ones,
    those with a template in their row get it.

    :raises TableRefused: with everything that is wrong, row by row.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        results = Table(means.store, unit, rows).take_over(at=means.now())
        return 200, {"items": results, "total": len(results)}

    return Operation(decide=decide)


def _body(product: Product) -> dict[str, Any]:
    return {
        "id": str(product.id),
        "code": product.code,
        "name": product.name,
        "template_id": str(product.template_id),
        "template_name": product.template_name,
        "state": product.state,
        "version": product.version,
    }
