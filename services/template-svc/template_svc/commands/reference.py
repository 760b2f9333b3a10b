"""Commands on reference data: roles, demand forms, message templates (T-110)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from delivery_shared.eventstore import UnitOfWork

from template_svc import forms
from template_svc.carrying_out import Answer, Check, Means, Operation, any_version
from template_svc.domain import defining
from template_svc.domain.errors import CodeTaken, NotVisible
from template_svc.domain.reference import DemandForm, MessageTemplate, Role
from template_svc.rows import row_of

R = TypeVar("R", Role, DemandForm, MessageTemplate)


def define_role(*, code: str, name: str, side: str) -> Operation:
    """:raises CodeTaken:"""
    return _define(Role, code, lambda at: defining.define_role(code=code, name=name, side=side, at=at))


def change_role(*, code: str, name: str, active: bool, at_version: Check = any_version) -> Operation:
    """:raises NotVisible: there is none of this code."""
    return _change(Role, code, at_version, lambda role, at: defining.change_role(role, name=name, active=active, at=at))


def define_demand_form(*, code: str, name: str, schema: dict[str, Any]) -> Operation:
    """:raises CodeTaken, FormInvalid:"""
    forms.check_form(schema)
    return _define(DemandForm, code, lambda at: defining.define_demand_form(code=code, name=name, schema=schema, at=at))


def change_demand_form(
    *, code: str, name: str, schema: dict[str, Any], active: bool, at_version: Check = any_version
) -> Operation:
    """:raises NotVisible: there is none of this code.
    :raises FormInvalid:
    """
    forms.check_form(schema)
    return _change(
        DemandForm,
        code,
        at_version,
        lambda form, at: defining.change_demand_form(form, name=name, schema=schema, active=active, at=at),
    )


def define_message_template(
    *, code: str, name: str, title: str, body: str, channels: list[str], remark: str
) -> Operation:
    """:raises CodeTaken, VariableUnknown:"""
    forms.check_variables(title, body)
    return _define(
        MessageTemplate,
        code,
        lambda at: defining.define_message_template(
            code=code, name=name, title=title, body=body, channels=channels, remark=remark, at=at
        ),
    )


def change_message_template(
    *,
    code: str,
    name: str,
    title: str,
    body: str,
    channels: list[str],
    remark: str,
    active: bool,
    at_version: Check = any_version,
) -> Operation:
    """:raises NotVisible: there is none of this code.
    :raises VariableUnknown:
    """
    forms.check_variables(title, body)
    return _change(
        MessageTemplate,
        code,
        at_version,
        lambda message, at: defining.change_message_template(
            message, name=name, title=title, body=body, channels=channels, remark=remark, active=active, at=at
        ),
    )


def _define(cls: type[R], code: str, made: Callable[[datetime], R]) -> Operation:
    def decide(unit: UnitOfWork, means: Means) -> Answer:
        if unit.get(cls, cls.create_id(code)) is not None:
            raise CodeTaken(code)
        new = made(means.now())
        unit.add(new)
        unit.rows.append(row_of(new))
        return 201, _body(new)

    return Operation(decide=decide)


def _change(cls: type[R], code: str, at_version: Check, change: Callable[[R, datetime], None]) -> Operation:
    def decide(unit: UnitOfWork, means: Means) -> Answer:
        found = unit.get(cls, cls.create_id(code))
        if found is None:
            raise NotVisible(code)
        at_version(found.version)
        change(found, means.now())
        unit.rows.append(row_of(found))
        return 200, _body(found)

    return Operation(decide=decide)


def _body(reference: Role | DemandForm | MessageTemplate) -> dict[str, Any]:
    return {"code": reference.code, "name": reference.name, "active": reference.active, "version": reference.version}
