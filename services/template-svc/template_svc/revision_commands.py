"""Commands on revisions of published templates: held apart, reviewed by the operator (T-101, T-102)."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, UnitOfWork

from template_svc import product_lists, read_model
from template_svc.domain import TemplateReadOnly, valid_name
from template_svc.nodes import Node
from template_svc.product import Product
from template_svc.steps import Answer, Check, any_version, bindings_seen, claim_name, own, stored, visible


class RevisionCommands(EventStore):
    """The part of the application that keeps revisions."""

    clock: Clock
    revisions_offered = False
    """Whether published templates can be edited at all: announced, not part of V3.0 (A-20)."""

    def submit_revision(
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
        """Edit a published template: the edit waits for the operator, the published content stays.

        :raises TemplateReadOnly: editing of published templates is not switched on (T-100).
        :raises NotVisible, NotTheOwner, TemplateNotPublished, TemplateNameInvalid, NameTaken, PublishingRefused:
        """

        def decide(unit: UnitOfWork) -> Answer:
            template = own(unit, template_id, owner_id)
            if not self.revisions_offered:
                raise TemplateReadOnly(template_id)
            at_version(template.version)
            claim_name(self, template, valid_name(name))
            with self.connection() as connection:
                reference = read_model.reference(connection)
            template.submit_revision(
                name=name, description=description, nodes=nodes, reference=reference, now=self.clock.now()
            )
            return 202, stored(unit, template)

        return execute(self, command, decide)

    def withdraw_revision(
        self, *, command: Command, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version
    ) -> Outcome:
        """Its owner gives the revision up. :raises NotVisible, NotTheOwner, NotUnderReview:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = own(unit, template_id, owner_id)
            at_version(template.version)
            template.withdraw_revision(now=self.clock.now())
            stored(unit, template)
            return 204, {}

        return execute(self, command, decide)

    def approve_revision(self, *, command: Command, template_id: UUID, at_version: Check = any_version) -> Outcome:
        """The operator publishes the revision as the next version. Products bound to the template use it for later
        projects; projects under way keep theirs (T-103).

        :raises NotVisible, NotUnderReview, NameTaken, PublishingRefused:
        """

        def decide(unit: UnitOfWork) -> Answer:
            bindings = bindings_seen(self, template_id)
            template = visible(unit, template_id, None)
            at_version(template.version)
            now = self.clock.now()
            with self.connection() as connection:
                reference = read_model.reference(connection)
                bound = product_lists.products_bound(connection, template_id)
            template.approve_revision(reference=reference, now=now)
            claim_name(self, template)
            unit.preload(bound)
            for product_id in bound:
                product = unit.get(Product, product_id)
                assert product is not None
                product.follow(template=template, now=now)
                unit.rows.append(read_model.row_of(product))
            unit.rows.append(bindings)
            return 200, stored(unit, template)

        return execute(self, command, decide)

    def refuse_revision(
        self, *, command: Command, template_id: UUID, reason: str, at_version: Check = any_version
    ) -> Outcome:
        """The operator refuses it. :raises NotVisible, NotUnderReview:"""

        def decide(unit: UnitOfWork) -> Answer:
            template = visible(unit, template_id, None)
            at_version(template.version)
            template.refuse_revision(reason=reason, now=self.clock.now())
            return 200, stored(unit, template)

        return execute(self, command, decide)
