"""Which facts the other services hear of, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, template
from delivery_shared.publishing import carries, published

from template_svc.domain import facts


def nodes(fact: facts.TemplatePublished | facts.RevisionApproved) -> list[template.Node]:
    """The nodes of a published version."""
    return msgspec.convert(fact.nodes, list[template.Node])


def holidays(fact: facts.HolidaysDefined | facts.HolidaysChanged) -> list[template.Holiday]:
    """The holidays of a year."""
    return msgspec.convert(fact.holidays, list[template.Holiday])


def parameters(fact: facts.ParametersDeclared) -> list[template.OrderParameter]:
    """The parameters of a product's orders."""
    return msgspec.convert(fact.parameters, list[template.OrderParameter])


code = attrgetter("code")
role_defined = carries(template.RoleDefined, time="defined_at", role=code)
demand_form_defined = carries(template.DemandFormDefined, form=code)
message_template_defined = carries(template.MessageTemplateDefined, message_template=code)
calendar_changed = carries(
    template.CalendarChanged, time="changed_at", revision=attrgetter("originator_version"), holidays=holidays
)

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    **published(facts.TemplateFact, template, id="template_id", nodes=nodes),
    facts.RevisionApproved: carries(template.TemplatePublished, id="template_id", nodes=nodes),
    **published(facts.ProductFact, template, id="product_id", parameters=parameters),
    facts.ProductListedAgain: carries(template.ProductListed, id="product_id", time="listed_at"),
    facts.RoleDefined: role_defined,
    facts.RoleChanged: role_defined,
    facts.DemandFormDefined: demand_form_defined,
    facts.DemandFormChanged: demand_form_defined,
    facts.MessageTemplateDefined: message_template_defined,
    facts.MessageTemplateChanged: message_template_defined,
    facts.HolidaysDefined: calendar_changed,
    facts.HolidaysChanged: calendar_changed,
    **published(facts.ClockFact, template),
    facts.ClockMovedAgain: carries(template.ClockMoved, time="moved_at"),
}
"""Any fact not in here is private."""
