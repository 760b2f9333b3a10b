"""Products and the template bound to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from template_svc.domain import FlowTemplate, NotVisible, TemplateNotPublished


class ProductOffline(Exception):
    """The product was taken offline (下线); nothing about it changes any more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StillListed(Exception):
    """The product is not offline, so it cannot be listed again."""


class AlreadySwitched(Exception):
    """The historical product has a template already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OperatorsToReplace(Exception):
    """P-13: the template of a historical product is replaced by the operator, not by the vendor."""


class Product(Aggregate):
    """商品 as the Delivery Center knows it: its number and name, its vendor, and the template bound to it.

    ``historical``: it was online before the Delivery Center, so its template is the operator's to replace (P-13).
    """

    @event("Listed")
    def __init__(
        self,
        *,
        id: UUID,
        code: str,
        name: str,
        vendor_id: UUID,
        template_id: UUID,
        template_version: int,
        template_name: str,
        historical: bool,
        timestamp: datetime,
    ) -> None:
        self.code = code
        self.name = name
        self.vendor_id = vendor_id
        self.template_id = template_id
        self.template_version = template_version
        self.template_name = template_name
        self.historical = historical
        self.listed_at = timestamp
        self.offline_at: datetime | None = None

    @classmethod
    def listed(
        cls,
        *,
        id: UUID,
        code: str,
        name: str,
        vendor_id: UUID,
        template: FlowTemplate,
        now: datetime,
        historical: bool = False,
    ) -> Product:
        """上架: a product is listed only with a template (P-08), a public one or the vendor's own (P-09).

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished:
        """
        may_be_bound(template, vendor_id)
        return cls(
            id=id,
            code=code,
            name=name,
            vendor_id=vendor_id,
            template_id=template.id,
            template_version=template.published_version,
            template_name=template.name,
            historical=historical,
            timestamp=now,
        )

    def replace_template(self, *, template: FlowTemplate, now: datetime) -> None:
        """Later projects use ``template`` (P-11, P-14); the one bound already records nothing.

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished, ProductOffline:
        """
        may_be_bound(template, self.vendor_id)
        if self.offline_at is not None:
            raise ProductOffline(self.code)
        if (template.id, template.published_version) != (self.template_id, self.template_version):
            self._change_template(
                template_id=template.id,
                template_version=template.published_version,
                template_name=template.name,
                timestamp=now,
            )

    @event("TemplateChanged")
    def _change_template(
        self, *, template_id: UUID, template_version: int, template_name: str, timestamp: datetime
    ) -> None:
        self.template_id = template_id
        self.template_version = template_version
        self.template_name = template_name

    def follow(self, *, template: FlowTemplate, now: datetime) -> None:
        """The template bound has a new version (T-102): later projects use it, also of a product taken offline."""
        if template.published_version != self.template_version:
            self._change_template(
                template_id=template.id,
                template_version=template.published_version,
                template_name=template.name,
                timestamp=now,
            )

    def take_offline(self, *, reason: str, now: datetime) -> None:
        """下线 by the operator: no more orders; projects under way go on (F-05, A-62). Again records nothing."""
        if self.offline_at is None:
            self._take_offline(reason=reason, timestamp=now)

    @event("TakenOffline")
    def _take_offline(self, *, reason: str, timestamp: datetime) -> None:
        self.offline_at = timestamp

    def list_again(self, *, name: str, template: FlowTemplate, now: datetime) -> None:
        """上架 of a product that was taken offline: the same product, with the name and template of now. Its providers
        and projects are the ones it had.

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished:
        :raises StillListed: the product is not offline.
        :raises OperatorsToReplace: the template of a historical product is not the vendor's to choose (P-13).
        """
        may_be_bound(template, self.vendor_id)
        if self.offline_at is None:
            raise StillListed(self.code)
        if self.historical and template.id != self.template_id:
            raise OperatorsToReplace(self.id)
        self._list_again(
            code=self.code,
            name=name,
            vendor_id=self.vendor_id,
            template_id=template.id,
            template_version=template.published_version,
            template_name=template.name,
            timestamp=now,
        )

    @event("ListedAgain")
    def _list_again(
        self,
        *,
        code: str,
        name: str,
        vendor_id: UUID,
        template_id: UUID,
        template_version: int,
        template_name: str,
        timestamp: datetime,
    ) -> None:
        self.name = name
        self.template_id = template_id
        self.template_version = template_version
        self.template_name = template_name
        self.listed_at = timestamp
        self.offline_at = None


class HistoricalProduct(Aggregate):
    """A product that was online before the Delivery Center (历史商品), until it has a template (P-13, F-04). Nobody but
    the operator knows it: orders on it still go the earlier way (F-06). ``product_id`` is what it became."""

    @event("Recorded")
    def __init__(self, *, code: str, name: str, vendor_id: UUID, timestamp: datetime) -> None:
        self.code = code
        self.name = name
        self.vendor_id = vendor_id
        self.recorded_at = timestamp
        self.product_id: UUID | None = None
        self.offline_at: datetime | None = None

    @staticmethod
    def create_id(vendor_id: UUID, code: str) -> UUID:
        """One per vendor and product number."""
        return uuid5(vendor_id, f"historical product {code}")

    def switch(self, *, product_id: UUID, template: FlowTemplate, now: datetime) -> Product:
        """The product with its first template (F-04).

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished, ProductOffline:
        """
        if self.offline_at is not None:
            raise ProductOffline(self.code)
        product = Product.listed(
            id=product_id,
            code=self.code,
            name=self.name,
            vendor_id=self.vendor_id,
            template=template,
            now=now,
            historical=True,
        )
        self._switch(product_id=product_id, timestamp=now)
        return product

    def take_offline(self, *, reason: str, now: datetime) -> None:
        """下线 of a product nobody switched in time (F-05). Again records nothing.

        :raises AlreadySwitched: it is a product like others and taken offline as that.
        """
        if self.product_id is not None:
            raise AlreadySwitched(self.code)
        if self.offline_at is None:
            self._take_offline(reason=reason, timestamp=now)

    @event("Switched")
    def _switch(self, *, product_id: UUID, timestamp: datetime) -> None:
        self.product_id = product_id

    @event("TakenOffline")
    def _take_offline(self, *, reason: str, timestamp: datetime) -> None:
        self.offline_at = timestamp


def may_be_bound(template: FlowTemplate, vendor_id: UUID) -> None:
    """P-09, T-104: a vendor's products take public templates and its own, once they are published."""
    if not template.visible_to(vendor_id):
        raise NotVisible(template.id)
    if not template.published:
        raise TemplateNotPublished(template.id)
