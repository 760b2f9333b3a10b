# ruff: noqa: S608 - our own names only
"""Row-level security of the tables behind the views (reliability, trap 5).

It is forced, so that it binds the owner as well, whose own policy lets the service work. The tenant follows from the
role that logged in – ``session_user``, mapped in ``bi.tenant`` – which no ``SET`` changes: not from a setting, and not
from the present role either. A vendor reads the projects of its products; a provider those it holds now, and of them
the present run only, since an earlier one was another provider's (R-41); the platform operator everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MINE = "(SELECT t.party_id FROM bi.tenant t WHERE t.role_name = session_user)"
EVERYTHING = "(SELECT t.everything FROM bi.tenant t WHERE t.role_name = session_user)"
SOLD = f"project_id IN (SELECT p.project_id FROM {{schema}}.project p WHERE p.vendor_id = {MINE})"
HELD = f"(project_id, run) IN (SELECT p.project_id, p.run FROM {{schema}}.project p WHERE p.provider_id = {MINE})"
OF_MY_PRODUCTS = f"product_id IN (SELECT p.product_id FROM {{schema}}.product p WHERE p.vendor_id = {MINE})"
CONFIGURED = (
    "SELECT (e.entry ->> 'provider_id')::uuid FROM {schema}.provider_configuration c"
    " CROSS JOIN LATERAL jsonb_array_elements(c.providers) AS e (entry)"
)

VISIBLE: Final[Mapping[str, str]] = {
    "project": f"vendor_id = {MINE} OR provider_id = {MINE}",
    # also the provider of then: its figures counted the project at that midnight (B-21)
    "project_history": f"vendor_id = {MINE} OR provider_id = {MINE}",
    "node_visit": f"vendor_id = {MINE} OR {HELD}",
    "pause": f"vendor_id = {MINE} OR {HELD}",
    "occurrence": f"vendor_id = {MINE} OR {HELD}",
    "project_event": f"{SOLD} OR {HELD}",
    "dispatch_event": f"{SOLD} OR {HELD}",
    "assignment": f"{SOLD} OR {HELD}",
    # as on the queue pages: the vendor, and at staff level the provider
    "queue_wait": f"{SOLD} OR (provider_id = {MINE} AND {HELD})",
    # who else was a candidate: providers are the vendor's business, people their provider's
    "decision": f"(provider_id IS NULL AND {SOLD}) OR (provider_id = {MINE} AND {HELD})",
    "product": f"vendor_id = {MINE} OR product_id IN (SELECT p.product_id FROM {{schema}}.project p)",
    # who serves a product, and how much of it, is the vendor's business
    "provider_configuration": OF_MY_PRODUCTS,
    "configuration_history": OF_MY_PRODUCTS,
    # whoever one has projects with, or has configured; no customers, who may be people
    "party": f"party_id = {MINE} OR (kind = 'isv' AND (party_id IN (SELECT p.vendor_id FROM {{schema}}.project p)"
    f" OR party_id IN (SELECT p.provider_id FROM {{schema}}.project p) OR party_id IN ({CONFIGURED})))",
    # in no view: buyers may be people
    "buyer": "false",
    "person": f"party_id = {MINE}",
    "department": f"party_id = {MINE}",
    # how much its people may hold is a provider's own business
    "member": f"provider_id = {MINE}",
    "member_history": f"provider_id = {MINE}",
    "template": f"owner_id IS NULL OR owner_id = {MINE}"
    " OR template_id IN (SELECT p.template_id FROM {schema}.project p)",
}
"""Which rows of a table a tenant reads."""

OPEN: Final = ("calendar", "clock", "feed_position", "freshness", "role")
"""Tables without rows of anybody: every BI role reads them."""


def statements(schema: str) -> list[str]:
    """What sets the policies of the tables of ``schema`` (quoted) and of ``bi.tenant``, whoever had set them before."""
    conditions = {f"{schema}.{table}": f"({rule}) OR {EVERYTHING}" for table, rule in VISIBLE.items()}
    conditions["bi.tenant"] = "role_name = session_user"
    return [
        statement
        for table, condition in conditions.items()
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS service ON {table}",
            f"CREATE POLICY service ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
            f"DROP POLICY IF EXISTS tenant ON {table}",
            f"CREATE POLICY tenant ON {table} FOR SELECT USING ({condition.format(schema=schema)})",
        )
    ]
