"""Which facts the other services hear of, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, template
from delivery_shared.publishing import carries

from template_svc.domain import facts


def nodes(fact: facts.TemplatePublished | facts.RevisionApproved) -> list[template.Node]:
    """The nodes of a published version."""
    return msgspec.convert(fact.nodes, list[template.Node])


def holidays(fact: facts.HolidaysDefined | facts.HolidaysChanged) -> list[template.Holiday]:
    """The holidays of a year."""
    return msgspec.convert(fact.holidays, list[template.Holiday])


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

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    facts.RoleDefined: role_defined,
    facts.RoleChanged: role_defined,
    facts.DemandFormDefined: demand_form_defined,
    facts.DemandFormChanged: demand_form_defined,
    facts.MessageTemplateDefined: message_template_defined,
    facts.MessageTemplateChanged: message_template_defined,
    facts.TemplatePublished: template_published,
    facts.RevisionApproved: template_published,
    facts.DefaultMessagesSwitched: carries(template.DefaultMessagesSwitched, id="template_id"),
    facts.ProductListed: product_listed,
    facts.ProductListedAgain: product_listed,
    facts.ProductTemplateChanged: carries(template.ProductTemplateChanged, id="product_id"),
    facts.ProductTakenOffline: carries(template.ProductTakenOffline, id="product_id", time="taken_offline_at"),
    facts.HolidaysDefined: calendar_changed,
    facts.HolidaysChanged: calendar_changed,
    facts.ClockMoved: clock_moved,
    facts.ClockMovedAgain: clock_moved,
}
