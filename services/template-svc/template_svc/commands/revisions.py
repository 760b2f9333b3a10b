"""Commands on edits of published templates: held apart, reviewed by the operator (T-101, T-102)."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.eventstore import UnitOfWork

from template_svc import lookups
from template_svc.carrying_out import Answer, Check, Means, Operation, any_version
from template_svc.commands.steps import bindings_seen, claim_name, own, reference, stored, visible
from template_svc.domain import listing, revising
from template_svc.domain.editing import valid_name
from template_svc.domain.errors import TemplateReadOnly
from template_svc.domain.nodes import Node
from template_svc.domain.product import Product
from template_svc.rows import row_of


def submit_revision(
    *,
    owner_id: UUID | None,
    template_id: UUID,
    name: str,
    description: str,
    nodes: list[Node],
    at_version: Check = any_version,
) -> Operation:
    """Edit a published template: the edit waits for the operator, the published content stays.

    :raises TemplateReadOnly: editing of published templates is not switched on (T-100).
    :raises NotVisible, NotTheOwner, TemplateNotPublished, TemplateNameInvalid, NameTaken, PublishingRefused:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        if not means.revisions_offered:
            raise TemplateReadOnly(template_id)
        at_version(template.version)
        claim_name(means.store, template, valid_name(name))
        in_force = reference(means.store)
        revising.submit(template, name=name, description=description, nodes=nodes, reference=in_force, at=means.now())
        return 202, stored(unit, template)

    return Operation(decide=decide)


def withdraw_revision(*, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version) -> Operation:
    """Its owner gives the revision up. :raises NotVisible, NotTheOwner, NotUnderReview:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        at_version(template.version)
        revising.withdraw(template, at=means.now())
        stored(unit, template)
        return 204, {}

    return Operation(decide=decide)


def approve_revision(*, template_id: UUID, at_version: Check = any_version) -> Operation:
    """The operator publishes the revision as the next version. Products bound to the template use it for later
    projects; projects under way keep theirs (T-103).

    :raises NotVisible, NotUnderReview, NameTaken, PublishingRefused:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        bindings = bindings_seen(means.store, template_id)
        template = visible(unit, template_id, None)
        at_version(template.version)
        now = means.now()
        with means.store.connection() as connection:
            in_force = lookups.reference(connection)
            bound = lookups.products_bound(connection, template_id)
        revising.approve(template, reference=in_force, at=now)
        claim_name(means.store, template)
        unit.preload(bound)
        for product_id in bound:
            product = unit.get(Product, product_id)
            assert product is not None
            listing.follow(product, template=template, at=now)
            unit.rows.append(row_of(product))
        unit.rows.append(bindings)
        return 200, stored(unit, template)

    return Operation(decide=decide)


def refuse_revision(*, template_id: UUID, reason: str, at_version: Check = any_version) -> Operation:
    """The operator refuses it. :raises NotVisible, NotUnderReview:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = visible(unit, template_id, None)
        at_version(template.version)
        revising.refuse(template, reason=reason, at=means.now())
        return 200, stored(unit, template)

    return Operation(decide=decide)
