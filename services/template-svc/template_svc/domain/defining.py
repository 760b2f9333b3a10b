"""Decisions on reference data: defined, and changed as a whole. The same again records nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from template_svc.domain import facts
from template_svc.domain.reference import DemandForm, MessageTemplate, Role


def define_role(*, code: str, name: str, side: str, at: datetime) -> Role:
    """A new role, active (T-110)."""
    defined = facts.RoleDefined(code=code, name=name, side=side, active=True)
    return Role.begun(defined, id=Role.create_id(code), at=at)


def change_role(role: Role, *, name: str, active: bool, at: datetime) -> None:
    """Rename, deactivate or reactivate; the side never changes, assignments rest on it."""
    if (name, active) != (role.name, role.active):
        role.tell(facts.RoleChanged(code=role.code, name=name, side=role.side, active=active), at=at)


def define_demand_form(*, code: str, name: str, schema: dict[str, Any], at: datetime) -> DemandForm:
    """A new demand form, active."""
    defined = facts.DemandFormDefined(code=code, name=name, schema=schema, active=True)
    return DemandForm.begun(defined, id=DemandForm.create_id(code), at=at)


def change_demand_form(form: DemandForm, *, name: str, schema: dict[str, Any], active: bool, at: datetime) -> None:
    """Replace name and schema, deactivate or reactivate."""
    if (name, schema, active) != (form.name, form.schema, form.active):
        form.tell(facts.DemandFormChanged(code=form.code, name=name, schema=schema, active=active), at=at)


def define_message_template(
    *, code: str, name: str, title: str, body: str, channels: list[str], remark: str, at: datetime
) -> MessageTemplate:
    """A new message template, active."""
    defined = facts.MessageTemplateDefined(
        code=code, name=name, title=title, body=body, channels=channels, remark=remark, active=True
    )
    return MessageTemplate.begun(defined, id=MessageTemplate.create_id(code), at=at)


def change_message_template(
    message: MessageTemplate,
    *,
    name: str,
    title: str,
    body: str,
    channels: list[str],
    remark: str,
    active: bool,
    at: datetime,
) -> None:
    """Replace the texts, deactivate or reactivate."""
    new = (name, title, body, channels, remark, active)
    if new != (message.name, message.title, message.body, message.channels, message.remark, message.active):
        changed = facts.MessageTemplateChanged(
            code=message.code, name=name, title=title, body=body, channels=channels, remark=remark, active=active
        )
        message.tell(changed, at=at)
