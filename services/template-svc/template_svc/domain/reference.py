"""Reference data the platform operator keeps: roles, demand forms, message templates (T-110, G-12). Each is found by
its code; once used it is only deactivated, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from template_svc.domain import facts

NAMESPACE = UUID("5f6b8a52-6f0e-5a3c-9d8a-2c6f1f0c7d11")
"""Stream ids of reference data, and of the presets, are uuid5 in it."""


def reference_id(kind: str, code: str) -> UUID:
    """The stream of a piece of reference data; ``kind``: ``role``, ``demand_form`` or ``message_template``."""
    return uuid5(NAMESPACE, f"{kind}:{code}")


@stored_as("template", facts.RoleFact)
class Role(Aggregate[facts.RoleFact]):
    """角色 of one side: vendor, provider, customer or operator (A-13, T-109)."""

    code: str
    name: str
    side: str
    active: bool

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("role", code)

    def change(self, fact: facts.RoleFact, at: datetime) -> None:
        match fact:
            case facts.RoleDefined() | facts.RoleChanged():
                self.code = fact.code
                self.name = fact.name
                self.side = fact.side
                self.active = fact.active
            case _:
                assert_never(fact)


@stored_as("template", facts.DemandFormFact)
class DemandForm(Aggregate[facts.DemandFormFact]):
    """需求表单模板 (T-49): what the customer fills in, as JSON Schema 2020-12."""

    code: str
    name: str
    schema: dict[str, Any]
    active: bool

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("demand_form", code)

    def change(self, fact: facts.DemandFormFact, at: datetime) -> None:
        match fact:
            case facts.DemandFormDefined() | facts.DemandFormChanged():
                self.code = fact.code
                self.name = fact.name
                self.schema = fact.schema
                self.active = fact.active
            case _:
                assert_never(fact)


@stored_as("template", facts.MessageTemplateFact)
class MessageTemplate(Aggregate[facts.MessageTemplateFact]):
    """消息模板 (N-10), named 发送节点-发送对象. ``channels`` of sms, email, in_site; ``remark`` is 备注详情 (N-12)."""

    code: str
    name: str
    title: str
    body: str
    channels: list[str]
    remark: str
    active: bool

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("message_template", code)

    def change(self, fact: facts.MessageTemplateFact, at: datetime) -> None:
        match fact:
            case facts.MessageTemplateDefined() | facts.MessageTemplateChanged():
                self.code = fact.code
                self.name = fact.name
                self.title = fact.title
                self.body = fact.body
                self.channels = fact.channels
                self.remark = fact.remark
                self.active = fact.active
            case _:
                assert_never(fact)
