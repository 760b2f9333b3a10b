"""Reference data the platform operator keeps: roles, demand forms, message templates (T-110, G-12). Each is found by
its code; once used it is only deactivated, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

NAMESPACE = UUID("5f6b8a52-6f0e-5a3c-9d8a-2c6f1f0c7d11")
"""Stream ids of reference data, and of the presets, are uuid5 in it."""


def reference_id(kind: str, code: str) -> UUID:
    """The stream of a piece of reference data; ``kind``: ``role``, ``demand_form`` or ``message_template``."""
    return uuid5(NAMESPACE, f"{kind}:{code}")


class Role(Aggregate):
    """角色 of one side: vendor, provider, customer or operator (A-13, T-109)."""

    @event("Defined")
    def __init__(self, *, code: str, name: str, side: str, active: bool, timestamp: datetime) -> None:
        self.code = code
        self.name = name
        self.side = side
        self.active = active

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("role", code)

    def change(self, *, name: str, active: bool, now: datetime) -> None:
        """Rename, deactivate or reactivate; the side never changes, assignments rest on it."""
        if (name, active) != (self.name, self.active):
            self._change(code=self.code, name=name, side=self.side, active=active, timestamp=now)

    @event("Changed")
    def _change(self, *, code: str, name: str, side: str, active: bool, timestamp: datetime) -> None:
        self.name = name
        self.active = active


class DemandForm(Aggregate):
    """需求表单模板 (T-49): what the customer fills in, as JSON Schema 2020-12."""

    @event("Defined")
    def __init__(self, *, code: str, name: str, schema: dict[str, Any], active: bool, timestamp: datetime) -> None:
        self.code = code
        self.name = name
        self.schema = schema
        self.active = active

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("demand_form", code)

    def change(self, *, name: str, schema: dict[str, Any], active: bool, now: datetime) -> None:
        """Replace name and schema, deactivate or reactivate."""
        if (name, schema, active) != (self.name, self.schema, self.active):
            self._change(code=self.code, name=name, schema=schema, active=active, timestamp=now)

    @event("Changed")
    def _change(self, *, code: str, name: str, schema: dict[str, Any], active: bool, timestamp: datetime) -> None:
        self.name = name
        self.schema = schema
        self.active = active


class MessageTemplate(Aggregate):
    """消息模板 (N-10), named 发送节点-发送对象. ``channels`` of sms, email, in_site; ``remark`` is 备注详情 (N-12)."""

    @event("Defined")
    def __init__(
        self,
        *,
        code: str,
        name: str,
        title: str,
        body: str,
        channels: list[str],
        remark: str,
        active: bool,
        timestamp: datetime,
    ) -> None:
        self.code = code
        self._take(name, title, body, channels, remark, active)

    @staticmethod
    def create_id(code: str) -> UUID:
        return reference_id("message_template", code)

    def change(
        self, *, name: str, title: str, body: str, channels: list[str], remark: str, active: bool, now: datetime
    ) -> None:
        """Replace the texts, deactivate or reactivate."""
        new = (name, title, body, channels, remark, active)
        if new != (self.name, self.title, self.body, self.channels, self.remark, self.active):
            self._change(
                code=self.code,
                name=name,
                title=title,
                body=body,
                channels=channels,
                remark=remark,
                active=active,
                timestamp=now,
            )

    @event("Changed")
    def _change(
        self,
        *,
        code: str,
        name: str,
        title: str,
        body: str,
        channels: list[str],
        remark: str,
        active: bool,
        timestamp: datetime,
    ) -> None:
        self._take(name, title, body, channels, remark, active)

    def _take(self, name: str, title: str, body: str, channels: list[str], remark: str, active: bool) -> None:
        self.name = name
        self.title = title
        self.body = body
        self.channels = channels
        self.remark = remark
        self.active = active
