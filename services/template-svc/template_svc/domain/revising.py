"""Decisions on edits of published templates: held apart, reviewed by the operator (T-101, T-102)."""

from __future__ import annotations

from datetime import datetime

from template_svc.domain import facts
from template_svc.domain.editing import must_be_complete, valid_name
from template_svc.domain.errors import NotUnderReview, TemplateNotPublished
from template_svc.domain.flow import Reference
from template_svc.domain.nodes import Node
from template_svc.domain.template import FlowTemplate, Revision


def submit(
    template: FlowTemplate, *, name: str, description: str, nodes: list[Node], reference: Reference, at: datetime
) -> None:
    """An edit of the published template, complete, for the operator to review; it takes the place of one submitted
    before. The published content stays.

    :raises TemplateNotPublished: an unpublished template is saved instead.
    :raises TemplateNameInvalid:
    :raises PublishingRefused: with every rule broken.
    """
    if not template.published:
        raise TemplateNotPublished(template.id)
    name = valid_name(name)
    must_be_complete(nodes, reference)
    template.tell(facts.RevisionSubmitted(name=name, description=description, nodes=nodes), at=at)


def withdraw(template: FlowTemplate, *, at: datetime) -> None:
    """Give up the revision, under review or refused. :raises NotUnderReview: there is none."""
    if template.revision is None:
        raise NotUnderReview(template.id)
    template.tell(facts.RevisionWithdrawn(), at=at)


def approve(template: FlowTemplate, *, reference: Reference, at: datetime) -> None:
    """The operator lets the revision take effect: it is the next published version.

    :raises NotUnderReview:
    :raises PublishingRefused: what it refers to was deactivated meanwhile.
    """
    revision = _under_review(template)
    must_be_complete(revision["nodes"], reference)
    approved = facts.RevisionApproved(
        version=template.published_version + 1,
        serial=template.serial,
        name=revision["name"],
        description=revision["description"],
        owner_id=template.owner_id,
        nodes=revision["nodes"],
    )
    template.tell(approved, at=at)


def refuse(template: FlowTemplate, *, reason: str, at: datetime) -> None:
    """The operator refuses the revision; its owner sees why. :raises NotUnderReview:"""
    _under_review(template)
    template.tell(facts.RevisionRefused(reason=reason), at=at)


def _under_review(template: FlowTemplate) -> Revision:
    if template.revision is None or template.revision["state"] != "under_review":
        raise NotUnderReview(template.id)
    return template.revision
