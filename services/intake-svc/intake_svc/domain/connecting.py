"""Decisions on connections: opening, rotating the secret, the SKU map, the stage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from intake_svc.domain import facts
from intake_svc.domain.connection import Connection
from intake_svc.domain.errors import MirrorIncomplete, NotPrepared, SkuMapInvalid


def open_connection(
    *,
    id: UUID,
    vendor_id: UUID,
    kind: str,
    name: str,
    token: str,
    ready_when: facts.ReadyWhen,
    front_url: str | None,
    at: datetime,
) -> Connection:
    """A draft, which takes nothing yet."""
    opened = facts.ConnectionOpened(
        vendor_id=vendor_id, kind=kind, name=name, token=token, ready_when=ready_when, front_url=front_url
    )
    return Connection.begun(opened, id=id, at=at)


def change(
    connection: Connection, *, name: str, ready_when: facts.ReadyWhen, front_url: str | None, at: datetime
) -> None:
    """As it is already records nothing."""
    if (name, ready_when, front_url) != (connection.name, connection.ready_when, connection.front_url):
        connection.tell(facts.ConnectionChanged(name=name, ready_when=ready_when, front_url=front_url), at=at)


def set_secret(connection: Connection, *, sealed: str, overlap: timedelta, at: datetime) -> None:
    """The secret before verifies for ``overlap`` more, so that it can be changed at the marketplace meanwhile."""
    connection.tell(facts.SecretSet(secret=sealed, former_until=at + overlap), at=at)


def set_sku_map(
    connection: Connection, *, entries: Sequence[facts.MappedSku], own: Collection[UUID], at: datetime
) -> None:
    """:param own: the vendor's products.

    :raises SkuMapInvalid: a line is there twice, or its product is none of the vendor's.
    """
    wrong, seen = [], set()
    for number, entry in enumerate(entries):
        named = (entry["product_code"], entry["sku"])
        if named in seen:
            wrong.append({"field": f"entries.{number}.sku", "message": "重复的规格 / this SKU is there twice"})
        if entry["product_id"] not in own:
            message = "不是本厂商的商品 / not a product of the vendor"
            wrong.append({"field": f"entries.{number}.product_id", "message": message})
        seen.add(named)
    if wrong:
        raise SkuMapInvalid(wrong)
    if list(entries) != connection.skus:
        connection.tell(facts.SkuMapSet(entries=list(entries)), at=at)


def set_stage(connection: Connection, *, stage: facts.Stage, at: datetime) -> None:
    """:raises NotPrepared: in test it needs a secret, to be live an SKU map as well."""
    if (stage != "draft" and not connection.secrets) or (stage == "live" and not connection.skus):
        raise NotPrepared
    if stage != connection.stage:
        connection.tell(facts.StageSet(stage=stage), at=at)


def set_mirror(
    connection: Connection, *, endpoint: str, access_key_id: str, sealed: str | None, enabled: bool, at: datetime
) -> None:
    """:param sealed: the access key's secret; None: as it was.

    :raises MirrorIncomplete: it was none.
    """
    before = connection.mirror
    secret = sealed or (before.secret if before else None)
    if secret is None:
        raise MirrorIncomplete
    wanted = facts.MirrorSet(endpoint=endpoint, access_key_id=access_key_id, secret=secret, enabled=enabled)
    if before is None or vars(wanted) != vars(before):
        connection.tell(wanted, at=at)
