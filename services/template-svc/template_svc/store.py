"""What template-svc stores: templates, products, reference data, calendar and clock."""

from __future__ import annotations

from delivery_shared.eventstore import EventStore

from template_svc.domain.calendar import HolidayYear, PlatformClock
from template_svc.domain.product import HistoricalProduct, Product
from template_svc.domain.reference import DemandForm, MessageTemplate, Role
from template_svc.domain.template import FlowTemplate
from template_svc.publishing import PUBLISHING


class TemplateStore(EventStore):
    """Loads and saves the aggregates of the service."""

    name = "template"
    publishing = PUBLISHING
    aggregates = (
        FlowTemplate, Product, HistoricalProduct, Role, DemandForm, MessageTemplate, HolidayYear, PlatformClock,
    )  # fmt: skip
