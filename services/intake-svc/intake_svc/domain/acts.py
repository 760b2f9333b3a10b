"""What a marketplace's notice says, in one language for all kinds: who asks for what, of which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Contact:
    """联系人 as the order brought it: any part may be missing."""

    name: str | None = None
    mobile: str | None = None
    email: str | None = None
    locale: str | None = None


@dataclass(frozen=True, kw_only=True)
class Create:
    """新购: an order. The marketplace asks again until it is told that it is ready."""

    order_number: str
    business_number: str
    customer_number: str
    product_code: str
    sku: str = ""
    quantity: int = 1
    trial: bool = False
    test: bool = False
    """The marketplace says of itself that nobody has bought anything."""
    valid_until: date | None = None
    customer_name: str | None = None
    contact: Contact | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    sales_channel: str | None = None


@dataclass(frozen=True, kw_only=True)
class Renew:
    """续费."""

    valid_until: date


@dataclass(frozen=True, kw_only=True)
class Change:
    """升级/变配; ``sku`` or ``quantity`` None: as it was."""

    product_code: str | None = None
    sku: str | None = None
    quantity: int | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeContact:
    """换联系人: another is to be told and asked for the buyer."""

    contact: Contact


@dataclass(frozen=True, kw_only=True)
class Expire:
    """到期."""


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """冻结."""


@dataclass(frozen=True, kw_only=True)
class Thaw:
    """解冻."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """释放/退订; ``refund``: the buyer gets the money back."""

    refund: bool


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """A message that changes nothing here: what it tells of comes as a notice of its own."""


Act = Create | Renew | Change | ChangeContact | Expire | Freeze | Thaw | Release | Nothing


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A verified notice.

    ``key`` is the kind's own key of repetition: the same key of the same connection is the same notice, whenever it
    comes. ``numbered`` False: the marketplace gives this verb nothing to tell a repeat from a new one by, so it is a
    repeat as long as what it asked for is so. ``order`` is the marketplace's key of the order, and the instance id it
    is answered with. ``verb`` is the marketplace's own word; ``act`` None: a word nobody here knows.
    """

    key: str
    order: str
    verb: str
    act: Act | None
    numbered: bool = True


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """How is it going with an order? Nothing is stored."""

    order: str


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Does anybody answer? ``echo`` comes back, where the kind has one."""

    echo: str = ""


Said = Notice | Inquiry | Probe
