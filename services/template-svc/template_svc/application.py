"""The commands of template-svc. Each is carried out once and answers with an :class:`Outcome`.

``owner_id`` is the vendor acting, None for the platform operator. ``at_version`` is called with the version of what is
to be changed and raises if the caller edited another one; it runs on the state the save is guarded by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID, uuid4

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork, stored_as

from template_svc import fitting, forms, read_model
from template_svc.calendar_commands import CalendarCommands
from template_svc.domain import FlowTemplate, NotVisible
from template_svc.nodes import Node, in_order
from template_svc.product import HistoricalProduct, Product
from template_svc.product_commands import ProductCommands
from template_svc.publishing import PUBLISHING
from template_svc.read_model import row_of
from template_svc.reference import DemandForm, MessageTemplate, Role
from template_svc.revision_commands import RevisionCommands
from template_svc.steps import (
    Answer,
    Check,
    CodeTaken,
    any_version,
    claim_name,
    next_serial,
    own,
    stored,
    visible,
)

for aggregate in (FlowTemplate, Product, HistoricalProduct, Role, DemandForm, MessageTemplate):
    stored_as("template")(aggregate)

R = TypeVar("R", Role, DemandForm, MessageTemplate)


class TemplateApplication(ProductCommands, RevisionCommands, CalendarCommands):
    """Templates, products and reference data."""

    name = "template"
    publishing = PUBLISHING

    def __init__(self, *, database_url: str, schema: str | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        super().__init__(database_url=database_url, schema=schema)

    # --- templates ---------------------------------------------------------------------------------------------------

    def create_template(self, *, command: Command, owner_id: UUID | None, name: str, description: str) -> Outcome:
        """新建 (T-11). :raises TemplateNameInvalid, NameTaken:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = FlowTemplate.create(
                id=uuid4(),
                serial=next_serial(self),
                name=name,
                description=description,
                owner_id=owner_id,
                now=self.clock.now(),
            )
            claim_name(self, template)
            unit.add(template)
            return 201, stored(unit, template)

        return execute(self, command, decide)

    def copy_template(self, *, command: Command, owner_id: UUID | None, template_id: UUID, name: str) -> Outcome:
        """复制 (T-04, T-05): the copy belongs to who copies. :raises NotVisible, TemplateNameInvalid, NameTaken:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = visible(unit, template_id, owner_id).copied(
                id=uuid4(), serial=next_serial(self), name=name, owner_id=owner_id, now=self.clock.now()
            )
            claim_name(self, template)
            unit.add(template)
            return 201, stored(unit, template)

        return execute(self, command, decide)

    def save_template(
        self,
        *,
        command: Command,
        owner_id: UUID | None,
        template_id: UUID,
        name: str,
        description: str,
        nodes: list[Node],
        at_version: Check = any_version,
    ) -> Outcome:
        """保存 (T-96); answers also with ``warnings`` of message templates that do not fit (T-94).

        :raises NotVisible, NotTheOwner, TemplateReadOnly, TemplateNameInvalid, NameTaken, BuiltInNodeMissing:
        """

        def decide(unit: UnitOfWork) -> Answer:
            template = own(unit, template_id, owner_id)
            at_version(template.version)
            template.save_content(name=name, description=description, nodes=nodes, now=self.clock.now())
            claim_name(self, template)
            return 200, {**stored(unit, template), "warnings": self.warnings(nodes)}

        return execute(self, command, decide)

    def publish_template(
        self, *, command: Command, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version
    ) -> Outcome:
        """发布 (T-98, T-99). :raises NotVisible, NotTheOwner, TemplateReadOnly, PublishingRefused:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = own(unit, template_id, owner_id)
            at_version(template.version)
            with self.connection() as connection:
                reference = read_model.reference(connection)
            template.publish(reference=reference, now=self.clock.now())
            return 200, {**stored(unit, template), "warnings": self.warnings(template.nodes)}

        return execute(self, command, decide)

    def delete_template(
        self, *, command: Command, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version
    ) -> Outcome:
        """T-105. :raises NotVisible, NotTheOwner, TemplateReadOnly:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = own(unit, template_id, owner_id)
            at_version(template.version)
            template.delete(now=self.clock.now())
            stored(unit, template)
            return 204, {}

        return execute(self, command, decide)

    def template(self, *, owner_id: UUID | None, template_id: UUID) -> FlowTemplate:
        """A template as its reader sees it (T-15). :raises NotVisible:"""
        return visible(UnitOfWork(self), template_id, owner_id)

    def warnings(self, nodes: Sequence[Node]) -> list[dict[str, Any]]:
        """Reminders whose message template is meant for another node or receiver (T-94)."""
        codes = {r["message_template"] for p in in_order(nodes) for r in p.node.get("reminders", ())}
        with self.connection() as connection:
            names = read_model.message_names(connection, sorted(codes)) if codes else {}
        return [asdict(warning) for warning in fitting.misfits(nodes, names)]

    # --- reference data ----------------------------------------------------------------------------------------------

    def define(self, cls: type[R], *, command: Command, code: str, **values: Any) -> Outcome:
        """A new role, demand form or message template of ``cls``, active (T-110).

        :raises CodeTaken, FormInvalid, VariableUnknown:
        """
        check(cls, values)

        def decide(unit: UnitOfWork) -> Answer:
            if unit.get(cls, cls.create_id(code)) is not None:
                raise CodeTaken(code)
            made = cls(code=code, active=True, timestamp=self.clock.now(), **values)
            unit.add(made)
            unit.rows.append(row_of(made))
            return 201, _reference_body(made)

        return execute(self, command, decide)

    def change(
        self, cls: type[R], *, command: Command, code: str, at_version: Check = any_version, **values: Any
    ) -> Outcome:
        """Change, deactivate or reactivate a role, demand form or message template.

        :raises NotVisible: there is none of this code.
        :raises FormInvalid, VariableUnknown:
        """
        check(cls, values)

        def decide(unit: UnitOfWork) -> Answer:
            found = unit.get(cls, cls.create_id(code))
            if found is None:
                raise NotVisible(code)
            at_version(found.version)
            found.change(now=self.clock.now(), **values)
            unit.rows.append(row_of(found))
            return 200, _reference_body(found)

        return execute(self, command, decide)


def check(cls: type[Role] | type[DemandForm] | type[MessageTemplate], values: Mapping[str, Any]) -> None:
    """What a demand form or message template must fulfil in itself. :raises FormInvalid, VariableUnknown:"""
    if cls is DemandForm:
        forms.check_form(values["schema"])
    if cls is MessageTemplate:
        forms.check_variables(values["title"], values["body"])


def _reference_body(reference: Role | DemandForm | MessageTemplate) -> dict[str, Any]:
    return {"code": reference.code, "name": reference.name, "active": reference.active, "version": reference.version}
