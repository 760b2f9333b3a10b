"""Commands on products: listing, replacing the template, taking offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, UnitOfWork

from template_svc import product_lists, read_model
from template_svc.domain import NotVisible
from template_svc.historical import Row, Table
from template_svc.product import HistoricalProduct, OperatorsToReplace, Product
from template_svc.read_model import row_of
from template_svc.steps import Answer, CodeTaken, bindings_seen, visible


class ProductCommands(EventStore):
    """The part of the application that keeps products."""

    clock: Clock

    def list_product(self, *, command: Command, vendor_id: UUID, code: str, name: str, template_id: UUID) -> Outcome:
        """上架 (P-08), also again of a product taken offline.

        :raises NotVisible, TemplateNotPublished, CodeTaken, OperatorsToReplace:
        """

        def decide(unit: UnitOfWork) -> Answer:
            unit.rows.append(bindings_seen(self, template_id))
            template, now = visible(unit, template_id, vendor_id), self.clock.now()
            with self.connection() as connection:
                former = product_lists.offline(connection, vendor_id=vendor_id, code=code)
                product = unit.get(Product, former) if former else None
                if product is not None:
                    product.list_again(name=name, template=template, now=now)
                elif product_lists.code_taken(connection, vendor_id=vendor_id, code=code):
                    raise CodeTaken(code)
                else:
                    product = Product.listed(
                        id=uuid4(), code=code, name=name, vendor_id=vendor_id, template=template, now=now
                    )
                    unit.add(product)
            unit.rows.append(row_of(product))
            return 201, product_body(product)

        return execute(self, command, decide)

    def replace_product_template(
        self, *, command: Command, vendor_id: UUID | None, product_id: UUID, template_id: UUID
    ) -> Outcome:
        """P-11; the platform operator (None) does it for any product, for historical ones nobody else (P-13).

        :raises NotVisible, TemplateNotPublished, OperatorsToReplace, ProductOffline:
        """

        def decide(unit: UnitOfWork) -> Answer:
            bindings = bindings_seen(self, template_id)
            product = unit.get(Product, product_id)
            if product is None or vendor_id not in (None, product.vendor_id):
                raise NotVisible(product_id)
            if product.historical and vendor_id is not None:
                raise OperatorsToReplace(product_id)
            template = visible(unit, template_id, product.vendor_id)
            product.replace_template(template=template, now=self.clock.now())
            unit.rows += [row_of(product), bindings]
            return 200, product_body(product)

        return execute(self, command, decide)

    def take_product_offline(self, *, command: Command, product_id: UUID, reason: str) -> Outcome:
        """下线 by the operator (F-05). :raises NotVisible:"""

        def decide(unit: UnitOfWork) -> Answer:
            product = unit.get(Product, product_id)
            if product is None:
                raise NotVisible(product_id)
            product.take_offline(reason=reason, now=self.clock.now())
            unit.rows.append(row_of(product))
            return 200, product_body(product)

        return execute(self, command, decide)

    def take_historical_product_offline(self, *, command: Command, historical_id: UUID, reason: str) -> Outcome:
        """下线 of a product nobody switched (F-05). :raises NotVisible, AlreadySwitched:"""

        def decide(unit: UnitOfWork) -> Answer:
            found = unit.get(HistoricalProduct, historical_id)
            if found is None:
                raise NotVisible(historical_id)
            found.take_offline(reason=reason, now=self.clock.now())
            unit.rows.append(row_of(found))
            return 200, {"id": str(found.id), "code": found.code, "state": read_model.historical_state(found)}

        return execute(self, command, decide)

    def take_over_table(self, *, command: Command, rows: Sequence[Row]) -> Outcome:
        """The vendors' table of F-04, as a whole or not at all: products not known are recorded as historical ones,
        those with a template in their row get it.

        :raises TableRefused: with everything that is wrong, row by row.
        """

        def decide(unit: UnitOfWork) -> Answer:
            results = Table(self, unit, rows).take_over(now=self.clock.now())
            return 200, {"items": results, "total": len(results)}

        return execute(self, command, decide)


def product_body(product: Product) -> dict[str, Any]:
    """The body of the answers."""
    return {
        "id": str(product.id),
        "code": product.code,
        "name": product.name,
        "template_id": str(product.template_id),
        "template_name": product.template_name,
        "state": read_model.product_state(product),
        "version": product.version,
    }
