"""Decisions on products: 上架, the template bound to them, 下线, and those from before the Delivery Center."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from template_svc.domain import facts
from template_svc.domain.errors import (
    AlreadySwitched,
    NotVisible,
    OperatorsToReplace,
    ProductOffline,
    StillListed,
    TemplateNotPublished,
)
from template_svc.domain.product import HistoricalProduct, Product
from template_svc.domain.template import FlowTemplate


def list_product(
    *,
    id: UUID,
    code: str,
    name: str,
    vendor_id: UUID,
    template: FlowTemplate,
    at: datetime,
    historical: bool = False,
) -> Product:
    """上架: a product is listed only with a template (P-08), a public one or the vendor's own (P-09).

    :raises NotVisible: the template is another vendor's.
    :raises TemplateNotPublished:
    """
    may_be_bound(template, vendor_id)
    listed = facts.ProductListed(
        code=code,
        name=name,
        vendor_id=vendor_id,
        template_id=template.id,
        template_version=template.published_version,
        template_name=template.name,
        historical=historical,
    )
    return Product.begun(listed, id=id, at=at)


def list_again(product: Product, *, name: str, template: FlowTemplate, at: datetime) -> None:
    """上架 of a product that was taken offline: the same product, with the name and template of now. Its providers
    and projects are the ones it had.

    :raises NotVisible: the template is another vendor's.
    :raises TemplateNotPublished:
    :raises StillListed: the product is not offline.
    :raises OperatorsToReplace: the template of a historical product is not the vendor's to choose (P-13).
    """
    may_be_bound(template, product.vendor_id)
    if product.offline_at is None:
        raise StillListed(product.code)
    if product.historical and template.id != product.template_id:
        raise OperatorsToReplace(product.id)
    listed = facts.ProductListedAgain(
        code=product.code,
        name=name,
        vendor_id=product.vendor_id,
        template_id=template.id,
        template_version=template.published_version,
        template_name=template.name,
    )
    product.tell(listed, at=at)


def replace_template(product: Product, *, template: FlowTemplate, at: datetime) -> None:
    """Later projects use ``template`` (P-11, P-14); the one bound already records nothing.

    :raises NotVisible: the template is another vendor's.
    :raises TemplateNotPublished, ProductOffline:
    """
    may_be_bound(template, product.vendor_id)
    if product.offline_at is not None:
        raise ProductOffline(product.code)
    if (template.id, template.published_version) != (product.template_id, product.template_version):
        product.tell(_changed_to(template), at=at)


def follow(product: Product, *, template: FlowTemplate, at: datetime) -> None:
    """The template bound has a new version (T-102): later projects use it, also of a product taken offline."""
    if template.published_version != product.template_version:
        product.tell(_changed_to(template), at=at)


def declare_parameters(product: Product, *, parameters: list[facts.DeclaredParameter], at: datetime) -> None:
    """订单参数: what orders carry that come from now on, also those a marketplace sends on a product taken offline. The
    same again records nothing."""
    if parameters != product.parameters:
        product.tell(facts.ParametersDeclared(parameters=parameters), at=at)


def take_offline(product: Product, *, reason: str, at: datetime) -> None:
    """下线 by the operator: no more orders; projects under way go on (F-05, A-62). Again records nothing."""
    if product.offline_at is None:
        product.tell(facts.ProductTakenOffline(reason=reason), at=at)


def record(*, code: str, name: str, vendor_id: UUID, at: datetime) -> HistoricalProduct:
    """A product that was online before the Delivery Center becomes known (P-35)."""
    recorded = facts.HistoricalProductRecorded(code=code, name=name, vendor_id=vendor_id)
    return HistoricalProduct.begun(recorded, id=HistoricalProduct.create_id(vendor_id, code), at=at)


def switch(historical: HistoricalProduct, *, product_id: UUID, template: FlowTemplate, at: datetime) -> Product:
    """The product with its first template (F-04).

    :raises NotVisible: the template is another vendor's.
    :raises TemplateNotPublished, ProductOffline:
    """
    if historical.offline_at is not None:
        raise ProductOffline(historical.code)
    product = list_product(
        id=product_id,
        code=historical.code,
        name=historical.name,
        vendor_id=historical.vendor_id,
        template=template,
        at=at,
        historical=True,
    )
    historical.tell(facts.HistoricalProductSwitched(product_id=product_id), at=at)
    return product


def take_historical_offline(historical: HistoricalProduct, *, reason: str, at: datetime) -> None:
    """下线 of a product nobody switched in time (F-05). Again records nothing.

    :raises AlreadySwitched: it is a product like others and taken offline as that.
    """
    if historical.product_id is not None:
        raise AlreadySwitched(historical.code)
    if historical.offline_at is None:
        historical.tell(facts.HistoricalProductTakenOffline(reason=reason), at=at)


def may_be_bound(template: FlowTemplate, vendor_id: UUID) -> None:
    """P-09, T-104: a vendor's products take public templates and its own, once they are published."""
    if not template.visible_to(vendor_id):
        raise NotVisible(template.id)
    if not template.published:
        raise TemplateNotPublished(template.id)


def _changed_to(template: FlowTemplate) -> facts.ProductTemplateChanged:
    return facts.ProductTemplateChanged(
        template_id=template.id, template_version=template.published_version, template_name=template.name
    )
