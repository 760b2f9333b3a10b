"""The table by which the operator gives historical products their template (P-13, P-35, F-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.texts import key

from template_svc import lookups
from template_svc.commands.steps import bindings_seen
from template_svc.domain import listing
from template_svc.domain.product import HistoricalProduct, Product
from template_svc.domain.template import FlowTemplate
from template_svc.rows import row_of


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """A row: 服务商名称 and 账号, 商品 code, 商品名称, 交付中心服务流序号 and 交付中心服务流名称 – the last two
    empty for a product that is only recorded."""

    provider_name: str
    account: str
    code: str
    name: str
    template_serial: int | None = None
    template_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with a field of a row."""

    row: int
    field: str
    code: str
    zh: str
    en: str


class TableRefused(Exception):
    """Rows of the table are wrong; nothing of it was taken over."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("table refused")
        self.wrong = wrong


class Table:
    """A table as part of a command on ``unit``."""

    def __init__(self, store: EventStore, unit: UnitOfWork, rows: Sequence[TableLine]) -> None:
        self._store = store
        self._unit = unit
        self._rows = rows
        self._wrong: list[Wrong] = []
        serials = sorted({row.template_serial for row in rows if row.template_serial is not None})
        with store.connection() as connection:
            self._vendors = lookups.parties_of_accounts(connection, [row.account for row in rows])
            self._template_ids = lookups.template_ids(connection, serials)
            keys = [(self._vendors[r.account]["party_id"], r.code) for r in rows if r.account in self._vendors]
            self._product_ids = lookups.product_ids(connection, keys)
            self._historical_ids = {
                (vendor_id, code): HistoricalProduct.create_id(vendor_id, code) for vendor_id, code in keys
            } | lookups.historical_ids(connection, keys)
        self._bindings = [bindings_seen(store, template_id) for template_id in self._template_ids.values()]
        unit.preload([*self._template_ids.values(), *self._product_ids.values(), *self._historical_ids.values()])

    def take_over(self, *, at: datetime) -> list[dict[str, Any]]:
        """Record and switch; the rows of the answer. :raises TableRefused:"""
        seen: set[tuple[UUID, str]] = set()
        checked: list[tuple[TableLine, UUID, FlowTemplate | None]] = []
        for number, row in enumerate(self._rows):
            vendor_id = self._vendor(number, row)
            if vendor_id is None:
                continue
            if (vendor_id, key(row.code)) in seen:
                self._refuse(number, "code", "row_twice", "商品在表中重复", "The product stands in the table twice")
            seen.add((vendor_id, key(row.code)))
            self._check_product(number, row, vendor_id)
            checked.append((row, vendor_id, self._template(number, row, vendor_id)))
        if self._wrong:
            raise TableRefused(self._wrong)
        self._unit.rows += self._bindings
        return [self._apply(row, vendor_id, template, at) for row, vendor_id, template in checked]

    def _vendor(self, number: int, row: TableLine) -> UUID | None:
        vendor = self._vendors.get(row.account)
        if vendor is None:
            self._refuse(number, "account", "account_unknown", "没有该账号的服务商", "No ISV has this account")
            return None
        if vendor["name"] != row.provider_name:
            name = vendor["name"]
            self._refuse(
                number,
                "provider_name",
                "provider_name_differs",
                f"该账号的服务商名称为“{name}”",
                f"The ISV of this account is called “{name}”",
            )
        vendor_id = vendor["party_id"]
        assert isinstance(vendor_id, UUID)
        return vendor_id

    def _known(self, vendor_id: UUID, code: str) -> Product | HistoricalProduct | None:
        product_id = self._product_ids.get((vendor_id, code))
        if product_id is not None:
            return self._unit.get(Product, product_id)
        return self._unit.get(HistoricalProduct, self._historical_ids[vendor_id, code])

    def _check_product(self, number: int, row: TableLine, vendor_id: UUID) -> None:
        known = self._known(vendor_id, row.code)
        if known is None:
            return
        if known.name != row.name:
            self._refuse(
                number,
                "name",
                "product_name_differs",
                f"该商品的名称为“{known.name}”",
                f"The product is called “{known.name}”",
            )
        if known.offline_at is not None:
            self._refuse(number, "code", "product_offline", "商品已下线", "The product is offline")

    def _template(self, number: int, row: TableLine, vendor_id: UUID) -> FlowTemplate | None:
        if row.template_serial is None:
            return None
        template_id = self._template_ids.get(row.template_serial)
        template = self._unit.get(FlowTemplate, template_id) if template_id else None
        if template is None or not template.visible_to(vendor_id) or not template.published:
            self._refuse(
                number,
                "template_serial",
                "template_unknown",
                "没有该序号的、可供该服务商使用的已发布服务流",
                "No published template of this serial number can be used by this ISV",
            )
            return None
        if template.name != row.template_name:
            self._refuse(
                number,
                "template_name",
                "template_name_differs",
                f"该序号的服务流名称为“{template.name}”",
                f"The template of this serial number is called “{template.name}”",
            )
        return template

    def _apply(self, row: TableLine, vendor_id: UUID, template: FlowTemplate | None, at: datetime) -> dict[str, Any]:
        known: Product | HistoricalProduct | None = self._known(vendor_id, row.code)
        if known is None:
            known = listing.record(code=row.code, name=row.name, vendor_id=vendor_id, at=at)
            self._unit.add(known)
        if isinstance(known, HistoricalProduct):
            if template is None:
                self._unit.rows.append(row_of(known))
                return {"code": row.code, "product_id": None, "state": "unswitched"}
            product = listing.switch(known, product_id=uuid4(), template=template, at=at)
            self._unit.add(product)
            self._unit.rows.append(row_of(known))
            known = product
        elif template is not None:
            listing.replace_template(known, template=template, at=at)
        self._unit.rows.append(row_of(known))
        return {"code": row.code, "product_id": str(known.id), "state": "switched"}

    def _refuse(self, row: int, field: str, code: str, zh: str, en: str) -> None:
        self._wrong.append(Wrong(row=row, field=field, code=code, zh=zh, en=en))
