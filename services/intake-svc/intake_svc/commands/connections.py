"""Commands on connections. ``vendor_id`` is the caller's party: another's connection does not exist for it."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.sealing import new_key

from intake_svc import lookups
from intake_svc.carrying_out import Answer, Means, Operation
from intake_svc.domain import connecting, facts
from intake_svc.domain.connection import Connection
from intake_svc.domain.errors import KindUnknown, NotVisible, SecretUnusable, SkuMapInvalid
from intake_svc.kinds import KINDS
from intake_svc.rows import connection_row, sku_rows
from intake_svc.vault import SECRET, connection_key, sealed

TOKEN_BYTES: Final = 24
"""Of chance in an address: nobody finds another's."""


def open_connection(
    *, vendor_id: UUID, kind: str, name: str, ready_when: facts.ReadyWhen, front_url: str | None
) -> Operation:
    """新建接入. :raises KindUnknown:"""
    if kind not in KINDS:
        raise KindUnknown(kind)
    connection_id, token, key = uuid4(), randomness.token_urlsafe(TOKEN_BYTES), new_key()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = connecting.open_connection(
            id=connection_id, vendor_id=vendor_id, kind=kind, name=name, token=token,
            ready_when=ready_when, front_url=front_url, at=means.now(),
        )  # fmt: skip
        unit.add(connection)
        unit.rows += [connection_row(connection), connection_key(connection.id, key)]
        return 201, body_of(connection)

    return Operation(decide=decide)


def change_connection(
    *, vendor_id: UUID, connection_id: UUID, name: str, ready_when: facts.ReadyWhen, front_url: str | None
) -> Operation:
    """:raises NotVisible:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = visible(unit, connection_id, vendor_id)
        connecting.change(connection, name=name, ready_when=ready_when, front_url=front_url, at=means.now())
        unit.rows.append(connection_row(connection))
        return 200, body_of(connection)

    return Operation(decide=decide)


def set_secret(*, vendor_id: UUID, connection_id: UUID, secret: str | None, overlap: timedelta) -> Operation:
    """A new secret: the marketplace's, or – where the kind makes its own – ours, shown once.

    :raises NotVisible: :raises SecretUnusable: it is none of this kind's, or is missing.
    """
    made = KINDS["generic"].new_secret() if secret is None else None

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = visible(unit, connection_id, vendor_id)
        kind = KINDS[connection.kind]
        given = secret if secret is not None else made if kind.new_secret() is not None else None
        if given is None or not kind.usable(given):
            raise SecretUnusable
        key = means.store.vault.key_of_connection(connection.id)
        # By the real clock: until when the one before verifies is no matter of the platform's time.
        connecting.set_secret(
            connection, sealed=sealed(key, connection.id, SECRET, given), overlap=overlap, at=means.real_now()
        )
        unit.rows.append(connection_row(connection))
        return 200, body_of(connection)

    return Operation(decide=decide, shown_once=made)


@dataclass(frozen=True, kw_only=True)
class SkuLine:
    """A line of a SKU map as vendors give it: ``product`` is the product's number here, or ``product_id`` its id."""

    product_code: str
    sku: str
    product: str | None
    product_id: UUID | None
    edition: str | None
    facts: dict[str, str]


def set_sku_map(*, vendor_id: UUID, connection_id: UUID, lines: Sequence[SkuLine]) -> Operation:
    """The whole map. :raises NotVisible: :raises SkuMapInvalid: nothing of it is taken."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = visible(unit, connection_id, vendor_id)
        with means.store.connection() as reads:
            own = lookups.products_of(reads, vendor_id)
        by_code = {code: id for id, code in own.items()}
        entries, unknown = [], []
        for number, line in enumerate(lines):
            product_id = line.product_id or by_code.get(line.product or "")
            if product_id is None:
                message = f"没有编号为“{line.product}”的商品 / no product has the number “{line.product}”"
                unknown.append({"field": f"entries.{number}.product", "message": message})
                continue
            entries.append(
                facts.MappedSku(
                    product_code=line.product_code,
                    sku=line.sku,
                    product_id=product_id,
                    edition=line.edition,
                    facts=line.facts,
                )
            )
        if unknown:
            raise SkuMapInvalid(unknown)
        connecting.set_sku_map(connection, entries=entries, own=own.keys(), at=means.now())
        unit.rows += [connection_row(connection), *sku_rows(connection)]
        return 200, body_of(connection)

    return Operation(decide=decide)


def set_stage(*, vendor_id: UUID, connection_id: UUID, stage: facts.Stage) -> Operation:
    """:raises NotVisible, NotPrepared:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = visible(unit, connection_id, vendor_id)
        connecting.set_stage(connection, stage=stage, at=means.now())
        unit.rows.append(connection_row(connection))
        return 200, body_of(connection)

    return Operation(decide=decide)


def visible(unit: UnitOfWork, connection_id: UUID, vendor_id: UUID) -> Connection:
    """:raises NotVisible: there is none, or it is another vendor's."""
    connection = unit.get(Connection, connection_id)
    if connection is None or connection.vendor_id != vendor_id:
        raise NotVisible
    return connection


def body_of(connection: Connection) -> dict[str, object]:
    return {
        "id": str(connection.id),
        "kind": connection.kind,
        "name": connection.name,
        "stage": connection.stage,
        "address": f"/intake/{connection.kind}/{connection.token}",
        "version": connection.version,
    }
