"""订单 as the marketplace tells of it: its notices, each with what became of it, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from intake_svc.domain import facts

NoticeState = Literal["received", "applied", "parked", "refused"]
"""``received`` only while it is decided; nobody else sees it."""

EFFECTS = {
    facts.OrderReceived: "intake.order_received",
    facts.TermExtended: "intake.term_extended",
    facts.EditionChanged: "intake.edition_changed",
    facts.ContactChanged: "intake.contact_changed",
    facts.Frozen: "intake.frozen",
    facts.Thawed: "intake.thawed",
    facts.Ended: "intake.ended",
}
"""What is told to others, by the name of the message."""


@dataclass(kw_only=True)
class NoticeOf:
    """One notice of the order; ``number`` counts them. ``effect``: the message it became."""

    key: str
    verb: str
    number: int
    received_at: datetime
    state: NoticeState = "received"
    reason: str | None = None
    effect: str | None = None
    version: int
    """Of the fact that holds it raw."""
    changes: dict[str, str]


def project_id_of(connection_id: UUID, order: str) -> UUID:
    """The project an order becomes: one and the same however often, and wherever, the order comes in."""
    return uuid5(connection_id, f"order {order}")


def notice_id_of(connection_id: UUID, key: str) -> UUID:
    """The notice with this key of repetition."""
    return uuid5(connection_id, f"notice {key}")


@stored_as("intake", facts.OrderFact)
class Order(Aggregate[facts.OrderFact]):
    """An order; its id is that of its project. ``order_number`` None: nothing but notices about it came so far."""

    connection_id: UUID
    vendor_id: UUID
    kind: str
    order: str
    seen_at: datetime
    notices: dict[UUID, NoticeOf]
    unfit: dict[UUID, str]
    """Of notices that are parked for it: the parameter of the order that does not fit."""
    order_number: str | None
    business_number: str | None
    customer_number: str | None
    product_id: UUID | None
    product_code: str | None
    sku: str | None
    edition: str | None
    quantity: int
    trial: bool
    test: bool
    valid_until: str | None
    ready_when: facts.ReadyWhen | None
    ready_at: datetime | None
    frozen: bool
    expired: bool
    ended: bool
    refused: bool
    """The project refused the order itself: it will never be ready."""
    erased: bool
    customer_marketplace: str = ""
    """Within which ``customer_number`` says who bought."""

    @property
    def state(self) -> Literal["waiting", "open", "ended", "refused"]:
        """``waiting`` for the order itself; ``refused`` by the project."""
        if self.order_number is None:
            return "waiting"
        return "ended" if self.ended else "refused" if self.refused else "open"

    @property
    def parked(self) -> list[tuple[UUID, NoticeOf]]:
        """The notices nothing could be done of yet, in the order in which they came."""
        return [(id, notice) for id, notice in self.notices.items() if notice.state == "parked"]

    def change(self, fact: facts.OrderFact, at: datetime) -> None:
        match fact:
            case facts.OrderSeen():
                self._begin(fact, at)
            case facts.NoticeReceived():
                self.notices[fact.notice_id] = NoticeOf(
                    key=fact.key, verb=fact.verb, number=len(self.notices) + 1, received_at=at,
                    version=fact.originator_version, changes={},
                )  # fmt: skip
                self.customer_number = self.customer_number or fact.customer_number
            case facts.OrderReceived():
                self._received(fact)
                self._applied(fact)
            case facts.TermExtended():
                self.valid_until = fact.valid_until
                self.expired = False
                self._applied(fact)
            case facts.EditionChanged():
                self.sku, self.edition, self.quantity = fact.sku, fact.edition, fact.quantity
                self._applied(fact)
            case facts.ContactChanged():
                self._applied(fact)
            case facts.Frozen():
                if fact.expired:
                    self.expired = True
                else:
                    self.frozen = True
                self._applied(fact)
            case facts.Thawed():
                self.frozen = False
                self._applied(fact)
            case facts.Ended():
                self.ended = True
                self._applied(fact)
            case facts.NoticeNoted():
                self._now(fact.notice_id, "applied", None)
            case facts.NoticeParked():
                self._now(fact.notice_id, "parked", fact.reason)
                if fact.parameter is not None:
                    self.unfit[fact.notice_id] = fact.parameter
            case facts.NoticeRefused():
                self._now(fact.notice_id, "refused", fact.reason)
            case facts.NoticeMended():
                self.notices[fact.notice_id].changes = fact.changes
            case facts.OrderReady():
                self.ready_at = at
            case facts.ProjectRefused():
                self.refused = self.refused or fact.asked == EFFECTS[facts.OrderReceived]
                if fact.notice_id is not None:
                    self._now(fact.notice_id, "refused", fact.reason)
            case facts.BuyerErased():
                self.erased = True
            case _:
                assert_never(fact)

    def _begin(self, fact: facts.OrderSeen, at: datetime) -> None:
        self.connection_id = fact.connection_id
        self.vendor_id = fact.vendor_id
        self.kind = fact.kind
        self.order = fact.order
        self.customer_marketplace = fact.customer_marketplace
        self.seen_at = at
        self.notices = {}
        self.unfit = {}
        self.order_number = self.business_number = self.customer_number = None
        self.product_id = self.product_code = self.sku = self.edition = self.valid_until = None
        self.quantity = 1
        self.trial = self.test = False
        self.ready_when = self.ready_at = None
        self.frozen = self.expired = self.ended = self.refused = self.erased = False

    def _received(self, fact: facts.OrderReceived) -> None:
        self.order_number = fact.order_number
        self.business_number = fact.business_number
        self.customer_number = fact.customer_number
        self.product_id = fact.product_id
        self.product_code = fact.product_code
        self.sku, self.edition, self.quantity = fact.sku, fact.edition, fact.quantity
        self.trial, self.test = fact.trial, fact.test
        self.valid_until = fact.valid_until
        self.ready_when = fact.ready_when

    def _applied(
        self,
        fact: facts.OrderReceived
        | facts.TermExtended
        | facts.EditionChanged
        | facts.ContactChanged
        | facts.Frozen
        | facts.Thawed
        | facts.Ended,
    ) -> None:
        self._now(fact.notice_id, "applied", None)
        self.notices[fact.notice_id].effect = EFFECTS[type(fact)]

    def _now(self, notice_id: UUID, state: NoticeState, reason: str | None) -> None:
        notice = self.notices[notice_id]
        notice.state, notice.reason = state, reason
        self.unfit.pop(notice_id, None)
