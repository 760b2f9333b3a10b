"""Which domain events the other services hear of, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts.template import (
    CalendarChanged,
    ClockMoved,
    DemandFormDefined,
    Holiday,
    MessageTemplateDefined,
    Node,
    ProductListed,
    ProductTakenOffline,
    ProductTemplateChanged,
    RoleDefined,
    TemplatePublished,
)

from template_svc.calendar import HolidayYear, PlatformClock
from template_svc.domain import FlowTemplate
from template_svc.product import Product
from template_svc.reference import DemandForm, MessageTemplate, Role


def role_defined(event: Any) -> RoleDefined:
    return RoleDefined(role=event.code, name=event.name, side=event.side, active=event.active)


def demand_form_defined(event: Any) -> DemandFormDefined:
    return DemandFormDefined(form=event.code, name=event.name, schema=event.schema, active=event.active)


def message_template_defined(event: Any) -> MessageTemplateDefined:
    return MessageTemplateDefined(
        message_template=event.code,
        name=event.name,
        title=event.title,
        body=event.body,
        channels=event.channels,
        active=event.active,
    )


def template_published(event: Any) -> TemplatePublished:
    return TemplatePublished(
        template_id=event.originator_id,
        version=event.version,
        serial=event.serial,
        name=event.name,
        owner_id=event.owner_id,
        nodes=msgspec.convert(event.nodes, list[Node]),
    )


def product_listed(event: Any) -> ProductListed:
    return ProductListed(
        product_id=event.originator_id,
        code=event.code,
        name=event.name,
        vendor_id=event.vendor_id,
        template_id=event.template_id,
        template_version=event.template_version,
        template_name=event.template_name,
        listed_at=event.timestamp,
    )


def product_template_changed(event: Any) -> ProductTemplateChanged:
    return ProductTemplateChanged(
        product_id=event.originator_id,
        template_id=event.template_id,
        template_version=event.template_version,
        template_name=event.template_name,
    )


def calendar_changed(event: Any) -> CalendarChanged:
    return CalendarChanged(
        year=event.year,
        revision=event.originator_version,
        provisional=event.provisional,
        holidays=msgspec.convert(event.holidays, list[Holiday]),
        changed_at=event.timestamp,
    )


def clock_moved(event: Any) -> ClockMoved:
    return ClockMoved(offset_seconds=event.offset_seconds, moved_at=event.timestamp)


def product_taken_offline(event: Any) -> ProductTakenOffline:
    return ProductTakenOffline(product_id=event.originator_id, taken_offline_at=event.timestamp)


# The classes behind ``@event("…")`` are made by the library at run time.
_template: Any = FlowTemplate
_product: Any = Product
_role: Any = Role
_form: Any = DemandForm
_message: Any = MessageTemplate
_year: Any = HolidayYear
_clock: Any = PlatformClock

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    _role.Defined: role_defined,
    _role.Changed: role_defined,
    _form.Defined: demand_form_defined,
    _form.Changed: demand_form_defined,
    _message.Defined: message_template_defined,
    _message.Changed: message_template_defined,
    _template.Published: template_published,
    _template.RevisionApproved: template_published,
    _product.Listed: product_listed,
    _product.ListedAgain: product_listed,
    _product.TemplateChanged: product_template_changed,
    _product.TakenOffline: product_taken_offline,
    _year.Defined: calendar_changed,
    _year.Changed: calendar_changed,
    _clock.Moved: clock_moved,
    _clock.MovedAgain: clock_moved,
}
