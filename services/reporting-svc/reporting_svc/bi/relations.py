"""What the views are keyed by, what refers to what, and which values there are: what SQL's comments cannot say and
tools ask for. From it come the dbt sources and the metadata for Metabase and Superset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "freshness": ("source",),
    "dim_vendor": ("vendor_id",),
    "dim_provider": ("provider_id",),
    "dim_product": ("product_id",),
    "dim_person": ("person_id",),
    "bridge_person_role": ("person_id", "role"),
    "dim_department": ("department_id",),
    "dim_customer": ("customer_id",),
    "dim_role": ("role",),
    "dim_template": ("template_id", "template_version"),
    "dim_template_node": ("template_id", "template_version", "node"),
    "dim_date": ("day",),
    "fact_project": ("project_id",),
    "fact_node_visit": ("project_id", "visit"),
    "fact_pause": ("project_id", "paused_at"),
    "fact_message": ("project_id", "run", "visit", "trigger", "rule"),
    "fact_daily_snapshot": ("day", "project_id"),
    "fact_assignment": ("request_id", "role"),
    "fact_queue_wait": ("request_id", "role"),
    "fact_provider_capacity": ("product_id", "provider_id", "valid_from"),
    "fact_staff_capacity": ("provider_id", "person_id", "valid_from"),
    "event_log": ("source", "position"),
}
"""The columns that name a row."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "freshness": ("source", "as_of_position"),
    "tenant": ("everything",),
    "dim_vendor": ("vendor_id", "name"),
    "dim_provider": ("provider_id", "name"),
    "dim_product": ("product_id", "vendor_id", "listed_at"),
    "dim_person": ("person_id", "party_id", "name", "active"),
    "bridge_person_role": ("person_id", "role", "party_id"),
    "dim_department": ("department_id", "party_id", "name", "active"),
    "dim_customer": ("customer_id", "pseudonym", "projects"),
    "dim_role": ("role",),
    "dim_template": ("template_id", "nodes"),
    "dim_template_node": ("node", "type"),
    "dim_date": ("day", "is_working_day"),
    "fact_project": ("project_id", "vendor_id", "product_id", "created_day", "state", "template_id"),
    "fact_node_visit": ("project_id", "outcome", "operator", "working_seconds", "is_overdue", "entered_day"),
    "fact_pause": ("project_id", "paused_at", "outcome", "pause_working_seconds"),
    "fact_message": ("project_id", "trigger", "receiver", "told_day"),
    "fact_daily_snapshot": ("day", "project_id", "state"),
    "fact_assignment": ("project_id", "level", "provider_id", "assigned_at"),
    "fact_queue_wait": ("project_id", "reason", "outcome", "wait_seconds"),
    "fact_provider_capacity": ("product_id", "provider_id", "maximum"),
    "fact_staff_capacity": ("provider_id", "person_id", "maximum", "receiving", "valid_from"),
    "event_log": ("source", "project_id", "type"),
}
"""Columns that are never empty."""

VALUES: Final[Mapping[str, Mapping[str, tuple[str | int, ...]]]] = {
    "freshness": {"source": ("template", "identity", "dispatch", "project")},
    "dim_role": {"side": ("vendor", "provider", "customer", "operator")},
    "dim_template_node": {
        "type": (
            "assign_provider", "claim_order", "assign_order", "submit_requirement", "confirm", "general", "container",
            "complete_project",
        )
    },
    "fact_project": {"state": ("running", "paused", "completed", "cancelled"), "stars": (1, 2, 3, 4, 5)},
    "fact_node_visit": {
        "outcome": ("completed", "rejected", "restarted", "cancelled", "open"),
        "operator": ("system", "customer", "staff"),
    },
    "fact_pause": {"outcome": ("resumed", "restarted", "completed", "cancelled", "open")},
    "fact_message": {
        "trigger": ("entered", "rejected", "passed_on", "overdue", "reassigned", "reminded", "mentioned")
    },
    "fact_daily_snapshot": {"state": ("cancelled", "delivered", "paused", "overdue", "running")},
    "fact_assignment": {
        "level": ("provider", "staff"), "how": ("draw", "assign", "wanted", "claim", "replace")
    },
    "fact_queue_wait": {
        "reason": ("no_provider_configured", "providers_full", "no_staff", "staff_full"),
        "outcome": ("assigned", "withdrawn", "waiting"),
    },
    "event_log": {"source": ("project", "dispatch")},
}  # fmt: skip
"""The values a column has, where they are few."""

PARTIES: Final = {
    "vendor_id": "dim_vendor.vendor_id",
    "provider_id": "dim_provider.provider_id",
    "product_id": "dim_product.product_id",
}
OF_PROJECT: Final = {"project_id": "fact_project.project_id"}

REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "dim_product": {"vendor_id": "dim_vendor.vendor_id"},
    "bridge_person_role": {"person_id": "dim_person.person_id", "role": "dim_role.role"},
    "dim_person": {"department_id": "dim_department.department_id"},
    "dim_department": {"parent_id": "dim_department.department_id"},
    "dim_template_node": {"role": "dim_role.role"},
    "fact_project": {
        **PARTIES, "customer_id": "dim_customer.customer_id", "created_day": "dim_date.day",
        "ended_day": "dim_date.day", "evaluated_day": "dim_date.day",
    },
    "fact_node_visit": {
        **OF_PROJECT, **PARTIES, "role": "dim_role.role", "assignee_id": "dim_person.person_id",
        "left_by_id": "dim_person.person_id", "entered_day": "dim_date.day", "left_day": "dim_date.day",
    },
    "fact_pause": {
        **OF_PROJECT, **PARTIES, "paused_by_id": "dim_person.person_id", "paused_day": "dim_date.day",
        "ended_day": "dim_date.day",
    },
    "fact_message": {**OF_PROJECT, **PARTIES, "told_day": "dim_date.day"},
    "fact_daily_snapshot": {**OF_PROJECT, **PARTIES, "day": "dim_date.day", "created_day": "dim_date.day"},
    "fact_assignment": {
        **OF_PROJECT, "provider_id": "dim_provider.provider_id", "person_id": "dim_person.person_id",
        "department_id": "dim_department.department_id", "role": "dim_role.role", "assigned_day": "dim_date.day",
        "queued_day": "dim_date.day",
    },
    "fact_queue_wait": {
        **OF_PROJECT, "provider_id": "dim_provider.provider_id", "role": "dim_role.role", "queued_day": "dim_date.day",
        "ended_day": "dim_date.day",
    },
    "fact_provider_capacity": {
        "product_id": "dim_product.product_id", "provider_id": "dim_provider.provider_id",
    },
    "fact_staff_capacity": {
        "provider_id": "dim_provider.provider_id", "person_id": "dim_person.person_id",
    },
    "event_log": {**OF_PROJECT},
}  # fmt: skip
"""What a column names: ``view.column``. Tools join by it."""

CERTAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "dim_product": ("vendor_id",),
    "bridge_person_role": ("person_id",),
    "fact_project": ("vendor_id", "provider_id", "product_id", "customer_id", "created_day"),
    "fact_node_visit": ("project_id", "entered_day"),
    "fact_pause": ("project_id", "paused_day"),
    "fact_message": ("project_id", "told_day"),
    "fact_daily_snapshot": ("day",),
    "fact_assignment": ("project_id", "provider_id", "assigned_day"),
    "fact_queue_wait": ("project_id", "queued_day"),
    "fact_provider_capacity": ("product_id", "provider_id"),
    "fact_staff_capacity": ("provider_id", "person_id"),
    "event_log": ("project_id",),
}
"""The references whose row every reader sees; of others – people of another company, a former provider – a tenant may
read the id only."""

TIMES: Final[Mapping[str, str]] = {
    "dim_product": "listed_at",
    "dim_customer": "first_project_at",
    "fact_project": "created_at",
    "fact_node_visit": "entered_at",
    "fact_pause": "paused_at",
    "fact_message": "told_at",
    "fact_daily_snapshot": "midnight",
    "fact_assignment": "assigned_at",
    "fact_queue_wait": "queued_at",
    "fact_provider_capacity": "valid_from",
    "fact_staff_capacity": "valid_from",
    "event_log": "at",
}
"""The column a chart runs along, unless another is chosen."""
