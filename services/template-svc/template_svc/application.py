"""The commands of template-svc. Each is carried out once and answers with an :class:`Outcome`.

``owner_id`` is the vendor acting, None for the platform operator. ``at_version`` is called with the version of what is
to be changed and raises if the caller edited another one; it runs on the state the save is guarded by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID, uuid4

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, UnitOfWork, stored_as

from template_svc import fitting, forms, read_model
from template_svc.domain import FlowTemplate, NotTheOwner, NotVisible, Product
from template_svc.nodes import Node, in_order
from template_svc.publishing import PUBLISHING
from template_svc.read_model import row_of, state_of
from template_svc.reference import DemandForm, MessageTemplate, Role

for aggregate in (FlowTemplate, Product, Role, DemandForm, MessageTemplate):
    stored_as("template")(aggregate)

Check = Callable[[int], None]
Answer = tuple[int, dict[str, Any]]
R = TypeVar("R", Role, DemandForm, MessageTemplate)


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


class TemplateApplication(EventStore):
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
                serial=self._next_serial(),
                name=name,
                description=description,
                owner_id=owner_id,
                now=self.clock.now(),
            )
            self._claim_name(template)
            unit.add(template)
            return 201, self._store(unit, template)

        return execute(self, command, decide)

    def copy_template(self, *, command: Command, owner_id: UUID | None, template_id: UUID, name: str) -> Outcome:
        """复制 (T-04, T-05): the copy belongs to who copies. :raises NotVisible, TemplateNameInvalid, NameTaken:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = self._visible(unit, template_id, owner_id).copied(
                id=uuid4(), serial=self._next_serial(), name=name, owner_id=owner_id, now=self.clock.now()
            )
            self._claim_name(template)
            unit.add(template)
            return 201, self._store(unit, template)

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
            template = self._own(unit, template_id, owner_id)
            at_version(template.version)
            template.save_content(name=name, description=description, nodes=nodes, now=self.clock.now())
            self._claim_name(template)
            return 200, {**self._store(unit, template), "warnings": self.warnings(nodes)}

        return execute(self, command, decide)

    def publish_template(
        self, *, command: Command, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version
    ) -> Outcome:
        """发布 (T-98, T-99). :raises NotVisible, NotTheOwner, TemplateReadOnly, PublishingRefused:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = self._own(unit, template_id, owner_id)
            at_version(template.version)
            with self.connection() as connection:
                reference = read_model.reference(connection)
            template.publish(reference=reference, now=self.clock.now())
            return 200, {**self._store(unit, template), "warnings": self.warnings(template.nodes)}

        return execute(self, command, decide)

    def delete_template(
        self, *, command: Command, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version
    ) -> Outcome:
        """T-105. :raises NotVisible, NotTheOwner, TemplateReadOnly:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = self._own(unit, template_id, owner_id)
            at_version(template.version)
            template.delete(now=self.clock.now())
            self._store(unit, template)
            return 204, {}

        return execute(self, command, decide)

    def template(self, *, owner_id: UUID | None, template_id: UUID) -> FlowTemplate:
        """A template as its reader sees it (T-15). :raises NotVisible:"""
        return self._visible(UnitOfWork(self), template_id, owner_id)

    def warnings(self, nodes: Sequence[Node]) -> list[dict[str, Any]]:
        """Reminders whose message template is meant for another node or receiver (T-94)."""
        codes = {r["message_template"] for p in in_order(nodes) for r in p.node.get("reminders", ())}
        with self.connection() as connection:
            names = read_model.message_names(connection, sorted(codes)) if codes else {}
        return [asdict(warning) for warning in fitting.misfits(nodes, names)]

    # --- products ----------------------------------------------------------------------------------------------------

    def list_product(self, *, command: Command, vendor_id: UUID, code: str, name: str, template_id: UUID) -> Outcome:
        """上架 (P-08). :raises NotVisible, TemplateNotPublished, CodeTaken:"""

        def decide(unit: UnitOfWork) -> Answer:
            product = Product.listed(
                id=uuid4(),
                code=code,
                name=name,
                vendor_id=vendor_id,
                template=self._visible(unit, template_id, vendor_id),
                now=self.clock.now(),
            )
            with self.connection() as connection:
                if read_model.code_taken(connection, vendor_id=vendor_id, code=code):
                    raise CodeTaken(code)
            unit.add(product)
            unit.rows.append(row_of(product))
            return 201, _product_body(product)

        return execute(self, command, decide)

    def replace_product_template(
        self, *, command: Command, vendor_id: UUID | None, product_id: UUID, template_id: UUID
    ) -> Outcome:
        """P-11; the platform operator (None) does it for any product (P-13).

        :raises NotVisible, TemplateNotPublished:
        """

        def decide(unit: UnitOfWork) -> Answer:
            product = unit.get(Product, product_id)
            if product is None or vendor_id not in (None, product.vendor_id):
                raise NotVisible(product_id)
            template = self._visible(unit, template_id, product.vendor_id)
            product.replace_template(template=template, now=self.clock.now())
            unit.rows.append(row_of(product))
            return 200, _product_body(product)

        return execute(self, command, decide)

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

    # --- parts of commands -------------------------------------------------------------------------------------------

    def _visible(self, unit: UnitOfWork, template_id: UUID, owner_id: UUID | None) -> FlowTemplate:
        template = unit.get(FlowTemplate, template_id)
        if template is None or not template.visible_to(owner_id):
            raise NotVisible(template_id)
        return template

    def _own(self, unit: UnitOfWork, template_id: UUID, owner_id: UUID | None) -> FlowTemplate:
        template = self._visible(unit, template_id, owner_id)
        if template.owner_id != owner_id:
            raise NotTheOwner(template_id)
        return template

    def _claim_name(self, template: FlowTemplate) -> None:
        with self.connection() as connection:
            if read_model.name_taken(connection, owner_id=template.owner_id, name=template.name, besides=template.id):
                raise NameTaken(template.name)

    def _next_serial(self) -> int:
        with self.connection() as connection:
            return read_model.next_serial(connection)

    def _store(self, unit: UnitOfWork, template: FlowTemplate) -> dict[str, Any]:
        unit.rows.append(row_of(template))
        return {
            "id": str(template.id),
            "serial": template.serial,
            "name": template.name,
            "state": state_of(template),
            "version": template.version,
        }


def check(cls: type[Role] | type[DemandForm] | type[MessageTemplate], values: Mapping[str, Any]) -> None:
    """What a demand form or message template must fulfil in itself. :raises FormInvalid, VariableUnknown:"""
    if cls is DemandForm:
        forms.check_form(values["schema"])
    if cls is MessageTemplate:
        forms.check_variables(values["title"], values["body"])


def _product_body(product: Product) -> dict[str, Any]:
    return {
        "id": str(product.id),
        "code": product.code,
        "name": product.name,
        "template_id": str(product.template_id),
        "template_name": product.template_name,
        "version": product.version,
    }


def _reference_body(reference: Role | DemandForm | MessageTemplate) -> dict[str, Any]:
    return {"code": reference.code, "name": reference.name, "active": reference.active, "version": reference.version}
