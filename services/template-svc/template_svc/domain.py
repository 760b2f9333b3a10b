"""Service flow templates: drafts, publication, and revisions of published ones."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict
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
    """T-104: only a published template can be bound to a product, or revised."""


class NotUnderReview(Exception):
    """T-102: the template has no revision under review (any more)."""


class NotTheOwner(Exception):
    """The template or product can be seen, but is another party's to change."""


class NotVisible(Exception):
    """It does not exist, or the caller may not know that it does."""


class Revision(TypedDict):
    """An edit of a published template, held apart until the operator approves it (T-102). ``reason`` says why it was
    refused."""

    name: str
    description: str
    nodes: list[Node]
    state: Literal["under_review", "refused"]
    reason: str
    submitted_at: datetime


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
        self.revision: Revision | None = None
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

    def submit_revision(
        self, *, name: str, description: str, nodes: list[Node], reference: Reference, now: datetime
    ) -> None:
        """An edit of the published template, complete, for the operator to review (T-101, T-102); it takes the place
        of one submitted before. The published content stays.

        :raises TemplateNotPublished: an unpublished template is saved instead.
        :raises TemplateNameInvalid:
        :raises PublishingRefused: with every rule broken.
        """
        if not self.published:
            raise TemplateNotPublished(self.id)
        name = valid_name(name)
        broken = violations(nodes, reference)
        if broken:
            raise PublishingRefused(broken)
        self._submit_revision(name=name, description=description, nodes=nodes, timestamp=now)

    def withdraw_revision(self, *, now: datetime) -> None:
        """Give up the revision, under review or refused. :raises NotUnderReview: there is none."""
        if self.revision is None:
            raise NotUnderReview(self.id)
        self._withdraw_revision(timestamp=now)

    def approve_revision(self, *, reference: Reference, now: datetime) -> None:
        """The operator lets the revision take effect: it is the next published version (T-102).

        :raises NotUnderReview:
        :raises PublishingRefused: what it refers to was deactivated meanwhile.
        """
        revision = self._under_review()
        broken = violations(revision["nodes"], reference)
        if broken:
            raise PublishingRefused(broken)
        self._approve_revision(
            version=self.published_version + 1,
            serial=self.serial,
            name=revision["name"],
            description=revision["description"],
            owner_id=self.owner_id,
            nodes=revision["nodes"],
            timestamp=now,
        )

    def refuse_revision(self, *, reason: str, now: datetime) -> None:
        """The operator refuses the revision; its owner sees why (T-102). :raises NotUnderReview:"""
        self._under_review()
        self._refuse_revision(reason=reason, timestamp=now)

    def _under_review(self) -> Revision:
        if self.revision is None or self.revision["state"] != "under_review":
            raise NotUnderReview(self.id)
        return self.revision

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

    @event("RevisionSubmitted")
    def _submit_revision(self, *, name: str, description: str, nodes: list[Node], timestamp: datetime) -> None:
        self.revision = Revision(
            name=name, description=description, nodes=nodes, state="under_review", reason="", submitted_at=timestamp
        )

    @event("RevisionWithdrawn")
    def _withdraw_revision(self, *, timestamp: datetime) -> None:
        self.revision = None

    @event("RevisionApproved")
    def _approve_revision(
        self,
        *,
        version: int,
        serial: int,
        name: str,
        description: str,
        owner_id: UUID | None,
        nodes: list[Node],
        timestamp: datetime,
    ) -> None:
        self.name = name
        self.description = description
        self.nodes = nodes
        self.published_version = version
        self.published_at = timestamp
        self.revision = None

    @event("RevisionRefused")
    def _refuse_revision(self, *, reason: str, timestamp: datetime) -> None:
        assert self.revision is not None
        self.revision = {**self.revision, "state": "refused", "reason": reason}

    @event("Deleted")
    def _delete(self, *, timestamp: datetime) -> None:
        self.deleted = True


def valid_name(name: str) -> str:
    """The trimmed template name. :raises TemplateNameInvalid: T-10."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise TemplateNameInvalid(name)
    return name
