"""Decisions on templates until they are published: 新建, 复制, 保存, 发布, 删除."""

from __future__ import annotations

import copy
from datetime import datetime
from uuid import UUID

from template_svc.domain import facts
from template_svc.domain.errors import BuiltInNodeMissing, PublishingRefused, TemplateNameInvalid, TemplateReadOnly
from template_svc.domain.flow import Reference
from template_svc.domain.nodes import Node, built_in_start, usual_end
from template_svc.domain.rules import structure, violations
from template_svc.domain.template import FlowTemplate

NAME_LENGTH = 50
"""Characters of a template name at most, after trimming (T-10)."""


def create(*, id: UUID, serial: int, name: str, description: str, owner_id: UUID | None, at: datetime) -> FlowTemplate:
    """新建 (T-11): an unpublished template of the built-in first node (T-18) and the last one that all have (T-22).

    :param serial: 交付中心服务流序号 (T-14).
    :raises TemplateNameInvalid:
    """
    created = facts.TemplateCreated(
        serial=serial,
        name=valid_name(name),
        description=description,
        owner_id=owner_id,
        nodes=[built_in_start(), usual_end()],
        copied_from=None,
    )
    return FlowTemplate.begun(created, id=id, at=at)


def copied(
    template: FlowTemplate, *, id: UUID, serial: int, name: str, owner_id: UUID | None, at: datetime
) -> FlowTemplate:
    """复制: an unpublished template of ``owner_id`` with the same content (T-04, T-05). :raises TemplateNameInvalid:"""
    created = facts.TemplateCreated(
        serial=serial,
        name=valid_name(name),
        description=template.description,
        owner_id=owner_id,
        nodes=copy.deepcopy(template.nodes),
        copied_from=template.id,
    )
    return FlowTemplate.begun(created, id=id, at=at)


def save_content(template: FlowTemplate, *, name: str, description: str, nodes: list[Node], at: datetime) -> None:
    """保存 (T-96 … T-98): the content need not be complete. Saving what is there already records nothing.

    :raises TemplateReadOnly: it is published.
    :raises TemplateNameInvalid:
    :raises BuiltInNodeMissing:
    """
    _must_be_unpublished(template)
    name = valid_name(name)
    broken = structure(nodes)
    if broken:
        raise BuiltInNodeMissing(broken)
    if (name, description, nodes) != (template.name, template.description, template.nodes):
        template.tell(facts.ContentSaved(name=name, description=description, nodes=nodes), at=at)


def publish(template: FlowTemplate, *, reference: Reference, at: datetime) -> None:
    """发布 (T-99): read-only from now on, and usable for products.

    :raises TemplateReadOnly: it is published already.
    :raises PublishingRefused: with every rule broken.
    """
    _must_be_unpublished(template)
    must_be_complete(template.nodes, reference)
    published = facts.TemplatePublished(
        version=template.published_version + 1,
        serial=template.serial,
        name=template.name,
        owner_id=template.owner_id,
        nodes=template.nodes,
    )
    template.tell(published, at=at)


def switch_default_messages(template: FlowTemplate, *, offered: bool, at: datetime) -> None:
    """Whether operators are told by default; at any time, for projects under way, too."""
    if offered != template.default_messages:
        template.tell(facts.DefaultMessagesSwitched(offered=offered), at=at)


def delete(template: FlowTemplate, *, at: datetime) -> None:
    """T-105. :raises TemplateReadOnly: it is published."""
    _must_be_unpublished(template)
    template.tell(facts.TemplateDeleted(), at=at)


def valid_name(name: str) -> str:
    """The trimmed template name. :raises TemplateNameInvalid: T-10."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise TemplateNameInvalid(name)
    return name


def must_be_complete(nodes: list[Node], reference: Reference) -> None:
    """:raises PublishingRefused: with every rule ``nodes`` break."""
    broken = violations(nodes, reference)
    if broken:
        raise PublishingRefused(broken)


def _must_be_unpublished(template: FlowTemplate) -> None:
    if template.published:
        raise TemplateReadOnly(template.id)
