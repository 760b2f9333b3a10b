"""Steps that several commands on templates and products share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork, WorkChanged

from template_svc import product_lists, read_model
from template_svc.domain import FlowTemplate, NotTheOwner, NotVisible
from template_svc.read_model import row_of, state_of

Check = Callable[[int], None]
Answer = tuple[int, dict[str, Any]]


class NameTaken(Exception):
    """T-10: the vendor has another template of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class CodeTaken(Exception):
    """The vendor's product, or the piece of reference data, of this code exists already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def any_version(version: int) -> None:
    """For callers that did not edit what they had read before."""


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
        if read_model.name_taken(connection, owner_id=template.owner_id, name=wanted, besides=template.id):
            raise NameTaken(wanted)


def next_serial(store: EventStore) -> int:
    """The serial number of a new template (T-14)."""
    with store.connection() as connection:
        return read_model.next_serial(connection)


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
        seen = product_lists.bindings(connection, template_id)
    return RowChange(
        key=f"template:{template_id} bindings",
        or_else=WorkChanged,
        sql="UPDATE template SET bindings = bindings + 1 WHERE id = %(id)s AND bindings = %(seen)s RETURNING id",
        params={"id": template_id, "seen": seen},
    )
