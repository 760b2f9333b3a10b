"""What intake-svc tells the others: what the marketplaces' notices mean, in one language for all of them.

With identity's the messages that carry personal data: the buyer's name and contact as the order brought them. Whoever
copies them listens to identity's ``PartyErased``; what is published anew after it carries blanks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from delivery_shared.contracts.identity import HOME
from delivery_shared.contracts.registry import Contract, contract
from delivery_shared.contracts.template import OrderParameter


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is to be told and asked for the buyer, as the order brought it: any part may be missing. ``mobile`` is in
    E.164, ``email`` in its normal form, ``locale`` a BCP 47 tag (zh-CN, en)."""

    name: str | None = None
    mobile: str | None = None
    email: str | None = None
    locale: str | None = None


@contract
class OrderReceived(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """A marketplace sold a product: the order that is to become project ``project_id``.

    ``project_id`` follows from the connection and the marketplace's own key of the order, so that the same order is the
    same project however often it comes; all later messages about the order name it. ``order_number`` and
    ``business_number`` are the marketplace's; ``customer_number`` is the buyer's in ``customer_marketplace``, outside
    of which it says nothing of anybody. ``sku`` and ``edition`` say what was bought, ``quantity`` how many,
    ``parameters`` what else the buyer chose, by the names the product declares; ``declared`` is that declaration, which
    they fit. ``trial`` orders are not paid; ``test`` orders come from a connection that is not live.
    """

    TYPE: ClassVar[str] = "intake.order_received"

    project_id: UUID
    connection_id: UUID
    vendor_id: UUID
    kind: str
    product_id: UUID
    order_number: str
    business_number: str
    customer_number: str
    customer_marketplace: str = HOME
    customer_name: str | None = None
    contact: Contact | None = None
    sku: str | None = None
    edition: str | None = None
    quantity: int = 1
    trial: bool = False
    test: bool = False
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    declared: list[OrderParameter] = msgspec.field(default_factory=list)
    sales_channel: str | None = None
    valid_until: date | None = None
    received_at: datetime


@contract
class TermExtended(Contract, frozen=True, kw_only=True):
    """续费: the order runs until ``valid_until`` now; a hold for having expired ends."""

    TYPE: ClassVar[str] = "intake.term_extended"

    project_id: UUID
    order_number: str
    valid_until: date
    extended_at: datetime


@contract
class EditionChanged(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """升级/变配: another SKU, edition or quantity of the same product from now on."""

    TYPE: ClassVar[str] = "intake.edition_changed"

    project_id: UUID
    order_number: str
    sku: str | None = None
    edition: str | None = None
    quantity: int = 1
    changed_at: datetime


@contract
class ContactChanged(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """换联系人: ``contact`` is to be told and asked for the buyer from now on; None: the buyer was erased since."""

    TYPE: ClassVar[str] = "intake.contact_changed"

    project_id: UUID
    contact: Contact | None = None
    changed_at: datetime


@contract
class Frozen(Contract, frozen=True, kw_only=True):
    """冻结: nothing is to be delivered until :class:`Thawed`. ``expired``: because the term is over (到期), which a
    :class:`TermExtended` ends too."""

    TYPE: ClassVar[str] = "intake.frozen"

    project_id: UUID
    expired: bool
    frozen_at: datetime


@contract
class Thawed(Contract, frozen=True, kw_only=True):
    """解冻: delivery goes on."""

    TYPE: ClassVar[str] = "intake.thawed"

    project_id: UUID
    thawed_at: datetime


@contract
class Ended(Contract, frozen=True, kw_only=True):
    """释放/退订: the order is over; ``refund``: the buyer gets the money back (退款)."""

    TYPE: ClassVar[str] = "intake.ended"

    project_id: UUID
    refund: bool
    ended_at: datetime
