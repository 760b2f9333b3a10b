"""服务流程模板: the state of a service flow template, and what may be asked of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from template_svc.domain import facts
from template_svc.domain.nodes import Node


class Revision(TypedDict):
    """An edit of a published template, held apart until the operator approves it (T-102). ``reason`` says why it was
    refused."""

    name: str
    description: str
    nodes: list[Node]
    state: Literal["under_review", "refused"]
    reason: str
    submitted_at: datetime


@stored_as("template", facts.TemplateFact)
class FlowTemplate(Aggregate[facts.TemplateFact]):
    """服务流程模板: how a product is delivered, node by node. ``owner_id`` is the vendor of a private template, None
    for a public one (公共模板) of the platform. ``published_version`` is 0 until it is published."""

    serial: int
    name: str
    description: str
    owner_id: UUID | None
    nodes: list[Node]
    copied_from: UUID | None
    published_version: int
    published_at: datetime | None
    revision: Revision | None
    deleted: bool
    default_messages: bool
    """Whether operators are told by default of what comes, draws near and is overdue."""

    @property
    def published(self) -> bool:
        return self.published_version > 0

    def visible_to(self, owner_id: UUID | None) -> bool:
        """T-06: a vendor sees its own and the published public ones; the platform (None) sees all."""
        if self.deleted:
            return False
        return owner_id in (None, self.owner_id) or (self.owner_id is None and self.published)

    def change(self, fact: facts.TemplateFact, at: datetime) -> None:
        match fact:
            case facts.TemplateCreated():
                self.serial = fact.serial
                self.name = fact.name
                self.description = fact.description
                self.owner_id = fact.owner_id
                self.nodes = fact.nodes
                self.copied_from = fact.copied_from
                self.published_version = 0
                self.published_at = None
                self.revision = None
                self.deleted = False
                self.default_messages = True
            case facts.ContentSaved():
                self.name = fact.name
                self.description = fact.description
                self.nodes = fact.nodes
            case facts.TemplatePublished():
                self.published_version = fact.version
                self.published_at = at
            case facts.RevisionSubmitted():
                self.revision = Revision(
                    name=fact.name,
                    description=fact.description,
                    nodes=fact.nodes,
                    state="under_review",
                    reason="",
                    submitted_at=at,
                )
            case facts.RevisionWithdrawn():
                self.revision = None
            case facts.RevisionApproved():
                self.name = fact.name
                self.description = fact.description
                self.nodes = fact.nodes
                self.published_version = fact.version
                self.published_at = at
                self.revision = None
            case facts.RevisionRefused():
                assert self.revision is not None
                self.revision = {**self.revision, "state": "refused", "reason": fact.reason}
            case facts.DefaultMessagesSwitched():
                self.default_messages = fact.offered
            case facts.TemplateDeleted():
                self.deleted = True
            case _:
                assert_never(fact)
