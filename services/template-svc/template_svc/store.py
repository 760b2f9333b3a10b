"""What template-svc stores: templates, products, reference data, calendar and clock."""

from __future__ import annotations

from delivery_shared.eventstore import EventStore

from template_svc.publishing import PUBLISHING


class TemplateStore(EventStore):
    """Loads and saves the aggregates of the service."""

    name = "template"
    publishing = PUBLISHING
