"""Commands on templates until they are published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork

from template_svc.carrying_out import Answer, Check, Means, Operation, any_version
from template_svc.commands.steps import claim_name, next_serial, own, reference, stored, visible
from template_svc.domain import editing
from template_svc.domain.nodes import Node
from template_svc.pages.templates import warnings_of


def create_template(*, owner_id: UUID | None, name: str, description: str) -> Operation:
    """新建 (T-11). :raises TemplateNameInvalid, NameTaken:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = editing.create(
            id=uuid4(),
            serial=next_serial(means.store),
            name=name,
            description=description,
            owner_id=owner_id,
            at=means.now(),
        )
        claim_name(means.store, template)
        unit.add(template)
        return 201, stored(unit, template)

    return Operation(decide=decide)


def copy_template(*, owner_id: UUID | None, template_id: UUID, name: str) -> Operation:
    """复制 (T-04, T-05): the copy belongs to who copies. :raises NotVisible, TemplateNameInvalid, NameTaken:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = editing.copied(
            visible(unit, template_id, owner_id),
            id=uuid4(),
            serial=next_serial(means.store),
            name=name,
            owner_id=owner_id,
            at=means.now(),
        )
        claim_name(means.store, template)
        unit.add(template)
        return 201, stored(unit, template)

    return Operation(decide=decide)


def save_template(
    *,
    owner_id: UUID | None,
    template_id: UUID,
    name: str,
    description: str,
    nodes: list[Node],
    at_version: Check = any_version,
) -> Operation:
    """保存 (T-96); answers also with ``warnings`` of message templates that do not fit (T-94).

    :raises NotVisible, NotTheOwner, TemplateReadOnly, TemplateNameInvalid, NameTaken, BuiltInNodeMissing:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        at_version(template.version)
        editing.save_content(template, name=name, description=description, nodes=nodes, at=means.now())
        claim_name(means.store, template)
        return 200, {**stored(unit, template), "warnings": _warnings(means, nodes)}

    return Operation(decide=decide)


def publish_template(*, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version) -> Operation:
    """发布 (T-98, T-99). :raises NotVisible, NotTheOwner, TemplateReadOnly, PublishingRefused:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        at_version(template.version)
        editing.publish(template, reference=reference(means.store), at=means.now())
        return 200, {**stored(unit, template), "warnings": _warnings(means, template.nodes)}

    return Operation(decide=decide)


def switch_default_messages(
    *, owner_id: UUID | None, template_id: UUID, offered: bool, at_version: Check = any_version
) -> Operation:
    """默认提醒, on or off. :raises NotVisible, NotTheOwner:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        at_version(template.version)
        editing.switch_default_messages(template, offered=offered, at=means.now())
        return 200, stored(unit, template)

    return Operation(decide=decide)


def delete_template(*, owner_id: UUID | None, template_id: UUID, at_version: Check = any_version) -> Operation:
    """T-105. :raises NotVisible, NotTheOwner, TemplateReadOnly:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        template = own(unit, template_id, owner_id)
        at_version(template.version)
        editing.delete(template, at=means.now())
        stored(unit, template)
        return 204, {}

    return Operation(decide=decide)


def _warnings(means: Means, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    return [asdict(warning) for warning in warnings_of(means.store, nodes)]
