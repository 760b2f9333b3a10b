"""商品: the state of products, of those from before the Delivery Center, and what may be asked of them."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from template_svc.domain import facts


@stored_as("template", facts.ProductFact)
class Product(Aggregate[facts.ProductFact]):
    """商品 as the Delivery Center knows it: its number and name, its vendor, and the template bound to it.

    ``historical``: it was online before the Delivery Center, so its template is the operator's to replace (P-13).
    """

    code: str
    name: str
    vendor_id: UUID
    template_id: UUID
    template_version: int
    template_name: str
    historical: bool
    listed_at: datetime
    offline_at: datetime | None
    parameters: list[facts.DeclaredParameter]
    """订单参数: those its orders carry."""

    @property
    def state(self) -> Literal["listed", "offline"]:
        """上架 or 下线."""
        return "listed" if self.offline_at is None else "offline"

    def change(self, fact: facts.ProductFact, at: datetime) -> None:
        match fact:
            case facts.ProductListed():
                self.code = fact.code
                self.vendor_id = fact.vendor_id
                self.historical = fact.historical
                self.parameters = []
                self._list(fact, at)
            case facts.ProductTemplateChanged():
                self._bind(fact)
            case facts.ProductTakenOffline():
                self.offline_at = at
            case facts.ProductListedAgain():
                self._list(fact, at)
            case facts.ParametersDeclared():
                self.parameters = fact.parameters
            case _:
                assert_never(fact)

    def _list(self, fact: facts.ProductListed | facts.ProductListedAgain, at: datetime) -> None:
        self.name = fact.name
        self._bind(fact)
        self.listed_at = at
        self.offline_at = None

    def _bind(self, fact: facts.ProductListed | facts.ProductListedAgain | facts.ProductTemplateChanged) -> None:
        self.template_id = fact.template_id
        self.template_version = fact.template_version
        self.template_name = fact.template_name


@stored_as("template", facts.HistoricalProductFact)
class HistoricalProduct(Aggregate[facts.HistoricalProductFact]):
    """A product that was online before the Delivery Center (历史商品), until it has a template (P-13, F-04). Nobody but
    the operator knows it: orders on it still go the earlier way (F-06). ``product_id`` is what it became."""

    code: str
    name: str
    vendor_id: UUID
    recorded_at: datetime
    product_id: UUID | None
    offline_at: datetime | None

    @staticmethod
    def create_id(vendor_id: UUID, code: str) -> UUID:
        """One per vendor and product number, however that is written. Of digits and capital letters the number itself
        counts; those of other letters that were recorded before writings were compared have ids of their own."""
        number = unicodedata.normalize("NFKC", code).casefold().upper()
        return uuid5(vendor_id, f"historical product {number}")

    @property
    def state(self) -> Literal["switched", "unswitched", "offline"]:
        """Switched to a template, taken offline, or neither yet."""
        if self.product_id is not None:
            return "switched"
        return "unswitched" if self.offline_at is None else "offline"

    def change(self, fact: facts.HistoricalProductFact, at: datetime) -> None:
        match fact:
            case facts.HistoricalProductRecorded():
                self.code = fact.code
                self.name = fact.name
                self.vendor_id = fact.vendor_id
                self.recorded_at = at
                self.product_id = None
                self.offline_at = None
            case facts.HistoricalProductSwitched():
                self.product_id = fact.product_id
            case facts.HistoricalProductTakenOffline():
                self.offline_at = at
            case _:
                assert_never(fact)
