"""The audit chains: whether the events are those that were sealed, and heads that are kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from delivery_shared.audit import AuditChain, Head
from delivery_shared.eventstore import EventStore

from delivery_center.composition import Center


def stores_of(center: Center) -> dict[str, EventStore]:
    """The event stores by service."""
    return {name: service.store for name, service in center.services.items() if service.store}


def heads(center: Center) -> dict[str, Head]:
    """The end of each audit chain by service, to be kept where nobody of this installation can change it."""
    return {name: AuditChain(store).head() for name, store in stores_of(center).items()}


def unchanged(stores: Mapping[str, EventStore], exported: Mapping[str, Head]) -> Iterator[str]:
    """No event was changed, removed or inserted since it was sealed, and no chain made anew since its head was
    exported."""
    for name, store in stores.items():
        yield from AuditChain(store).broken([exported[name]] if name in exported else [])


def unsealed(store: EventStore) -> Iterator[str]:
    """The audit chain holds every event."""
    if waiting := AuditChain(store).waiting():
        yield f"{store.name}: {waiting} events are not in the audit chain yet"


def exported(file: Path) -> dict[str, Head]:
    """Heads read from a file of :func:`export`."""
    return {
        name: Head(id=head["id"], hash=bytes.fromhex(head["hash"]))
        for name, head in json.loads(file.read_text()).items()
    }


def export(chains: Mapping[str, Head], file: Path) -> None:
    """Write heads as JSON: service → id and hash."""
    file.write_text(json.dumps({name: {"id": h.id, "hash": h.hash.hex()} for name, h in chains.items()}, indent=2))
