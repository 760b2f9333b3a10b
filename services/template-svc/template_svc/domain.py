"""Service flow templates and the products bound to them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from template_svc.flow import Reference, Violation
from template_svc.nodes import Node, built_in_start
from template_svc.rules import structure, violations

NAME_LENGTH = 50
"""Characters of a template name at most, after trimming (T-10)."""


class TemplateNameInvalid(Exception):
    """T-10: a template name has 1 to 50 characters after trimming."""


class TemplateReadOnly(Exception):
    """T-100, T-105: a published template can neither be edited nor deleted."""


class BuiltInNodeMissing(Exception):
    """T-19, T-20: the assign-provider node was deleted, moved or added again."""

    def __init__(self, broken: Sequence[Violation]) -> None:
        super().__init__("built-in node missing")
        self.violations = broken


class PublishingRefused(Exception):
    """T-98: all the rules that stand against publishing the template."""

    def __init__(self, broken: Sequence[Violation]) -> None:
        super().__init__("publishing refused")
        self.violations = broken


class TemplateNotPublished(Exception):
    """T-104: only a published template can be bound to a product."""


class NotTheOwner(Exception):
    """The template or product can be seen, but is another party's to change."""


class NotVisible(Exception):
    """It does not exist, or the caller may not know that it does."""


class FlowTemplate(Aggregate):
    """服务流程模板: how a product is delivered, node by node. ``owner_id`` is the vendor of a private template, None
    for a public one (公共模板) of the platform."""

    @event("Created")
    def __init__(
        self,
        *,
        id: UUID,
        serial: int,
        name: str,
        description: str,
        owner_id: UUID | None,
        nodes: list[Node],
        copied_from: UUID | None,
        timestamp: datetime,
    ) -> None:
        self.serial = serial
        self.name = name
        self.description = description
        self.owner_id = owner_id
        self.nodes = nodes
        self.copied_from = copied_from
        self.published_version = 0
        self.published_at: datetime | None = None
        self.deleted = False

    @classmethod
    def create(
        cls, *, id: UUID, serial: int, name: str, description: str, owner_id: UUID | None, now: datetime
    ) -> FlowTemplate:
        """新建 (T-11): an unpublished template with nothing but the built-in first node (T-18).

        :param serial: 交付中心服务流序号 (T-14).
        :raises TemplateNameInvalid:
        """
        return cls(
            id=id,
            serial=serial,
            name=valid_name(name),
            description=description,
            owner_id=owner_id,
            nodes=[built_in_start()],
            copied_from=None,
            timestamp=now,
        )

    def copied(self, *, id: UUID, serial: int, name: str, owner_id: UUID | None, now: datetime) -> FlowTemplate:
        """An unpublished template of ``owner_id`` with the same content (T-04, T-05).

        :raises TemplateNameInvalid:
        """
        return type(self)(
            id=id,
            serial=serial,
            name=valid_name(name),
            description=self.description,
            owner_id=owner_id,
            nodes=copy.deepcopy(self.nodes),
            copied_from=self.id,
            timestamp=now,
        )

    @property
    def published(self) -> bool:
        return self.published_version > 0

    def visible_to(self, owner_id: UUID | None) -> bool:
        """T-06: a vendor sees its own and the published public ones; the platform (None) sees all."""
        if self.deleted:
            return False
        return owner_id in (None, self.owner_id) or (self.owner_id is None and self.published)

    def save_content(self, *, name: str, description: str, nodes: list[Node], now: datetime) -> None:
        """保存 (T-96 … T-98): the content need not be complete. Saving what is there already records nothing.

        :raises TemplateReadOnly: it is published.
        :raises TemplateNameInvalid:
        :raises BuiltInNodeMissing:
        """
        self._must_be_unpublished()
        name = valid_name(name)
        broken = structure(nodes)
        if broken:
            raise BuiltInNodeMissing(broken)
        if (name, description, nodes) != (self.name, self.description, self.nodes):
            self._save_content(name=name, description=description, nodes=nodes, timestamp=now)

    def publish(self, *, reference: Reference, now: datetime) -> None:
        """发布 (T-99): read-only from now on, and usable for products.

        :raises TemplateReadOnly: it is published already.
        :raises PublishingRefused: with every rule broken.
        """
        self._must_be_unpublished()
        broken = violations(self.nodes, reference)
        if broken:
            raise PublishingRefused(broken)
        self._publish(
            version=self.published_version + 1,
            serial=self.serial,
            name=self.name,
            owner_id=self.owner_id,
            nodes=self.nodes,
            timestamp=now,
        )

    def delete(self, *, now: datetime) -> None:
        """T-105. :raises TemplateReadOnly: it is published."""
        self._must_be_unpublished()
        self._delete(timestamp=now)

    def _must_be_unpublished(self) -> None:
        if self.published:
            raise TemplateReadOnly(self.id)

    @event("ContentSaved")
    def _save_content(self, *, name: str, description: str, nodes: list[Node], timestamp: datetime) -> None:
        self.name = name
        self.description = description
        self.nodes = nodes

    @event("Published")
    def _publish(
        self, *, version: int, serial: int, name: str, owner_id: UUID | None, nodes: list[Node], timestamp: datetime
    ) -> None:
        self.published_version = version
        self.published_at = timestamp

    @event("Deleted")
    def _delete(self, *, timestamp: datetime) -> None:
        self.deleted = True


class Product(Aggregate):
    """商品 as the Delivery Center knows it: its number and name, its vendor, and the template bound to it."""

    @event("Listed")
    def __init__(
        self,
        *,
        id: UUID,
        code: str,
        name: str,
        vendor_id: UUID,
        template_id: UUID,
        template_version: int,
        template_name: str,
        timestamp: datetime,
    ) -> None:
        self.code = code
        self.name = name
        self.vendor_id = vendor_id
        self.template_id = template_id
        self.template_version = template_version
        self.template_name = template_name
        self.listed_at = timestamp

    @classmethod
    def listed(
        cls, *, id: UUID, code: str, name: str, vendor_id: UUID, template: FlowTemplate, now: datetime
    ) -> Product:
        """上架: a product is listed only with a template (P-08), a public one or the vendor's own (P-09).

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished:
        """
        may_be_bound(template, vendor_id)
        return cls(
            id=id,
            code=code,
            name=name,
            vendor_id=vendor_id,
            template_id=template.id,
            template_version=template.published_version,
            template_name=template.name,
            timestamp=now,
        )

    def replace_template(self, *, template: FlowTemplate, now: datetime) -> None:
        """Later projects use ``template`` (P-11, P-14); the one bound already records nothing.

        :raises NotVisible: the template is another vendor's.
        :raises TemplateNotPublished:
        """
        may_be_bound(template, self.vendor_id)
        if (template.id, template.published_version) != (self.template_id, self.template_version):
            self._change_template(
                template_id=template.id,
                template_version=template.published_version,
                template_name=template.name,
                timestamp=now,
            )

    @event("TemplateChanged")
    def _change_template(
        self, *, template_id: UUID, template_version: int, template_name: str, timestamp: datetime
    ) -> None:
        self.template_id = template_id
        self.template_version = template_version
        self.template_name = template_name


def valid_name(name: str) -> str:
    """The trimmed template name. :raises TemplateNameInvalid: T-10."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise TemplateNameInvalid(name)
    return name


def may_be_bound(template: FlowTemplate, vendor_id: UUID) -> None:
    """P-09, T-104: a vendor's products take public templates and its own, once they are published."""
    if not template.visible_to(vendor_id):
        raise NotVisible(template.id)
    if not template.published:
        raise TemplateNotPublished(template.id)
