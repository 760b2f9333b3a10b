"""接入: a vendor's connection to a marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from intake_svc.domain import facts


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A sealed secret; ``until`` None: the present one."""

    sealed: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class MirrorSettings:
    """Where to, and by which key, the connection's projects are reported; ``secret`` is sealed."""

    endpoint: str
    access_key_id: str
    secret: str
    enabled: bool


@stored_as("intake", facts.ConnectionFact)
class Connection(Aggregate[facts.ConnectionFact]):
    """Its kind, secrets, SKU map and stage. ``secrets``: the present one first, then the one it replaced."""

    vendor_id: UUID
    kind: str
    name: str
    token: str
    ready_when: facts.ReadyWhen
    front_url: str | None
    stage: facts.Stage
    secrets: list[Secret]
    skus: list[facts.MappedSku]
    mirror: MirrorSettings | None
    opened_at: datetime

    def change(self, fact: facts.ConnectionFact, at: datetime) -> None:
        match fact:
            case facts.ConnectionOpened():
                self.vendor_id = fact.vendor_id
                self.kind = fact.kind
                self.name = fact.name
                self.token = fact.token
                self.ready_when = fact.ready_when
                self.front_url = fact.front_url
                self.stage = "draft"
                self.secrets = []
                self.skus = []
                self.mirror = None
                self.opened_at = at
            case facts.ConnectionChanged():
                self.name = fact.name
                self.ready_when = fact.ready_when
                self.front_url = fact.front_url
            case facts.SecretSet():
                former = [Secret(sealed=secret.sealed, until=fact.former_until) for secret in self.secrets[:1]]
                self.secrets = [Secret(sealed=fact.secret, until=None), *former]
            case facts.SkuMapSet():
                self.skus = fact.entries
            case facts.StageSet():
                self.stage = fact.stage
            case facts.MirrorSet():
                self.mirror = MirrorSettings(
                    endpoint=fact.endpoint,
                    access_key_id=fact.access_key_id,
                    secret=fact.secret,
                    enabled=fact.enabled,
                )
            case _:
                assert_never(fact)
