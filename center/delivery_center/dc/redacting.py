"""Aggregates, events and messages as plain values, without what is personal.

Names and contacts stand sealed in identity's events (``identity_svc.vault``), buyers' names in project's
(``project_svc.buyers``), what marketplaces sent in intake's (``intake_svc.vault``); what people wrote – forms,
comments, notes, remarks – stands in project's as it was written and may name anybody. None of it is shown unless asked
for, and what was erased cannot be shown at all: its key is gone. Secrets of connections are shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from eventsourcing.domain import Aggregate
    from identity_svc.vault import Vault
    from intake_svc.vault import Vault as OrderVault
    from project_svc.buyers import Buyers


CONTACTS: Final = ("name", "mobile", "landline", "email")
WRITTEN: Final = ("data", "text", "remark", "reason", "file_name", "customer_name")
BUYER: Final = ("customer_name", "contact")
SECRET: Final = ("secret", "sealed", "remark")
"""Sealed in intake's facts of connections and mirrors; nobody opens them here."""
NAMING: Final = (
    "intake.order_received", "intake.contact_changed", "project.project_started", "project.contact_changed",
)  # fmt: skip
"""Messages that carry a buyer's name, or his contact's."""
HIDDEN: Final = "(personal)"
ERASED: Final = "(erased)"

OWN: Final = frozenset({"originator_id", "originator_version", "timestamp", "trace", "originator_topic", "id_"})
"""Fields of every event, shown apart from what it says."""


def plain(value: Any) -> Any:
    """``value`` as JSON knows it; keys become text, sets come in order."""
    import msgspec

    if isinstance(value, Mapping):
        return {str(key): plain(content) for key, content in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(content) for content in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, msgspec.Struct):
        return plain(msgspec.structs.asdict(value))
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return str(value)


class Reader:
    """Turns what is stored into what may be seen. :param personal: show also what is personal."""

    def __init__(self, vault: Vault, orders: OrderVault, buyers: Buyers, *, personal: bool) -> None:
        self._vault = vault
        self._orders = orders
        self._buyers = buyers
        self._personal = personal

    def event(self, event: Any) -> dict[str, Any]:
        """What a stored event says."""
        from identity_svc.domain import facts
        from intake_svc.domain.facts import ConnectionFact, MirrorFact, OrderFact
        from project_svc.domain.facts import ContactChanged, OfRun, Started

        said = {name: value for name, value in vars(event).items() if name not in OWN}
        if isinstance(event, ConnectionFact | MirrorFact):
            said |= {name: HIDDEN for name in SECRET if said.get(name)}
        elif isinstance(event, OrderFact):
            said |= self._of_order(event, {name: said[name] for name in (*BUYER, "raw") if said.get(name)})
        elif isinstance(event, facts.UserCreated | facts.UserEdited):
            said |= self._contacts(event.originator_id, {name: said[name] for name in CONTACTS})
        elif isinstance(event, OfRun):
            if isinstance(event, Started) and event.customer_name is not None:
                said["customer_name"] = self._buyers.name_in(event) or ERASED
            if isinstance(event, Started | ContactChanged) and event.contact is not None:
                said["contact"] = (self._buyers.contact_in(event) or ERASED) if self._personal else HIDDEN
            said = self._without_written(said)
        return {name: plain(value) for name, value in said.items()}

    def state(self, aggregate: Aggregate) -> dict[str, Any]:
        """An aggregate's state."""
        from identity_svc.domain.user import User
        from intake_svc.domain.connection import Connection
        from intake_svc.domain.mirror import Mirror
        from project_svc.domain.project import Project

        state = {name: value for name, value in vars(aggregate).items() if not name.startswith("_")}
        if isinstance(aggregate, User):
            state["personal"] = self._contacts(aggregate.id, dict(aggregate.personal))
        plainly = {name: plain(value) for name, value in state.items()}
        if isinstance(aggregate, Project):
            plainly = self._without_written(plainly)
        if isinstance(aggregate, Connection | Mirror):
            plainly = _without_secrets(plainly)
        return {"version": aggregate.version, **plainly}

    def message(self, source: str, type: str, data: dict[str, Any]) -> dict[str, Any]:
        """What a published message says. Of an erased person it says nothing anyway."""
        if self._personal:
            return data
        if type == "identity.user_saved":
            return {**data, **{name: HIDDEN for name in CONTACTS if data.get(name)}}
        if type in NAMING:
            data = {**data, **{name: HIDDEN for name in BUYER if data.get(name)}}
        return self._without_written(data) if source == "project" else data

    def _contacts(self, user_id: UUID, sealed: dict[str, Any]) -> dict[str, Any]:
        from identity_svc.domain.user import Personal

        if self._vault.key_of(user_id) is None:
            return {name: value and ERASED for name, value in sealed.items()}
        if not self._personal:
            return {name: value and HIDDEN for name, value in sealed.items()}
        opened = self._vault.open(user_id, Personal(**sealed))  # type: ignore[typeddict-item]
        return {name: getattr(opened, name) for name in sealed}

    def _of_order(self, event: Any, sealed: dict[str, Any]) -> dict[str, Any]:
        """What an event of intake's holds sealed under its order's key."""
        from intake_svc.kinds.kind import Incoming
        from intake_svc.vault import notice_field, unsealed

        key = self._orders.key_of_order(event.originator_id) if sealed else None
        if key is None:
            return dict.fromkeys(sealed, ERASED)
        if not self._personal:
            return dict.fromkeys(sealed, HIDDEN)
        opened: dict[str, Any] = {}
        if "customer_name" in sealed:
            opened["customer_name"] = self._orders.name_in(event)
        if "contact" in sealed:
            opened["contact"] = self._orders.contact_in(event)
        if "raw" in sealed:
            raw = Incoming.of(unsealed(key, event.originator_id, notice_field(event.notice_id), event.raw))
            opened["raw"] = {**plain(raw), "body": raw.body.decode(errors="replace")}
        return opened

    def _without_written(self, value: Any) -> Any:
        if self._personal:
            return value
        if isinstance(value, Mapping):
            return {
                name: HIDDEN if name in WRITTEN and content else self._without_written(content)
                for name, content in value.items()
            }
        if isinstance(value, list):
            return [self._without_written(content) for content in value]
        return value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: HIDDEN if name in SECRET and held else _without_secrets(held) for name, held in value.items()}
    return [_without_secrets(held) for held in value] if isinstance(value, list) else value


def differences(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Where two plain values differ, by path."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        below = (differences(old.get(name), new.get(name), f"{path}.{name}" if path else name) for name in names)
        return [difference for found in below for difference in found]
    return [] if old == new else [{"path": path, "from": old, "to": new}]
