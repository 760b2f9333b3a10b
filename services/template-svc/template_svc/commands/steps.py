"""Steps that several commands on templates and products share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork, WorkChanged

from template_svc import lookups
from template_svc.domain.errors import NameTaken, NotTheOwner, NotVisible
from template_svc.domain.flow import Reference
from template_svc.domain.template import FlowTemplate
from template_svc.rows import row_of, state_of


def visible(unit: UnitOfWork, template_id: UUID, owner_id: UUID | None) -> FlowTemplate:
    """:raises NotVisible: there is none, or ``owner_id`` may not know."""
    template = unit.get(FlowTemplate, template_id)
    if template is None or not template.visible_to(owner_id):
        raise NotVisible(template_id)
    return template


def own(unit: UnitOfWork, template_id: UUID, owner_id: UUID | None) -> FlowTemplate:
    """:raises NotVisible, NotTheOwner: it is not ``owner_id``'s to change."""
    template = visible(unit, template_id, owner_id)
    if template.owner_id != owner_id:
        raise NotTheOwner(template_id)
    return template


def claim_name(store: EventStore, template: FlowTemplate, name: str | None = None) -> None:
    """:raises NameTaken: another template of the owner has the template's name (or ``name``, which it shall get)."""
    wanted = template.name if name is None else name
    with store.connection() as connection:
        if lookups.name_taken(connection, owner_id=template.owner_id, name=wanted, besides=template.id):
            raise NameTaken(wanted)


def next_serial(store: EventStore) -> int:
    """The serial number of a new template (T-14)."""
    with store.connection() as connection:
        return lookups.next_serial(connection)


def reference(store: EventStore) -> Reference:
    """The reference data in force, for the publishing rules."""
    with store.connection() as connection:
        return lookups.reference(connection)


def stored(unit: UnitOfWork, template: FlowTemplate) -> dict[str, Any]:
    """Write the template's row; the body of the answer."""
    unit.rows.append(row_of(template))
    return {
        "id": str(template.id),
        "serial": template.serial,
        "name": template.name,
        "state": state_of(template),
        "version": template.version,
    }


def bindings_seen(store: EventStore, template_id: UUID) -> RowChange:
    """Fails the save if a product was bound to the template, or its next version published, since now: so no product
    stays behind with an old version. To be called before anything else of the template is read."""
    with store.connection() as connection:
        seen = lookups.bindings(connection, template_id)
    return RowChange(
        key=f"template {template_id} bindings",
        or_else=WorkChanged,
        sql="UPDATE template SET bindings = bindings + 1 WHERE id = %(id)s AND bindings = %(seen)s RETURNING id",
        params={"id": template_id, "seen": seen},
    )
