"""Which domain events the other services hear of, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, template
from delivery_shared.publishing import carries

from template_svc.calendar import HolidayYear, PlatformClock
from template_svc.domain import FlowTemplate
from template_svc.product import Product
from template_svc.reference import DemandForm, MessageTemplate, Role


def nodes(event: Any) -> list[template.Node]:
    """The nodes of a published version."""
    return msgspec.convert(event.nodes, list[template.Node])


def holidays(event: Any) -> list[template.Holiday]:
    """The holidays of a year."""
    return msgspec.convert(event.holidays, list[template.Holiday])


code = attrgetter("code")
role_defined = carries(template.RoleDefined, role=code)
demand_form_defined = carries(template.DemandFormDefined, form=code)
message_template_defined = carries(template.MessageTemplateDefined, message_template=code)
template_published = carries(template.TemplatePublished, id="template_id", nodes=nodes)
calendar_changed = carries(
    template.CalendarChanged, time="changed_at", revision=attrgetter("originator_version"), holidays=holidays
)
product_listed = carries(template.ProductListed, id="product_id", time="listed_at")
clock_moved = carries(template.ClockMoved, time="moved_at")

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
    _product.TemplateChanged: carries(template.ProductTemplateChanged, id="product_id"),
    _product.TakenOffline: carries(template.ProductTakenOffline, id="product_id", time="taken_offline_at"),
    _year.Defined: calendar_changed,
    _year.Changed: calendar_changed,
    _clock.Moved: clock_moved,
    _clock.MovedAgain: clock_moved,
}
